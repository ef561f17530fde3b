/* The organisations that give lectures. */
#include "catalog/participant.h"
#include "cli/output.h"
#include "cli/transaction.h"

static json_t *list(struct db_connection *connection, struct command_context *context,
    const struct command_line *line, struct problem *problem)
{
    (void)context;
    (void)line;
    json_t *providers = providers_json(connection, problem);
    return providers ? json_pack("{s:o}", "providers", providers) : NULL;
}

static int run(struct command_context *context, const struct command_line *line)
{
    static const char *const headings[] = { "PROVIDER", "COUNTRY", "NAME" };
    json_t *outcome = command_read(context, line, list);
    if (!outcome)
        return COMMAND_FAILED;
    if (command_flag(line, "json")) {
        command_print_json(context, outcome);
        return COMMAND_DONE;
    }
    struct table table;
    table_init(&table, 3, headings);
    size_t index;
    json_t *provider;
    json_array_foreach(json_object_get(outcome, "providers"), index, provider)
    {
        table_cell(&table, json_string_value(json_object_get(provider, "id")));
        table_cell(&table, json_string_value(json_object_get(provider, "country")));
        table_cell(&table, json_string_value(json_object_get(provider, "name")));
    }
    table_print(&table, context, "There is no provider yet. 'lectern provider add' makes one.");
    json_decref(outcome);
    return COMMAND_DONE;
}

const struct command command_provider_list = {
    .name = "provider list",
    .arguments = "",
    .summary = "List the organisations that give lectures",
    .options = { JSON_OPTION },
    .place = COMMAND_STORE,
    .run = run,
};
