/* How an interpreter's sound came out, for the commands that have it made. */
#ifndef LECTERN_CLI_SOUND_END_H
#define LECTERN_CLI_SOUND_END_H

#include "cli/command_line.h"

/* With --wait, and where no server runs that goes on with it, when the job has ended: 0 done, 2 refused (with the
 * reason), 1 anything else.  Else at once. */
int sound_end(struct command_context *context, const struct command_line *line, const char *job_id);

#endif
