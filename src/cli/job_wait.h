/*
 * Waiting for a lecture's job.  By asking the store rather than through ingest_wait(), so that a person
 * who goes away, or a server that stops, ends the waiting at once and never the job.
 */
#ifndef LECTERN_CLI_JOB_WAIT_H
#define LECTERN_CLI_JOB_WAIT_H

#include "cli/command.h"

#include <jansson.h>

enum job_wait { JOB_ENDED, JOB_ABANDONED, JOB_UNKNOWN };

/* UNTIL_WATCHABLE: its first pass has ended, and others may go on. */
enum job_until { UNTIL_WATCHABLE, UNTIL_ENDED };

/* Shows the progress of the present pass until then.  JOB_ENDED: *ret_outcome is job_outcome_json()'s,
 * a reference for the caller.  JOB_UNKNOWN: *problem is set. */
enum job_wait job_wait(struct command_context *context, const char *job_id, enum job_until until,
    json_t **ret_outcome, struct problem *problem);

#endif
