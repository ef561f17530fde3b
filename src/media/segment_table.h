/*
 * Where each segment of a packed rendition lies: in time and in the file.  Written once by the packager, kept
 * beside the packed file, and never changed: deliveries name segments by number.
 *
 * Units      ticks of the track's timescale (_ticks); milliseconds are derived, rounding to nearest.
 * Invariant  segment n starts in time where n-1 ended (tfdt[n+1] = tfdt[n] + duration), and in the file where
 *            n-1 ended; the init segment lies at offset 0.  The file keeps lengths only, so a table that was
 *            read cannot break it.
 * File       JSON, checked strictly on reading: the child that measured it is not trusted.  A segment is
 *            [ticks, bytes] or [ticks, bytes, key bytes]; versions of old know neither group nor original.
 * Threads    a table that is built is read-only and may be shared.
 */
#ifndef LECTERN_MEDIA_SEGMENT_TABLE_H
#define LECTERN_MEDIA_SEGMENT_TABLE_H

#include "base/problem.h"

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Stills are a video track too, of a picture at each change of slide and at each cut. */
enum rendition_kind { RENDITION_VIDEO, RENDITION_STILLS, RENDITION_AUDIO };

enum { RENDITION_NAME_SIZE = 24 };

struct segment {
    int64_t start_ticks;
    int64_t duration_ticks;
    uint64_t offset_bytes;
    uint64_t size_bytes;
    uint64_t
        key_bytes; /* from its beginning to the end of its first picture; 0: unknown, or sound */
};

struct segment_table {
    enum rendition_kind kind;
    char name[RENDITION_NAME_SIZE]; /* a path segment: "240p", "source", "audio-low-vi" */
    char codecs[40];                /* RFC 6381: "avc1.64001f", "mp4a.40.2" */
    char language[36];              /* BCP 47 of an audio rendition; "" when unknown */
    int64_t timescale;
    int width, height; /* video: as shown, square pixels */
    int64_t frames_per_second_milli;
    int sample_rate, channels; /* audio */
    char group[8];             /* audio: "low", "high"; "" of versions made before there were two */
    bool original;             /* audio: of the recording itself, not an interpreter's */
    uint64_t init_bytes;       /* size of the init segment at offset 0 */
    bool independent;          /* every segment begins with an IDR (or is audio) */
    struct segment *segments;
    size_t count;
};

/* 100 hours of the shortest segments. */
enum { SEGMENTS_MAX = 720000 };

/* Appends a segment that follows the last one; start_ticks counts for the first only. */
void segment_table_append(
    struct segment_table *table, int64_t start_ticks, int64_t duration_ticks, uint64_t size_bytes);
/* Names, ranges, and that init and segments fill file_bytes exactly; false sets PROBLEM_INVALID_FIELD. */
bool segment_table_check(
    const struct segment_table *table, uint64_t file_bytes, struct problem *problem);

/* A member of its list of segments. */
json_t *segment_to_json(const struct segment *segment);
json_t *segment_table_to_json(const struct segment_table *table);
/* file_bytes: size of the packed file that the table must lie within and fill. */
bool segment_table_from_json(const json_t *json, uint64_t file_bytes,
    struct segment_table *ret_table, struct problem *problem);
void segment_table_release(struct segment_table *table);

int64_t segment_start_ms(const struct segment_table *table, size_t number);
int64_t segment_end_ms(const struct segment_table *table, size_t number);
/* When the last segment ends, counted from the lecture's beginning. */
int64_t segment_table_duration_ms(const struct segment_table *table);
/* RFC 8216 section 4.3.4.2: the peak over runs of 0.5 to 1.5 target durations, and the average. */
int64_t segment_table_peak_bits_per_second(const struct segment_table *table, int64_t target_ms);
int64_t segment_table_average_bits_per_second(const struct segment_table *table);

/* Video or stills. */
bool rendition_has_pictures(const struct segment_table *table);

/* What may be a rendition's name and a language tag in a path: [a-z0-9-] and [A-Za-z0-9-], not empty. */
bool rendition_name_is_valid(const char *name);
bool language_tag_is_valid(const char *tag);

#endif
