#include "cli/output.h"

#include "base/json.h"
#include "base/memory.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unicode/uchar.h>
#include <unicode/utf8.h>

enum { PRINT_BYTES_MAX = 1 << 20, JSON_BYTES_MAX = 1 << 28 };

static void write_format(struct command_context *context, enum command_stream stream,
    const char *prefix, const char *format, va_list arguments)
{
    struct text text;
    text_init(&text, PRINT_BYTES_MAX);
    text_append_string(&text, prefix);
    text_vprintf(&text, format, arguments);
    if (stream == STREAM_ERROR)
        text_append_string(&text, "\n");
    if (text.length > 0)
        context->output->write(context->output->data, stream, text.bytes, text.length);
    text_release(&text);
}

void command_print(struct command_context *context, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    write_format(context, STREAM_OUT, "", format, arguments);
    va_end(arguments);
}

void command_say(struct command_context *context, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    write_format(context, STREAM_ERROR, "lectern: ", format, arguments);
    va_end(arguments);
}

void command_print_bytes(struct command_context *context, const char *bytes, size_t count)
{
    context->output->write(context->output->data, STREAM_OUT, bytes, count);
}

void command_print_json(struct command_context *context, json_t *value)
{
    struct text text;
    text_init(&text, JSON_BYTES_MAX);
    json_write(value, &text);
    json_decref(value);
    text_append_string(&text, "\n");
    command_print_bytes(context, text.bytes, text.length);
    text_release(&text);
}

void command_progress(struct command_context *context, int permille)
{
    context->output->progress(context->output->data, permille);
}

bool command_abandoned(struct command_context *context)
{
    return context->output->abandoned(context->output->data);
}

/* The faces of problems speak to people in front of a page; where that would puzzle at a prompt: */
static const char *sentence_of(const struct problem *problem)
{
    switch (problem->kind) {
    case PROBLEM_NOT_FOUND:
        return "There is nothing with this id. List what there is, and check it.";
    case PROBLEM_STORAGE:
        return "The disk or the store failed.";
    case PROBLEM_STORAGE_FULL:
        return "The disk is full. What was stored is safe.";
    case PROBLEM_INTERNAL:
        return "Something went wrong that should not.";
    default:
        return problem_sentence(problem);
    }
}

void problem_describe(const struct problem *problem, struct text *text)
{
    const char *sentence = sentence_of(problem);
    bool told = strcmp(sentence, problem->detail) == 0;
    /* a JSON pointer or a name: "/password" is --password to whoever typed it */
    const char *field = problem->field + (problem->field[0] == '/');
    if (field[0] != '\0' && !strstr(sentence, field))
        text_printf(text, "%s: ", field);
    text_append_string(text, sentence);
    if (!told && problem->detail[0] != '\0')
        text_printf(text, " (%s)", problem->detail);
}

int command_problem(struct command_context *context, const struct problem *problem)
{
    struct text text;
    text_init(&text, 2000);
    problem_describe(problem, &text);
    command_say(context, "%s", text.bytes);
    text_release(&text);
    return problem->kind == PROBLEM_SETTING ? COMMAND_USAGE : COMMAND_FAILED;
}

/* Calls for each character; bytes that are not UTF-8 come as U+FFFD. */
static int32_t next_character(const char *text, int32_t *at, int32_t length)
{
    const uint8_t *bytes = (const uint8_t *)text;
    UChar32 character;
    U8_NEXT_OR_FFFD(bytes, *at, length, character);
    return character;
}

const char *printable(struct arena *arena, const char *text)
{
    char *copy = arena_strdup(arena, text);
    int32_t length = (int32_t)strlen(copy), at = 0, kept = 0;
    while (at < length) {
        int32_t start = at;
        UChar32 character = next_character(copy, &at, length);
        bool shown = character != 0xFFFD && !u_iscntrl(character)
                     && u_charType(character) != U_LINE_SEPARATOR
                     && u_charType(character) != U_PARAGRAPH_SEPARATOR;
        if (shown) {
            memmove(copy + kept, copy + start, (size_t)(at - start));
            kept += at - start;
        } else {
            copy[kept++] = '?';
        }
    }
    copy[kept] = '\0';
    return copy;
}

/* Columns on a terminal: marks take none, East Asian wide characters two. */
static size_t width_of(const char *text)
{
    int32_t length = (int32_t)strlen(text), at = 0;
    size_t width = 0;
    while (at < length) {
        UChar32 character = next_character(text, &at, length);
        int8_t type = u_charType(character);
        int32_t wide = u_getIntPropertyValue(character, UCHAR_EAST_ASIAN_WIDTH);
        if (type == U_NON_SPACING_MARK || type == U_ENCLOSING_MARK || type == U_FORMAT_CHAR)
            continue;
        width += wide == U_EA_WIDE || wide == U_EA_FULLWIDTH ? 2 : 1;
    }
    return width;
}

static void add_cell(struct table *table, const char *text)
{
    if (table->cell_count == table->cell_capacity) {
        table->cell_capacity = table->cell_capacity ? table->cell_capacity * 2 : 64;
        table->cells = memory_resized(table->cells, table->cell_capacity, sizeof *table->cells);
    }
    table->cells[table->cell_count++] = text;
}

void table_init(struct table *table, size_t column_count, const char *const *headings)
{
    *table = (struct table){ .column_count = column_count };
    arena_init(&table->arena);
    for (size_t i = 0; i < column_count; i++)
        add_cell(table, headings[i]);
}

void table_cell(struct table *table, const char *text)
{
    add_cell(table, text && text[0] != '\0' ? printable(&table->arena, text) : "-");
}

void table_cell_format(struct table *table, const char *format, ...)
{
    char text[200];
    va_list arguments;
    va_start(arguments, format);
    (void)vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    table_cell(table, text);
}

static void print_row(
    const struct table *table, size_t row, const size_t *widths, struct text *text)
{
    for (size_t i = 0; i < table->column_count; i++) {
        const char *cell = table->cells[row * table->column_count + i];
        text_append_string(text, cell);
        bool last = i + 1 == table->column_count;
        if (!last)
            text_printf(text, "%*s", (int)(widths[i] - width_of(cell)) + 2, "");
    }
    text_append_string(text, "\n");
}

void table_release(struct table *table)
{
    arena_release(&table->arena);
    free(table->cells);
    *table = (struct table){ 0 };
}

void table_print(
    struct table *table, struct command_context *context, const char *sentence_if_empty)
{
    size_t widths[TABLE_COLUMNS_MAX] = { 0 };
    size_t rows = table->cell_count / table->column_count;
    for (size_t i = 0; i < rows * table->column_count; i++) {
        size_t width = width_of(table->cells[i]);
        size_t *widest = &widths[i % table->column_count];
        *widest = width > *widest ? width : *widest;
    }
    struct text text;
    text_init(&text, JSON_BYTES_MAX);
    if (rows <= 1)
        text_printf(&text, "%s\n", sentence_if_empty);
    for (size_t row = 0; rows > 1 && row < rows; row++)
        print_row(table, row, widths, &text);
    command_print_bytes(context, text.bytes, text.length);
    text_release(&text);
    table_release(table);
}
