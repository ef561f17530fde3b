/*
 * From a file to a lecture that grows: the queue of jobs in the store, and the threads that run them.
 *
 * Way        lecture row (preparing) + job row (queued), input at data/incoming/{job}.input -> the
 *            first pass: a child (media/job.h) writes data/drafts/{job}/ -> one rename to
 *            data/lectures/{lecture}/{version}/ -> one transaction: version, renditions, lecture
 *            ready, job queued for the rest; the input is the version's original from now on -> the
 *            rest: a child writes into a draft again -> its files move to the version's folder -> one
 *            transaction: renditions, version changed, job done.
 * Places     media-jobs passes at once.  While all of them make the rest of lectures, there is one more
 *            for a pass that somebody waits for, so that no lecture waits an hour for another's
 *            sharper pictures; the kernel gives such a pass most of the processor (media/job_child.c).
 * Crash      at start every "running" job is queued again, at the pass that it was at (at most 3
 *            attempts each, then failed with a reason); what has no row is removed
 *            (ingest_files.h).
 * Full disk  a pass that has no room is paused, and nothing of it stays; it is queued again when there
 *            is room.  What is published plays on.
 * Ends       done, refused (the file cannot be a lecture), failed, cancelled.  A first pass that ended
 *            otherwise than done leaves nothing but the rows.  A further one leaves the lecture as it
 *            was: ready.  The job's reason is a sentence for the admin.
 * Threads    safe from any thread; all functions block.
 */
#ifndef LECTERN_CATALOG_INGEST_H
#define LECTERN_CATALOG_INGEST_H

#include "base/settings.h"
#include "catalog/job_queue.h"
#include "catalog/lecture.h"
#include "media/job.h"
#include "store/db.h"

struct ingest;

/* Functions may be NULL; they are called from a job's thread, or from the caller's. */
struct ingest_options {
    /* A change of state that pages or caches care about. */
    void (*changed)(void *data, const char *lecture_id);
    /* How far a running pass is, once a second at most.  Short. */
    void (*progressed)(void *data, const struct job_progress *progress);
    void *data;
    /* Makes no rest of lectures before ingest_make_rest(): a process of one command does what it was
     * asked for, and leaves the rest to the server. */
    bool leaves_rest;
};

/* The options are copied, and may be NULL; settings are lent. */
struct ingest *ingest_start(struct db *db, const struct settings *settings,
    const struct ingest_options *options, struct problem *problem);
/* Beside a server that still lives (a takeover): changes nothing that it may be at, and runs no job
 * until ingest_resume(). */
struct ingest *ingest_start_paused(struct db *db, const struct settings *settings,
    const struct ingest_options *options, struct problem *problem);
void ingest_make_rest(struct ingest *ingest);
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

/* Runs in the transaction that adds a job: what must be true exactly when the job exists. */
struct ingest_also {
    bool (*run)(struct db_connection *connection, void *data, const char *lecture_id,
        struct problem *problem);
    void *data;
    const char *sha256; /* of the file, in hexadecimal; NULL: it is read for that */
};
/* Copies or takes over an input, then queues the job in the same transaction as the lecture row.
 * input_fd is an open regular file, and input_path its name.  With take_over the file becomes ours:
 * it gets its place in data/incoming by a second name where the file system allows it, else by a
 * copy, and input_path is removed once the job is durable, so that a crash never loses it. Without,
 * it is copied and left alone, and input_path may be NULL.  On failure nothing is left.
 * also may be NULL. */
bool ingest_add_file(struct ingest *ingest, const struct lecture_fields *fields, int input_fd,
    const char *input_path, bool take_over, const struct ingest_also *also,
    char ret_lecture_id[UUID_TEXT_SIZE], char ret_job_id[UUID_TEXT_SIZE], struct problem *problem);

/* As ingest_add_file(), for a new version of a lecture that is there: its file, as it was called
 * on the admin's machine, and what of the version before it shows (lecture_version.h).  The lecture
 * stays ready, and the version before is watched until this one is. */
struct ingest_replacement {
    const char *lecture_id, *file_name;
    const char *timeline; /* "same", "none", or pieces */
};
bool ingest_replace(struct ingest *ingest, const struct ingest_replacement *replacement,
    int input_fd, const char *input_path, bool take_over, const struct ingest_also *also,
    char ret_job_id[UUID_TEXT_SIZE], struct problem *problem);
/* From the file that the current version was made of: [from_ms, to_ms) of that version is kept. */
bool ingest_trim(struct ingest *ingest, const char *lecture_id, int64_t from_ms, int64_t to_ms,
    const struct ingest_also *also, char ret_job_id[UUID_TEXT_SIZE], struct problem *problem);

/* PROBLEM_NOT_FOUND; PROBLEM_CONFLICT with a sentence when it has ended already. */
bool ingest_cancel(struct ingest *ingest, const char *job_id, struct problem *problem);
/* A job that failed or was cancelled while it made the rest, or is paused: goes on where it stood.
 * PROBLEM_NOT_FOUND, PROBLEM_CONFLICT with a sentence. */
bool ingest_retry(struct ingest *ingest, const char *job_id, struct problem *problem);
/* Blocks until the job has ended, all of its passes; progressed may be NULL, and runs on the caller's
 * thread with the permille of the present pass.  ret_json is job_outcome_json()'s.  PROBLEM_BUSY when
 * the server stops meanwhile. */
bool ingest_wait(struct ingest *ingest, const char *job_id,
    void (*progressed)(void *data, int permille), void *data, json_t **ret_json,
    struct problem *problem);

/* {"id","lecture_id","version","kind","state","pass","permille","speed_percent","left_ms","priority",
 *  "reason","paused":{"code","needed_bytes","free_bytes"}|null,"report"}, as the store has it: what
 * moves is up to a second old.  Inside db_read. */
json_t *job_json(struct db_connection *connection, const char *job_id, struct problem *problem);
/* Those that wait, run or are paused, and those that have ended where asked for, without their reports.  Inside db_read. */
json_t *jobs_json(struct db_connection *connection, bool ended, struct problem *problem);
/* How a job stands for who waits for it.  ret_json: {"id":lecture,"state":"ready|refused|failed|
 * preparing","reason":sentence|null,"report":{...}|null}; a lecture whose further passes came to nothing
 * is ready, and the reason says what happened.  Inside db_read. */
struct job_standing {
    bool has_ended, is_paused;
    enum job_pass pass;
    int permille;
};
bool job_outcome_json(struct db_connection *connection, const char *job_id,
    struct job_standing *ret_standing, json_t **ret_json, struct problem *problem);

#endif
