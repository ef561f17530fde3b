/* What an organizer answers for: who of a cohort has watched what. */
#include "viewing/report.h"

#include "cli/output.h"
#include "cli/transaction.h"

#include <string.h>

enum { CSV_BYTES_MAX = 1 << 28 };

/* A write that begins after the flush comes back after it: then the figures hold every delivery. */
static bool write_nothing(struct db_connection *connection, void *data, struct problem *problem)
{
    (void)connection;
    (void)data;
    (void)problem;
    return true;
}

static bool settle(struct command_context *context, struct problem *problem)
{
    if (!context->delivery_log)
        return true;
    delivery_log_flush_later(context->delivery_log);
    return db_write(context->db, write_nothing, NULL, problem);
}

static json_t *read_report(struct db_connection *connection, struct command_context *context,
    const struct command_line *line, struct problem *problem)
{
    return report_cohort(
        connection, command_argument(line, 0), command_language(context, line), problem);
}

static void print_lectures(struct command_context *context, const json_t *lectures)
{
    struct arena arena;
    arena_init(&arena);
    size_t index;
    json_t *lecture;
    json_array_foreach(lectures, index, lecture)
    {
        const char *title = json_string_value(json_object_get(lecture, "title"));
        command_print(context, "L%zu  %s\n", index + 1, printable(&arena, title ? title : ""));
    }
    command_print(context, "\n");
    arena_release(&arena);
}

/* Lectures beyond the columns of a table are in --json and --csv. */
enum { LECTURE_COLUMNS_MAX = TABLE_COLUMNS_MAX - 2 };

static void add_row(struct table *table, const json_t *person, size_t columns)
{
    const json_t *lectures = json_object_get(person, "lectures");
    size_t completed = 0, index;
    json_t *lecture;
    json_array_foreach(lectures, index, lecture) completed
        += json_is_integer(json_object_get(lecture, "completed_at_ms"));
    table_cell_format(table, "%zu/%zu", completed, json_array_size(lectures));
    for (size_t i = 0; i < columns; i++) {
        lecture = json_array_get(lectures, i);
        bool done = json_is_integer(json_object_get(lecture, "completed_at_ms"));
        double coverage = json_number_value(json_object_get(lecture, "coverage"));
        /* Rounded down: 89.9 % must not read as the 90 % that completes. */
        table_cell_format(table, "%d %%%s", (int)(coverage * 100 + 1e-9), done ? " done" : "");
    }
    table_cell(table, json_string_value(json_object_get(person, "name")));
}

static void print(struct command_context *context, const json_t *report)
{
    static const char *const lecture_headings[] = { "L1", "L2", "L3", "L4", "L5", "L6" };
    const json_t *lectures = json_object_get(report, "lectures");
    size_t columns = json_array_size(lectures);
    columns = columns > LECTURE_COLUMNS_MAX ? LECTURE_COLUMNS_MAX : columns;
    const char *headings[TABLE_COLUMNS_MAX] = { "COMPLETED" };
    for (size_t i = 0; i < columns; i++)
        headings[i + 1] = lecture_headings[i];
    headings[columns + 1] = "NAME";
    print_lectures(context, lectures);
    struct table table;
    table_init(&table, columns + 2, headings);
    size_t index;
    json_t *person;
    json_array_foreach(json_object_get(report, "participants"), index, person)
        add_row(&table, person, columns);
    table_print(&table, context, "Nobody is in this cohort yet.");
    const json_t *totals = json_object_get(report, "totals");
    command_print(context, "\nParticipants: %lld. Women: %lld. Completed all: %lld.\n",
        json_integer_value(json_object_get(totals, "participants")),
        json_integer_value(json_object_get(totals, "women")),
        json_integer_value(json_object_get(totals, "completed_all")));
}

static int print_csv(struct command_context *context, const json_t *report)
{
    struct text text;
    text_init(&text, CSV_BYTES_MAX);
    bool done = report_cohort_csv(report, &text);
    if (done)
        command_print_bytes(context, text.bytes, text.length);
    else
        command_say(context, "The report is too large for one CSV file.");
    text_release(&text);
    return done ? COMMAND_DONE : COMMAND_FAILED;
}

static int run(struct command_context *context, const struct command_line *line)
{
    struct problem problem = { 0 };
    if (!settle(context, &problem))
        return command_problem(context, &problem);
    json_t *report = command_read(context, line, read_report);
    if (!report)
        return COMMAND_FAILED;
    int code = COMMAND_DONE;
    if (command_flag(line, "csv"))
        code = print_csv(context, report);
    else if (command_flag(line, "json"))
        command_print_json(context, json_incref(report));
    else
        print(context, report);
    json_decref(report);
    return code;
}

const struct command command_report = {
    .name = "report",
    .arguments = "COHORT",
    .arguments_least = 1,
    .arguments_most = 1,
    .summary = "Show who of a cohort has watched what",
    .help = "Percentages are of each lecture's unique content, as credited. --json and --csv have every figure.",
    .options = {
        TITLES_OPTION,
        { "csv", NULL, "Print CSV, a row a participant and lecture.", false },
        JSON_OPTION,
    },
    .place = COMMAND_STORE,
    .run = run,
};
