/* --help, printed from the table of commands. */
#ifndef LECTERN_CLI_HELP_H
#define LECTERN_CLI_HELP_H

#include "base/text.h"
#include "cli/command_line.h"

/* Of the line's command, of its group, or in all. */
void help_print(
    const struct command *const *commands, const struct command_line *line, struct text *text);

#endif
