/* All programs, with what hangs on them. */
#include "catalog/program.h"
#include "cli/output.h"
#include "cli/transaction.h"

static json_t *list(struct db_connection *connection, struct command_context *context,
    const struct command_line *line, struct problem *problem)
{
    const struct caller operator_of_shell = { .role = CALLER_ADMIN };
    json_t *programs
        = programs_json(connection, &operator_of_shell, command_language(context, line), problem);
    return programs ? json_pack("{s:o}", "programs", programs) : NULL;
}

static void print(struct command_context *context, const json_t *programs)
{
    static const char *const headings[] = { "PROGRAM", "COHORTS", "LECTURES", "TITLE" };
    struct table table;
    table_init(&table, 4, headings);
    size_t index;
    json_t *program;
    json_array_foreach(programs, index, program)
    {
        table_cell(&table, json_string_value(json_object_get(program, "id")));
        table_cell_format(&table, "%zu", json_array_size(json_object_get(program, "cohorts")));
        table_cell_format(&table, "%zu", json_array_size(json_object_get(program, "lectures")));
        table_cell(&table, json_string_value(json_object_get(program, "title")));
    }
    table_print(&table, context, "There is no program yet. 'lectern program add' makes one.");
}

static int run(struct command_context *context, const struct command_line *line)
{
    return command_list(context, line, list, "programs", print);
}

const struct command command_program_list = {
    .name = "program list",
    .arguments = "",
    .summary = "List the programs",
    .options = { TITLES_OPTION, JSON_OPTION },
    .place = COMMAND_STORE,
    .run = run,
};
