#include "http/loop.h"

#include "base/memory.h"
#include "base/secure.h"
#include "http/connection.h"
#include "http/listener.h"
#include "http/push_body.h"

#include <event2/event.h>
#include <stdlib.h>
#include <string.h>

enum { DELAY_MS = 20 };

/* From "at once" to "a person has given up". */
static const struct histogram_bounds first_byte_bounds = { 12,
    { 500, 1000, 2500, 5000, 10000, 25000, 50000, 100000, 250000, 1000000, 2500000, 10000000 } };

static const char id_alphabet[] = "0123456789abcdefghjkmnpqrstvwxyz";

/* One turn for each that was waiting when it began; who yields again waits for the next round,
 * after the sockets. */
static void run_ready(evutil_socket_t fd, short what, void *data)
{
    (void)fd;
    (void)what;
    struct http_loop *loop = data;
    exchange_finish_ended(loop);
    struct connection *last = TAILQ_LAST(&loop->ready, ready_connections);
    for (bool more = last != NULL; more;) {
        struct connection *connection = TAILQ_FIRST(&loop->ready);
        more = connection != last && TAILQ_NEXT(connection, turn) != NULL;
        TAILQ_REMOVE(&loop->ready, connection, turn);
        loop->ready_count--;
        connection->waiting = TURN_NONE;
        connection_run(connection);
    }
    if (!TAILQ_EMPTY(&loop->ready))
        loop_wake(loop);
    loop_end_when_idle(loop);
}

static void run_delayed(evutil_socket_t fd, short what, void *data)
{
    (void)fd;
    (void)what;
    struct http_loop *loop = data;
    struct connection *connection;
    while ((connection = TAILQ_FIRST(&loop->delayed)))
        connection_schedule(connection);
}

void loop_wake(struct http_loop *loop)
{
    /* A timer of no length: it lets the loop look at its sockets before, which event_active() would
     * not. */
    struct timeval now = { 0 };
    if (!evtimer_pending(loop->ready_event, NULL) && evtimer_add(loop->ready_event, &now) != 0)
        event_active(loop->ready_event, EV_TIMEOUT, 0); /* needs no memory */
}

void loop_wake_later(struct http_loop *loop)
{
    struct timeval wait = { .tv_usec = DELAY_MS * 1000L };
    if (!evtimer_pending(loop->delay_event, NULL) && evtimer_add(loop->delay_event, &wait) != 0)
        event_active(loop->delay_event, EV_TIMEOUT, 0);
}

static void end_all(struct http_loop *loop)
{
    struct connection *connection, *next;
    for (connection = LIST_FIRST(&loop->connections); connection; connection = next) {
        next = LIST_NEXT(connection, all);
        connection_close(connection);
    }
    (void)event_base_loopbreak(loop->worker.loop);
}

/* stop_deadline_ms is over. */
static void stop_deadline_came(evutil_socket_t fd, short what, void *data)
{
    (void)fd;
    (void)what;
    end_all(data);
}

static struct event_base *create_base(void)
{
    struct event_config *config = event_config_new();
    struct event_base *base = NULL;
    /* Each base stays on its thread; others reach it through the mailbox. */
    if (config && event_config_set_flag(config, EVENT_BASE_FLAG_NOLOCK) == 0
        && event_config_require_features(config, EV_FEATURE_ET | EV_FEATURE_EARLY_CLOSE) == 0)
        base = event_base_new_with_config(config);
    if (config)
        event_config_free(config);
    return base;
}

/* With each tick of the lag's timer: what only this thread may count, for all to read. */
static void publish_lengths(void *data)
{
    struct http_loop *loop = data;
    atomic_store_explicit(&loop->figures.ready, loop->ready_count, memory_order_relaxed);
    atomic_store_explicit(&loop->figures.delayed, loop->delayed_count, memory_order_relaxed);
}

static void start_ids(struct http_loop *loop)
{
    uint8_t random[sizeof loop->id_prefix];
    secure_random(random, sizeof random);
    for (size_t i = 0; i < sizeof random; i++)
        loop->id_prefix[i] = id_alphabet[random[i] & 31];
}

static void set_limits(struct http_loop *loop)
{
    const struct settings *settings = loop->settings;
    loop->limits = (struct request_limits){
        .header_bytes_max = (size_t)settings->header_bytes_max,
        .header_count_max = (size_t)settings->header_count_max,
        .target_bytes_max = (size_t)settings->target_bytes_max,
        .chunk_extension_bytes_max = (size_t)settings->chunk_extension_bytes_max,
        .chunk_extensions_bytes_max = (size_t)settings->chunk_extensions_bytes_max,
        .trailer_bytes_max = (size_t)settings->trailer_bytes_max,
    };
}

void loop_serve_by(struct http_loop *loop, struct serving *serving)
{
    struct serving *before = loop->serving;
    loop->serving = serving;
    loop->settings = &serving->settings;
    loop->tls = serving->tls;
    set_limits(loop);
    serving_drop(before);
}

struct http_loop *loop_create(
    struct server *server, const struct server_settings *server_settings, size_t index)
{
    const struct settings *settings = server_settings->settings;
    struct http_loop *loop = memory_zeroed(1, sizeof *loop);
    loop->worker.server = server;
    loop->worker.index = index;
    loop->server_settings = server_settings;
    loop->settings = settings;
    set_limits(loop);
    LIST_INIT(&loop->connections);
    LIST_INIT(&loop->open);
    SLIST_INIT(&loop->listeners);
    SLIST_INIT(&loop->ended);
    TAILQ_INIT(&loop->ready);
    TAILQ_INIT(&loop->delayed);
    for (size_t i = 0; i < LINE_COUNT; i++)
        for (size_t crowd = 0; crowd < CROWD_COUNT; crowd++) {
            TAILQ_INIT(&loop->lines[i].members[crowd]);
            atomic_init(&loop->lines[i].oldest_ms[crowd], NOT_IDLE);
        }
    start_ids(loop);
    histogram_init(&loop->figures.first_byte, &first_byte_bounds);
    struct event_base *base = create_base();
    loop->worker.loop = base;
    loop->worker.mailbox = base ? mailbox_create(base) : NULL;
    loop->ready_event = base ? evtimer_new(base, run_ready, loop) : NULL;
    loop->delay_event = base ? evtimer_new(base, run_delayed, loop) : NULL;
    loop->stop_event = base ? evtimer_new(base, stop_deadline_came, loop) : NULL;
    if (!loop->worker.mailbox || !loop->ready_event || !loop->delay_event || !loop->stop_event
        || !loop_lag_start(&loop->lag, base, publish_lengths, loop)) {
        loop_free(loop);
        return NULL;
    }
    return loop;
}

void loop_free(struct http_loop *loop)
{
    if (!loop)
        return;
    loop->stopping = false; /* nothing left to break out of */
    struct connection *connection;
    while ((connection = LIST_FIRST(&loop->connections)))
        connection_close(connection);
    /* Delivers what the pools have posted at last: exchanges whose blocking work has ended. */
    mailbox_free(loop->worker.mailbox);
    exchange_finish_ended(loop);
    struct exchange_io *io;
    while ((io = LIST_FIRST(&loop->open)))
        exchange_finish(io->exchange, false);
    listeners_free(loop);
    loop_lag_stop(&loop->lag);
    struct event *events[] = { loop->ready_event, loop->delay_event, loop->stop_event };
    for (size_t i = 0; i < sizeof events / sizeof events[0]; i++)
        if (events[i])
            event_free(events[i]);
    if (loop->worker.loop)
        event_base_free(loop->worker.loop);
    serving_drop(loop->serving);
    free(loop);
}

void loop_run(struct http_loop *loop)
{
    (void)event_base_loop(loop->worker.loop, EVLOOP_NO_EXIT_ON_EMPTY);
}

void loop_stop(struct http_loop *loop)
{
    if (loop->stopping) {
        end_all(loop);
        return;
    }
    loop->stopping = true;
    listeners_free(loop);
    atomic_store(&loop->accepts_nobody, true);
    int64_t wait_ms = loop->settings->stop_deadline_ms;
    struct timeval wait = { .tv_sec = wait_ms / 1000, .tv_usec = wait_ms % 1000 * 1000 };
    (void)evtimer_add(loop->stop_event, &wait);
    struct connection *connection, *next;
    for (connection = LIST_FIRST(&loop->connections); connection; connection = next) {
        next = LIST_NEXT(connection, all);
        connection_stop(connection);
    }
    push_end_all(loop);
    loop_end_when_idle(loop);
}

void loop_drain(struct http_loop *loop)
{
    if (loop->stopping || loop->draining)
        return;
    loop->draining = true;
    loop->draining_since_ms = clock_steady_ms();
    listeners_pause(loop);
    atomic_store(&loop->accepts_nobody, true);
    struct connection *connection, *next;
    for (connection = LIST_FIRST(&loop->connections); connection; connection = next) {
        next = LIST_NEXT(connection, all);
        connection_drain(connection);
    }
    push_end_all(loop);
}

void loop_resume(struct http_loop *loop)
{
    if (loop->stopping || !loop->draining)
        return;
    loop->draining = false;
    atomic_store(&loop->accepts_nobody, false);
    listeners_resume(loop);
}

void loop_end_when_idle(struct http_loop *loop)
{
    if (loop->stopping && LIST_EMPTY(&loop->connections) && LIST_EMPTY(&loop->open))
        (void)event_base_loopbreak(loop->worker.loop);
}

const char *loop_date(struct http_loop *loop)
{
    int64_t now_ms = clock_wall_ms();
    if (now_ms / 1000 != loop->date_s) {
        loop->date_s = now_ms / 1000;
        clock_format_http(now_ms, loop->date);
    }
    return loop->date;
}

void loop_make_request_id(struct http_loop *loop, char ret_id[REQUEST_ID_SIZE])
{
    const size_t prefix = sizeof loop->id_prefix;
    memcpy(ret_id, loop->id_prefix, prefix);
    uint64_t number = loop->id_next++;
    for (size_t i = REQUEST_ID_SIZE - 1; i-- > prefix;) {
        ret_id[i] = id_alphabet[number & 31];
        number >>= 5;
    }
    ret_id[REQUEST_ID_SIZE - 1] = '\0';
}
