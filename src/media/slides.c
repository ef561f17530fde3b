#include "media/slides.h"

#include <stdlib.h>

enum {
    TICKS = 90000,
    LOOK_TICKS = TICKS / 5, /* no closer than this */
    LEAST_TICKS = TICKS,    /* from one picture to the next */
    DIFFERENCE = 20,        /* of a square's light, of 255 */
    CHANGED_PERMILLE = 8,   /* of the squares: another slide, or a line more on it */
    RESTLESS_PERMILLE = 20, /* since the last look */
};

/* Rows and columns are taken as they fall: small pictures have fewer than the grid. */
static void measure(const AVFrame *frame, struct slide_grid *grid)
{
    for (int row = 0; row < SLIDE_ROWS; row++) {
        int top = row * frame->height / SLIDE_ROWS, bottom = (row + 1) * frame->height / SLIDE_ROWS;
        for (int column = 0; column < SLIDE_COLUMNS; column++) {
            int left = column * frame->width / SLIDE_COLUMNS;
            int right = (column + 1) * frame->width / SLIDE_COLUMNS;
            unsigned sum = 0, count = 0;
            for (int y = top; y < bottom || y == top; y++) {
                const uint8_t *line = frame->data[0] + (ptrdiff_t)y * frame->linesize[0];
                for (int x = left; x < right || x == left; x++, count++)
                    sum += line[x];
            }
            grid->light[row][column] = (uint8_t)(sum / count);
        }
    }
}

static int difference_permille(const struct slide_grid *left, const struct slide_grid *right)
{
    int differ = 0;
    for (int row = 0; row < SLIDE_ROWS; row++)
        for (int column = 0; column < SLIDE_COLUMNS; column++)
            differ += abs(left->light[row][column] - right->light[row][column]) > DIFFERENCE;
    return differ * 1000 / (SLIDE_ROWS * SLIDE_COLUMNS);
}

bool slides_see(struct slides *slides, const AVFrame *frame, bool cut)
{
    bool due = !slides->begun || frame->pts - slides->seen_ticks >= LOOK_TICKS;
    if (!cut && !due)
        return false;
    slides->last = slides->now;
    slides->seen_ticks = frame->pts;
    measure(frame, &slides->now);
    bool take = cut || !slides->begun
                || (frame->pts - slides->taken_ticks >= LEAST_TICKS
                    && difference_permille(&slides->now, &slides->last) < RESTLESS_PERMILLE
                    && difference_permille(&slides->now, &slides->taken) >= CHANGED_PERMILLE);
    if (take) {
        slides->taken = slides->now;
        slides->taken_ticks = frame->pts;
    }
    slides->begun = true;
    return take;
}
