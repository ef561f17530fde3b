#include "media/ladder.h"

#include <inttypes.h>
#include <math.h>
#include <string.h>

enum {
    GAIN_PERCENT_LEAST = 120, /* of area, from one rung to the next */
    SAME_PERCENT = 80,        /* of area: below, a rung is smaller than the copied picture */
    DROP_PERCENT = 70,
    FRAMES_TOLERANCE_PERCENT = 110 /* 33 a second are 30 */
};

/* What cannot be copied must be something: this, where a ladder has no rung. */
static const struct ladder alone = {
    .rungs = { { .lines = 720,
        .frames_per_second = 30,
        .quality = 23,
        .bits_per_second = 1100000,
        .key_ms = 2000 } },
    .count = 1,
};

int ladder_even_side(double side)
{
    int rounded = (int)(side / 2 + 0.5) * 2;
    return rounded < 2 ? 2 : rounded;
}

/* The largest even size within lines (the shorter side, at 16:9) that keeps the shape; never larger than it was. */
static void fit(double width, double height, int64_t lines, int *ret_width, int *ret_height)
{
    double longer = fmax(width, height), shorter = fmin(width, height);
    double factor = fmin((double)lines / shorter, ceil((double)lines * 16 / 9) / longer);
    if (factor > 1)
        factor = 1;
    *ret_width = ladder_even_side(width * factor);
    *ret_height = ladder_even_side(height * factor);
}

static void choose(const struct ladder *ladder, int index, const struct ladder_picture *picture,
    struct ladder_choice *ret_choice)
{
    const struct ladder_rung *rung
        = index == LADDER_STILLS ? &ladder->stills : &ladder->rungs[index];
    int64_t most_milli = rung->frames_per_second * 10 * FRAMES_TOLERANCE_PERCENT;
    *ret_choice = (struct ladder_choice){ .rung = *rung, .index = index, .step = 1 };
    fit(picture->width, picture->height, rung->lines, &ret_choice->width, &ret_choice->height);
    if (index == LADDER_STILLS) {
        (void)snprintf(ret_choice->name, sizeof ret_choice->name, "stills");
        return;
    }
    (void)snprintf(ret_choice->name, sizeof ret_choice->name, "%" PRId64 "p", rung->lines);
    if (picture->frames_per_second_milli > most_milli)
        ret_choice->step = (int)((picture->frames_per_second_milli + most_milli - 1) / most_milli);
}

static double area(const struct ladder_choice *choice)
{
    return (double)choice->width * choice->height;
}

/* A copied picture that is small but heavy leaves weak lines with nothing that moves: then the lowest rung is of use
 * at the same size. */
static bool is_useful(const struct ladder_choice *choice, const struct ladder_choice *below,
    const struct ladder_picture *picture)
{
    if (picture->copied && area(choice) * 100 >= picture->width * picture->height * SAME_PERCENT)
        return !below
               && picture->bits_per_second * DROP_PERCENT > choice->rung.bits_per_second * 100;
    return !below || area(choice) * 100 >= area(below) * GAIN_PERCENT_LEAST;
}

size_t ladder_choose(const struct ladder *ladder, const struct ladder_picture *picture,
    struct ladder_choice ret_choices[LADDER_RUNGS_MAX])
{
    size_t count = 0;
    for (size_t i = 0; i < ladder->count; i++) {
        choose(ladder, (int)i, picture, &ret_choices[count]);
        if (is_useful(&ret_choices[count], count > 0 ? &ret_choices[count - 1] : NULL, picture))
            count++;
    }
    if (count == 0 && !picture->copied)
        choose(&alone, 0, picture, &ret_choices[count++]);
    return count;
}

bool ladder_choose_stills(const struct ladder *ladder, const struct ladder_picture *picture,
    struct ladder_choice *ret_choice)
{
    if (ladder->stills.lines == 0)
        return false;
    choose(ladder, LADDER_STILLS, picture, ret_choice);
    return true;
}

void ladder_drop(struct ladder_measure *measures, size_t count)
{
    const struct ladder_measure *next = NULL;
    for (size_t i = count; i-- > 0;) {
        struct ladder_measure *measure = &measures[i];
        measure->dropped = next && !measure->published
                           && measure->average_bits_per_second * 100
                                  > next->average_bits_per_second * DROP_PERCENT;
        if (!measure->dropped)
            next = measure;
    }
}
