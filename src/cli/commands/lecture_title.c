/* What a lecture is called in a language. */
#include "catalog/audit.h"
#include "catalog/lecture.h"
#include "cli/transaction.h"

static json_t *set_text(struct db_connection *connection, struct command_context *context,
    const struct command_line *line, struct problem *problem)
{
    const char *id = command_argument(line, 0);
    if (!lecture_change_text(connection, id, command_option(line, "language"),
            command_option(line, "title"), command_option(line, "description"), problem)
        || !audit_add(connection, NULL, "lecture-text", id, "", problem))
        return NULL;
    return lecture_json(connection, id, command_language(context, line), problem);
}

static int run(struct command_context *context, const struct command_line *line)
{
    return command_change(context, line, set_text, "The text is set.");
}

const struct command command_lecture_title = {
    .name = "lecture title",
    .arguments = "LECTURE",
    .arguments_least = 1,
    .arguments_most = 1,
    .summary = "Set a lecture's title and description in a language",
    .options = {
        { "title", "TEXT", "The title.", true },
        { "language", "TAG", "Language of the text, such as vi; else the lecture's own.", false },
        { "description", "TEXT", "The description; without it the one that is there stays.", false },
        JSON_OPTION,
    },
    .place = COMMAND_STORE,
    .changes = CHANGES_LIBRARY,
    .run = run,
};
