/* A mail that was refused or given up, or waits for long: once more, now. */
#include "base/text.h"
#include "catalog/audit.h"
#include "cli/output.h"
#include "cli/transaction.h"
#include "mail/outbox.h"

#include <string.h>

static json_t *retry(struct db_connection *connection, struct command_context *context,
    const struct command_line *line, struct problem *problem)
{
    const char *typed = command_argument(line, 0);
    int64_t id;
    (void)context;
    if (!text_to_int64(typed, strlen(typed), 1, INT64_MAX, &id)) {
        problem_set(problem, PROBLEM_NOT_FOUND, "no mail '%.40s'", typed);
        return NULL;
    }
    if (!outbox_retry(connection, OUTBOX_MAIL, id, problem)
        || !audit_add(connection, NULL, "mail-retry", typed, "", problem))
        return NULL;
    return json_pack("{s:I, s:s}", "id", (json_int_t)id, "state", "waiting");
}

static int run(struct command_context *context, const struct command_line *line)
{
    return command_change(context, line, retry, "The mail is due now.");
}

const struct command command_mail_retry = {
    .name = "mail retry",
    .arguments = "MAIL",
    .arguments_least = 1,
    .arguments_most = 1,
    .summary = "Try again to send a mail",
    .help = "A running server sends it; its time to give up begins again.",
    .options = { JSON_OPTION },
    .place = COMMAND_STORE,
    .run = run,
};
