/* Where a command's settings come from: the file, the environment, --set; the same again at a reload. */
#ifndef LECTERN_CLI_SETTINGS_SOURCE_H
#define LECTERN_CLI_SETTINGS_SOURCE_H

#include "cli/command_line.h"

/* Into what settings_init() has made. */
bool settings_gather(
    struct settings *settings, const struct command_line *line, struct problem *problem);

#endif
