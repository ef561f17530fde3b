/* Which lectures a program has, and in what order. */
#include "catalog/audit.h"
#include "catalog/program.h"
#include "cli/transaction.h"

static bool append(struct db_connection *connection, const char *program_id,
    const struct command_line *line, struct problem *problem)
{
    for (size_t i = 1; i < line->argument_count; i++)
        if (!program_add_lecture(connection, program_id, line->arguments[i], problem))
            return false;
    return true;
}

static json_t *set_lectures(struct db_connection *connection, struct command_context *context,
    const struct command_line *line, struct problem *problem)
{
    const char *id = command_argument(line, 0);
    bool done = command_flag(line, "append")
                    ? append(connection, id, line, problem)
                    : program_set_lectures(
                        connection, id, line->arguments + 1, line->argument_count - 1, problem);
    if (!done || !audit_add(connection, NULL, "program-lectures", id, "", problem))
        return NULL;
    return program_json(connection, id, command_language(context, line), problem);
}

static int run(struct command_context *context, const struct command_line *line)
{
    return command_change(context, line, set_lectures, "The program's lectures are set.");
}

const struct command command_program_lectures = {
    .name = "program lectures",
    .arguments = "PROGRAM LECTURE...",
    .arguments_least = 1,
    .arguments_most = LINE_ARGUMENTS_MAX,
    .summary = "Set a program's lectures, in order",
    .help = "The list replaces what was there; without a lecture the program has none. What people have "
            "watched is kept.",
    .options = {
        { "append", NULL, "Add the lectures after those that are there.", false },
        JSON_OPTION,
    },
    .place = COMMAND_STORE,
    .changes = CHANGES_LIBRARY,
    .run = run,
};
