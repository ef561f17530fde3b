/* Statements that a learning record store has not taken, and what it said. */
#include "base/clock.h"
#include "cli/output.h"
#include "cli/transaction.h"
#include "mail/outbox.h"

static json_t *list(struct db_connection *connection, struct command_context *context,
    const struct command_line *line, struct problem *problem)
{
    (void)context;
    return outbox_json(connection, OUTBOX_XAPI, command_flag(line, "all"), problem);
}

static void add_instant(struct table *table, const json_t *at_ms)
{
    char time[CLOCK_ISO_SIZE];
    if (!json_is_integer(at_ms)) {
        table_cell(table, NULL);
        return;
    }
    clock_format_iso(json_integer_value(at_ms), time);
    table_cell_format(table, "%.10s %.8s", time, time + 11);
}

static void print(struct command_context *context, const json_t *items)
{
    static const char *const headings[]
        = { "STATEMENT", "STATE", "TRIES", "QUEUED (UTC)", "NEXT (UTC)", "OF", "VERB", "ANSWER" };
    struct table table;
    table_init(&table, 8, headings);
    size_t index;
    json_t *item;
    json_array_foreach(items, index, item)
    {
        table_cell_format(&table, "%lld", json_integer_value(json_object_get(item, "id")));
        table_cell(&table, json_string_value(json_object_get(item, "state")));
        table_cell_format(&table, "%lld", json_integer_value(json_object_get(item, "attempts")));
        add_instant(&table, json_object_get(item, "created_at_ms"));
        add_instant(&table, json_object_get(item, "next_at_ms"));
        table_cell(&table, json_string_value(json_object_get(item, "recipient")));
        table_cell(&table, json_string_value(json_object_get(item, "title")));
        table_cell(&table, json_string_value(json_object_get(item, "answer")));
    }
    table_print(&table, context,
        "No statement waits or failed. 'lectern xapi list --all' shows what was sent.");
}

static int run(struct command_context *context, const struct command_line *line)
{
    return command_list(context, line, list, "items", print);
}

const struct command command_xapi_list = {
    .name = "xapi list",
    .arguments = "",
    .summary = "List statements that wait or were refused",
    .options = {
        { "all", NULL, "Also those that were sent.", false },
        JSON_OPTION,
    },
    .place = COMMAND_STORE,
    .run = run,
};
