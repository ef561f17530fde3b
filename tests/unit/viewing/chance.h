/*
 * Random numbers that are the same in every run (xorshift64*), so that a failure can be repeated:
 * print the seed and the step with it.
 */
#ifndef LECTERN_TESTS_VIEWING_CHANCE_H
#define LECTERN_TESTS_VIEWING_CHANCE_H

#include <stdint.h>

struct chance {
    uint64_t state; /* never 0 */
};

/* 0 <= result < below */
static inline int64_t chance_below(struct chance *chance, int64_t below)
{
    chance->state ^= chance->state >> 12;
    chance->state ^= chance->state << 25;
    chance->state ^= chance->state >> 27;
    return (int64_t)((chance->state * UINT64_C(2685821657736338717) >> 33) % (uint64_t)below);
}

#endif
