/* The cohort's figures as CSV, for a spreadsheet. */
#include "viewing/report.h"

#include "base/clock.h"

#include <stdio.h>
#include <string.h>

static const char byte_order_mark[] = "\xEF\xBB\xBF";
static const char header[]
    = "participant_id,name,country,gender,group,lecture_id,lecture,duration_ms,claimed_ms,"
      "delivered_ms,credited_ms,coverage,missing,completed_at,last_at,decision,"
      "decision_reason\r\n";

/* A spreadsheet would calculate it. */
static bool looks_like_formula(const char *cell)
{
    static const char *const beginnings[] = { "=", "+", "-", "@", "\t", "\r", "\n", "\xEF\xBC\x9D",
        "\xEF\xBC\x8B", "\xEF\xBC\x8D", "\xEF\xBC\xA0" };
    cell += strspn(cell, " ");
    for (size_t i = 0; i < sizeof beginnings / sizeof beginnings[0]; i++)
        if (text_starts_with(cell, beginnings[i]))
            return true;
    return false;
}

static void add_text(struct text *text, const char *cell, char separator)
{
    if (looks_like_formula(cell) || strpbrk(cell, ",\"\r\n")) {
        text_append_string(text, looks_like_formula(cell) ? "\"'" : "\"");
        for (; *cell; cell++)
            text_append(text, *cell == '"' ? "\"\"" : cell, *cell == '"' ? 2 : 1);
        text_append_string(text, "\"");
    } else {
        text_append_string(text, cell);
    }
    text_append(text, &separator, 1);
}

static void add_string(struct text *text, const json_t *object, const char *key)
{
    const char *value = json_string_value(json_object_get(object, key));
    add_text(text, value ? value : "", ',');
}

static void add_integer(struct text *text, const json_t *object, const char *key)
{
    text_printf(text, "%lld,", (long long)json_integer_value(json_object_get(object, key)));
}

static void add_instant(
    struct text *text, const json_t *object, const char *key, const char *separator)
{
    char instant[CLOCK_ISO_SIZE] = "";
    const json_t *value = json_object_get(object, key);
    if (json_is_integer(value))
        clock_format_iso(json_integer_value(value), instant);
    text_append_string(text, instant);
    text_append_string(text, separator);
}

static void add_time(struct text *text, int64_t at_ms)
{
    long long seconds = at_ms / 1000;
    if (seconds >= 3600)
        text_printf(text, "%lld:%02lld:%02lld", seconds / 3600, seconds / 60 % 60, seconds % 60);
    else
        text_printf(text, "%lld:%02lld", seconds / 60, seconds % 60);
}

static void add_missing(struct text *text, const json_t *missing)
{
    size_t index;
    const json_t *pair;
    json_array_foreach(missing, index, pair)
    {
        text_append_string(text, index > 0 ? "; " : "");
        add_time(text, json_integer_value(json_array_get(pair, 0)));
        text_append_string(text, "-");
        add_time(text, json_integer_value(json_array_get(pair, 1)));
    }
    text_append_string(text, ",");
}

static void add_decision(struct text *text, const json_t *decision)
{
    const char *verdict = json_string_value(json_object_get(decision, "verdict"));
    const char *reason = json_string_value(json_object_get(decision, "reason"));
    if (verdict)
        text_printf(text, "%s by hand", verdict);
    text_append_string(text, ",");
    add_text(text, reason ? reason : "", '\r');
    text_append_string(text, "\n");
}

static void add_row(
    struct text *text, const json_t *person, const json_t *lecture, const json_t *cell)
{
    static const char *const of_person[] = { "id", "name", "country", "gender", "group" };
    static const char *const of_cell[] = { "claimed_ms", "delivered_ms", "credited_ms" };
    for (size_t i = 0; i < sizeof of_person / sizeof of_person[0]; i++)
        add_string(text, person, of_person[i]);
    add_string(text, lecture, "id");
    add_string(text, lecture, "title");
    add_integer(text, lecture, "duration_ms");
    for (size_t i = 0; i < sizeof of_cell / sizeof of_cell[0]; i++)
        add_integer(text, cell, of_cell[i]);
    text_printf(text, "%.4f,", json_real_value(json_object_get(cell, "coverage")));
    add_missing(text, json_object_get(cell, "missing"));
    add_instant(text, cell, "completed_at_ms", ",");
    add_instant(text, cell, "last_at_ms", ",");
    add_decision(text, json_object_get(cell, "decision"));
}

bool report_cohort_csv(const json_t *report, struct text *text)
{
    size_t person_index, index;
    const json_t *person, *lecture;
    text_append_string(text, byte_order_mark);
    text_append_string(text, header);
    json_array_foreach(json_object_get(report, "participants"), person_index, person)
    {
        const json_t *cells = json_object_get(person, "lectures");
        json_array_foreach(json_object_get(report, "lectures"), index, lecture)
            add_row(text, person, lecture, json_array_get(cells, index));
    }
    return !text->overflowed;
}
