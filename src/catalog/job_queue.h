/*
 * The queue of jobs as the store keeps it.
 *
 * States     queued -> running -> (next pass) queued -> running ... -> done, refused, failed or
 *            cancelled.  A running one may be paused for want of room, and is queued again when there
 *            is some.  A failed or cancelled one whose lecture is ready may be tried again.  Each
 *            change names the states that it starts from, so that two who change one job at once
 *            cannot both succeed.
 * Order      by pass (below), then by priority, then by age; never two of one lecture at once, as they
 *            share its folder.
 * Threads    safe from any thread; all but what runs inside db_write or db_read block.
 */
#ifndef LECTERN_CATALOG_JOB_QUEUE_H
#define LECTERN_CATALOG_JOB_QUEUE_H

#include "base/secure.h"
#include "media/media_files.h"
#include "store/db.h"

#include <jansson.h>

enum {
    JOB_ATTEMPTS_MAX = 3, /* of one pass */
    JOB_PARAMETERS_SIZE = 2048,
    JOB_PRIORITY_MAX = 1000000
};

/* In the order in which they are begun: nobody waits for sharper pictures of another's lecture. */
enum job_pass {
    JOB_PASS_FIRST, /* makes the version, and the lecture watchable */
    JOB_PASS_TRACK, /* adds sound that was sent later to a version that is there */
    JOB_PASS_REST,  /* adds the version's other renditions */
    JOB_PASS_COUNT
};
extern const char *const job_pass_names[JOB_PASS_COUNT]; /* as in the store and the API */
enum job_pass job_pass_of(const char *name);

struct job {
    char id[UUID_TEXT_SIZE];
    char lecture_id[UUID_TEXT_SIZE];
    int64_t version; /* of the lecture, that the job makes or adds to */
    enum job_pass pass;
    char parameters[JOB_PARAMETERS_SIZE]; /* JSON that the pass needs; "" for none */
};

/* Inside db_write: queues it. */
bool job_insert(struct db_connection *connection, const struct job *job, struct problem *problem);

/* At start: what a crash left running is queued again, or failed after JOB_ATTEMPTS_MAX. */
bool jobs_recover(struct db *db, struct problem *problem);

/* The first in order, now running; *ret_found is false when there is none.  short_only: none that
 * makes the rest. */
bool job_claim(
    struct db *db, bool short_only, struct job *ret_job, bool *ret_found, struct problem *problem);
/* Back into the queue, as the server stops; this attempt does not count. */
bool job_put_back(struct db *db, const struct job *job, struct problem *problem);
/* Whether nobody has cancelled it. */
bool job_is_running(
    struct db *db, const struct job *job, bool *ret_running, struct problem *problem);

/* For want of room: until jobs_resume() finds some.  This attempt does not count.  *ret_applied is
 * false when it was cancelled meanwhile. */
struct job_pause {
    const struct job *job;
    int64_t needed_bytes, free_bytes;
    bool applied; /* set */
};
bool job_pause(struct db *db, struct job_pause *pause, struct problem *problem);
/* Queues those paused ones again that so much room is enough for. */
bool jobs_resume(struct db *db, int64_t free_bytes, bool *ret_any, struct problem *problem);

/* For those who look on; failures are of no consequence. */
struct job_progress {
    char job_id[UUID_TEXT_SIZE], lecture_id[UUID_TEXT_SIZE];
    enum job_pass pass;
    int permille; /* of the pass */
    int64_t
        speed_percent; /* lecture time prepared in a second; 100: as fast as it plays; -1: not known yet */
    int64_t left_ms; /* until the pass ends; -1: not known yet */
};
void job_store_progress(struct db *db, const struct job_progress *progress);
void job_store_report(struct db *db, const struct job *job, const char *report);

struct carried_sounds;

/* A pass that made something: one transaction with what it made. */
struct job_publication {
    const struct job *job;
    const struct media_version *made; /* the version as it is to be */
    const char *report;               /* JSON; JOB_PASS_FIRST */
    const json_t *chapters; /* JOB_PASS_FIRST: [{"start_ms","title"}] of the file; may be NULL */
    struct carried_sounds *sounds; /* JOB_PASS_FIRST: of the version before (sound_carry.h) */
    const struct settings *settings;
    int64_t original_bytes;      /* JOB_PASS_FIRST; -1: not kept */
    int64_t trailing_silence_ms; /* JOB_PASS_FIRST */
    bool is_last;                /* no pass follows: the job is done */
    bool forgets_original;       /* with it: it is not to be kept */
    bool applied; /* set: false when it was cancelled meanwhile, and nothing was changed */
};
bool job_publish(struct db *db, struct job_publication *publication, struct problem *problem);

struct job_end {
    const struct job *job;
    const char *state;  /* "refused" or "failed" */
    const char *reason; /* a sentence */
    const char *report; /* JSON; may be NULL */
    bool applied;       /* set: as above */
};
/* One transaction: the job's end and the lecture's state. */
bool job_end(struct db *db, struct job_end *end, struct problem *problem);

/* What people do to a job; ret_job tells whose it is.  PROBLEM_NOT_FOUND, PROBLEM_CONFLICT with a
 * sentence. */
bool job_cancel(struct db *db, const char *job_id, struct job *ret_job, bool *ret_was_running,
    struct problem *problem);
/* Of a paused one: looks for room again, now. */
bool job_retry(struct db *db, const char *job_id, struct job *ret_job, struct problem *problem);
/* Inside db_write.  0 to JOB_PRIORITY_MAX; `first`: above all others, whatever that is. */
bool job_set_priority(struct db_connection *connection, const char *job_id, int64_t priority,
    struct problem *problem);
bool job_move_first(struct db_connection *connection, const char *job_id, struct problem *problem);

#endif
