#include "media/plan.h"

#include "base/json.h"
#include "base/memory.h"
#include "media/report.h"
#include "media/segment_table.h"

#include <stdlib.h>
#include <string.h>

static const int64_t origin_us_max = INT64_C(1) << 52;

void plan_add_cut(struct media_plan *plan, int64_t cut_us)
{
    if ((plan->cut_count & (plan->cut_count - 1)) == 0)
        plan->cuts_us = memory_resized(
            plan->cuts_us, plan->cut_count > 0 ? plan->cut_count * 2 : 1, sizeof *plan->cuts_us);
    plan->cuts_us[plan->cut_count++] = cut_us;
}

void plan_copy(const struct media_plan *plan, struct media_plan *ret_copy)
{
    *ret_copy = *plan;
    ret_copy->cuts_us = NULL;
    if (plan->cut_count == 0)
        return;
    ret_copy->cuts_us = memory_zeroed(plan->cut_count, sizeof *plan->cuts_us);
    memcpy(ret_copy->cuts_us, plan->cuts_us, plan->cut_count * sizeof *plan->cuts_us);
}

void plan_release(struct media_plan *plan)
{
    free(plan->cuts_us);
    plan->cuts_us = NULL;
}

json_t *plan_to_json(const struct media_plan *plan)
{
    json_t *cuts = json_array();
    for (size_t i = 0; i < plan->cut_count; i++)
        json_array_append_new(cuts, json_integer((json_int_t)plan->cuts_us[i]));
    return json_pack("{s:I, s:I, s:{s:I, s:I}, s:o}", "origin_us", (json_int_t)plan->origin_us,
        "duration_us", (json_int_t)plan->duration_us, "trim", "from_ms",
        (json_int_t)plan->trim.from_ms, "to_ms", (json_int_t)plan->trim.to_ms, "cuts_us", cuts);
}

static bool read_cuts(const json_t *json, struct media_plan *plan, struct problem *problem)
{
    const json_t *cuts = json_object_get(json, "cuts_us"), *cut;
    int64_t last_us = 0;
    size_t index;
    if (!json_is_array(cuts) || json_array_size(cuts) > SEGMENTS_MAX)
        return problem_set_field(problem, "cuts_us", "'cuts_us' must be a list");
    json_array_foreach(cuts, index, cut)
    {
        int64_t at_us = json_is_integer(cut) ? json_integer_value(cut) : 0;
        if (at_us <= last_us || at_us >= plan->duration_us)
            return problem_set_field(problem, "cuts_us", "'cuts_us' must grow within the lecture");
        plan_add_cut(plan, at_us);
        last_us = at_us;
    }
    return true;
}

bool plan_from_json(const json_t *json, struct media_plan *ret_plan, struct problem *problem)
{
    struct media_plan plan = { 0 };
    const json_t *trim = json_object_get(json, "trim");
    int64_t duration_ms_max = MEDIA_DURATION_MS_MAX;
    if (!json_is_object(json) || !json_is_object(trim))
        return problem_set(problem, PROBLEM_BAD_REQUEST, "a plan must be an object with a trim");
    bool read
        = json_get_int64(json, "origin_us", -origin_us_max, origin_us_max, &plan.origin_us, problem)
          && json_get_int64(
              json, "duration_us", 1, duration_ms_max * 1000, &plan.duration_us, problem)
          && json_get_int64(trim, "from_ms", 0, duration_ms_max, &plan.trim.from_ms, problem)
          && json_get_int64(trim, "to_ms", 0, duration_ms_max, &plan.trim.to_ms, problem)
          && read_cuts(json, &plan, problem);
    if (read)
        *ret_plan = plan;
    else
        plan_release(&plan);
    return read;
}
