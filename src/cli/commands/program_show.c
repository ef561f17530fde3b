/* One program: its texts, its cohorts, and its lectures in order. */
#include "catalog/program.h"
#include "cli/output.h"
#include "cli/transaction.h"

static json_t *show(struct db_connection *connection, struct command_context *context,
    const struct command_line *line, struct problem *problem)
{
    return program_json(
        connection, command_argument(line, 0), command_language(context, line), problem);
}

static void print_texts(struct command_context *context, const json_t *program)
{
    struct arena arena;
    arena_init(&arena);
    const char *language;
    json_t *text;
    json_object_foreach(json_object_get(program, "titles"), language, text)
        command_print(context, "%-8s %s\n", printable(&arena, language),
            printable(&arena, json_string_value(json_object_get(text, "title"))));
    command_print(context, "\n");
    arena_release(&arena);
}

static void print_cohorts(struct command_context *context, const json_t *program)
{
    static const char *const headings[] = { "COHORT", "FIRST DAY", "LAST DAY", "PEOPLE", "NAME" };
    struct table table;
    table_init(&table, 5, headings);
    size_t index;
    json_t *cohort;
    json_array_foreach(json_object_get(program, "cohorts"), index, cohort)
    {
        table_cell(&table, json_string_value(json_object_get(cohort, "id")));
        table_cell(&table, json_string_value(json_object_get(cohort, "first_day")));
        table_cell(&table, json_string_value(json_object_get(cohort, "last_day")));
        table_cell_format(
            &table, "%lld", json_integer_value(json_object_get(cohort, "participant_count")));
        table_cell(&table, json_string_value(json_object_get(cohort, "name")));
    }
    table_print(&table, context, "It has no cohort yet. 'lectern cohort add' makes one.");
    command_print(context, "\n");
}

static void print_lectures(struct command_context *context, const json_t *program)
{
    static const char *const headings[] = { "LECTURE", "STATE", "PUBLISHED", "TITLE" };
    struct table table;
    table_init(&table, 4, headings);
    size_t index;
    json_t *lecture;
    json_array_foreach(json_object_get(program, "lectures"), index, lecture)
    {
        table_cell(&table, json_string_value(json_object_get(lecture, "id")));
        table_cell(&table, json_string_value(json_object_get(lecture, "state")));
        table_cell(&table, json_is_true(json_object_get(lecture, "published")) ? "yes" : "no");
        table_cell(&table, json_string_value(json_object_get(lecture, "title")));
    }
    table_print(&table, context, "It has no lecture yet. 'lectern program lectures' sets them.");
}

static int run(struct command_context *context, const struct command_line *line)
{
    json_t *program = command_read(context, line, show);
    if (!program)
        return COMMAND_FAILED;
    if (command_flag(line, "json")) {
        command_print_json(context, program);
        return COMMAND_DONE;
    }
    print_texts(context, program);
    print_cohorts(context, program);
    print_lectures(context, program);
    json_decref(program);
    return COMMAND_DONE;
}

const struct command command_program_show = {
    .name = "program show",
    .arguments = "PROGRAM",
    .arguments_least = 1,
    .arguments_most = 1,
    .summary = "Show a program with its cohorts and lectures",
    .options = { TITLES_OPTION, JSON_OPTION },
    .place = COMMAND_STORE,
    .run = run,
};
