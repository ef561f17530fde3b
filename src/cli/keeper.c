#include "cli/keeper.h"

#include "api/events.h"
#include "base/clock.h"
#include "base/log.h"
#include "base/memory.h"
#include "catalog/old_versions.h"
#include "cli/witness_post.h"
#include "viewing/group.h"
#include "viewing/play.h"

#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <sys/signalfd.h>
#include <sys/timerfd.h>
#include <unistd.h>

enum {
    HOUSEKEEPING_EVERY_MS = 3600 * 1000,
    GROUPS_EVERY_MS = 60 * 1000,
    POST_EVERY_MS = 5000,
    DENY_OVERLAP_MS = 2000
};

struct keeper {
    struct application *application;
    struct reloader *reloader;
    pthread_t thread;
    int signals, timer, woken;
    int64_t denied_until_ms; /* server time: what was revoked before is on the list */
    int64_t housekeeping_due_ms, post_due_ms, groups_due_ms; /* steady */
    bool deny_failed, post_failed;                           /* said once, not every second */
    bool stopping;
};

static void fill_set(sigset_t *set)
{
    (void)sigemptyset(set);
    (void)sigaddset(set, SIGTERM);
    (void)sigaddset(set, SIGINT);
    (void)sigaddset(set, SIGHUP);
}

void keeper_block_signals(void)
{
    sigset_t set;
    fill_set(&set);
    (void)pthread_sigmask(SIG_BLOCK, &set, NULL);
}

/* What comes of it is in the log. */
static void reload(struct keeper *keeper)
{
    struct problem problem = { 0 };
    struct text said;
    text_init(&said, RELOAD_TEXT_BYTES_MAX);
    (void)reloader_run(keeper->reloader, &said, &problem);
    text_release(&said);
}

static void take_signal(struct keeper *keeper)
{
    struct signalfd_siginfo facts;
    if (read(keeper->signals, &facts, sizeof facts) != (ssize_t)sizeof facts)
        return;
    if (facts.ssi_signo == SIGHUP) {
        reload(keeper);
        return;
    }
    /* The first lets open requests end, the second ends them: see server.h. */
    log_event(
        LOG_INFO, keeper->stopping ? "stopping-at-once" : "stopping", "signal=%u", facts.ssi_signo);
    keeper->stopping = true;
    server_stop(keeper->application->server);
}

/*
 * The API and the commands deny at once; this catches whatever else revoked, such as another server on
 * the same store.  The overlap covers writes that were on their way at the last look.
 */
static void deny_revoked(struct keeper *keeper)
{
    struct problem problem = { 0 };
    int64_t now_ms = clock_now_ms();
    bool done = media_token_deny_revoked(keeper->application->tokens, keeper->application->db,
        keeper->denied_until_ms - DENY_OVERLAP_MS, &problem);
    if (done)
        keeper->denied_until_ms = now_ms;
    else if (!keeper->deny_failed)
        log_problem(LOG_ERROR, "deny-revoked", &problem);
    keeper->deny_failed = !done;
}

static void collect_old_versions(struct keeper *keeper)
{
    struct application *application = keeper->application;
    struct problem problem = { 0 };
    bool any = false;
    if (!old_versions_collect(application->db, application->settings, &any, &problem)
        || (any && !library_refresh(application->library, &problem)))
        log_problem(LOG_ERROR, "old-versions", &problem);
}

/* New checkpoints of the evidence log go to its witnesses. */
static void post_to_witnesses(struct keeper *keeper)
{
    struct problem problem = { 0 };
    int64_t count;
    if (clock_steady_ms() < keeper->post_due_ms)
        return;
    keeper->post_due_ms = clock_steady_ms() + POST_EVERY_MS;
    const struct application *application = keeper->application;
    bool done = witness_post(application->db, application->settings, &count, &problem);
    if (done && count > 0)
        log_event(LOG_INFO, "witnesses", "mails=%lld", (long long)count);
    else if (!done && !keeper->post_failed)
        log_problem(LOG_ERROR, "witnesses", &problem);
    keeper->post_failed = !done;
}

static void keep_house(struct keeper *keeper)
{
    struct problem problem = { 0 };
    if (clock_steady_ms() < keeper->housekeeping_due_ms)
        return;
    keeper->housekeeping_due_ms = clock_steady_ms() + HOUSEKEEPING_EVERY_MS;
    if (!uploads_expire(keeper->application->uploads, &problem))
        log_problem(LOG_ERROR, "uploads-expire", &problem);
    collect_old_versions(keeper);
}

static void end_idle_groups(struct keeper *keeper)
{
    struct problem problem = { 0 };
    if (clock_steady_ms() < keeper->groups_due_ms)
        return;
    keeper->groups_due_ms = clock_steady_ms() + GROUPS_EVERY_MS;
    if (!groups_end_idle(keeper->application->db, keeper->application->settings, &problem))
        log_problem(LOG_ERROR, "groups", &problem);
}

static void tick(struct keeper *keeper)
{
    uint64_t ticks;
    if (read(keeper->timer, &ticks, sizeof ticks) != (ssize_t)sizeof ticks)
        return;
    server_run_alive(keeper->application->db);
    deny_revoked(keeper);
    events_tick(keeper->application->events);
    post_to_witnesses(keeper);
    end_idle_groups(keeper);
    keep_house(keeper);
    reloader_mind(keeper->reloader);
}

static void *keep(void *data)
{
    struct keeper *keeper = data;
    (void)pthread_setname_np(pthread_self(), "keeper");
    struct pollfd asked[] = { { .fd = keeper->woken, .events = POLLIN },
        { .fd = keeper->signals, .events = POLLIN }, { .fd = keeper->timer, .events = POLLIN } };
    for (;;) {
        if (poll(asked, 3, -1) < 0 && errno != EINTR)
            break;
        if (asked[0].revents & POLLIN)
            break;
        if (asked[1].revents & POLLIN)
            take_signal(keeper);
        if (asked[2].revents & POLLIN)
            tick(keeper);
    }
    return NULL;
}

static void release(struct keeper *keeper)
{
    const int fds[] = { keeper->signals, keeper->timer, keeper->woken };
    for (size_t i = 0; i < sizeof fds / sizeof fds[0]; i++)
        if (fds[i] >= 0)
            (void)close(fds[i]);
    free(keeper);
}

struct keeper *keeper_start(
    struct application *application, struct reloader *reloader, struct problem *problem)
{
    static const struct itimerspec each_second = { .it_interval.tv_sec = 1, .it_value.tv_sec = 1 };
    struct keeper *keeper = memory_zeroed(1, sizeof *keeper);
    sigset_t set;
    fill_set(&set);
    keeper->application = application;
    keeper->reloader = reloader;
    keeper->denied_until_ms = clock_now_ms();
    keeper->housekeeping_due_ms = clock_steady_ms();
    keeper->signals = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
    keeper->timer = timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC | TFD_NONBLOCK);
    keeper->woken = eventfd(0, EFD_CLOEXEC);
    if (keeper->signals >= 0 && keeper->timer >= 0 && keeper->woken >= 0
        && timerfd_settime(keeper->timer, 0, &each_second, NULL) == 0
        && pthread_create(&keeper->thread, NULL, keep, keeper) == 0)
        return keeper;
    problem_set_errno(problem, errno, "start the keeper's thread");
    release(keeper);
    return NULL;
}

void keeper_stop(struct keeper *keeper)
{
    if (!keeper)
        return;
    uint64_t one = 1;
    ssize_t ignored = write(keeper->woken, &one, sizeof one);
    (void)ignored;
    (void)pthread_join(keeper->thread, NULL);
    release(keeper);
}
