/*
 * Which picture stands for a lecture?  The first one that shows something: neither black nor all of one colour, and seen
 * so at two looks in a row, by when a fade has ended.  Where there is none, the one that shows the most.
 */
#ifndef LECTERN_MEDIA_POSTER_H
#define LECTERN_MEDIA_POSTER_H

#include <libavutil/frame.h>
#include <stdbool.h>
#include <stdint.h>

/* All 0: nothing seen yet. */
struct poster {
    bool begun, chosen, showed; /* showed: something, at the last look */
    int64_t seen_ticks;
    int best_spread;
};

/* How far a picture's light is spread around its mean, of 255: 0 is one colour, a line of text on a slide 15 or more. */
int poster_spread(const AVFrame *frame);
/* A picture of 8 bits with its time in 1/90000 s.  true: it is the best until now, in place of those before. */
bool poster_see(struct poster *poster, const AVFrame *frame);

#endif
