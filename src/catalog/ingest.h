/*
 * From a file to a lecture: the queue of jobs in the store, and the threads that run them.
 *
 * Way        lecture row (preparing) + job row (queued), input at data/incoming/{job}.input -> the job's child (media/job.h) writes
 *            data/drafts/{job}/ -> one rename to data/lectures/{lecture}/{version}/ -> one transaction: version, renditions, lecture
 *            ready, job done -> input removed.
 * Crash      at start every "running" job is queued again (at most 3 attempts, then failed with a reason); drafts without a job and
 *            version folders without a row are removed; a folder that was renamed before its transaction is made anew.
 * Threads    safe from any thread.
 */
#ifndef LECTERN_CATALOG_INGEST_H
#define LECTERN_CATALOG_INGEST_H

#include "base/settings.h"
#include "catalog/lecture.h"
#include "media/job.h"
#include "store/db.h"

struct ingest;

/* changed(data, lecture_id) is called after each change of state that pages or caches care about; from a job's thread. */
struct ingest *ingest_start(struct db *db, const struct settings *settings,
    void (*changed)(void *data, const char *lecture_id), void *data, struct problem *problem);
/* Ends running children (their jobs are queued again at the next start), joins, frees. */
void ingest_stop(struct ingest *ingest);

/* Copies or takes over an input, then queues the job in the same transaction as the lecture row.  input_path is renamed into
 * data/incoming when it lies on the same file system and take_over is set, else copied from input_fd. */
bool ingest_add_file(struct ingest *ingest, const struct lecture_fields *fields, int input_fd, const char *input_path,
    bool take_over, char ret_lecture_id[UUID_TEXT_SIZE], char ret_job_id[UUID_TEXT_SIZE], struct problem *problem);
bool ingest_cancel(struct ingest *ingest, const char *job_id, struct problem *problem);
/* Blocks until the job has ended; progressed may be NULL.  ret_json: {"id":lecture,"state":"ready|refused|failed","reason","report"} */
bool ingest_wait(struct ingest *ingest, const char *job_id, void (*progressed)(void *data, int permille), void *data,
    json_t **ret_json, struct problem *problem);
/* {"id","lecture_id","state","permille","reason","report"} */
json_t *job_json(struct db_connection *connection, const char *job_id, struct problem *problem);

#endif
