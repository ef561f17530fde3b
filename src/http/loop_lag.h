/*
 * How late a loop is: what an event had to wait that came at a moment of its own, while the loop
 * was at work on others.
 *
 * A timer of the kernel (timerfd) comes due every LOOP_LAG_EVERY_MS, on a raster that does not
 * shift; the loop takes it like a socket's edge and notes how long ago it was due.  Of a stall that
 * covers several of these moments each counts, with what it waited, as requests would have; so the
 * histogram says what an arriving request meets, which the length of turns would not.  libevent's
 * own timers are of milliseconds, too coarse for it.  An idle loop wakes up for it, which takes 0.1 %
 * of a core; a busy one spends one more read() a tick.
 *
 * Threads    on the loop; the figures may be read from any thread.
 */
#ifndef LECTERN_HTTP_LOOP_LAG_H
#define LECTERN_HTTP_LOOP_LAG_H

#include "base/histogram.h"

#include <stdbool.h>

struct event;
struct event_base;

enum { LOOP_LAG_EVERY_MS = 20 };

struct loop_lag {
    struct event *event;
    int timer;      /* descriptor */
    int64_t due_us; /* when the next tick is due, steady */
    /* With each tick, for what else is to be looked at now and then. */
    void (*tick)(void *data);
    void *data;
    atomic_int_fast64_t last_us, most_us;
    struct histogram histogram;
};

/* false: the system gives no timer. */
bool loop_lag_start(
    struct loop_lag *lag, struct event_base *base, void (*tick)(void *data), void *data);
/* Harmless on a zeroed struct, and when called again. */
void loop_lag_stop(struct loop_lag *lag);

#endif
