/* A task as the parent writes it, read by the child; and a plan, which the parent reads back from disk. */
#include "media/job_task.h"

#include "base/json.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct problem problem = { 0 }, unfit = { 0 };
    struct job_task task;
    struct media_plan plan;
    json_t *json = json_read_object((const char *)data, size, &problem);
    job_task_init(&task);
    if (json && job_task_from_json(json, &task, &problem)
        && task.has_plan == (task.pass == MEDIA_PASS_FIRST))
        abort();
    /* What is read is written as it was. */
    if (json && plan_from_json(json, &plan, &unfit)) {
        json_t *again = plan_to_json(&plan);
        struct media_plan other;
        if (!plan_from_json(again, &other, &unfit))
            abort();
        plan_release(&other);
        plan_release(&plan);
        json_decref(again);
    }
    job_task_release(&task);
    json_decref(json);
    return 0;
}
