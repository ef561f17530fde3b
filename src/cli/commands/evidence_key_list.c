/* With which keys the evidence log was signed: what outsiders need to check it. */
#include "base/clock.h"
#include "cli/output.h"
#include "cli/transaction.h"
#include "viewing/evidence_keys.h"

static json_t *list(struct db_connection *connection, struct command_context *context,
    const struct command_line *line, struct problem *problem)
{
    (void)context;
    (void)line;
    json_t *keys = evidence_keys_json(connection, problem);
    return keys ? json_pack("{s:o}", "keys", keys) : NULL;
}

static void add_time(struct table *table, const json_t *at_ms)
{
    char time[CLOCK_ISO_SIZE];
    if (!json_is_integer(at_ms)) {
        table_cell(table, NULL);
        return;
    }
    clock_format_iso(json_integer_value(at_ms), time);
    table_cell_format(table, "%.10s %.8s", time, time + 11);
}

static void print(struct command_context *context, const json_t *keys)
{
    static const char *const headings[] = { "KEY", "RECORD", "SINCE (UTC)", "UNTIL (UTC)" };
    struct table table;
    table_init(&table, 4, headings);
    size_t index;
    json_t *key;
    json_array_foreach(keys, index, key)
    {
        table_cell(&table, json_string_value(json_object_get(key, "key")));
        table_cell_format(
            &table, "%lld", (long long)json_integer_value(json_object_get(key, "record")));
        add_time(&table, json_object_get(key, "made_at_ms"));
        add_time(&table, json_object_get(key, "retired_at_ms"));
    }
    table_print(&table, context, "There is no key yet: the server makes it when it first starts.");
}

static int run(struct command_context *context, const struct command_line *line)
{
    return command_list(context, line, list, "keys", print);
}

const struct command command_evidence_key_list = {
    .name = "evidence key list",
    .arguments = "",
    .summary = "List the keys that sign the evidence log",
    .help = "Give the newest to whoever should check bundles: they are public. RECORD is the "
            "record of the log that says so.",
    .options = { JSON_OPTION },
    .place = COMMAND_STORE,
    .run = run,
};
