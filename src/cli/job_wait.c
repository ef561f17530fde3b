#include "cli/job_wait.h"

#include "base/text.h"
#include "catalog/ingest.h"
#include "cli/output.h"

#include <time.h>

enum { ASK_FIRST_MS = 20, ASK_LATER_MS = 200 };

struct question {
    const char *job_id;
    json_t *job;
};

static bool read_job(struct db_connection *connection, void *data, struct problem *problem)
{
    struct question *question = data;
    question->job = job_json(connection, question->job_id, problem);
    return question->job;
}

/* The job's words for how it ended, in the lecture's. */
static const char *lecture_state(const char *job_state)
{
    static const char *const words[][2] = { { "done", "ready" }, { "refused", "refused" },
        { "failed", "failed" }, { "cancelled", "failed" } };
    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++)
        if (text_equal(job_state, words[i][0]))
            return words[i][1];
    return NULL;
}

static json_t *make_outcome(const json_t *job, const char *state)
{
    json_t *reason = json_object_get(job, "reason");
    bool cancelled = text_equal(json_string_value(json_object_get(job, "state")), "cancelled");
    json_t *outcome = json_pack("{s:O, s:s, s:O?, s:O?}", "id", json_object_get(job, "lecture_id"),
        "state", state, "reason", reason, "report", json_object_get(job, "report"));
    if (cancelled && !json_is_string(reason))
        (void)json_object_set_new(outcome, "reason", json_string("The job was cancelled."));
    return outcome;
}

enum job_wait job_wait(struct command_context *context, const char *job_id, json_t **ret_outcome,
    struct problem *problem)
{
    for (long wait_ms = ASK_FIRST_MS;;
         wait_ms = wait_ms * 2 > ASK_LATER_MS ? ASK_LATER_MS : wait_ms * 2) {
        struct question question = { .job_id = job_id };
        if (!db_read(context->db, read_job, &question, problem)) {
            json_decref(question.job);
            return JOB_UNKNOWN;
        }
        const char *state
            = lecture_state(json_string_value(json_object_get(question.job, "state")));
        int permille = (int)json_integer_value(json_object_get(question.job, "permille"));
        if (state)
            *ret_outcome = make_outcome(question.job, state);
        json_decref(question.job);
        if (state)
            return JOB_ENDED;
        command_progress(context, permille < 0 ? 0 : permille > 1000 ? 1000 : permille);
        if (command_abandoned(context))
            return JOB_ABANDONED;
        (void)nanosleep(&(struct timespec){ .tv_nsec = wait_ms * 1000000 }, NULL);
    }
}
