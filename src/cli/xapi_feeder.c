#include "cli/xapi_feeder.h"

#include "base/clock.h"
#include "base/log.h"
#include "base/memory.h"
#include "mail/outbox.h"
#include "viewing/xapi.h"

#include <errno.h>
#include <pthread.h>
#include <stdlib.h>

struct xapi_feeder {
    struct db *db;
    const struct settings *settings;
    pthread_t thread;
    pthread_mutex_t lock; /* guards stopping */
    pthread_cond_t woken;
    bool stopping;
    bool failed; /* said once, not each time */
};

struct feeding {
    const struct settings *settings;
    struct db_connection *connection;
    bool more;
};

static bool queue(void *data, const struct xapi_statement *statement, struct problem *problem)
{
    const struct feeding *feeding = data;
    const struct outbox_entry entry = {
        .channel = OUTBOX_XAPI,
        .key = statement->id,
        .recipient = statement->participant_id,
        .title = statement->verb,
        .body = statement->body,
    };
    return outbox_add(feeding->connection, &entry, problem);
}

static bool feed(struct db_connection *connection, void *data, struct problem *problem)
{
    struct feeding *feeding = data;
    int64_t waiting = 0;
    feeding->connection = connection;
    feeding->more = false;
    if (!outbox_count_waiting(connection, OUTBOX_XAPI, &waiting, problem))
        return false;
    if (waiting >= feeding->settings->lrs_waiting_max)
        return true;
    const struct xapi_listener listener = { queue, feeding };
    return xapi_feed(connection, feeding->settings, &listener, &feeding->more, problem);
}

/* True: there is more to do. */
static bool feed_some(struct xapi_feeder *feeder)
{
    struct problem problem = { 0 };
    struct feeding feeding = { .settings = feeder->settings };
    bool good = db_write(feeder->db, feed, &feeding, &problem);
    if (!good && !feeder->failed)
        log_problem(LOG_ERROR, "xapi-feed", &problem);
    feeder->failed = !good;
    return good && feeding.more;
}

static void *run(void *data)
{
    struct xapi_feeder *feeder = data;
    (void)pthread_setname_np(pthread_self(), "xapi-feed");
    (void)pthread_mutex_lock(&feeder->lock);
    while (!feeder->stopping) {
        (void)pthread_mutex_unlock(&feeder->lock);
        bool more = feed_some(feeder);
        (void)pthread_mutex_lock(&feeder->lock);
        if (more)
            continue;
        struct timespec until = clock_steady_after(feeder->settings->lrs_interval_seconds * 1000);
        while (!feeder->stopping
               && pthread_cond_timedwait(&feeder->woken, &feeder->lock, &until) != ETIMEDOUT)
            ;
    }
    (void)pthread_mutex_unlock(&feeder->lock);
    return NULL;
}

static void release(struct xapi_feeder *feeder)
{
    (void)pthread_cond_destroy(&feeder->woken);
    (void)pthread_mutex_destroy(&feeder->lock);
    free(feeder);
}

struct xapi_feeder *xapi_feeder_start(
    struct db *db, const struct settings *settings, struct problem *problem)
{
    struct xapi_feeder *feeder = memory_zeroed(1, sizeof *feeder);
    pthread_condattr_t steady;
    feeder->db = db;
    feeder->settings = settings;
    (void)pthread_mutex_init(&feeder->lock, NULL);
    (void)pthread_condattr_init(&steady);
    (void)pthread_condattr_setclock(&steady, CLOCK_MONOTONIC);
    (void)pthread_cond_init(&feeder->woken, &steady);
    (void)pthread_condattr_destroy(&steady);
    int error_number = pthread_create(&feeder->thread, NULL, run, feeder);
    if (error_number == 0)
        return feeder;
    problem_set_errno(problem, error_number, "start the thread that makes statements");
    release(feeder);
    return NULL;
}

void xapi_feeder_stop(struct xapi_feeder *feeder)
{
    if (!feeder)
        return;
    (void)pthread_mutex_lock(&feeder->lock);
    feeder->stopping = true;
    (void)pthread_cond_signal(&feeder->woken);
    (void)pthread_mutex_unlock(&feeder->lock);
    (void)pthread_join(feeder->thread, NULL);
    release(feeder);
}
