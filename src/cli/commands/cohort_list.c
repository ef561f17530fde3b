/* The cohorts of one program or of all, for their ids and days. */
#include "base/text.h"
#include "catalog/program.h"
#include "cli/output.h"
#include "cli/transaction.h"

static void collect(json_t *cohorts, const json_t *program)
{
    size_t index;
    json_t *cohort;
    json_array_foreach(json_object_get(program, "cohorts"), index, cohort)
    {
        json_t *copy = json_copy(cohort);
        (void)json_object_set(copy, "program_id", json_object_get(program, "id"));
        (void)json_object_set(copy, "program_title", json_object_get(program, "title"));
        (void)json_array_append_new(cohorts, copy);
    }
}

static json_t *list(struct db_connection *connection, struct command_context *context,
    const struct command_line *line, struct problem *problem)
{
    const struct caller operator_of_shell = { .role = CALLER_ADMIN };
    const char *language = command_language(context, line), *wanted = command_argument(line, 0);
    json_t *programs = wanted
                           ? json_pack("[o]", program_json(connection, wanted, language, problem))
                           : programs_json(connection, &operator_of_shell, language, problem);
    if (!programs)
        return NULL;
    json_t *cohorts = json_array();
    size_t index;
    json_t *program;
    json_array_foreach(programs, index, program) collect(cohorts, program);
    json_decref(programs);
    return json_pack("{s:o}", "cohorts", cohorts);
}

static void print(struct command_context *context, const json_t *cohorts)
{
    static const char *const headings[]
        = { "COHORT", "FIRST DAY", "LAST DAY", "TIME ZONE", "PEOPLE", "NAME", "PROGRAM" };
    static const char *const members[] = { "id", "first_day", "last_day", "time_zone" };
    struct table table;
    table_init(&table, 7, headings);
    size_t index;
    json_t *cohort;
    json_array_foreach(cohorts, index, cohort)
    {
        for (size_t i = 0; i < 4; i++)
            table_cell(&table, json_string_value(json_object_get(cohort, members[i])));
        table_cell_format(
            &table, "%lld", json_integer_value(json_object_get(cohort, "participant_count")));
        table_cell(&table, json_string_value(json_object_get(cohort, "name")));
        table_cell(&table, json_string_value(json_object_get(cohort, "program_title")));
    }
    table_print(&table, context, "There is no cohort yet. 'lectern cohort add' makes one.");
}

static int run(struct command_context *context, const struct command_line *line)
{
    return command_list(context, line, list, "cohorts", print);
}

const struct command command_cohort_list = {
    .name = "cohort list",
    .arguments = "[PROGRAM]",
    .arguments_most = 1,
    .summary = "List the cohorts, of one program or of all",
    .options = { TITLES_OPTION, JSON_OPTION },
    .place = COMMAND_STORE,
    .run = run,
};
