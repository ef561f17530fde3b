/*
 * The cohort's figures as a workbook of Office Open XML: by libxlsxwriter, row by row, so that little of it is in memory
 * at once, into a file without a name.
 */
#include "viewing/report.h"
#include "viewing/report_row.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>
#include <xlsxwriter.h>

/* Rows of a sheet, and characters of a cell, that Excel reads at most. */
enum {
    SHEET_ROWS_MAX = 1048576,
    CELL_CHARACTERS_MAX = 32767,
    CELL_BYTES_MAX = CELL_CHARACTERS_MAX
};

struct book {
    lxw_workbook *workbook;
    lxw_format *heading, *ratio;
    lxw_error error; /* the first */
};

static void note(struct book *book, lxw_error error)
{
    if (book->error == LXW_NO_ERROR)
        book->error = error;
}

/* A cell of text is never calculated here, but may be once the sheet is saved as CSV.  What is longer than
 * a cell can be is cut at a whole character. */
static void write_text(struct book *book, lxw_worksheet *sheet, lxw_row_t row, lxw_col_t column,
    const char *text, lxw_format *format)
{
    char cell[CELL_BYTES_MAX + 1];
    size_t length
        = (size_t)snprintf(cell, sizeof cell, "%s%s", report_is_formula(text) ? "'" : "", text);
    if (length >= sizeof cell)
        for (length = CELL_BYTES_MAX; !text_is_utf8(cell, length); length--)
            cell[length - 1] = '\0';
    note(book, worksheet_write_string(sheet, row, column, cell, format));
}

static void write_row(
    struct book *book, lxw_worksheet *sheet, lxw_row_t number, const struct report_row *row)
{
    for (lxw_col_t i = 0; i < REPORT_COLUMNS; i++) {
        const struct report_value *value = &row->values[i];
        if (value->kind == REPORT_TEXT)
            write_text(book, sheet, number, i, value->text, NULL);
        else if (value->kind == REPORT_WHOLE)
            note(book, worksheet_write_number(sheet, number, i, (double)value->whole, NULL));
        else
            note(book, worksheet_write_number(sheet, number, i, value->ratio, book->ratio));
    }
}

static void write_rows(struct book *book, const json_t *report, bool names)
{
    static const double widths[REPORT_COLUMNS]
        = { 38, 28, 8, 8, 16, 38, 36, 12, 12, 12, 12, 10, 30, 25, 25, 16, 40, 30 };
    lxw_worksheet *sheet = workbook_add_worksheet(book->workbook, "Report");
    size_t person_index, index;
    const json_t *person, *lecture;
    struct report_row row;
    lxw_row_t number = 0;
    for (lxw_col_t i = 0; i < REPORT_COLUMNS; i++) {
        note(book, worksheet_set_column(sheet, i, i, widths[i], NULL));
        write_text(book, sheet, number, i, report_columns[i], book->heading);
    }
    worksheet_freeze_panes(sheet, 1, 0);
    report_row_init(&row);
    json_array_foreach(json_object_get(report, "participants"), person_index, person)
    {
        const json_t *cells = json_object_get(person, "lectures");
        json_array_foreach(json_object_get(report, "lectures"), index, lecture)
        {
            report_row_read(&row, person, lecture, json_array_get(cells, index), names);
            write_row(book, sheet, ++number, &row);
        }
    }
    report_row_release(&row);
}

static void write_figure(
    struct book *book, lxw_worksheet *sheet, lxw_row_t *row, const char *name, const json_t *value)
{
    write_text(book, sheet, *row, 0, name, NULL);
    note(book, worksheet_write_number(sheet, (*row)++, 1, (double)json_integer_value(value), NULL));
}

/* What stands above the table on the screen. */
static void write_totals(struct book *book, const json_t *report)
{
    static const char *const names[] = { "participants", "women", "completed_all" };
    lxw_worksheet *sheet = workbook_add_worksheet(book->workbook, "Totals");
    const json_t *totals = json_object_get(report, "totals");
    json_t *countries = json_object_get(totals, "countries"), *count;
    const char *country;
    const char *cohort
        = json_string_value(json_object_get(json_object_get(report, "cohort"), "name"));
    lxw_row_t row = 0;
    note(book, worksheet_set_column(sheet, 0, 0, 24, NULL));
    write_text(book, sheet, row++, 0, cohort ? cohort : "", book->heading);
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
        write_figure(book, sheet, &row, names[i], json_object_get(totals, names[i]));
    json_object_foreach(countries, country, count) write_figure(book, sheet, &row, country, count);
}

static bool write_book(const json_t *report, bool names, const char *path, struct problem *problem)
{
    lxw_workbook_options options = { .constant_memory = LXW_TRUE };
    struct book book = { .workbook = workbook_new_opt(path, &options) };
    if (!book.workbook)
        return problem_set(problem, PROBLEM_BUSY, "libxlsxwriter has no memory");
    book.heading = workbook_add_format(book.workbook);
    book.ratio = workbook_add_format(book.workbook);
    format_set_bold(book.heading);
    format_set_num_format(book.ratio, "0.00%");
    write_rows(&book, report, names);
    write_totals(&book, report);
    lxw_error closed = workbook_close(book.workbook);
    note(&book, closed);
    return book.error == LXW_NO_ERROR
           || problem_set(problem, PROBLEM_STORAGE, "the workbook cannot be written: %s",
               lxw_strerror(book.error));
}

static bool take_file(int file, struct text *text, struct problem *problem)
{
    char bytes[65536];
    ssize_t count;
    off_t at = 0;
    while ((count = pread(file, bytes, sizeof bytes, at)) > 0) {
        text_append(text, bytes, (size_t)count);
        at += count;
    }
    return count == 0 ? !text->overflowed
                            || problem_set(problem, PROBLEM_INTERNAL, "the workbook is too large")
                      : problem_set_errno(problem, errno, "read the workbook");
}

bool report_cohort_xlsx(
    const json_t *report, bool names, struct text *text, struct problem *problem)
{
    char path[40];
    size_t rows = json_array_size(json_object_get(report, "participants"))
                  * json_array_size(json_object_get(report, "lectures"));
    if (rows >= SHEET_ROWS_MAX)
        return problem_set(problem, PROBLEM_NOT_ACCEPTABLE,
            "The report has %zu rows, more than a sheet holds. CSV takes it.", rows);
    int file = memfd_create("report.xlsx", MFD_CLOEXEC);
    if (file < 0)
        return problem_set_errno(problem, errno, "make a file for the workbook");
    (void)snprintf(path, sizeof path, "/proc/self/fd/%d", file);
    bool made = write_book(report, names, path, problem) && take_file(file, text, problem);
    (void)close(file);
    return made;
}
