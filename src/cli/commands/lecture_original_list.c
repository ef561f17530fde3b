/* How much room the files take that lectures were made of. */
#include "catalog/lecture_original.h"
#include "cli/output.h"
#include "cli/transaction.h"

static json_t *list(struct db_connection *connection, struct command_context *context,
    const struct command_line *line, struct problem *problem)
{
    json_t *originals
        = lecture_originals_json(connection, command_language(context, line), problem);
    return originals ? json_pack("{s:o}", "originals", originals) : NULL;
}

static long long mebibytes(json_int_t bytes)
{
    return (bytes + (1 << 19)) >> 20;
}

static void print(struct command_context *context, const json_t *originals)
{
    static const char *const headings[] = { "LECTURE", "VERSION", "MIB", "TITLE" };
    struct table table;
    json_int_t total = 0;
    table_init(&table, 4, headings);
    size_t index;
    json_t *original;
    json_array_foreach(originals, index, original)
    {
        json_int_t bytes = json_integer_value(json_object_get(original, "bytes"));
        total += bytes;
        table_cell(&table, json_string_value(json_object_get(original, "lecture_id")));
        table_cell_format(&table, "%lld", json_integer_value(json_object_get(original, "version")));
        table_cell_format(&table, "%lld", mebibytes(bytes));
        table_cell(&table, json_string_value(json_object_get(original, "title")));
    }
    table_print(&table, context, "No originals are kept.");
    if (json_array_size(originals) > 0)
        command_say(context, "%lld MiB in all.", mebibytes(total));
}

static int run(struct command_context *context, const struct command_line *line)
{
    return command_list(context, line, list, "originals", print);
}

const struct command command_lecture_original_list = {
    .name = "lecture original list",
    .arguments = "",
    .summary = "List the kept files that lectures were made of, largest first",
    .options = { TITLES_OPTION, JSON_OPTION },
    .place = COMMAND_STORE,
    .run = run,
};
