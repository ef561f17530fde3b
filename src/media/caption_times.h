/*
 * The line of a caption file that says from when to when: WebVTT's and SubRip's arrow, its damaged forms, and the comma of
 * SubViewer (.sbv).  Pure.
 *
 * Times     [hours:]minutes:seconds, then a point or comma and up to three digits; at most CAPTION_HOURS_MAX hours.
 */
#ifndef LECTERN_MEDIA_CAPTION_TIMES_H
#define LECTERN_MEDIA_CAPTION_TIMES_H

#include "base/text.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { CAPTION_HOURS_MAX = 100 };
#define CAPTION_TIME_MS_MAX (INT64_C(3600000) * CAPTION_HOURS_MAX)

enum caption_timing_oddity {
    CAPTION_TIMING_COMMA = 1,
    CAPTION_TIMING_POINT = 2,
    CAPTION_TIMING_WITHOUT_HOURS = 4,
    CAPTION_TIMING_SHORT_FRACTION = 8,
    CAPTION_TIMING_ODD_ARROW = 16
};

struct caption_timing {
    int64_t start_ms, end_ms;
    unsigned oddities; /* of both times: enum caption_timing_oddity */
    const char *rest;  /* what stands behind the times, within the line */
    size_t rest_count;
};

enum caption_timing_result {
    CAPTION_TIMING_NONE,  /* another line */
    CAPTION_TIMING_WRONG, /* means to be times, and cannot be read */
    CAPTION_TIMING_READ
};

enum caption_timing_result caption_timing_read(
    const char *bytes, size_t count, struct caption_timing *ret_timing);

/* "00:12:40.500", as WebVTT has it. */
void caption_time_write(int64_t ms, struct text *out);

/* One time at the beginning of bytes: how many bytes it has, or 0.  Adds to *oddities. */
size_t caption_time_read(const char *bytes, size_t count, int64_t *ret_ms, unsigned *oddities);

#endif
