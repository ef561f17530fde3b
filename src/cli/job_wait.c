#include "cli/job_wait.h"

#include "catalog/ingest.h"
#include "cli/output.h"

#include <time.h>

enum { ASK_FIRST_MS = 20, ASK_LATER_MS = 200 };

struct question {
    const char *job_id;
    struct job_standing standing;
    json_t *outcome;
};

static bool read_job(struct db_connection *connection, void *data, struct problem *problem)
{
    struct question *question = data;
    return job_outcome_json(
        connection, question->job_id, &question->standing, &question->outcome, problem);
}

static bool is_enough(const struct job_standing *standing, enum job_until until)
{
    return standing->has_ended || (until == UNTIL_WATCHABLE && standing->pass != JOB_PASS_FIRST);
}

/* Once, as the wait may be long and is no fault of the file. */
static void tell_of_pause(
    struct command_context *context, const struct job_standing *standing, bool *told)
{
    if (standing->is_paused && !*told)
        command_say(context,
            "The server's disk is full. The job goes on by itself when there is room again.");
    *told = standing->is_paused;
}

enum job_wait job_wait(struct command_context *context, const char *job_id, enum job_until until,
    json_t **ret_outcome, struct problem *problem)
{
    bool told = false;
    for (long wait_ms = ASK_FIRST_MS;;
         wait_ms = wait_ms * 2 > ASK_LATER_MS ? ASK_LATER_MS : wait_ms * 2) {
        struct question question = { .job_id = job_id };
        if (!db_read(context->db, read_job, &question, problem))
            return JOB_UNKNOWN;
        if (is_enough(&question.standing, until)) {
            *ret_outcome = question.outcome;
            return JOB_ENDED;
        }
        json_decref(question.outcome);
        tell_of_pause(context, &question.standing, &told);
        command_progress(context, question.standing.permille);
        if (command_abandoned(context))
            return JOB_ABANDONED;
        (void)nanosleep(&(struct timespec){ .tv_nsec = wait_ms * 1000000 }, NULL);
    }
}
