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

static void print(struct command_context *context, const json_t *providers)
{
    static const char *const headings[] = { "PROVIDER", "COUNTRY", "NAME" };
    struct table table;
    table_init(&table, 3, headings);
    size_t index;
    json_t *provider;
    json_array_foreach(providers, index, provider)
    {
        table_cell(&table, json_string_value(json_object_get(provider, "id")));
        table_cell(&table, json_string_value(json_object_get(provider, "country")));
        table_cell(&table, json_string_value(json_object_get(provider, "name")));
    }
    table_print(&table, context, "There is no provider yet. 'lectern provider add' makes one.");
}

static int run(struct command_context *context, const struct command_line *line)
{
    return command_list(context, line, list, "providers", print);
}

const struct command command_provider_list = {
    .name = "provider list",
    .arguments = "",
    .summary = "List the organisations that give lectures",
    .options = { JSON_OPTION },
    .place = COMMAND_STORE,
    .run = run,
};
