/*
 * What ingest.c (adding, cancelling, waiting) and ingest_run.c (the threads) share.  Only they
 * include this.
 */
#ifndef LECTERN_CATALOG_INGEST_STATE_H
#define LECTERN_CATALOG_INGEST_STATE_H

#include "catalog/ingest.h"
#include "catalog/job_queue.h"

#include <pthread.h>
#include <stdatomic.h>

enum {
    PROGRESS_EVERY_MS = 1000, /* into the store */
    LOOK_AGAIN_MS = 60000,    /* for a queued job; new ones wake a thread at once */
    AFTER_FAILURE_MS = 2000   /* of the store, before asking it again */
};

/* A job in a thread's hands. */
struct run {
    struct ingest *ingest;
    struct job job;
    struct run *next; /* under the lock */
    int permille;     /* under the lock */
    atomic_bool cancelled;
    int64_t progress_stored_at_ms; /* steady; the job's thread only */
};

struct ingest {
    struct db *db;
    const struct settings *settings;
    void (*changed)(void *data, const char *lecture_id);
    void *data;
    pthread_mutex_t lock;
    pthread_cond_t moved;  /* anything of the below; steady clock */
    uint64_t queued_count; /* grows with each new job */
    uint64_t move_count;   /* grows with each progress and end */
    size_t waiter_count;   /* inside ingest_wait() */
    struct run *runs;
    atomic_bool stopping;
    size_t thread_max, thread_count;
    pthread_t threads[];
};

void ingest_lock(struct ingest *ingest);
void ingest_unlock(struct ingest *ingest);
/* Under the lock: until something moved, the time has passed, or the server stops. */
void ingest_wait_for_move(struct ingest *ingest, int64_t most_ms);
/* Not under the lock. */
void ingest_tell_of_move(struct ingest *ingest);
void ingest_tell_of_change(struct ingest *ingest, const char *lecture_id);

/* A thread: runs jobs until the server stops. */
void *ingest_run_jobs(void *ingest);

#endif
