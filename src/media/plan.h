/*
 * Where a lecture is cut, and what is kept of its recording.
 *
 * Kept       a version's first pass fixes its plan (planning.h), in plan.json; whatever is made for it later follows that
 *            one, so that all its renditions and tracks are cut at the same times.
 */
#ifndef LECTERN_MEDIA_PLAN_H
#define LECTERN_MEDIA_PLAN_H

#include "base/problem.h"

#include <jansson.h>
#include <stddef.h>
#include <stdint.h>

/* The part of a recording that is kept, on the clock of the whole; both 0: all of it. */
struct media_trim {
    int64_t from_ms, to_ms;
};

struct media_plan {
    int64_t origin_us; /* of the file's clock: the lecture's beginning */
    int64_t duration_us;
    struct media_trim trim;
    int64_t *cuts_us; /* from the beginning: where segments 1, 2, ... begin; growing */
    size_t cut_count;
};

void plan_add_cut(struct media_plan *plan, int64_t cut_us);
void plan_copy(const struct media_plan *plan, struct media_plan *ret_copy);
void plan_release(struct media_plan *plan);

json_t *plan_to_json(const struct media_plan *plan);
/* Strictly: the child that made it is not trusted. */
bool plan_from_json(const json_t *json, struct media_plan *ret_plan, struct problem *problem);

#endif
