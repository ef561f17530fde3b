/* A statement that was refused or given up, or waits for long: once more, now. */
#include "base/text.h"
#include "catalog/audit.h"
#include "cli/output.h"
#include "cli/transaction.h"
#include "mail/outbox.h"

#include <string.h>

static json_t *retry_failed(struct db_connection *connection, struct problem *problem)
{
    int64_t count = 0;
    if (!outbox_retry_failed(connection, OUTBOX_XAPI, &count, problem)
        || !audit_add(connection, NULL, "statement-retry", "", "", problem))
        return NULL;
    return json_pack("{s:I, s:s}", "count", (json_int_t)count, "state", "waiting");
}

static json_t *retry(struct db_connection *connection, struct command_context *context,
    const struct command_line *line, struct problem *problem)
{
    const char *typed = command_argument(line, 0);
    int64_t id;
    (void)context;
    if (!typed)
        return retry_failed(connection, problem);
    if (!text_to_int64(typed, strlen(typed), 1, INT64_MAX, &id)) {
        problem_set(problem, PROBLEM_NOT_FOUND, "no statement '%.40s'", typed);
        return NULL;
    }
    if (!outbox_retry(connection, OUTBOX_XAPI, id, problem)
        || !audit_add(connection, NULL, "statement-retry", typed, "", problem))
        return NULL;
    return json_pack("{s:I, s:s}", "id", (json_int_t)id, "state", "waiting");
}

static int run(struct command_context *context, const struct command_line *line)
{
    return command_change(context, line, retry,
        command_argument(line, 0) ? "The statement is due now." : "All that failed is due now.");
}

const struct command command_xapi_retry = {
    .name = "xapi retry",
    .arguments = "[STATEMENT]",
    .arguments_least = 0,
    .arguments_most = 1,
    .summary = "Try again to send a statement, or all that failed",
    .help = "A running server sends them; their time to give up begins again.",
    .options = { JSON_OPTION },
    .place = COMMAND_STORE,
    .run = run,
};
