/* A program: what a team takes part in.  Its cohorts and lectures come after it. */
#include "catalog/audit.h"
#include "catalog/program.h"
#include "cli/transaction.h"

static json_t *add(struct db_connection *connection, struct command_context *context,
    const struct command_line *line, struct problem *problem)
{
    const char *title = command_option(line, "title");
    const char *description = command_option(line, "description");
    char id[UUID_TEXT_SIZE];
    if (!program_add(connection, command_language(context, line), title,
            description ? description : "", id, problem)
        || !audit_add(connection, NULL, "program-add", id, title, problem))
        return NULL;
    return json_pack("{s:s}", "id", id);
}

static int run(struct command_context *context, const struct command_line *line)
{
    return command_add(context, line, add);
}

const struct command command_program_add = {
    .name = "program add",
    .arguments = "",
    .summary = "Make a program",
    .help = "Prints its id. 'program text' adds the title in further languages.",
    .options = {
        { "title", "TEXT", "Its title.", true },
        { "description", "TEXT", "A few sentences.", false },
        { "language", "TAG", "Language of the two, such as vi; else that of your shell.", false },
        JSON_OPTION,
    },
    .place = COMMAND_STORE,
    .changes = CHANGES_LIBRARY,
    .run = run,
};
