/*
 * The files that a child writes into, before and after: opened under no name that means anything, and given the names
 * of what they were found to hold.
 *
 * Ownership  job_outputs_open() gives, job_outputs_close() ends; files that nobody named are removed.
 */
#ifndef LECTERN_MEDIA_JOB_OUTPUTS_H
#define LECTERN_MEDIA_JOB_OUTPUTS_H

#include "media/job.h"
#include "media/job_protocol.h"

struct job_outputs {
    const char *folder; /* lent */
    int fds[JOB_OUTPUTS];
};

bool job_outputs_open(struct job_outputs *outputs, const char *folder, struct problem *problem);
/* What is written goes to disk meanwhile, so that syncing at the end is short. */
void job_outputs_write_back(const struct job_outputs *outputs);
/* Publishes nothing that does not hold: each table must fill the file that the child wrote.  Synced when it returns. */
bool job_outputs_keep(const struct job_outputs *outputs, const struct job_tables *tables,
    enum media_pass pass, struct media_result *result, struct problem *problem);
/* What the child wrote into one of them; *ret_bytes is the caller's, to be ended with free(). */
bool job_outputs_read(const struct job_outputs *outputs, int number, size_t bytes_max,
    char **ret_bytes, size_t *ret_count, struct problem *problem);
/* DIR/NAME.json; takes the value. */
bool job_outputs_write_json(
    const struct job_outputs *outputs, const char *name, json_t *json, struct problem *problem);
void job_outputs_close(struct job_outputs *outputs);

#endif
