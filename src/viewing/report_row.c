#include "viewing/report_row.h"

#include <stdio.h>
#include <string.h>

enum {
    MISSING_BYTES_MAX = 1 << 20,
    DECISION_SIZE = sizeof(((struct report_row *)0)->decision),
    SHARING_SIZE = sizeof(((struct report_row *)0)->sharing)
};

const char *const report_columns[REPORT_COLUMNS]
    = { "participant_id", "name", "country", "gender", "group", "lecture_id", "lecture",
          "duration_ms", "claimed_ms", "delivered_ms", "credited_ms", "coverage", "missing",
          "completed_at", "last_at", "decision", "decision_reason", "sharing_signs" };

bool report_is_formula(const char *text)
{
    static const char *const beginnings[] = { "=", "+", "-", "@", "\t", "\r", "\n", "\xEF\xBC\x9D",
        "\xEF\xBC\x8B", "\xEF\xBC\x8D", "\xEF\xBC\xA0" };
    text += strspn(text, " ");
    for (size_t i = 0; i < sizeof beginnings / sizeof beginnings[0]; i++)
        if (text_starts_with(text, beginnings[i]))
            return true;
    return false;
}

void report_row_init(struct report_row *row)
{
    text_init(&row->missing, MISSING_BYTES_MAX);
}

void report_row_release(struct report_row *row)
{
    text_release(&row->missing);
}

static struct report_value text_of(const json_t *object, const char *key)
{
    const char *text = json_string_value(json_object_get(object, key));
    return (struct report_value){ .kind = REPORT_TEXT, .text = text ? text : "" };
}

static struct report_value whole_of(const json_t *object, const char *key)
{
    return (struct report_value){ .kind = REPORT_WHOLE,
        .whole = json_integer_value(json_object_get(object, key)) };
}

static struct report_value instant_of(
    const json_t *object, const char *key, char instant[CLOCK_ISO_SIZE])
{
    const json_t *value = json_object_get(object, key);
    instant[0] = '\0';
    if (json_is_integer(value))
        clock_format_iso(json_integer_value(value), instant);
    return (struct report_value){ .kind = REPORT_TEXT, .text = instant };
}

static void add_time(struct text *text, int64_t at_ms)
{
    long long seconds = at_ms / 1000;
    if (seconds >= 3600)
        text_printf(text, "%lld:%02lld:%02lld", seconds / 3600, seconds / 60 % 60, seconds % 60);
    else
        text_printf(text, "%lld:%02lld", seconds / 60, seconds % 60);
}

static struct report_value missing_of(struct text *text, const json_t *missing)
{
    size_t index;
    const json_t *pair;
    text_clear(text);
    json_array_foreach(missing, index, pair)
    {
        text_append_string(text, index > 0 ? "; " : "");
        add_time(text, json_integer_value(json_array_get(pair, 0)));
        text_append_string(text, "-");
        add_time(text, json_integer_value(json_array_get(pair, 1)));
    }
    return (
        struct report_value){ .kind = REPORT_TEXT, .text = text->length > 0 ? text->bytes : "" };
}

static struct report_value decision_of(const json_t *decision, char words[DECISION_SIZE])
{
    const char *verdict = json_string_value(json_object_get(decision, "verdict"));
    (void)snprintf(words, DECISION_SIZE, "%s%s", verdict ? verdict : "", verdict ? " by hand" : "");
    return (struct report_value){ .kind = REPORT_TEXT, .text = words };
}

/* The words, with spaces between: a sign of the person, so the same in each of their rows. */
static struct report_value sharing_of(const json_t *sharing, char words[SHARING_SIZE])
{
    size_t index, length = 0;
    json_t *sign;
    words[0] = '\0';
    json_array_foreach(json_object_get(sharing, "signs"), index, sign)
    {
        (void)snprintf(words + length, SHARING_SIZE - length, "%s%s", index > 0 ? " " : "",
            json_string_value(sign));
        length = strlen(words);
    }
    return (struct report_value){ .kind = REPORT_TEXT, .text = words };
}

void report_row_read(struct report_row *row, const json_t *person, const json_t *lecture,
    const json_t *cell, bool names)
{
    struct report_value *value = row->values;
    *value++ = text_of(person, "id");
    *value++ = text_of(names ? person : NULL, "name");
    *value++ = text_of(person, "country");
    *value++ = text_of(person, "gender");
    *value++ = text_of(person, "group");
    *value++ = text_of(lecture, "id");
    *value++ = text_of(lecture, "title");
    *value++ = whole_of(lecture, "duration_ms");
    *value++ = whole_of(cell, "claimed_ms");
    *value++ = whole_of(cell, "delivered_ms");
    *value++ = whole_of(cell, "credited_ms");
    *value++ = (struct report_value){ .kind = REPORT_RATIO,
        .ratio = json_number_value(json_object_get(cell, "coverage")) };
    *value++ = missing_of(&row->missing, json_object_get(cell, "missing"));
    *value++ = instant_of(cell, "completed_at_ms", row->completed_at);
    *value++ = instant_of(cell, "last_at_ms", row->last_at);
    const json_t *decision = json_object_get(cell, "decision");
    *value++ = decision_of(decision, row->decision);
    *value++ = text_of(decision, "reason");
    *value++ = sharing_of(json_object_get(person, "sharing"), row->sharing);
}
