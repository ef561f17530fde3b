/* What was decided by hand in a cohort, and stands. */
#include "access/permission.h"
#include "base/clock.h"
#include "cli/output.h"
#include "cli/transaction.h"
#include "viewing/decision.h"

static json_t *list(struct db_connection *connection, struct command_context *context,
    const struct command_line *line, struct problem *problem)
{
    (void)context;
    const struct caller operator_of_shell = { .role = CALLER_ADMIN };
    const char *cohort_id = command_argument(line, 0);
    json_t *decisions = permission_object(connection, &operator_of_shell, MAY_VIEW, OBJECT_COHORT,
                            cohort_id, problem)
                            ? decisions_of_cohort_json(connection, cohort_id, problem)
                            : NULL;
    return decisions ? json_pack("{s:o}", "decisions", decisions) : NULL;
}

static void print(struct command_context *context, const json_t *decisions)
{
    static const char *const headings[]
        = { "VERDICT", "DECIDED AT", "BY", "LECTURE", "PARTICIPANT", "REASON" };
    static const char *const members[] = { "decided_by", "lecture_id", "participant", "reason" };
    struct table table;
    table_init(&table, 6, headings);
    size_t index;
    json_t *decision;
    json_array_foreach(decisions, index, decision)
    {
        char decided_at[CLOCK_ISO_SIZE];
        clock_format_iso(
            json_integer_value(json_object_get(decision, "decided_at_ms")), decided_at);
        table_cell(&table, json_string_value(json_object_get(decision, "verdict")));
        table_cell(&table, decided_at);
        for (size_t i = 0; i < sizeof members / sizeof *members; i++)
            table_cell(&table, json_string_value(json_object_get(decision, members[i])));
    }
    table_print(&table, context, "Nothing was decided by hand in this cohort.");
}

static int run(struct command_context *context, const struct command_line *line)
{
    return command_list(context, line, list, "decisions", print);
}

const struct command command_decision_list = {
    .name = "decision list",
    .arguments = "COHORT",
    .arguments_least = 1,
    .arguments_most = 1,
    .summary = "List what was decided by hand in a cohort",
    .options = { JSON_OPTION },
    .place = COMMAND_STORE,
    .run = run,
};
