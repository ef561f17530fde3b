/*
 * After a command has queued a lecture's job: what it prints, and until when it stays.
 *
 * Scripts rely on --wait --json: one line {"id","state","reason","report"} when all passes have ended, and exit
 * code 0 ready, 2 refused (the sentence for a person is the reason), 1 anything else.
 */
#ifndef LECTERN_CLI_JOB_FOLLOW_H
#define LECTERN_CLI_JOB_FOLLOW_H

#include "cli/command_line.h"

/* By the options --wait, --ready, --publish and --json, of those that the command has. */
int job_follow(struct command_context *context, const struct command_line *line,
    const char *lecture_id, const char *job_id);

#endif
