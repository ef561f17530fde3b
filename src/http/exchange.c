#include "http/exchange.h"

#include "base/clock.h"
#include "base/memory.h"
#include "http/cookie.h"
#include "http/field_rules.h"
#include "http/loop.h"
#include "http/pace.h"
#include "http/push_body.h"
#include "http/target.h"

#include <event2/event.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

struct exchange_pair {
    struct exchange exchange;
    struct exchange_io io;
};

struct exchange *exchange_create(struct http_loop *loop, const struct exchange_protocol *protocol,
    void *session, bool tls, const struct peer *peer)
{
    struct exchange_pair *pair = memory_zeroed(1, sizeof *pair);
    struct exchange *exchange = &pair->exchange;
    struct exchange_io *io = &pair->io;
    arena_init(&exchange->arena);
    exchange->io = io;
    exchange->worker = &loop->worker;
    exchange->context = loop->server_settings->context;
    exchange->request.path = "";
    exchange->request.query = "";
    exchange->request.authority = "";
    exchange->request.protocol = "";
    loop_make_request_id(loop, exchange->request_id);
    io->exchange = exchange;
    io->protocol = protocol;
    io->session = session;
    io->loop = loop;
    io->router = tls ? loop->router : loop->plain_router;
    io->tls = tls;
    io->peer = *peer;
    exchange->request.peer = io->peer.text;
    exchange->started_ms = io->outcome.started_ms = clock_now_ms();
    io->started_us = clock_steady_us();
    LIST_INSERT_HEAD(&loop->open, io, open);
    LOOP_COUNT(loop, exchanges, 1);
    LOOP_COUNT(loop, exchanges_open, 1);
    return exchange;
}

const char *exchange_field(const struct exchange *exchange, const char *lower_case_name)
{
    for (size_t i = 0; i < exchange->request.field_count; i++)
        if (strcmp(exchange->request.fields[i].name, lower_case_name) == 0)
            return exchange->request.fields[i].value;
    return NULL;
}

const char *exchange_cookie(struct exchange *exchange, const char *name)
{
    const char *field = exchange_field(exchange, "cookie");
    return field ? cookie_value(&exchange->arena, field, name) : NULL;
}

bool exchange_accepts_encoding(const struct exchange *exchange, const char *coding)
{
    return field_accepts_coding(exchange_field(exchange, "accept-encoding"), coding);
}

bool exchange_prefers_type(const struct exchange *exchange, const char *type, const char *other)
{
    return field_prefers_type(exchange_field(exchange, "accept"), type, other);
}

const char *exchange_query(struct exchange *exchange, const char *name)
{
    return target_query_value(&exchange->arena, exchange->request.query, name);
}

void exchange_add_field(struct exchange *exchange, const char *name, const char *value)
{
    (void)response_fields_add(&exchange->io->fields, &exchange->arena, name, value);
}

void exchange_vary(struct exchange *exchange, const char *field)
{
    const struct response_fields *fields = &exchange->io->fields;
    for (size_t i = 0; i < fields->count; i++)
        if (strcasecmp(fields->fields[i].name, "Vary") == 0
            && field_list_has(fields->fields[i].value, field))
            return;
    exchange_add_field(exchange, "Vary", field);
}

void exchange_show_timing(struct exchange *exchange)
{
    exchange->io->timing_shown = true;
}

static void add_timing(struct exchange *exchange)
{
    const struct exchange_outcome *outcome = &exchange->io->outcome;
    const int64_t total_us = clock_steady_us() - exchange->io->started_us;
    const char *value = arena_printf(&exchange->arena,
        "queue;dur=%.3f, work;dur=%.3f, return;dur=%.3f, total;dur=%.3f",
        (double)outcome->queued_us / 1000, (double)outcome->worked_us / 1000,
        (double)outcome->returned_us / 1000, (double)total_us / 1000);
    exchange_add_field(exchange, "Server-Timing", value);
}

void exchange_complete_fields(struct exchange *exchange)
{
    struct exchange_io *io = exchange->io;
    if (io->timing_shown)
        add_timing(exchange);
    response_fields_secure(&io->fields, &exchange->arena, io->tls);
}

void exchange_send_hints(struct exchange *exchange, const char *link)
{
    enum { EARLY_HINTS = 103 };
    const struct exchange_io *io = exchange->io;
    if (io->protocol->inform && !io->answered && !io->lost)
        io->protocol->inform(exchange, EARLY_HINTS, "link", link);
}

/* The application's answer is whole; the loop takes it from here. */
void exchange_answer(struct exchange *exchange, int status)
{
    struct exchange_io *io = exchange->io;
    io->status = status;
    io->answered = true;
    if (!io->blocking)
        exchange_settle(exchange);
}

static void end_soon(struct exchange_io *io)
{
    SLIST_INSERT_HEAD(&io->loop->ended, io, ended);
    loop_wake(io->loop);
}

static void tell_end_of_body(struct exchange *exchange)
{
    struct exchange_io *io = exchange->io;
    if (!io->body_ended || io->end_told || !exchange_takes_body(exchange))
        return;
    io->end_told = true;
    io->turns++;
    if (io->reader.ended)
        io->reader.ended(exchange, io->body_complete);
    io->turns--;
}

void exchange_settle(struct exchange *exchange)
{
    struct exchange_io *io = exchange->io;
    if (io->turns > 0 || io->blocking)
        return;
    tell_end_of_body(exchange);
    if (io->blocking)
        return;
    if (io->answered && !io->handed) {
        io->handed = true;
        if (io->lost)
            end_soon(io);
        else
            io->protocol->respond(exchange);
    } else if (!io->answered && !io->lost && !io->body_ended && exchange_takes_body(exchange)) {
        io->protocol->want_body(exchange);
    }
}

void exchange_lose(struct exchange *exchange)
{
    struct exchange_io *io = exchange->io;
    io->session = NULL;
    io->lost = true;
    if (!io->dispatched || (io->handed && !io->blocking)) {
        exchange_finish(exchange, false);
        return;
    }
    if (!io->body_ended) {
        io->body_ended = true;
        io->body_complete = false;
    }
    exchange_settle(exchange);
}

void exchange_finish_ended(struct http_loop *loop)
{
    struct exchange_io *io;
    while ((io = SLIST_FIRST(&loop->ended))) {
        SLIST_REMOVE_HEAD(&loop->ended, ended);
        exchange_finish(io->exchange, false);
    }
}

void exchange_note_first_byte(struct exchange *exchange)
{
    struct exchange_io *io = exchange->io;
    struct loop_figures *figures = &io->loop->figures;
    io->outcome.first_byte_us = clock_steady_us() - io->started_us;
    histogram_note(&figures->first_byte, io->outcome.first_byte_us);
    if (io->status < SERVER_STATUSES)
        atomic_fetch_add_explicit(&figures->statuses[io->status], 1, memory_order_relaxed);
}

void exchange_note_sent(struct exchange *exchange, uint64_t count)
{
    exchange->io->outcome.body_bytes_sent += count;
    LOOP_COUNT(exchange->io->loop, bytes_sent, count);
    if (exchange->io->pace)
        pace_charge(exchange->io->pace, count, clock_steady_us());
}

void exchange_pace(struct exchange *exchange, struct pace *pace)
{
    pace_release(exchange->io->pace);
    exchange->io->pace = pace;
}

int64_t exchange_hold_ms(struct exchange *exchange)
{
    struct exchange_io *io = exchange->io;
    int64_t wait_us = io->pace && io->body.left > 0 ? pace_wait_us(io->pace, clock_steady_us()) : 0;
    if (wait_us == 0)
        return 0;
    LOOP_COUNT(io->loop, paced_waits, !io->held);
    io->held = true;
    return wait_us / 1000 + 1;
}

void exchange_note_unsent(struct exchange *exchange, uint64_t count)
{
    uint64_t *sent = &exchange->io->outcome.body_bytes_sent;
    *sent -= count < *sent ? count : *sent;
}

void exchange_note_disk(struct exchange *exchange, int64_t waited_ms)
{
    if (exchange->io->body.push)
        return; /* waited for the application */
    if (exchange->io->held) {
        exchange->io->held = false; /* by its pace, and not by the disk */
        return;
    }
    exchange->io->outcome.disk_us += waited_ms * 1000;
}

void exchange_finish(struct exchange *exchange, bool complete)
{
    struct exchange_io *io = exchange->io;
    struct http_loop *loop = io->loop;
    io->outcome.status = io->status;
    io->outcome.complete = complete;
    exchange_note_unsent(exchange, push_framing_bytes(&io->body));
    io->outcome.last_byte_us = clock_steady_us() - io->started_us;
    io->outcome.last_byte_ms = io->outcome.started_ms + io->outcome.last_byte_us / 1000;
    if (io->outcome.first_byte_us == 0)
        io->outcome.first_byte_us = io->outcome.last_byte_us;
    LOOP_COUNT(loop, exchanges_aborted, !complete);
    struct finished_handler *handler = io->finished_handlers;
    for (; handler; handler = handler->next)
        handler->finished(exchange, &io->outcome, handler->data);
    if (loop->server_settings->access_log)
        loop->server_settings->access_log(exchange, &io->outcome);
    LIST_REMOVE(io, open);
    LOOP_COUNT(loop, exchanges_open, -1);
    response_body_release(&io->body);
    pace_release(io->pace);
    free(io->whole);
    arena_release(&exchange->arena);
    free(exchange); /* the pair */
    loop_end_when_idle(loop);
}

void exchange_on_finished(struct exchange *exchange,
    void (*finished)(struct exchange *exchange, const struct exchange_outcome *outcome, void *data),
    void *data)
{
    struct finished_handler *handler = arena_alloc(&exchange->arena, sizeof *handler);
    *handler = (struct finished_handler){ finished, data, NULL };
    struct finished_handler **link = &exchange->io->finished_handlers;
    while (*link)
        link = &(*link)->next;
    *link = handler;
}

static void note_handed(struct exchange_io *io, int64_t *spent_us)
{
    int64_t now_us = clock_steady_us();
    *spent_us += now_us - io->handed_us;
    io->handed_us = now_us;
}

/* Back on the loop. */
static void deliver_done(void *data)
{
    struct exchange *exchange = data;
    struct exchange_io *io = exchange->io;
    note_handed(io, &io->outcome.returned_us);
    if (io->handed_us - io->blocked_us > io->outcome.longest_us)
        io->outcome.longest_us = io->handed_us - io->blocked_us;
    io->blocking = false;
    io->turns++;
    if (io->done)
        io->done(exchange);
    io->turns--;
    exchange_settle(exchange);
}

/* On a pool thread. */
static void run_work(void *data)
{
    struct exchange *exchange = data;
    struct exchange_io *io = exchange->io;
    note_handed(io, &io->outcome.queued_us);
    io->work(exchange);
    note_handed(io, &io->outcome.worked_us);
    mailbox_post(exchange->worker->mailbox, deliver_done, exchange);
}

void exchange_run_blocking(struct exchange *exchange, enum blocking_pool pool,
    void (*work)(struct exchange *exchange), void (*done)(struct exchange *exchange))
{
    struct exchange_io *io = exchange->io;
    const struct server_settings *settings = io->loop->server_settings;
    struct workers *const pools[] = { [POOL_STORE] = settings->store_pool,
        [POOL_DISK] = settings->disk_pool,
        [POOL_DRAWING] = settings->drawing_pool };
    struct workers *workers = pools[pool];
    io->work = work;
    io->done = done;
    io->blocking = true;
    io->blocked_us = io->handed_us = clock_steady_us();
    if (workers && workers_submit(workers, run_work, exchange))
        return;
    io->blocking = false;
    struct problem busy = { 0 };
    problem_set(&busy, PROBLEM_BUSY, "the pool's queue is full");
    exchange_send_problem(exchange, &busy);
}
