/* Which organisation gives a lecture, and is credited for it. */
#include "catalog/audit.h"
#include "catalog/lecture.h"
#include "cli/transaction.h"

static json_t *set_provider(struct db_connection *connection, struct command_context *context,
    const struct command_line *line, struct problem *problem)
{
    const char *id = command_argument(line, 0);
    if (!lecture_set_provider(connection, id, command_argument(line, 1), problem)
        || !audit_add(connection, NULL, "lecture-provider", id, "", problem))
        return NULL;
    return lecture_json(connection, id, command_language(context, line), problem);
}

static int run(struct command_context *context, const struct command_line *line)
{
    return command_change(context, line, set_provider, "The provider is set.");
}

const struct command command_lecture_provider = {
    .name = "lecture provider",
    .arguments = "LECTURE [PROVIDER]",
    .arguments_least = 1,
    .arguments_most = 2,
    .summary = "Set the organisation that gives a lecture, or none",
    .options = { JSON_OPTION },
    .place = COMMAND_STORE,
    .changes = CHANGES_LIBRARY,
    .run = run,
};
