/* A lecture's further pictures that failed, were cancelled, or wait for room: once more. */
#include "catalog/audit.h"
#include "catalog/ingest.h"
#include "cli/output.h"
#include "cli/transaction.h"

static bool note_retried(struct db_connection *connection, void *data, struct problem *problem)
{
    const char *const *job_id = data;
    return audit_add(connection, NULL, "job-retry", *job_id, "", problem);
}

static int run(struct command_context *context, const struct command_line *line)
{
    struct problem problem = { 0 };
    const char *job_id = command_argument(line, 0);
    if (!ingest_retry(context->ingest, job_id, &problem)
        || !db_write(context->db, note_retried, &job_id, &problem))
        return command_problem(context, &problem);
    if (command_flag(line, "json"))
        command_print_json(context, json_pack("{s:s, s:s}", "id", job_id, "state", "queued"));
    else
        command_print(context, "The job is queued again.\n");
    return COMMAND_DONE;
}

const struct command command_job_retry = {
    .name = "job retry",
    .arguments = "JOB",
    .arguments_least = 1,
    .arguments_most = 1,
    .summary = "Go on with a job that is paused, failed or was cancelled",
    .help = "A job that failed or was cancelled can be tried again once its lecture can be "
            "watched: before that its file is gone.",
    .options = { JSON_OPTION },
    .place = COMMAND_INGEST,
    .run = run,
};
