/* Clears away a file that never became a lecture; what was ready once is unpublished instead. */
#include "catalog/audit.h"
#include "catalog/lecture.h"
#include "cli/transaction.h"

static json_t *remove_lecture(struct db_connection *connection, struct command_context *context,
    const struct command_line *line, struct problem *problem)
{
    (void)context;
    const char *id = command_argument(line, 0);
    if (!lecture_remove(connection, id, problem)
        || !audit_add(connection, NULL, "lecture-remove", id, "", problem))
        return NULL;
    return json_pack("{s:s, s:b}", "id", id, "removed", 1);
}

static int run(struct command_context *context, const struct command_line *line)
{
    return command_change(context, line, remove_lecture, "The lecture is removed.");
}

const struct command command_lecture_remove = {
    .name = "lecture remove",
    .arguments = "LECTURE",
    .arguments_least = 1,
    .arguments_most = 1,
    .summary = "Remove a lecture that was never ready",
    .help = "For a file that was refused, or whose preparation failed or was cancelled. A lecture "
            "that was ready once stays, because records name it: unpublish it instead.",
    .options = { JSON_OPTION },
    .place = COMMAND_STORE,
    .changes = CHANGES_LIBRARY,
    .run = run,
};
