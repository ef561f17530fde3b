/*
 * Sets of stretches of lecture time: half-open [from, to), ascending, apart.  Pure; the base of
 * coverage and crediting.  Also used for the numbers of received heartbeats.
 *
 * Units      whatever the caller counts: milliseconds of a lecture, or sequence numbers; within
 *            -SPAN_VALUE_MAX..SPAN_VALUE_MAX, so that lengths and sums never overflow.
 * Limits     SPANS_MAX stretches, so that the work for one heartbeat stays small whatever a
 *            stranger claims (an honest person leaves a handful; who seeks about for hours, some
 *            hundred).  A union that would pass it joins the two nearest neighbours where the
 *            caller allowed gaps to close, else it reports PROBLEM_CONFLICT and changes nothing.
 * Ownership  spans_release() ends the memory; {0} is an empty set.  ret_ outputs are overwritten,
 *            so they hold nothing yet.
 */
#ifndef LECTERN_VIEWING_SPANS_H
#define LECTERN_VIEWING_SPANS_H

#include "base/problem.h"
#include "base/text.h"

#include <jansson.h>
#include <stddef.h>
#include <stdint.h>

enum { SPANS_MAX = 1000, SPANS_TEXT_MAX = SPANS_MAX * 40 };
#define SPAN_VALUE_MAX (INT64_C(1) << 62)

struct span {
    int64_t from, to;
};
struct spans {
    struct span *items;
    size_t count, capacity;
};

void spans_release(struct spans *spans);
void spans_copy(const struct spans *from, struct spans *ret_copy);
/* Adds [from, to).  Stretches that touch it, or lie nearer to it than close_gap, melt with it.
 * from >= to adds nothing. */
bool spans_add(
    struct spans *spans, int64_t from, int64_t to, int64_t close_gap, struct problem *problem);
/* Adds all of another set; what would be more than SPANS_MAX stretches is left out. */
void spans_add_all(struct spans *spans, const struct spans *added);
int64_t spans_total(const struct spans *spans);
/* What of [from, to) is in the set, and what is not. */
void spans_intersect(const struct spans *spans, int64_t from, int64_t to, struct spans *ret_inside);
void spans_subtract(const struct spans *spans, int64_t from, int64_t to, struct spans *ret_outside);
/* All of [from, to); an empty stretch is in every set. */
bool spans_contain(const struct spans *spans, int64_t from, int64_t to);
/* JSON text "[[0,4000],[8000,12000]]", as the store keeps it. */
void spans_write(const struct spans *spans, struct text *text);
/* Takes only what spans_write() writes, of values from 0: it reads this house's own rows, a hundred
 * thousand for one report, and doubts them.  PROBLEM_STORAGE otherwise. */
bool spans_read(const char *json_text, struct spans *ret_spans, struct problem *problem);
json_t *spans_to_json(const struct spans *spans);

#endif
