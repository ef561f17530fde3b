/* How well lines served a cohort, for whoever is asked why it stalled. */
#include "cli/output.h"
#include "cli/transaction.h"
#include "viewing/quality.h"

static json_t *list(struct db_connection *connection, struct command_context *context,
    const struct command_line *line, struct problem *problem)
{
    json_t *quality = quality_cohort_json(
        connection, command_argument(line, 0), command_language(context, line), problem);
    return quality ? json_pack("{s:o}", "quality", quality) : NULL;
}

static int64_t number(const json_t *object, const char *member)
{
    return json_integer_value(json_object_get(object, member));
}

static void add_rate(struct table *table, const json_t *row, const char *member)
{
    const json_t *kbps = json_object_get(row, member);
    if (json_is_integer(kbps))
        table_cell_format(table, "%lld", json_integer_value(kbps));
    else
        table_cell(table, NULL);
}

static void add_buffer(struct table *table, const json_t *row)
{
    const json_t *buffer = json_object_get(row, "buffer_least_ms");
    if (json_is_integer(buffer))
        table_cell_format(table, "%.1f s", (double)json_integer_value(buffer) / 1000.0);
    else
        table_cell(table, NULL);
}

static bool is_sound(const char *rendition)
{
    return text_starts_with(rendition, "audio");
}

/* "480p 75 %": of the pictures most were these.  Of sound only where there are no pictures. */
static void add_rendition(struct table *table, const json_t *row)
{
    const char *name, *most = NULL;
    json_t *count, *renditions = json_object_get(row, "renditions");
    int64_t most_count = 0, all = 0;
    bool sound = true;
    json_object_foreach(renditions, name, count) sound = sound && is_sound(name);
    json_object_foreach(renditions, name, count)
    {
        if (is_sound(name) != sound)
            continue;
        all += json_integer_value(count);
        if (json_integer_value(count) <= most_count)
            continue;
        most_count = json_integer_value(count);
        most = name;
    }
    if (most)
        table_cell_format(table, "%s %lld %%", most, (long long)(most_count * 100 / all));
    else
        table_cell(table, NULL);
}

static void print(struct command_context *context, const json_t *rows)
{
    static const char *const headings[]
        = { "STALLS", "KBIT/S", "SLOWEST", "BUFFER", "SEGMENTS", "MOST OF", "NAME", "LECTURE" };
    struct table table;
    table_init(&table, 8, headings);
    size_t index;
    json_t *row;
    json_array_foreach(rows, index, row)
    {
        table_cell_format(&table, "%lld", (long long)number(row, "stalls"));
        add_rate(&table, row, "throughput_median_kbps");
        add_rate(&table, row, "throughput_least_kbps");
        add_buffer(&table, row);
        table_cell_format(&table, "%lld", (long long)number(row, "deliveries"));
        add_rendition(&table, row);
        table_cell(&table, json_string_value(json_object_get(row, "name")));
        table_cell(&table, json_string_value(json_object_get(row, "title")));
    }
    table_print(&table, context, "No player of this cohort has told anything yet.");
}

static int run(struct command_context *context, const struct command_line *line)
{
    return command_list(context, line, list, "quality", print);
}

const struct command command_delivery_quality = {
    .name = "delivery quality",
    .arguments = "COHORT",
    .arguments_least = 1,
    .arguments_most = 1,
    .summary = "Show how well lines served a cohort's people",
    .help = "Most stalls first, a row a person and lecture, as their players told it beside their requests: how often it had "
            "stood still, the middle and the slowest rate, the least that it had in store, and which rendition came most.",
    .options = {
        TITLES_OPTION,
        JSON_OPTION,
    },
    .place = COMMAND_STORE,
    .run = run,
};
