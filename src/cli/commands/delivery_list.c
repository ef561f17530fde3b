/* What was sent to one person, for whoever helps them: did it reach her, and how fast? */
#include "viewing/delivery_list.h"
#include "base/clock.h"
#include "cli/output.h"
#include "cli/transaction.h"

enum { LAST_PRESET = 20, LAST_MOST = 10000 };

static json_t *list(struct db_connection *connection, struct command_context *context,
    const struct command_line *line, struct problem *problem)
{
    (void)context;
    int64_t most = LAST_PRESET;
    if (!command_number(line, "last", 1, LAST_MOST, &most, problem))
        return NULL;
    json_t *deliveries = delivery_list_json(
        connection, command_argument(line, 0), command_option(line, "lecture"), most, problem);
    return deliveries ? json_pack("{s:o}", "deliveries", deliveries) : NULL;
}

static int64_t number(const json_t *object, const char *member)
{
    return json_integer_value(json_object_get(object, member));
}

/* "48-52 s of video" */
static void add_part(struct table *table, const json_t *delivery)
{
    table_cell_format(table, "%s %lld-%lld s",
        json_string_value(json_object_get(delivery, "rendition")),
        (long long)(number(delivery, "start_ms") / 1000),
        (long long)(number(delivery, "end_ms") / 1000));
}

/* Bits a millisecond are kilobits a second. */
static void add_pace(struct table *table, const json_t *delivery)
{
    int64_t sending_ms = number(delivery, "last_byte_ms") - number(delivery, "first_byte_ms");
    table_cell_format(table, "%lld ms", (long long)number(delivery, "last_byte_ms"));
    if (sending_ms > 0)
        table_cell_format(table, "%lld", (long long)(number(delivery, "bytes") * 8 / sending_ms));
    else
        table_cell(table, NULL);
}

static void add_client(struct table *table, const json_t *client)
{
    const json_t *buffer = json_object_get(client, "buffer_ms");
    if (json_is_integer(buffer))
        table_cell_format(table, "%.1f s%s", (double)json_integer_value(buffer) / 1000.0,
            json_is_true(json_object_get(client, "starved")) ? ", stalled" : "");
    else
        table_cell(table, json_is_true(json_object_get(client, "starved")) ? "stalled" : NULL);
}

static void print(struct command_context *context, const json_t *deliveries)
{
    static const char *const headings[]
        = { "AT (UTC)", "LECTURE", "PART", "STATUS", "BYTES", "SENT IN", "KBIT/S", "BUFFER" };
    struct table table;
    table_init(&table, 8, headings);
    size_t index;
    json_t *delivery;
    json_array_foreach(deliveries, index, delivery)
    {
        char time[CLOCK_ISO_SIZE];
        clock_format_iso(number(delivery, "at_ms"), time);
        table_cell_format(&table, "%.10s %.8s", time, time + 11);
        table_cell(&table, json_string_value(json_object_get(delivery, "lecture_id")));
        add_part(&table, delivery);
        table_cell_format(&table, "%lld%s", (long long)number(delivery, "status"),
            json_is_true(json_object_get(delivery, "whole")) ? "" : ", in part");
        table_cell_format(&table, "%lld", (long long)number(delivery, "bytes"));
        add_pace(&table, delivery);
        add_client(&table, json_object_get(delivery, "client"));
    }
    table_print(&table, context, "Nothing of it has been sent to this person.");
}

static int run(struct command_context *context, const struct command_line *line)
{
    return command_list(context, line, list, "deliveries", print);
}

const struct command command_delivery_list = {
    .name = "delivery list",
    .arguments = "PARTICIPANT",
    .arguments_least = 1,
    .arguments_most = 1,
    .summary = "Show what was last sent to a person, and how fast",
    .help = "Newest first. BUFFER is what their player said it had in store when it asked, and whether it had "
            "stood still before. Reads every record where there are fewer than asked for.",
    .options = {
        { "lecture", "LECTURE", "Only of this lecture.", false },
        { "last", "NUMBER", "How many; 20 without it.", false },
        JSON_OPTION,
    },
    .place = COMMAND_STORE,
    .run = run,
};
