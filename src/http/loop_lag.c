#include "http/loop_lag.h"

#include "base/clock.h"

#include <event2/event.h>
#include <sys/timerfd.h>
#include <unistd.h>

static const int64_t every_us = (int64_t)LOOP_LAG_EVERY_MS * 1000;

static const struct histogram_bounds bounds = { 13,
    { 100, 250, 500, 1000, 2500, 5000, 10000, 25000, 50000, 100000, 250000, 1000000, 5000000 } };

static void note(struct loop_lag *lag, int64_t late_us)
{
    if (late_us < 0)
        late_us = 0;
    histogram_note(&lag->histogram, late_us);
    atomic_store_explicit(&lag->last_us, late_us, memory_order_relaxed);
    if (late_us > atomic_load_explicit(&lag->most_us, memory_order_relaxed))
        atomic_store_explicit(&lag->most_us, late_us, memory_order_relaxed);
}

static void timer_came(evutil_socket_t fd, short what, void *data)
{
    (void)what;
    struct loop_lag *lag = data;
    uint64_t due;
    int64_t now_us = clock_steady_us();
    if (read(fd, &due, sizeof due) != (ssize_t)sizeof due)
        return;
    /* However long it was: this is to end soon. */
    enum { TICKS_MAX = 1000 };
    for (uint64_t i = 0; i < due && i < TICKS_MAX; i++)
        note(lag, now_us - lag->due_us - (int64_t)i * every_us);
    lag->due_us += (int64_t)due * every_us;
    lag->tick(lag->data);
}

bool loop_lag_start(
    struct loop_lag *lag, struct event_base *base, void (*tick)(void *data), void *data)
{
    histogram_init(&lag->histogram, &bounds);
    lag->tick = tick;
    lag->data = data;
    lag->due_us = clock_steady_us() + every_us;
    lag->timer = timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC | TFD_NONBLOCK);
    const struct itimerspec raster = {
        .it_value = { lag->due_us / 1000000, lag->due_us % 1000000 * 1000 },
        .it_interval = { .tv_nsec = every_us * 1000 },
    };
    if (lag->timer < 0)
        return false;
    if (timerfd_settime(lag->timer, TFD_TIMER_ABSTIME, &raster, NULL) == 0)
        lag->event = event_new(base, lag->timer, EV_READ | EV_PERSIST, timer_came, lag);
    if (lag->event && event_add(lag->event, NULL) == 0)
        return true;
    if (lag->event)
        event_free(lag->event);
    lag->event = NULL;
    (void)close(lag->timer);
    return false;
}

void loop_lag_stop(struct loop_lag *lag)
{
    if (!lag->event)
        return;
    event_free(lag->event);
    lag->event = NULL;
    (void)close(lag->timer);
    lag->timer = -1;
}
