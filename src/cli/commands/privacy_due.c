/* A dry run of what the server does by itself: whose time is over, now or on a day to come. */
#include "privacy/retention.h"

#include "base/clock.h"
#include "cli/output.h"
#include "cli/transaction.h"

static const int64_t day_ms = 86400000;

static bool read_days(const struct command_line *line, int64_t *ret_days, struct problem *problem)
{
    *ret_days = 0;
    return command_number(line, "in-days", 0, RETENTION_DAYS_MAX, ret_days, problem);
}

static json_t *list(struct db_connection *connection, struct command_context *context,
    const struct command_line *line, struct problem *problem)
{
    int64_t days;
    json_t *due = read_days(line, &days, problem) ? retention_due_json(
                      connection, context->settings, clock_now_ms() + days * day_ms, problem)
                                                  : NULL;
    return due ? json_pack("{s:o}", "due", due) : NULL;
}

static void print(struct command_context *context, const json_t *due)
{
    static const char *const headings[] = { "PARTICIPANT", "DUE", "DAYS", "COHORT" };
    struct table table;
    table_init(&table, 4, headings);
    size_t index;
    json_t *person;
    json_array_foreach(due, index, person)
    {
        char due_at[CLOCK_ISO_SIZE];
        clock_format_iso(json_integer_value(json_object_get(person, "due_at_ms")), due_at);
        table_cell(&table, json_string_value(json_object_get(person, "participant")));
        table_cell_format(&table, "%.10s", due_at);
        table_cell_format(
            &table, "%lld", (long long)json_integer_value(json_object_get(person, "days")));
        table_cell(&table, json_string_value(json_object_get(person, "cohort_name")));
    }
    table_print(&table, context, "Nobody's time is over.");
}

static int run(struct command_context *context, const struct command_line *line)
{
    struct problem problem = { 0 };
    int64_t days;
    if (!read_days(line, &days, &problem))
        return command_problem(context, &problem);
    return command_list(context, line, list, "due", print);
}

const struct command command_privacy_due = {
    .name = "privacy due",
    .arguments = "",
    .summary = "List whom the server would erase, as their time is over",
    .help = "It changes nothing. The server erases them within the hour, as the setting retention-days and 'lectern "
            "cohort retention' say.",
    .options = {
        { "in-days", "N", "As it will be in so many days.", false },
        JSON_OPTION,
    },
    .place = COMMAND_STORE,
    .run = run,
};
