#include "cli/privacy_watch.h"

#include "base/clock.h"
#include "base/log.h"
#include "base/memory.h"
#include "privacy/retention.h"

#include <errno.h>
#include <pthread.h>
#include <stdlib.h>

/* The first look comes soon after the start, and not in its midst. */
enum { FIRST_LOOK_AFTER_MS = 2000, LOOK_EVERY_MS = 3600 * 1000 };

struct privacy_watch {
    struct application *application;
    pthread_t thread;
    pthread_mutex_t lock; /* guards stopping */
    pthread_cond_t woken;
    bool stopping;
};

static bool may_go_on(void *data)
{
    struct privacy_watch *watch = data;
    (void)pthread_mutex_lock(&watch->lock);
    bool stopping = watch->stopping;
    (void)pthread_mutex_unlock(&watch->lock);
    return !stopping;
}

static void look(struct privacy_watch *watch)
{
    struct application *application = watch->application;
    struct erasure_pace pace = { may_go_on, watch };
    struct problem problem = { 0 }, denial = { 0 };
    int64_t since_ms = clock_now_ms(), count = 0;
    if (!retention_run(application->db, application->settings, pace, &count, &problem))
        log_problem(LOG_ERROR, "retention", &problem);
    else if (count > 0)
        log_event(LOG_INFO, "retention", "erased=%lld", (long long)count);
    if (!media_token_deny_revoked(application->tokens, application->db, since_ms, &denial))
        log_problem(LOG_ERROR, "retention", &denial);
}

static void *watch_time(void *data)
{
    struct privacy_watch *watch = data;
    int64_t wait_ms = FIRST_LOOK_AFTER_MS;
    (void)pthread_setname_np(pthread_self(), "privacy");
    (void)pthread_mutex_lock(&watch->lock);
    while (!watch->stopping) {
        struct timespec until = clock_steady_after(wait_ms);
        if (pthread_cond_timedwait(&watch->woken, &watch->lock, &until) != ETIMEDOUT)
            continue;
        (void)pthread_mutex_unlock(&watch->lock);
        look(watch);
        (void)pthread_mutex_lock(&watch->lock);
        wait_ms = LOOK_EVERY_MS;
    }
    (void)pthread_mutex_unlock(&watch->lock);
    return NULL;
}

static void release(struct privacy_watch *watch)
{
    (void)pthread_cond_destroy(&watch->woken);
    (void)pthread_mutex_destroy(&watch->lock);
    free(watch);
}

struct privacy_watch *privacy_watch_start(struct application *application, struct problem *problem)
{
    struct privacy_watch *watch = memory_zeroed(1, sizeof *watch);
    pthread_condattr_t steady;
    watch->application = application;
    (void)pthread_mutex_init(&watch->lock, NULL);
    (void)pthread_condattr_init(&steady);
    (void)pthread_condattr_setclock(&steady, CLOCK_MONOTONIC);
    (void)pthread_cond_init(&watch->woken, &steady);
    (void)pthread_condattr_destroy(&steady);
    int error_number = pthread_create(&watch->thread, NULL, watch_time, watch);
    if (error_number == 0)
        return watch;
    problem_set_errno(problem, error_number, "start the thread that keeps retention");
    release(watch);
    return NULL;
}

void privacy_watch_stop(struct privacy_watch *watch)
{
    if (!watch)
        return;
    (void)pthread_mutex_lock(&watch->lock);
    watch->stopping = true;
    (void)pthread_cond_signal(&watch->woken);
    (void)pthread_mutex_unlock(&watch->lock);
    (void)pthread_join(watch->thread, NULL);
    release(watch);
}
