/* The keys that sign badges, and those that did. */
#include "base/clock.h"
#include "certificate/badge_keys.h"
#include "cli/output.h"
#include "cli/transaction.h"

static json_t *list(struct db_connection *connection, struct command_context *context,
    const struct command_line *line, struct problem *problem)
{
    (void)context;
    (void)line;
    json_t *keys = badge_keys_json(connection, problem);
    return keys ? json_pack("{s:o}", "keys", keys) : NULL;
}

static void add_moment(struct table *table, const json_t *value)
{
    char text[CLOCK_ISO_SIZE] = "";
    if (json_is_integer(value))
        clock_format_iso(json_integer_value(value), text);
    table_cell(table, text);
}

static void print(struct command_context *context, const json_t *keys)
{
    static const char *const headings[] = { "KEY", "MADE AT", "RETIRED AT" };
    struct table table;
    table_init(&table, 3, headings);
    size_t index;
    json_t *key;
    json_array_foreach(keys, index, key)
    {
        table_cell(&table, json_string_value(json_object_get(key, "id")));
        add_moment(&table, json_object_get(key, "made_at_ms"));
        add_moment(&table, json_object_get(key, "retired_at_ms"));
    }
    table_print(&table, context, "No badge has been signed yet.");
}

static int run(struct command_context *context, const struct command_line *line)
{
    return command_list(context, line, list, "keys", print);
}

const struct command command_badge_key_list = {
    .name = "badge key list",
    .arguments = "",
    .summary = "List the keys that sign badges, and those that did",
    .help = "All of them stay published, so that old badges go on to verify.",
    .options = { JSON_OPTION },
    .place = COMMAND_STORE,
    .run = run,
};
