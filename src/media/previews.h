/*
 * The pictures that lead into a lecture, made of the same decoded ones as its rungs: a poster, and thumbnails on sheets for
 * the seek bar.  All are JPEG, one behind the other in one file, the sheets in their order and then the poster; the
 * parent, which is told their sizes, parts them (job_previews.h).
 *
 * Times      1/90000 s from the lecture's beginning.  A thumbnail is the picture that is on at its time.
 * Memory     one sheet, the poster, and a reference to two pictures.
 * Ownership  previews_open() gives, previews_close() ends, and takes NULL.  The descriptor is lent.
 */
#ifndef LECTERN_MEDIA_PREVIEWS_H
#define LECTERN_MEDIA_PREVIEWS_H

#include "base/problem.h"
#include "media/thumbnails.h"

#include <libavutil/frame.h>

enum { PREVIEW_SHEETS_MAX = THUMBNAILS_MADE_MAX / (THUMBNAIL_GRID_SIDE * THUMBNAIL_GRID_SIDE) };

struct preview_sizes {
    struct thumbnails thumbnails;
    int64_t sheet_bytes[PREVIEW_SHEETS_MAX];
    int64_t poster_bytes;
};

struct previews;

/* width, height: of the pictures that will be seen. */
struct previews *previews_open(int width, int height, int64_t duration_us, int fd);
/* 8 bits 4:2:0; keeps a reference. */
bool previews_see(struct previews *previews, const AVFrame *frame, struct problem *problem);
/* After at least one picture. */
bool previews_finish(struct previews *previews, struct problem *problem);
const struct preview_sizes *previews_sizes(const struct previews *previews);
void previews_close(struct previews *previews);

#endif
