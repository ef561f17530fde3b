#include "base/clock.h"
#include "privacy/record.h"

#include <stdlib.h>
#include <string.h>

static bool is_instant(const char *name)
{
    size_t length = strlen(name);
    return length > 6 && strcmp(name + length - 6, "_at_ms") == 0;
}

/* Names and titles are lines, as they were taken in; what else is text here, programs made. */
static void write_value(const char *name, const json_t *value, struct text *text)
{
    if (json_is_null(value)) {
        text_append_string(text, "-");
    } else if (json_is_string(value)) {
        text_append_string(text, json_string_value(value));
    } else if (json_is_integer(value) && is_instant(name) && json_integer_value(value) > 0) {
        char iso[CLOCK_ISO_SIZE];
        clock_format_iso(json_integer_value(value), iso);
        text_append_string(text, iso);
    } else {
        char *dumped = json_dumps(value, JSON_ENCODE_ANY | JSON_COMPACT);
        text_append_string(text, dumped);
        free(dumped);
    }
}

static void write_row(json_t *row, struct text *text)
{
    const char *name;
    json_t *value;
    text_append_string(text, "\n");
    json_object_foreach(row, name, value)
    {
        text_printf(text, "  %s: ", name);
        write_value(name, value, text);
        text_append_string(text, "\n");
    }
}

static void write_part(const json_t *part, struct text *text)
{
    const json_t *rows = json_object_get(part, "rows");
    const char *table = json_string_value(json_object_get(part, "table"));
    text_printf(text, "\n%s (%zu)\n", table, json_array_size(rows));
    text_printf(text, "  %s\n  After an erasure: %s.\n",
        json_string_value(json_object_get(part, "why")),
        json_string_value(json_object_get(part, "after_erasure")));
    size_t index;
    json_t *row;
    json_array_foreach(rows, index, row) write_row(row, text);
}

void record_text(const json_t *record, struct text *text)
{
    text_printf(text, "What is stored about participant %s, as of %s\n",
        json_string_value(json_object_get(record, "participant")),
        json_string_value(json_object_get(record, "made_at")));
    if (!json_is_true(json_object_get(record, "complete")))
        text_append_string(text, "This is without each single message and piece that was sent. "
                                 "Your organizer can give you those too.\n");
    size_t index;
    json_t *part;
    json_array_foreach(json_object_get(record, "parts"), index, part) write_part(part, text);
}
