/* Whether lectures can be prepared here: one second of silence goes the way of a real file, through the
 * sandboxed process, its limits and its encoders. */
#ifndef LECTERN_CLI_MEDIA_CHECK_H
#define LECTERN_CLI_MEDIA_CHECK_H

#include "base/problem.h"
#include "base/settings.h"

/* Blocks for about a second.  PROBLEM_CONFLICT with the reason when it did not become ready. */
bool media_check(const struct settings *settings, struct problem *problem);

#endif
