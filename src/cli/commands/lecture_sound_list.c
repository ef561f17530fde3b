/* The languages that a lecture can be heard in beside its own. */
#include "catalog/lecture_sound.h"
#include "cli/output.h"
#include "cli/transaction.h"

static json_t *list(struct db_connection *connection, struct command_context *context,
    const struct command_line *line, struct problem *problem)
{
    (void)context;
    json_t *sounds = lecture_sounds_json(connection, command_argument(line, 0), problem);
    return sounds ? json_pack("{s:o}", "sounds", sounds) : NULL;
}

static void print(struct command_context *context, const json_t *sounds)
{
    static const char *const headings[]
        = { "LANGUAGE", "STATE", "DONE", "OFFSET", "FILE", "REASON" };
    struct table table;
    table_init(&table, 6, headings);
    size_t index;
    json_t *sound;
    json_array_foreach(sounds, index, sound)
    {
        table_cell(&table, json_string_value(json_object_get(sound, "language")));
        table_cell(&table, json_string_value(json_object_get(sound, "state")));
        table_cell_format(
            &table, "%lld %%", json_integer_value(json_object_get(sound, "permille")) / 10);
        table_cell_format(
            &table, "%lld ms", json_integer_value(json_object_get(sound, "offset_ms")));
        table_cell(&table, json_string_value(json_object_get(sound, "file_name")));
        table_cell(&table, json_string_value(json_object_get(sound, "reason")));
    }
    table_print(&table, context, "The lecture has no sound in other languages.");
}

static int run(struct command_context *context, const struct command_line *line)
{
    return command_list(context, line, list, "sounds", print);
}

const struct command command_lecture_sound_list = {
    .name = "lecture sound list",
    .arguments = "LECTURE",
    .arguments_least = 1,
    .arguments_most = 1,
    .summary = "List a lecture's sound in other languages",
    .help = "A language without a file is a further track of the recording itself.",
    .options = { JSON_OPTION },
    .place = COMMAND_STORE,
    .run = run,
};
