/* The cohort's figures as CSV (RFC 4180), for a spreadsheet. */
#include "viewing/report.h"
#include "viewing/report_row.h"

#include <string.h>

static const char byte_order_mark[] = "\xEF\xBB\xBF";

static void add_text(struct text *text, const char *cell)
{
    if (!report_is_formula(cell) && !strpbrk(cell, ",\"\r\n")) {
        text_append_string(text, cell);
        return;
    }
    text_append_string(text, report_is_formula(cell) ? "\"'" : "\"");
    for (; *cell; cell++)
        text_append(text, *cell == '"' ? "\"\"" : cell, *cell == '"' ? 2 : 1);
    text_append_string(text, "\"");
}

static void end_cell(struct text *text, size_t column)
{
    text_append_string(text, column + 1 < REPORT_COLUMNS ? "," : "\r\n");
}

static void add_header(struct text *text)
{
    text_append_string(text, byte_order_mark);
    for (size_t i = 0; i < REPORT_COLUMNS; i++) {
        text_append_string(text, report_columns[i]);
        end_cell(text, i);
    }
}

static void add_row(struct text *text, const struct report_row *row)
{
    for (size_t i = 0; i < REPORT_COLUMNS; i++) {
        const struct report_value *value = &row->values[i];
        if (value->kind == REPORT_TEXT)
            add_text(text, value->text);
        else if (value->kind == REPORT_WHOLE)
            text_printf(text, "%lld", (long long)value->whole);
        else
            text_printf(text, "%.4f", value->ratio);
        end_cell(text, i);
    }
}

bool report_cohort_csv(const json_t *report, bool names, struct text *text)
{
    size_t person_index, index;
    const json_t *person, *lecture;
    struct report_row row;
    report_row_init(&row);
    add_header(text);
    json_array_foreach(json_object_get(report, "participants"), person_index, person)
    {
        const json_t *cells = json_object_get(person, "lectures");
        json_array_foreach(json_object_get(report, "lectures"), index, lecture)
        {
            report_row_read(&row, person, lecture, json_array_get(cells, index), names);
            add_row(text, &row);
        }
    }
    report_row_release(&row);
    return !text->overflowed;
}
