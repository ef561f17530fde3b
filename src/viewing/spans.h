/*
 * Sets of stretches of lecture time: half-open [from, to), ascending, apart.  Pure; the base of coverage and crediting.
 * Also used for the numbers of received heartbeats.
 *
 * Units      whatever the caller counts: milliseconds of a lecture, or sequence numbers.
 * Limits     SPANS_MAX stretches; a union that would pass it joins the two nearest neighbours only where the caller allowed
 *            gaps to close, else reports PROBLEM_CONFLICT.
 * Ownership  spans_release() ends the memory; {0} is an empty set.
 */
#ifndef LECTERN_VIEWING_SPANS_H
#define LECTERN_VIEWING_SPANS_H

#include "base/problem.h"
#include "base/text.h"

#include <jansson.h>
#include <stddef.h>
#include <stdint.h>

enum { SPANS_MAX = 20000 };

struct span {
    int64_t from, to;
};
struct spans {
    struct span *items;
    size_t count, capacity;
};

void spans_release(struct spans *spans);
void spans_copy(const struct spans *from, struct spans *ret_copy);
/* Adds [from, to); stretches nearer than close_gap melt together.  from >= to adds nothing. */
bool spans_add(struct spans *spans, int64_t from, int64_t to, int64_t close_gap, struct problem *problem);
int64_t spans_total(const struct spans *spans);
/* What of [from, to) is in the set, and what is not. */
void spans_intersect(const struct spans *spans, int64_t from, int64_t to, struct spans *ret_inside);
void spans_subtract(const struct spans *spans, int64_t from, int64_t to, struct spans *ret_outside);
bool spans_contain(const struct spans *spans, int64_t from, int64_t to);
/* JSON text "[[0,4000],[8000,12000]]", as the store keeps it. */
void spans_write(const struct spans *spans, struct text *text);
bool spans_read(const char *json_text, struct spans *ret_spans, struct problem *problem);
json_t *spans_to_json(const struct spans *spans);

#endif
