/*
 * From a file to a lecture: the queue of jobs in the store, and the threads that run them.
 *
 * Way        lecture row (preparing) + job row (queued), input at data/incoming/{job}.input -> the
 *            job's child (media/job.h) writes data/drafts/{job}/ -> one rename to
 *            data/lectures/{lecture}/{version}/ -> one transaction: version, renditions, lecture
 *            ready, job done -> input removed.
 * Crash      at start every "running" job is queued again (at most 3 attempts, then failed with a
 *            reason); inputs and drafts without a job and version folders without a row are
 *            removed; a folder that was renamed before its transaction is made anew.
 * Ends       done, refused (the file cannot be a lecture), failed, cancelled: but for done, nothing
 *            is left but the rows, and the job's reason is a sentence for the admin.
 * Threads    safe from any thread; all functions block.
 */
#ifndef LECTERN_CATALOG_INGEST_H
#define LECTERN_CATALOG_INGEST_H

#include "base/settings.h"
#include "catalog/lecture.h"
#include "media/job.h"
#include "store/db.h"

struct ingest;

/* changed(data, lecture_id) is called after each change of state that pages or caches care about;
 * from a job's thread, or from the caller's.  changed may be NULL; settings are lent. */
struct ingest *ingest_start(struct db *db, const struct settings *settings,
    void (*changed)(void *data, const char *lecture_id), void *data, struct problem *problem);
/* Beside a server that still lives (a takeover): changes nothing that it may be at, and runs no job
 * until ingest_resume(). */
struct ingest *ingest_start_paused(struct db *db, const struct settings *settings,
    void (*changed)(void *data, const char *lecture_id), void *data, struct problem *problem);
/* Ends running children, whose jobs are queued again for whoever goes on (this attempt does not count);
 * jobs can still be added.  When it returns, nobody works here. */
void ingest_pause(struct ingest *ingest);
/* Jobs are run again, also those that others on the same store added or left running: nobody else may
 * run jobs now.  Without ingest_pause() before, nothing changes. */
bool ingest_resume(struct ingest *ingest, struct problem *problem);
/* Looks for jobs that another process on the same store added. */
void ingest_look(struct ingest *ingest);
/* Ends running children (their jobs are queued again, and this attempt does not count), lets
 * ingest_wait() return, joins, frees.  Accepts NULL. */
void ingest_stop(struct ingest *ingest);

/* Copies or takes over an input, then queues the job in the same transaction as the lecture row.
 * input_fd is an open regular file, and input_path its name.  With take_over the file becomes ours:
 * it gets its place in data/incoming by a second name where the file system allows it, else by a
 * copy, and input_path is removed once the job is durable, so that a crash never loses it. Without,
 * it is copied and left alone, and input_path may be NULL.  On failure nothing is left. */
bool ingest_add_file(struct ingest *ingest, const struct lecture_fields *fields, int input_fd,
    const char *input_path, bool take_over, char ret_lecture_id[UUID_TEXT_SIZE],
    char ret_job_id[UUID_TEXT_SIZE], struct problem *problem);

/* The same, and `also` runs in that transaction: what must be true exactly when the job exists. */
struct ingest_also {
    bool (*run)(struct db_connection *connection, void *data, const char *lecture_id,
        struct problem *problem);
    void *data;
    const char *sha256; /* of the file, in hexadecimal; NULL: it is read for that */
};
bool ingest_add_file_also(struct ingest *ingest, const struct lecture_fields *fields, int input_fd,
    const char *input_path, bool take_over, const struct ingest_also *also,
    char ret_lecture_id[UUID_TEXT_SIZE], char ret_job_id[UUID_TEXT_SIZE], struct problem *problem);

/* PROBLEM_NOT_FOUND; PROBLEM_CONFLICT with a sentence when it has ended already. */
bool ingest_cancel(struct ingest *ingest, const char *job_id, struct problem *problem);
/* Blocks until the job has ended; progressed may be NULL, and runs on the caller's thread.
 * ret_json:
 * {"id":lecture,"state":"ready|refused|failed","reason":sentence|null,"report":{...}|null}; a
 * cancelled job reads "failed".  PROBLEM_BUSY when the server stops meanwhile. */
bool ingest_wait(struct ingest *ingest, const char *job_id,
    void (*progressed)(void *data, int permille), void *data, json_t **ret_json,
    struct problem *problem);
/* {"id","lecture_id","state","permille","reason","report"}, as the store has it: permille is up to
 * a second old.  Inside db_read. */
json_t *job_json(struct db_connection *connection, const char *job_id, struct problem *problem);

#endif
