/* The threads that run jobs, and how many of them may work at once. */
#include "catalog/ingest_state.h"

#include "base/clock.h"
#include "catalog/failpoint.h"
#include "catalog/job_room.h"

enum places { PLACES_NONE, PLACES_SHORT, PLACES_ANY };

/*
 * While the rest is made in all places, a pass that somebody waits for gets one more: ending such
 * work for it would lose up to hours of it, and to wait for it would take as long.
 */
static enum places free_places(struct ingest *ingest)
{
    size_t most = (size_t)ingest->settings->media_jobs;
    ingest_lock(ingest);
    size_t working = ingest->short_count + ingest->rest_count;
    enum places places = working < most                                           ? PLACES_ANY
                         : ingest->rest_count >= most && ingest->short_count == 0 ? PLACES_SHORT
                                                                                  : PLACES_NONE;
    ingest_unlock(ingest);
    return places;
}

static size_t *count_of(struct run *run)
{
    return run->job.pass == JOB_PASS_REST ? &run->ingest->rest_count : &run->ingest->short_count;
}

static void enlist(struct run *run)
{
    ingest_lock(run->ingest);
    run->next = run->ingest->runs;
    run->ingest->runs = run;
    (*count_of(run))++;
    ingest_unlock(run->ingest);
}

static void strike_off(struct run *run)
{
    ingest_lock(run->ingest);
    struct run **at = &run->ingest->runs;
    while (*at != run)
        at = &(*at)->next;
    *at = run->next;
    (*count_of(run))--;
    ingest_unlock(run->ingest);
}

static void run_job(struct run *run)
{
    struct ingest *ingest = run->ingest;
    ingest_tell_of_change(ingest, run->job.lecture_id);
    failpoint("claimed");
    ingest_run_pass(run);
    failpoint("cleaned");
    /* Whoever waits for the job finds caches that know of it. */
    ingest_tell_of_change(ingest, run->job.lecture_id);
    strike_off(run);
    ingest_look(ingest); /* there is a place, and perhaps a further pass */
    ingest_tell_of_move(ingest);
}

/* Until a job is added, or it is time to look again. */
static void wait_for_job(struct ingest *ingest, uint64_t seen, int64_t most_ms)
{
    int64_t until_ms = clock_steady_ms() + most_ms, left_ms = most_ms;
    ingest_lock(ingest);
    while (left_ms > 0 && seen == ingest->queued_count && !atomic_load(&ingest->stopping)) {
        ingest_wait_for_move(ingest, left_ms);
        left_ms = until_ms - clock_steady_ms();
    }
    ingest_unlock(ingest);
}

static int64_t room_every_ms(const struct ingest *ingest)
{
    return ingest->settings->disk_full_retry_seconds * 1000;
}

/* Under claim_lock: paused jobs go on when there is room for them. */
static void look_for_room(struct ingest *ingest)
{
    struct problem ignored = { 0 };
    bool any;
    int64_t now_ms = clock_steady_ms();
    if (now_ms - ingest->room_looked_ms < room_every_ms(ingest))
        return;
    ingest->room_looked_ms = now_ms;
    (void)jobs_resume(ingest->db, job_room_free_bytes(ingest->settings), &any, &ignored);
}

/* Under claim_lock.  A job that was cancelled may be queued again before the thread that had it has put
 * away its draft, which is the same for both.  false: the server stops. */
static bool wait_for_former_run(struct ingest *ingest, const char *job_id)
{
    ingest_lock(ingest);
    while (ingest_find_run(ingest, job_id) && !atomic_load(&ingest->stopping))
        ingest_wait_for_move(ingest, AFTER_FAILURE_MS);
    bool gone = !ingest_find_run(ingest, job_id);
    ingest_unlock(ingest);
    return gone;
}

/* The next job, now running and enlisted; false when there is none, or the store fails (*problem). */
static bool claim(struct ingest *ingest, struct run *run, struct problem *problem)
{
    bool found = false;
    (void)pthread_mutex_lock(&ingest->claim_lock);
    enum places places = free_places(ingest);
    look_for_room(ingest);
    bool short_only = places == PLACES_SHORT || !atomic_load(&ingest->makes_rest);
    if (places != PLACES_NONE && job_claim(ingest->db, short_only, &run->job, &found, problem)
        && found) {
        found = wait_for_former_run(ingest, run->job.id);
        if (found)
            enlist(run);
        else
            (void)job_put_back(ingest->db, &run->job, problem);
    }
    (void)pthread_mutex_unlock(&ingest->claim_lock);
    return found;
}

void *ingest_run_jobs(void *data)
{
    struct ingest *ingest = data;
    (void)pthread_setname_np(pthread_self(), "ingest");
    while (!atomic_load(&ingest->stopping)) {
        struct problem problem = { 0 };
        struct run run = { .ingest = ingest };
        ingest_lock(ingest);
        uint64_t seen = ingest->queued_count;
        ingest_unlock(ingest);
        int64_t wait_ms
            = room_every_ms(ingest) < LOOK_AGAIN_MS ? room_every_ms(ingest) : LOOK_AGAIN_MS;
        if (claim(ingest, &run, &problem))
            run_job(&run);
        else
            wait_for_job(ingest, seen, problem_is_set(&problem) ? AFTER_FAILURE_MS : wait_ms);
    }
    return NULL;
}
