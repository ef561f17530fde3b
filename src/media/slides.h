/*
 * When has a slide changed?  A picture is looked at as a grid of small squares of light.  It is another one when enough of
 * them differ from the one that was taken last, and it is taken when it has come to rest, at most once a second: a
 * cross-fade gives one picture, a hand-held camera none but those at cuts, a mouse or a talking head in a corner
 * nothing.
 */
#ifndef LECTERN_MEDIA_SLIDES_H
#define LECTERN_MEDIA_SLIDES_H

#include <libavutil/frame.h>
#include <stdbool.h>
#include <stdint.h>

enum { SLIDE_COLUMNS = 160, SLIDE_ROWS = 90 };

struct slide_grid {
    uint8_t light[SLIDE_ROWS][SLIDE_COLUMNS];
};

/* All 0: nothing seen yet. */
struct slides {
    struct slide_grid taken, last, now;
    int64_t taken_ticks, seen_ticks;
    bool begun;
};

/* A picture of 8 bits with its time in 1/90000 s; cut: it is taken in any case.  true: take it. */
bool slides_see(struct slides *slides, const AVFrame *frame, bool cut);

#endif
