/* Gives up preparing a lecture, such as one of the wrong file. */
#include "catalog/audit.h"
#include "catalog/ingest.h"
#include "cli/output.h"
#include "cli/transaction.h"

static bool note_cancelled(struct db_connection *connection, void *data, struct problem *problem)
{
    const char *const *job_id = data;
    return audit_add(connection, NULL, "job-cancel", *job_id, "", problem);
}

static int run(struct command_context *context, const struct command_line *line)
{
    struct problem problem = { 0 };
    const char *job_id = command_argument(line, 0);
    if (!ingest_cancel(context->ingest, job_id, &problem)
        || !db_write(context->db, note_cancelled, &job_id, &problem))
        return command_problem(context, &problem);
    if (command_flag(line, "json"))
        command_print_json(context, json_pack("{s:s, s:b}", "id", job_id, "cancelled", 1));
    else
        command_print(context, "The job is cancelled.\n");
    return COMMAND_DONE;
}

const struct command command_job_cancel = {
    .name = "job cancel",
    .arguments = "JOB",
    .arguments_least = 1,
    .arguments_most = 1,
    .summary = "Give up preparing a lecture",
    .help = "What is published of it already stays, and the lecture with it.",
    .options = { JSON_OPTION },
    .place = COMMAND_INGEST,
    .changes = CHANGES_LIBRARY,
    .run = run,
};
