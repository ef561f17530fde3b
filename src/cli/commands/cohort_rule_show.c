/* What completes a lecture in a cohort now, and what did before. */
#include "access/permission.h"
#include "base/clock.h"
#include "cli/output.h"
#include "cli/transaction.h"
#include "viewing/rule.h"

static json_t *show(struct db_connection *connection, struct command_context *context,
    const struct command_line *line, struct problem *problem)
{
    const struct caller operator_of_shell = { .role = CALLER_ADMIN };
    const char *cohort_id = command_argument(line, 0);
    return permission_object(
               connection, &operator_of_shell, MAY_VIEW, OBJECT_COHORT, cohort_id, problem)
               ? rule_history_json(connection, context->settings, cohort_id, problem)
               : NULL;
}

static void print_rule(struct command_context *context, const json_t *rule)
{
    const char *key;
    json_t *value;
    json_object_foreach((json_t *)(uintptr_t)rule, key, value)
    {
        if (json_is_integer(value))
            command_print(context, "%-18s %lld\n", key, json_integer_value(value));
        else if (json_is_boolean(value))
            command_print(context, "%-18s %s\n", key, json_is_true(value) ? "yes" : "no");
        else
            command_print(context, "%-18s %s\n", key, json_string_value(value));
    }
}

static void print_versions(struct command_context *context, const json_t *versions)
{
    static const char *const headings[] = { "VERSION", "MADE AT", "MADE BY" };
    struct table table;
    table_init(&table, 3, headings);
    size_t index;
    json_t *version;
    json_array_foreach(versions, index, version)
    {
        char made_at[CLOCK_ISO_SIZE];
        clock_format_iso(json_integer_value(json_object_get(version, "made_at_ms")), made_at);
        table_cell_format(&table, "%lld", json_integer_value(json_object_get(version, "version")));
        table_cell(&table, made_at);
        table_cell(&table, json_string_value(json_object_get(version, "made_by")));
    }
    command_print(context, "\n");
    table_print(&table, context, "These are the presets of the settings.");
}

static int run(struct command_context *context, const struct command_line *line)
{
    json_t *history = command_read(context, line, show);
    if (!history)
        return COMMAND_FAILED;
    if (command_flag(line, "json")) {
        command_print_json(context, history);
        return COMMAND_DONE;
    }
    print_rule(context, json_object_get(history, "rule"));
    print_versions(context, json_object_get(history, "versions"));
    json_decref(history);
    return COMMAND_DONE;
}

const struct command command_cohort_rule_show = {
    .name = "cohort rule show",
    .arguments = "COHORT",
    .arguments_least = 1,
    .arguments_most = 1,
    .summary = "Show what completes a lecture in a cohort",
    .help = "The newest version, and who made each version when; --json has all of every version.",
    .options = { JSON_OPTION },
    .place = COMMAND_STORE,
    .run = run,
};
