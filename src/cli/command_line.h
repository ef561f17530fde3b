/*
 * A typed line against the table of commands: pure, the same in the person's process and in the
 * server, which trusts nothing that came over its socket.
 *
 *   lectern [--config FILE] [--set NAME=VALUE]... COMMAND [ARGUMENT|--option VALUE|--option=VALUE|--]...
 *
 * Ownership  a line lends the words of argv, which must outlive it.
 * Errors     PARSE_WRONG sets PROBLEM_SETTING with a sentence that says what to do.
 */
#ifndef LECTERN_CLI_COMMAND_LINE_H
#define LECTERN_CLI_COMMAND_LINE_H

#include "cli/command.h"

enum { LINE_ARGUMENTS_MAX = 200, LINE_SETS_MAX = 100, GROUP_NAME_SIZE = 32 };

struct command_value {
    const struct command_option *option;
    const char *value; /* "" for a flag */
};

struct command_line {
    const struct command *command; /* NULL: help in all, or of a group */
    char group[GROUP_NAME_SIZE];   /* PARSE_HELP of "lectern program --help": "program" */
    const char *arguments[LINE_ARGUMENTS_MAX];
    size_t argument_count;
    struct command_value options[COMMAND_OPTIONS_MAX];
    size_t option_count;
    const char *config;              /* NULL: the usual place */
    const char *sets[LINE_SETS_MAX]; /* "name=value" */
    size_t set_count;
};

enum command_parse { PARSE_RUN, PARSE_HELP, PARSE_VERSION, PARSE_WRONG };

/* argv without the program's own name. */
enum command_parse command_line_parse(const struct command *const *commands, size_t argc,
    char *const *argv, struct command_line *ret_line, struct problem *problem);

/* The value of an option ("" for a flag), or NULL when it was not given. */
const char *command_option(const struct command_line *line, const char *name);
bool command_flag(const struct command_line *line, const char *name);
/* Leaves *ret_value as it was when the option was not given. */
bool command_number(const struct command_line *line, const char *name, int64_t least, int64_t most,
    int64_t *ret_value, struct problem *problem);

#endif
