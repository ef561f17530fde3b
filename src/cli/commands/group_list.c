/* Which groups of a cohort watched together before one screen, and what was said of them. */
#include "access/permission.h"
#include "base/clock.h"
#include "cli/output.h"
#include "cli/transaction.h"
#include "viewing/group.h"

static json_t *list(struct db_connection *connection, struct command_context *context,
    const struct command_line *line, struct problem *problem)
{
    (void)context;
    const struct caller operator_of_shell = { .role = CALLER_ADMIN };
    const char *cohort_id = command_argument(line, 0);
    json_t *groups = permission_object(connection, &operator_of_shell, MAY_VIEW, OBJECT_COHORT,
                         cohort_id, problem)
                         ? groups_of_cohort_json(connection, cohort_id, problem)
                         : NULL;
    return groups ? json_pack("{s:o}", "groups", groups) : NULL;
}

/* "Lan, Bat, Sükh": by whose link it was, and who came. */
static void add_names(struct table *table, const json_t *group)
{
    struct text names;
    size_t index;
    json_t *person;
    text_init(&names, 4096);
    text_append_string(
        &names, json_string_value(json_object_get(json_object_get(group, "host"), "name")));
    json_array_foreach(json_object_get(group, "people"), index, person)
        text_printf(&names, ", %s", json_string_value(json_object_get(person, "name")));
    table_cell(table, names.bytes);
    text_release(&names);
}

static void print(struct command_context *context, const json_t *groups)
{
    static const char *const headings[] = { "GROUP", "STATE", "BEGAN AT", "SHOWN", "PEOPLE" };
    struct table table;
    table_init(&table, 5, headings);
    size_t index, place;
    json_t *group, *lecture;
    json_array_foreach(groups, index, group)
    {
        char began_at[CLOCK_ISO_SIZE];
        json_int_t shown_ms = 0;
        clock_format_iso(json_integer_value(json_object_get(group, "opened_at_ms")), began_at);
        json_array_foreach(json_object_get(group, "lectures"), place, lecture) shown_ms
            += json_integer_value(json_object_get(lecture, "shown_ms"));
        table_cell(&table, json_string_value(json_object_get(group, "id")));
        table_cell(&table, json_string_value(json_object_get(group, "state")));
        table_cell(&table, began_at);
        table_cell_format(&table, "%lld min", (long long)(shown_ms / 60000));
        add_names(&table, group);
    }
    table_print(&table, context, "Nobody of this cohort watched together.");
}

static int run(struct command_context *context, const struct command_line *line)
{
    return command_list(context, line, list, "groups", print);
}

const struct command command_group_list = {
    .name = "group list",
    .arguments = "COHORT",
    .arguments_least = 1,
    .arguments_most = 1,
    .summary = "List groups that watched together before one screen",
    .options = { JSON_OPTION },
    .place = COMMAND_STORE,
    .run = run,
};
