/* What an organizer answers for: who of a cohort has watched what. */
#include "viewing/report.h"

#include "catalog/audit.h"
#include "cli/output.h"
#include "cli/transaction.h"
#include "viewing/disclosure.h"
#include "viewing/sharing.h"

#include <string.h>

enum { FILE_BYTES_MAX = 1 << 28, BASIS_BYTES_MAX = 500 };

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
    const char *cohort_id = command_argument(line, 0);
    json_t *report = report_cohort(connection, cohort_id, command_language(context, line), problem);
    if (!report || sharing_add(connection, context->settings, cohort_id, report, problem))
        return report;
    json_decref(report);
    return NULL;
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
        bool by_hand = json_is_object(json_object_get(lecture, "decision"));
        const char *standing = by_hand ? (done ? " by hand" : " refused") : done ? " done" : "";
        table_cell_format(table, "%d %%%s", (int)(coverage * 100 + 1e-9), standing);
    }
    table_cell(table, json_string_value(json_object_get(person, "name")));
}

/* A sentence each, under the table; most reports have none. */
static void print_sharing(struct command_context *context, const json_t *people)
{
    struct arena arena;
    arena_init(&arena);
    size_t index;
    json_t *person;
    json_array_foreach(people, index, person)
    {
        const json_t *sharing = json_object_get(person, "sharing");
        const char *name = json_string_value(json_object_get(person, "name"));
        if (json_array_size(json_object_get(sharing, "signs")) == 0)
            continue;
        command_print(context,
            "\n%s: played from %lld networks and %lld kinds of devices at once, with %lld "
            "takeovers in an hour. "
            "The link may be shared; nothing was held back for it.\n",
            printable(&arena, name ? name : ""),
            json_integer_value(json_object_get(sharing, "networks_at_once")),
            json_integer_value(json_object_get(sharing, "device_kinds_at_once")),
            json_integer_value(json_object_get(sharing, "takeovers_an_hour")));
    }
    arena_release(&arena);
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
    print_sharing(context, json_object_get(report, "participants"));
}

static bool note_names(struct db_connection *connection, void *data, struct problem *problem)
{
    const struct command_line *const *line = data;
    const char *cohort_id = command_argument(*line, 0), *basis = command_option(*line, "basis");
    return disclosure_note(connection, cohort_id, "report", NULL, basis, problem)
           && audit_add(connection, NULL, "report-names", cohort_id, basis, problem);
}

static int print_file(struct command_context *context, const struct command_line *line,
    const json_t *report, const char *format)
{
    struct problem problem = { 0 };
    struct text text;
    bool names = command_option(line, "basis") != NULL;
    text_init(&text, FILE_BYTES_MAX);
    bool done = strcmp(format, "xlsx") == 0 ? report_cohort_xlsx(report, names, &text, &problem)
                                            : report_cohort_csv(report, names, &text)
                                                  || problem_set(&problem, PROBLEM_NOT_ACCEPTABLE,
                                                      "The report is too large for one file.");
    if (done)
        command_print_bytes(context, text.bytes, text.length);
    text_release(&text);
    return done ? COMMAND_DONE : command_problem(context, &problem);
}

/* NULL: a table on the screen. */
static const char *find_format(const struct command_line *line)
{
    const char *format = command_option(line, "format");
    return format                       ? format
           : command_flag(line, "csv")  ? "csv"
           : command_flag(line, "json") ? "json"
                                        : NULL;
}

static bool check_format(
    struct db *db, const struct command_line *line, const char *format, struct problem *problem)
{
    static const char *const formats[] = { "json", "csv", "xlsx" };
    bool known = !format;
    for (size_t i = 0; format && i < sizeof formats / sizeof formats[0]; i++)
        known = known || strcmp(format, formats[i]) == 0;
    const char *basis = command_option(line, "basis");
    if (!known)
        return problem_set(
            problem, PROBLEM_SETTING, "--format must be json, csv or xlsx, not '%.40s'.", format);
    if (basis && !text_is_line(basis, BASIS_BYTES_MAX))
        return problem_set(problem, PROBLEM_SETTING, "--basis must be a line of %d bytes at most.",
            BASIS_BYTES_MAX);
    return !basis || db_write(db, note_names, &line, problem);
}

static int run(struct command_context *context, const struct command_line *line)
{
    struct problem problem = { 0 };
    const char *format = find_format(line);
    if (!check_format(context->db, line, format, &problem) || !settle(context, &problem))
        return command_problem(context, &problem);
    json_t *report = command_read(context, line, read_report);
    if (!report)
        return COMMAND_FAILED;
    int code = COMMAND_DONE;
    if (!format)
        print(context, report);
    else if (strcmp(format, "json") == 0)
        command_print_json(context, json_incref(report));
    else
        code = print_file(context, line, report, format);
    json_decref(report);
    return code;
}

const struct command command_report = {
    .name = "report",
    .arguments = "COHORT",
    .arguments_least = 1,
    .arguments_most = 1,
    .summary = "Show who of a cohort has watched what",
    .help = "Percentages are of each lecture's unique content, as credited. Every figure is in the formats of files. "
            "csv and xlsx name nobody unless --basis says what for.",
    .options = {
        TITLES_OPTION,
        { "format", "FORMAT", "json, csv or xlsx, on standard output: a row a participant and lecture.", false },
        { "csv", NULL, "The same as --format csv.", false },
        { "basis", "TEXT", "With names in the file, and what they are needed for; it is recorded.", false },
        JSON_OPTION,
    },
    .place = COMMAND_STORE,
    .run = run,
};
