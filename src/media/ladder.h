/*
 * The rungs that a picture is encoded in, from config/ladder.conf or built in, and which of them a lecture gets.
 *
 * File       a section a rung, named after its lines and in growing order ("[240p]"), and one for the stills; each with
 *            all its values.  What the file does not name is not made.  Read as strictly as settings are.
 * Rungs      fit a box of so many lines (the shorter side) at 16:9, turned where the picture stands upright.  Never
 *            larger than the picture, nor at or above a copied one, and none that is hardly larger than the one before.
 *            The lowest is made in the first pass, the others in the second.
 * Errors     PROBLEM_SETTING with the place and what is expected.
 */
#ifndef LECTERN_MEDIA_LADDER_H
#define LECTERN_MEDIA_LADDER_H

#include "base/problem.h"

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

enum { LADDER_RUNGS_MAX = 6, LADDER_STILLS = -1 };

struct ladder_rung {
    int64_t lines;
    int64_t frames_per_second; /* at most; stills: at most one a second, by themselves */
    int64_t quality;           /* x264's CRF: less is better */
    int64_t bits_per_second;   /* at most, over two seconds; stills: over a segment */
    int64_t key_ms;            /* from one key picture to the next, at most; stills: at cuts */
};

struct ladder {
    struct ladder_rung rungs[LADDER_RUNGS_MAX];
    size_t count;
    struct ladder_rung stills; /* lines 0: none */
};

void ladder_init(struct ladder *ladder);
/* path "": what is built in. */
bool ladder_load(struct ladder *ladder, const char *path, struct problem *problem);
/* The file that says what is built in. */
void ladder_print_example(FILE *out);

json_t *ladder_to_json(const struct ladder *ladder);
bool ladder_from_json(const json_t *json, struct ladder *ret_ladder, struct problem *problem);

/* The picture as it is shown: upright, with square pixels. */
struct ladder_picture {
    double width, height;
    int64_t frames_per_second_milli;
    int64_t bits_per_second;
    bool copied; /* there is a rendition of it as it came */
};

struct ladder_choice {
    struct ladder_rung rung;
    int index;         /* of the ladder, or LADDER_STILLS */
    char name[24];     /* "240p", "stills" */
    int width, height; /* even */
    int step;          /* every so manieth picture is taken */
};

/* From the lowest; at least one where the picture is not copied.  Returns how many. */
size_t ladder_choose(const struct ladder *ladder, const struct ladder_picture *picture,
    struct ladder_choice ret_choices[LADDER_RUNGS_MAX]);
/* false: the ladder has none. */
bool ladder_choose_stills(const struct ladder *ladder, const struct ladder_picture *picture,
    struct ladder_choice *ret_choice);

/* Renditions from the lowest to the highest, by their measured averages: one that needs more than 70 % of the next one
 * that stays is of no use.  Those that are published stay. */
struct ladder_measure {
    int64_t average_bits_per_second;
    bool published;
    bool dropped; /* set */
};
void ladder_drop(struct ladder_measure *measures, size_t count);

/* The nearest that 4:2:0 can have: even, and 2 at least. */
int ladder_even_side(double side);

#endif
