/* Takes a lecture out of sight; what people have watched of it is kept. */
#include "catalog/audit.h"
#include "catalog/lecture.h"
#include "cli/transaction.h"

static json_t *unpublish(struct db_connection *connection, struct command_context *context,
    const struct command_line *line, struct problem *problem)
{
    const char *id = command_argument(line, 0);
    if (!lecture_publish(connection, id, false, problem)
        || !audit_add(connection, NULL, "lecture-unpublish", id, "", problem))
        return NULL;
    return lecture_json(connection, id, command_language(context, line), problem);
}

static int run(struct command_context *context, const struct command_line *line)
{
    return command_change(context, line, unpublish, "The lecture is no longer published.");
}

const struct command command_lecture_unpublish = {
    .name = "lecture unpublish",
    .arguments = "LECTURE",
    .arguments_least = 1,
    .arguments_most = 1,
    .summary = "Take a lecture out of participants' sight",
    .options = { JSON_OPTION },
    .place = COMMAND_STORE,
    .changes = CHANGES_LIBRARY,
    .run = run,
};
