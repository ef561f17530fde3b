/* The people of a cohort, and whether they have opened their links. */
#include "catalog/participant.h"
#include "cli/output.h"
#include "cli/transaction.h"

static json_t *list(struct db_connection *connection, struct command_context *context,
    const struct command_line *line, struct problem *problem)
{
    (void)context;
    json_t *participants = participants_json(connection, command_argument(line, 0), problem);
    return participants ? json_pack("{s:o}", "participants", participants) : NULL;
}

static void print(struct command_context *context, const json_t *participants)
{
    static const char *const headings[]
        = { "PARTICIPANT", "COUNTRY", "GENDER", "LANGUAGE", "LINK", "GROUP", "NAME" };
    struct table table;
    table_init(&table, 7, headings);
    size_t index;
    json_t *person;
    json_array_foreach(participants, index, person)
    {
        const json_t *invitation = json_object_get(person, "invitation");
        table_cell(&table, json_string_value(json_object_get(person, "id")));
        table_cell(&table, json_string_value(json_object_get(person, "country")));
        table_cell(&table, json_string_value(json_object_get(person, "gender")));
        table_cell(&table, json_string_value(json_object_get(person, "language")));
        table_cell(&table, json_string_value(json_object_get(invitation, "state")));
        table_cell(&table, json_string_value(json_object_get(person, "group")));
        table_cell(&table, json_string_value(json_object_get(person, "name")));
    }
    table_print(
        &table, context, "Nobody is in this cohort yet. 'lectern participant add' adds people.");
}

static int run(struct command_context *context, const struct command_line *line)
{
    return command_list(context, line, list, "participants", print);
}

const struct command command_participant_list = {
    .name = "participant list",
    .arguments = "COHORT",
    .arguments_least = 1,
    .arguments_most = 1,
    .summary = "List the people of a cohort",
    .options = { JSON_OPTION },
    .place = COMMAND_STORE,
    .run = run,
};
