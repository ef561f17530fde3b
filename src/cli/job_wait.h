/*
 * Waiting for a lecture's job.  By asking the store rather than through ingest_wait(), so that a person
 * who goes away, or a server that stops, ends the waiting at once and never the job.
 */
#ifndef LECTERN_CLI_JOB_WAIT_H
#define LECTERN_CLI_JOB_WAIT_H

#include "cli/command.h"

#include <jansson.h>

enum job_wait { JOB_ENDED, JOB_ABANDONED, JOB_UNKNOWN };

/* Shows the progress until the job has ended.  JOB_ENDED: *ret_outcome is a reference for the caller,
 * {"id":lecture,"state":"ready"|"refused"|"failed","reason":sentence|null,"report":{...}|null}.
 * JOB_UNKNOWN: *problem is set. */
enum job_wait job_wait(struct command_context *context, const char *job_id, json_t **ret_outcome,
    struct problem *problem);

#endif
