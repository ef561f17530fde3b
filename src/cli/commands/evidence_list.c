/* Which heads of the evidence log were signed, and when. */
#include "base/clock.h"
#include "cli/output.h"
#include "cli/transaction.h"
#include "viewing/evidence_checkpoints.h"

enum { LAST_PRESET = 20, LAST_MOST = 100000 };

static json_t *list(struct db_connection *connection, struct command_context *context,
    const struct command_line *line, struct problem *problem)
{
    (void)context;
    int64_t most = LAST_PRESET;
    if (!command_number(line, "last", 1, LAST_MOST, &most, problem))
        return NULL;
    json_t *checkpoints = evidence_checkpoints_json(connection, most, problem);
    return checkpoints ? json_pack("{s:o}", "checkpoints", checkpoints) : NULL;
}

static void print(struct command_context *context, const json_t *checkpoints)
{
    static const char *const headings[] = { "AT (UTC)", "RECORDS", "CAUSE", "ROOT", "STAMPED" };
    struct table table;
    table_init(&table, 5, headings);
    size_t index;
    json_t *checkpoint;
    json_array_foreach(checkpoints, index, checkpoint)
    {
        char time[CLOCK_ISO_SIZE];
        clock_format_iso(json_integer_value(json_object_get(checkpoint, "at_ms")), time);
        table_cell_format(&table, "%.10s %.8s", time, time + 11);
        table_cell_format(
            &table, "%lld", (long long)json_integer_value(json_object_get(checkpoint, "size")));
        table_cell(&table, json_string_value(json_object_get(checkpoint, "cause")));
        table_cell(&table, json_string_value(json_object_get(checkpoint, "root")));
        table_cell(&table, json_is_true(json_object_get(checkpoint, "stamped")) ? "yes" : NULL);
    }
    table_print(&table, context, "No checkpoint has been signed yet.");
}

static int run(struct command_context *context, const struct command_line *line)
{
    return command_list(context, line, list, "checkpoints", print);
}

const struct command command_evidence_list = {
    .name = "evidence list",
    .arguments = "",
    .summary = "List the signed checkpoints of the evidence log",
    .help = "Newest first. STAMPED: with a time stamp of somebody else (setting evidence-timestamp-url).",
    .options = {
        { "last", "NUMBER", "How many; 20 without it.", false },
        JSON_OPTION,
    },
    .place = COMMAND_STORE,
    .run = run,
};
