/*
 * What commands say: calm lines, tables whose columns line up in every script, or JSON; and problems.
 *
 * Text of other people (titles, names, file names) is made printable: control characters, with which
 * a terminal could be led astray, are shown as '?'.
 */
#ifndef LECTERN_CLI_OUTPUT_H
#define LECTERN_CLI_OUTPUT_H

#include "base/arena.h"
#include "base/text.h"
#include "cli/command.h"

#include <jansson.h>

/* One piece of text on the output stream; newlines stay. */
void command_print(struct command_context *context, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
/* A sentence on the error stream, after "lectern: ". */
void command_say(struct command_context *context, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
void command_print_bytes(struct command_context *context, const char *bytes, size_t count);
/* One line; takes the reference. */
void command_print_json(struct command_context *context, json_t *value);
void command_progress(struct command_context *context, int permille);
bool command_abandoned(struct command_context *context);

/* "lectern: <sentence> (<detail>)" without the prefix and the newline. */
void problem_describe(const struct problem *problem, struct text *text);
/* Says it, and returns COMMAND_FAILED (COMMAND_USAGE for PROBLEM_SETTING). */
int command_problem(struct command_context *context, const struct problem *problem);

/* Without control characters, in the arena. */
const char *printable(struct arena *arena, const char *text);

enum { TABLE_COLUMNS_MAX = 8 };
struct table {
    struct arena arena;
    size_t column_count;
    const char **cells; /* the headings, then row by row */
    size_t cell_count, cell_capacity;
};
/* headings: column_count strings that outlive the table. */
void table_init(struct table *table, size_t column_count, const char *const *headings);
/* The next cell; NULL and "" show as "-". */
void table_cell(struct table *table, const char *text);
void table_cell_format(struct table *table, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
void table_release(struct table *table);
/* Prints and releases.  An empty table prints the sentence instead. */
void table_print(
    struct table *table, struct command_context *context, const char *sentence_if_empty);

#endif
