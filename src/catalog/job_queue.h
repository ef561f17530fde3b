/*
 * The queue of jobs as the store keeps it.  A job is queued, then running, then done, refused,
 * failed or cancelled for ever; each change names the state that it starts from, so that two who
 * change one job at once cannot both succeed.
 *
 * Threads    safe from any thread; all but job_insert() block.
 */
#ifndef LECTERN_CATALOG_JOB_QUEUE_H
#define LECTERN_CATALOG_JOB_QUEUE_H

#include "base/secure.h"
#include "media/media_files.h"
#include "store/db.h"

enum { JOB_ATTEMPTS_MAX = 3 };

struct job {
    char id[UUID_TEXT_SIZE];
    char lecture_id[UUID_TEXT_SIZE];
    int64_t version; /* of the lecture, that the job makes */
};

/* Inside db_write: queues it. */
bool job_insert(struct db_connection *connection, const struct job *job, struct problem *problem);

/* At start: what a crash left running is queued again, or failed after JOB_ATTEMPTS_MAX. */
bool jobs_recover(struct db *db, struct problem *problem);

/* The oldest queued job, now running; *ret_found is false when there is none. */
bool job_claim(struct db *db, struct job *ret_job, bool *ret_found, struct problem *problem);
/* Back into the queue, as the server stops; this attempt does not count. */
bool job_put_back(struct db *db, const struct job *job, struct problem *problem);
/* Whether nobody has cancelled it. */
bool job_is_running(
    struct db *db, const struct job *job, bool *ret_running, struct problem *problem);

/* For those who look on; failures are of no consequence. */
void job_store_progress(struct db *db, const struct job *job, int permille);
void job_store_report(struct db *db, const struct job *job, const char *report);

struct job_end {
    const struct job *job;
    const char *state;                   /* "done", "refused" or "failed" */
    const char *reason;                  /* a sentence; NULL for done */
    const char *report;                  /* JSON; may be NULL */
    const struct media_version *version; /* for done: what was made */
    bool applied; /* set: false when it was cancelled meanwhile, and nothing was changed */
};
/* One transaction: the job's end, the lecture's state, and for done its version and renditions. */
bool job_end(struct db *db, struct job_end *end, struct problem *problem);

/* *ret_lecture_id and whether it was running.  PROBLEM_NOT_FOUND, PROBLEM_CONFLICT when it has
 * ended. */
bool job_cancel(struct db *db, const char *job_id, char ret_lecture_id[UUID_TEXT_SIZE],
    bool *ret_was_running, struct problem *problem);

#endif
