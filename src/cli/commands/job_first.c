/* The lecture that is needed tomorrow goes before the others. */
#include "catalog/audit.h"
#include "catalog/job_queue.h"
#include "cli/transaction.h"

static json_t *move(struct db_connection *connection, struct command_context *context,
    const struct command_line *line, struct problem *problem)
{
    (void)context;
    const char *job_id = command_argument(line, 0);
    return job_move_first(connection, job_id, problem)
                   && audit_add(connection, NULL, "job-first", job_id, "", problem)
               ? json_pack("{s:s}", "id", job_id)
               : NULL;
}

static int run(struct command_context *context, const struct command_line *line)
{
    return command_change(context, line, move, "The job goes before the others of its pass.");
}

const struct command command_job_first = {
    .name = "job first",
    .arguments = "JOB",
    .arguments_least = 1,
    .arguments_most = 1,
    .summary = "Move a job before all others",
    .help = "First passes of lectures still come before the rest of others, so that no lecture "
            "waits for another's sharper pictures.",
    .options = { JSON_OPTION },
    .place = COMMAND_STORE,
    .run = run,
};
