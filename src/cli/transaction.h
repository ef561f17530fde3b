/*
 * One transaction of a command, whose outcome is a JSON value: what --json prints, and what tables and
 * lines are made of.
 *
 * A step runs inside db_write or db_read (store/db.h), perhaps more than once, and gives a new reference,
 * or NULL with *problem set.
 */
#ifndef LECTERN_CLI_TRANSACTION_H
#define LECTERN_CLI_TRANSACTION_H

#include "cli/command_line.h"

#include <jansson.h>

typedef json_t *(*transaction_step)(struct db_connection *connection,
    struct command_context *context, const struct command_line *line, struct problem *problem);

/* A reference for the caller; NULL: the problem has been said, and the command returns COMMAND_FAILED. */
json_t *command_write(
    struct command_context *context, const struct command_line *line, transaction_step step);
json_t *command_read(
    struct command_context *context, const struct command_line *line, transaction_step step);

/* Writes, then prints {"id":...} with --json, else the id alone, so that a script can keep it. */
int command_add(
    struct command_context *context, const struct command_line *line, transaction_step step);
/* Writes, then prints the outcome with --json, else the sentence. */
int command_change(struct command_context *context, const struct command_line *line,
    transaction_step step, const char *sentence);

/* Reads, then prints the outcome with --json, else by `print` its array of this name. */
int command_list(struct command_context *context, const struct command_line *line,
    transaction_step step, const char *name,
    void (*print)(struct command_context *context, const json_t *list));

/* The argument at a place (from 0); NULL where it was not given. */
const char *command_argument(const struct command_line *line, size_t place);
/* Without its folders: what the person calls the file. */
const char *command_file_name(const struct command_line *line, size_t place);
/* --language where it was given, else the person's own. */
const char *command_language(
    const struct command_context *context, const struct command_line *line);

#endif
