#include "media/poster.h"

#include <math.h>

enum {
    TICKS = 90000,
    LOOK_TICKS = TICKS, /* no closer than this */
    SHOWS_SPREAD = 12,
    STRIDE = 2 /* each so manieth line and point is enough */
};

int poster_spread(const AVFrame *frame)
{
    int64_t count = 0, sum = 0, squares = 0;
    for (int y = 0; y < frame->height; y += STRIDE) {
        const uint8_t *line = frame->data[0] + (ptrdiff_t)y * frame->linesize[0];
        for (int x = 0; x < frame->width; x += STRIDE, count++) {
            sum += line[x];
            squares += line[x] * line[x];
        }
    }
    return (int)sqrt((double)(squares - sum * sum / count) / (double)count);
}

bool poster_see(struct poster *poster, const AVFrame *frame)
{
    if (poster->chosen || (poster->begun && frame->pts - poster->seen_ticks < LOOK_TICKS))
        return false;
    int spread = poster_spread(frame);
    bool shows = spread >= SHOWS_SPREAD, better = !poster->begun || spread > poster->best_spread;
    poster->chosen = shows && poster->showed;
    poster->showed = shows;
    poster->begun = true;
    poster->seen_ticks = frame->pts;
    if (better)
        poster->best_spread = spread;
    return better || poster->chosen;
}
