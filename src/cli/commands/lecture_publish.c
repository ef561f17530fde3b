/* Participants see a lecture only once it is published. */
#include "catalog/audit.h"
#include "catalog/lecture.h"
#include "cli/transaction.h"

static json_t *publish(struct db_connection *connection, struct command_context *context,
    const struct command_line *line, struct problem *problem)
{
    const char *id = command_argument(line, 0);
    if (!lecture_publish(connection, id, true, problem)
        || !audit_add(connection, NULL, "lecture-publish", id, "", problem))
        return NULL;
    return lecture_json(connection, id, command_language(context, line), problem);
}

static int run(struct command_context *context, const struct command_line *line)
{
    return command_change(context, line, publish, "The lecture is published.");
}

const struct command command_lecture_publish = {
    .name = "lecture publish",
    .arguments = "LECTURE",
    .arguments_least = 1,
    .arguments_most = 1,
    .summary = "Let participants see a lecture",
    .options = { JSON_OPTION },
    .place = COMMAND_STORE,
    .changes = CHANGES_LIBRARY,
    .run = run,
};
