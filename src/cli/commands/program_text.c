/* The same program in another language: participants see the one they read. */
#include "catalog/audit.h"
#include "catalog/program.h"
#include "cli/transaction.h"

static json_t *set_text(struct db_connection *connection, struct command_context *context,
    const struct command_line *line, struct problem *problem)
{
    (void)context;
    const char *id = command_argument(line, 0), *language = command_option(line, "language");
    const char *description = command_option(line, "description");
    if (!program_set_text(connection, id, language, command_option(line, "title"),
            description ? description : "", problem)
        || !audit_add(connection, NULL, "program-text", id, language, problem))
        return NULL;
    return json_pack("{s:s, s:s}", "id", id, "language", language);
}

static int run(struct command_context *context, const struct command_line *line)
{
    return command_change(context, line, set_text, "The text is set.");
}

const struct command command_program_text = {
    .name = "program text",
    .arguments = "PROGRAM",
    .arguments_least = 1,
    .arguments_most = 1,
    .summary = "Set a program's title and description in a language",
    .options = {
        { "language", "TAG", "Language of the text, such as vi.", true },
        { "title", "TEXT", "The title in it.", true },
        { "description", "TEXT", "The description in it; without it there is none.", false },
        JSON_OPTION,
    },
    .place = COMMAND_STORE,
    .changes = CHANGES_LIBRARY,
    .run = run,
};
