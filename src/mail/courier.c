#include "mail/courier.h"

#include "base/clock.h"
#include "base/log.h"
#include "base/memory.h"
#include "base/secure.h"
#include "mail/outbox_rows.h"

#include <errno.h>
#include <pthread.h>
#include <stdlib.h>

/* LOOK_EVERY_MS: rows come from any thread and process, so the store is asked; it is one small read. */
enum { LOOK_EVERY_MS = 1000, SECOND_MS = 1000, HOUR_MS = 3600 * SECOND_MS };

struct courier {
    struct courier_options options;
    pthread_t thread;
    pthread_mutex_t mutex;
    pthread_cond_t woken; /* by courier_stop() */
    atomic_bool stopping;
    struct outbox_batch batch;
    int64_t line_failures; /* in a row */
    int64_t line_up_at_ms; /* steady; nothing is tried before */
    int64_t clear_at_ms;   /* steady */
    bool store_failed;     /* said once, not every second */
    struct {
        atomic_uint_fast64_t waiting, failed, taken, put_off, refused, line_down;
        atomic_bool late;
    } figures;
};

bool courier_is_stopping(const struct courier *courier)
{
    return atomic_load_explicit(&courier->stopping, memory_order_relaxed);
}

static void rest(struct courier *courier, int64_t most_ms)
{
    struct timespec until = clock_steady_after(most_ms);
    (void)pthread_mutex_lock(&courier->mutex);
    while (!courier_is_stopping(courier)
           && pthread_cond_timedwait(&courier->woken, &courier->mutex, &until) != ETIMEDOUT)
        ;
    (void)pthread_mutex_unlock(&courier->mutex);
}

static void tell_store(struct courier *courier, bool good, const struct problem *problem)
{
    if (!good && !courier->store_failed)
        log_problem(LOG_ERROR, "outbox-store", problem);
    courier->store_failed = !good;
}

/* A line that is down is no fault of an item; the next ones are not tried on it either. */
static void mind_line(struct courier *courier)
{
    const struct settings *settings = courier->options.settings;
    const struct courier_item *down = NULL;
    for (size_t i = 0; i < courier->batch.count; i++)
        if (courier->batch.items[i].outcome == COURIER_LINE_DOWN)
            down = &courier->batch.items[i];
    if (!down) {
        if (courier->line_failures > 0)
            log_event(LOG_INFO, "outbox-line-up", "channel=%s", courier->options.channel);
        courier->line_failures = 0;
        return;
    }
    uint8_t chance;
    secure_random(&chance, 1);
    char answer[LOG_QUOTED_SIZE];
    int64_t pause_ms
        = courier_delay_ms(++courier->line_failures, settings->outbox_retry_seconds * SECOND_MS,
            settings->outbox_retry_max_seconds * SECOND_MS, chance * 1000U / 256);
    courier->line_up_at_ms = clock_steady_ms() + pause_ms;
    atomic_fetch_add(&courier->figures.line_down, 1);
    log_event(courier->line_failures == 1 ? LOG_WARNING : LOG_INFO, "outbox-line-down",
        "channel=%s again_ms=%lld answer=%s", courier->options.channel, (long long)pause_ms,
        log_quoted(answer, down->answer));
}

static void count(struct courier *courier)
{
    for (size_t i = 0; i < courier->batch.count; i++) {
        const struct courier_item *item = &courier->batch.items[i];
        if (item->outcome == COURIER_TAKEN)
            atomic_fetch_add(&courier->figures.taken, 1);
        else if (item->outcome == COURIER_PUT_OFF)
            atomic_fetch_add(&courier->figures.put_off, 1);
        else if (item->outcome == COURIER_REFUSED)
            log_event(LOG_WARNING, "outbox-refused", "channel=%s id=%lld", courier->options.channel,
                (long long)item->id);
    }
    atomic_fetch_add(&courier->figures.refused, (uint64_t)courier->batch.refused);
}

/* false: there is nothing to do, or nothing can be done. */
static bool work(struct courier *courier, size_t most)
{
    const struct courier_options *options = &courier->options;
    struct problem problem = { 0 };
    bool claimed = outbox_claim(options, most, &courier->batch, &problem);
    tell_store(courier, claimed, &problem);
    if (!claimed || courier->batch.count == 0)
        return false;
    options->send(options->data, courier, courier->batch.items, courier->batch.count);
    bool written = outbox_end(options, &courier->batch, &problem);
    tell_store(courier, written, &problem);
    if (written)
        count(courier);
    mind_line(courier);
    return written && courier->line_failures == 0;
}

/* How many may be tried now. */
static size_t room(const struct courier *courier, const struct outbox_state *state)
{
    const struct courier_options *options = &courier->options;
    if (state->due_at_ms > clock_now_ms() || clock_steady_ms() < courier->line_up_at_ms)
        return 0;
    int64_t most = options->per_hour_max > 0 ? options->per_hour_max - state->taken_lately
                                             : (int64_t)options->batch_max;
    return most < 0 ? 0 : most < (int64_t)options->batch_max ? (size_t)most : options->batch_max;
}

static size_t look(struct courier *courier)
{
    struct problem problem = { 0 };
    struct outbox_state state;
    bool good = outbox_look(courier->options.db, courier->options.channel, &state, &problem);
    tell_store(courier, good, &problem);
    if (!good)
        return 0;
    int64_t late_at_ms
        = clock_now_ms() - courier->options.settings->outbox_late_seconds * SECOND_MS;
    atomic_store(&courier->figures.waiting, (uint64_t)state.waiting);
    atomic_store(&courier->figures.failed, (uint64_t)state.failed);
    atomic_store(&courier->figures.late, state.oldest_at_ms < late_at_ms);
    return room(courier, &state);
}

static void clear(struct courier *courier)
{
    struct problem problem = { 0 };
    if (clock_steady_ms() < courier->clear_at_ms)
        return;
    courier->clear_at_ms = clock_steady_ms() + HOUR_MS;
    if (!outbox_clear(&courier->options, &problem))
        log_problem(LOG_ERROR, "outbox-clear", &problem);
}

static void *carry(void *data)
{
    struct courier *courier = data;
    (void)pthread_setname_np(pthread_self(), courier->options.channel);
    while (!courier_is_stopping(courier)) {
        clear(courier);
        size_t most = look(courier);
        if (most == 0 || !work(courier, most))
            rest(courier, LOOK_EVERY_MS);
    }
    outbox_batch_release(&courier->batch);
    return NULL;
}

static void release(struct courier *courier)
{
    (void)pthread_cond_destroy(&courier->woken);
    (void)pthread_mutex_destroy(&courier->mutex);
    free(courier);
}

struct courier *courier_start(const struct courier_options *options, struct problem *problem)
{
    struct courier *courier = memory_zeroed(1, sizeof *courier);
    pthread_condattr_t attributes;
    courier->options = *options;
    courier->clear_at_ms = clock_steady_ms();
    (void)pthread_mutex_init(&courier->mutex, NULL);
    (void)pthread_condattr_init(&attributes);
    (void)pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
    (void)pthread_cond_init(&courier->woken, &attributes);
    (void)pthread_condattr_destroy(&attributes);
    int error = pthread_create(&courier->thread, NULL, carry, courier);
    if (error == 0)
        return courier;
    problem_set_errno(problem, error, "start the thread of the outbox");
    release(courier);
    return NULL;
}

void courier_stop(struct courier *courier)
{
    if (!courier)
        return;
    (void)pthread_mutex_lock(&courier->mutex);
    atomic_store(&courier->stopping, true);
    (void)pthread_cond_signal(&courier->woken);
    (void)pthread_mutex_unlock(&courier->mutex);
    (void)pthread_join(courier->thread, NULL);
    release(courier);
}

struct courier_figures courier_read_figures(const struct courier *courier)
{
    return (struct courier_figures){
        .waiting = atomic_load(&courier->figures.waiting),
        .failed = atomic_load(&courier->figures.failed),
        .taken = atomic_load(&courier->figures.taken),
        .put_off = atomic_load(&courier->figures.put_off),
        .refused = atomic_load(&courier->figures.refused),
        .line_down = atomic_load(&courier->figures.line_down),
        .late = atomic_load(&courier->figures.late),
    };
}
