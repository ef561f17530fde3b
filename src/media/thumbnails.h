/*
 * Small pictures for the seek bar: DIR/thumbnails.json says how they lie on the sheets DIR/thumbnails-<n>.jpg (n from
 * 0), row by row, each from the left.  All sheets have the same grid; the last one may hold fewer.
 *
 * Units      pixels; milliseconds of the lecture.
 * File       JSON, checked strictly on reading: the child that wrote it is not trusted.
 * Threads    any.
 */
#ifndef LECTERN_MEDIA_THUMBNAILS_H
#define LECTERN_MEDIA_THUMBNAILS_H

#include "base/problem.h"
#include "base/text.h"

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct thumbnails {
    int width, height; /* of one picture */
    int columns, rows; /* of a sheet */
    int64_t
        interval_ms; /* picture n shows the time n * interval_ms, and stands for it until the next */
    int64_t count;   /* of pictures */
};

enum {
    THUMBNAIL_SHEETS_MAX = 1000, /* read */
    THUMBNAIL_GRID_SIDE = 10,
    THUMBNAILS_MADE_MAX = 400, /* of a lecture */
};

/* For pictures of this shape: one each five seconds, or so much rarer that THUMBNAILS_MADE_MAX are enough. */
struct thumbnails thumbnails_plan(int width, int height, int64_t duration_ms);
/* The largest even size whose sides are at most side_max that keeps the shape; never larger than it was. */
void thumbnails_fit(int width, int height, int side_max, int *ret_width, int *ret_height);

json_t *thumbnails_to_json(const struct thumbnails *thumbnails);
/* false sets PROBLEM_INVALID_FIELD. */
bool thumbnails_from_json(
    const json_t *json, struct thumbnails *ret_thumbnails, struct problem *problem);
int64_t thumbnails_sheet_count(const struct thumbnails *thumbnails);

/* WebVTT whose cues are places on the sheets ("thumbnails-0.jpg#xywh=160,0,160,90"), as players of other houses take it;
 * the last one ends with the lecture. */
void thumbnails_write_cues(
    const struct thumbnails *thumbnails, int64_t duration_ms, struct text *out);

#endif
