#include "viewing/checkpointer.h"

#include "base/clock.h"
#include "base/memory.h"
#include "viewing/evidence_checkpoints.h"
#include "viewing/evidence_keys.h"
#include "viewing/evidence_stamps.h"
#include "viewing/evidence_tree.h"

#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

enum { LOOK_EVERY_MS = 5000, MINUTE_MS = 60000, STAMP_AGAIN_MS_MAX = 3600000 };

struct checkpointer {
    struct db *db;
    const struct settings *settings;
    void (*tell)(const struct problem *problem);
    pthread_t thread;
    pthread_mutex_t lock; /* guards what follows */
    pthread_cond_t woken;
    struct checkpointer_figures figures;
    bool stopping;
    /* The thread's own. */
    bool failed;                         /* told once, not every few seconds */
    int64_t stamp_wait_ms, stamp_due_ms; /* after a failure; steady */
};

struct looking {
    const struct settings *settings;
    const char *cause;
};

static bool look(struct db_connection *connection, void *data, struct problem *problem)
{
    struct looking *looking = data;
    return evidence_checkpoint_due(connection, clock_now_ms(),
        looking->settings->evidence_checkpoint_minutes * MINUTE_MS, &looking->cause, problem);
}

static bool sign(struct checkpointer *checkpointer, struct problem *problem)
{
    struct looking looking = { .settings = checkpointer->settings };
    struct evidence_head head;
    if (!db_read(checkpointer->db, look, &looking, problem))
        return false;
    if (!looking.cause)
        return true;
    if (!evidence_checkpoint(
            checkpointer->db, checkpointer->settings, looking.cause, &head, problem))
        return false;
    (void)pthread_mutex_lock(&checkpointer->lock);
    checkpointer->figures.made++;
    checkpointer->figures.size = head.size;
    checkpointer->figures.at_ms = head.at_ms;
    (void)pthread_mutex_unlock(&checkpointer->lock);
    return true;
}

static bool stamp(struct checkpointer *checkpointer, struct problem *problem)
{
    bool stamped;
    if (clock_steady_ms() < checkpointer->stamp_due_ms)
        return true;
    bool done = evidence_stamp_newest(checkpointer->db, checkpointer->settings, &stamped, problem);
    int64_t wait_ms = checkpointer->stamp_wait_ms * 2 + LOOK_EVERY_MS;
    if (wait_ms > STAMP_AGAIN_MS_MAX)
        wait_ms = STAMP_AGAIN_MS_MAX;
    checkpointer->stamp_wait_ms = done ? 0 : wait_ms;
    checkpointer->stamp_due_ms = clock_steady_ms() + checkpointer->stamp_wait_ms;
    (void)pthread_mutex_lock(&checkpointer->lock);
    checkpointer->figures.stamped += stamped;
    (void)pthread_mutex_unlock(&checkpointer->lock);
    return done;
}

static bool make_first_key(struct checkpointer *checkpointer, struct problem *problem)
{
    struct note_signer *signer
        = evidence_signer_open(checkpointer->db, checkpointer->settings, problem);
    note_signer_free(signer);
    return signer;
}

static void note_outcome(
    struct checkpointer *checkpointer, bool done, const struct problem *problem)
{
    if (!done && !checkpointer->failed)
        checkpointer->tell(problem);
    checkpointer->failed = !done;
    (void)pthread_mutex_lock(&checkpointer->lock);
    checkpointer->figures.failures += !done;
    (void)pthread_mutex_unlock(&checkpointer->lock);
}

/* False: it is time to stop. */
static bool rest(struct checkpointer *checkpointer)
{
    struct timespec until = clock_steady_after(LOOK_EVERY_MS);
    (void)pthread_mutex_lock(&checkpointer->lock);
    while (
        !checkpointer->stopping
        && pthread_cond_timedwait(&checkpointer->woken, &checkpointer->lock, &until) != ETIMEDOUT)
        ;
    bool stopping = checkpointer->stopping;
    (void)pthread_mutex_unlock(&checkpointer->lock);
    return !stopping;
}

static void *keep_signing(void *data)
{
    struct checkpointer *checkpointer = data;
    (void)pthread_setname_np(pthread_self(), "checkpointer");
    bool has_key = false;
    do {
        struct problem problem = { 0 };
        has_key = has_key || make_first_key(checkpointer, &problem);
        note_outcome(checkpointer,
            has_key && evidence_tree_grow(checkpointer->db, &problem)
                && sign(checkpointer, &problem) && stamp(checkpointer, &problem),
            &problem);
    } while (rest(checkpointer));
    return NULL;
}

static void release(struct checkpointer *checkpointer)
{
    (void)pthread_cond_destroy(&checkpointer->woken);
    (void)pthread_mutex_destroy(&checkpointer->lock);
    free(checkpointer);
}

struct checkpointer *checkpointer_start(struct db *db, const struct settings *settings,
    void (*tell)(const struct problem *problem), struct problem *problem)
{
    struct checkpointer *checkpointer = memory_zeroed(1, sizeof *checkpointer);
    pthread_condattr_t attributes;
    checkpointer->db = db;
    checkpointer->settings = settings;
    checkpointer->tell = tell;
    (void)pthread_mutex_init(&checkpointer->lock, NULL);
    (void)pthread_condattr_init(&attributes);
    (void)pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
    (void)pthread_cond_init(&checkpointer->woken, &attributes);
    (void)pthread_condattr_destroy(&attributes);
    int error_number = pthread_create(&checkpointer->thread, NULL, keep_signing, checkpointer);
    if (error_number == 0)
        return checkpointer;
    problem_set_errno(problem, error_number, "start the checkpointer's thread");
    release(checkpointer);
    return NULL;
}

void checkpointer_read_figures(
    struct checkpointer *checkpointer, struct checkpointer_figures *ret_figures)
{
    (void)pthread_mutex_lock(&checkpointer->lock);
    *ret_figures = checkpointer->figures;
    (void)pthread_mutex_unlock(&checkpointer->lock);
}

void checkpointer_stop(struct checkpointer *checkpointer)
{
    if (!checkpointer)
        return;
    (void)pthread_mutex_lock(&checkpointer->lock);
    checkpointer->stopping = true;
    (void)pthread_cond_signal(&checkpointer->woken);
    (void)pthread_mutex_unlock(&checkpointer->lock);
    (void)pthread_join(checkpointer->thread, NULL);
    release(checkpointer);
}
