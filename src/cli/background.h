/*
 * `serve --background`: the command comes back once the server serves, as a service manager's reload
 * command must; the server goes on in a process of its own.
 */
#ifndef LECTERN_CLI_BACKGROUND_H
#define LECTERN_CLI_BACKGROUND_H

#include "base/problem.h"

/* Before any thread is started.  Returns in the new process only, with a descriptor for
 * background_ready(), or -1 with *problem; the first process waits, and ends with 0 once it is ready,
 * else with the new one's exit code. */
int background_begin(struct problem *problem);
void background_ready(int descriptor); /* accepts -1 */

#endif
