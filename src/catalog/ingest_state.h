/*
 * What ingest.c (adding, cancelling, waiting), ingest_run.c (the threads, and how many of them work) and
 * ingest_pass.c (one pass of one job) share, and lecture_sound.c, which adds jobs too.  Only they
 * include this.
 */
#ifndef LECTERN_CATALOG_INGEST_STATE_H
#define LECTERN_CATALOG_INGEST_STATE_H

#include "catalog/ingest.h"
#include "catalog/job_pace.h"
#include "catalog/job_queue.h"

#include <pthread.h>
#include <stdatomic.h>

enum {
    PROGRESS_EVERY_MS = 1000, /* into the store, and to who listens */
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
    /* the job's thread only */
    struct job_pace pace;
    int64_t told_ms;      /* steady: when progress was last told */
    int64_t needed_bytes; /* of the disk, as far as known */
    bool lacks_room;
};

struct ingest {
    struct db *db;
    const struct settings *settings;
    struct ingest_options options;
    pthread_mutex_t lock;
    pthread_cond_t moved;  /* anything of the below; steady clock */
    uint64_t queued_count; /* grows with each new job, and when a place becomes free */
    uint64_t move_count;   /* grows with each progress and end */
    size_t waiter_count;   /* inside ingest_wait() */
    struct run *runs;
    size_t short_count, rest_count; /* of runs: such as make the rest, and others */
    pthread_mutex_t claim_lock;     /* one thread at a time looks for a job; before `lock` */
    int64_t room_looked_ms;         /* under claim_lock; steady */
    atomic_bool stopping, makes_rest;
    size_t thread_max, thread_count;
    pthread_t threads[];
};

/* A regular file that is not too large. */
bool ingest_check_input(const struct settings *settings, int input_fd, struct problem *problem);
void ingest_lock(struct ingest *ingest);
void ingest_unlock(struct ingest *ingest);
/* Under the lock: until something moved, the time has passed, or the server stops. */
void ingest_wait_for_move(struct ingest *ingest, int64_t most_ms);
/* Under the lock: NULL when no thread has the job. */
struct run *ingest_find_run(struct ingest *ingest, const char *job_id);
/* Not under the lock. */
void ingest_tell_of_move(struct ingest *ingest);
void ingest_tell_of_change(struct ingest *ingest, const char *lecture_id);

/* A thread: runs jobs until the server stops. */
void *ingest_run_jobs(void *ingest);

/* One pass of a claimed and enlisted job, to where the store and the disk say what became of it. */
void ingest_run_pass(struct run *run);

#endif
