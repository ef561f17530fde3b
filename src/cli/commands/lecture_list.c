/* All lectures, the newest first, with the state of their preparation. */
#include "base/text.h"
#include "catalog/lecture.h"
#include "cli/output.h"
#include "cli/transaction.h"

static json_t *list(struct db_connection *connection, struct command_context *context,
    const struct command_line *line, struct problem *problem)
{
    json_t *lectures = lectures_json(connection, command_language(context, line), problem);
    return lectures ? json_pack("{s:o}", "lectures", lectures) : NULL;
}

/* "1:02:03" */
static void cell_duration(struct table *table, const json_t *duration)
{
    long long seconds = json_integer_value(duration) / 1000;
    if (!json_is_integer(duration))
        table_cell(table, NULL);
    else
        table_cell_format(
            table, "%lld:%02lld:%02lld", seconds / 3600, seconds / 60 % 60, seconds % 60);
}

static void cell_captions(struct table *table, const json_t *captions)
{
    struct text text;
    text_init(&text, 400);
    size_t index;
    json_t *language;
    json_array_foreach(captions, index, language)
        text_printf(&text, "%s%s", index > 0 ? " " : "", json_string_value(language));
    table_cell(table, text.bytes);
    text_release(&text);
}

static void print(struct command_context *context, const json_t *lectures)
{
    static const char *const headings[]
        = { "LECTURE", "STATE", "PUBLISHED", "LENGTH", "CAPTIONS", "TITLE" };
    struct table table;
    table_init(&table, 6, headings);
    size_t index;
    json_t *lecture;
    json_array_foreach(lectures, index, lecture)
    {
        table_cell(&table, json_string_value(json_object_get(lecture, "id")));
        table_cell(&table, json_string_value(json_object_get(lecture, "state")));
        table_cell(&table, json_is_true(json_object_get(lecture, "published")) ? "yes" : "no");
        cell_duration(&table, json_object_get(lecture, "duration_ms"));
        cell_captions(&table, json_object_get(lecture, "captions"));
        table_cell(&table, json_string_value(json_object_get(lecture, "title")));
    }
    table_print(&table, context,
        "There is no lecture yet. 'lectern lecture add FILE --title TEXT' makes one.");
}

static int run(struct command_context *context, const struct command_line *line)
{
    return command_list(context, line, list, "lectures", print);
}

const struct command command_lecture_list = {
    .name = "lecture list",
    .arguments = "",
    .summary = "List the lectures",
    .options = { TITLES_OPTION, JSON_OPTION },
    .place = COMMAND_STORE,
    .run = run,
};
