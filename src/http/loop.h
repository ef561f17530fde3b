/*
 * One event loop with all that its connections share; private to http/.
 *
 * Threads    a loop belongs to its thread, but for `figures` (atomic) and its mailbox.
 * Scratch    gather, record and input are used within one turn of one connection and hold nothing
 *            between turns.
 */
#ifndef LECTERN_HTTP_LOOP_H
#define LECTERN_HTTP_LOOP_H

#include "base/clock.h"
#include "http/exchange_io.h"
#include "http/loop_lag.h"
#include "http/server.h"
#include "http/serving.h"
#include "http/stream.h"

#include <event2/event_struct.h>
#include <openssl/ssl.h>
#include <stdatomic.h>

struct address_holding;
struct commons;
struct connection;
struct listener;

/* See admission.h. */
enum connection_line {
    LINE_NONE,
    LINE_SILENT,  /* accepted, has sent nothing; in order of accept */
    LINE_QUEUED,  /* has sent something, waits for a place to shake hands */
    LINE_SHAKING, /* its handshake is in flight */
    LINE_READING, /* open, and in the middle of a request's head, with nothing else going on */
    LINE_IDLE,    /* open, without a request; in order of becoming idle */
    LINE_COUNT
};
TAILQ_HEAD(connections_in_line, connection);

/* See admission.h. */
enum crowd {
    CROWD_NONE,     /* what a browser needs, or a family */
    CROWD_DOZENS,   /* from 8 */
    CROWD_HUNDREDS, /* from 64 */
    CROWD_MASS,     /* from 512 */
    CROWD_COUNT
};
struct waiting_line {
    struct connections_in_line members[CROWD_COUNT];
    atomic_int_fast64_t
        oldest_ms[CROWD_COUNT]; /* for all loops: since when the first stands there */
};

/* Where a connection stands, for /metrics: see connection.h and server.h. */
typedef atomic_uint_fast64_t connection_counts[SERVER_CONNECTION_STATES][SERVER_PROTOCOLS];

struct loop_figures {
    atomic_uint_fast64_t connections, connections_open, handshakes_failed, exchanges,
        exchanges_open, bytes_sent, refused_requests, deadline_closes, handshakes,
        handshakes_resumed, handshakes_kernel, exchanges_aborted, proxy_headers_refused,
        refused_by_address, refused_by_address_rate, refused_by_rate, refused_when_full, room_made,
        paced_waits;
    atomic_uint_fast64_t statuses[SERVER_STATUSES];
    connection_counts connections_in;
    atomic_size_t ready, delayed; /* lengths as of the last tick of `lag` */
    struct histogram first_byte;
};

struct http_loop {
    struct http_worker worker; /* first: exchange->worker points here */
    const struct server_settings *server_settings;
    struct serving
        *serving; /* held; a reload replaces it between two turns, and so the next three: */
    const struct settings *settings;
    struct request_limits limits;
    SSL_CTX *tls;
    struct router *router, *plain_router;
    SLIST_HEAD(, listener) listeners; /* a plain one on the first loop only */
    struct commons *commons;          /* of all loops */
    LIST_HEAD(, connection) connections;
    TAILQ_HEAD(ready_connections, connection) ready;     /* want a turn */
    TAILQ_HEAD(delayed_connections, connection) delayed; /* want a turn after a pause */
    struct event *ready_event, *delay_event, *stop_event;
    LIST_HEAD(, exchange_io) open;
    SLIST_HEAD(, exchange_io) ended;
    struct waiting_line lines[LINE_COUNT];
    size_t queued, handshakes; /* lengths of LINE_QUEUED and LINE_SHAKING */
    size_t crowded_handshakes; /* of these, of addresses with many connections */
    enum crowd next_crowd;     /* the queue's next turn */
    bool stopping;
    bool draining;              /* another server takes the newcomers */
    int64_t draining_since_ms;  /* steady */
    atomic_bool accepts_nobody; /* so connections_open only falls; for other threads */
    int64_t date_s;
    char date[CLOCK_HTTP_SIZE];
    char id_prefix[12];
    uint64_t id_next;
    size_t ready_count, delayed_count; /* lengths of `ready` and `delayed` */
    struct loop_figures figures;
    struct loop_lag lag;
    struct gather gather;
    char record[2 * STREAM_RECORD_BYTES];
    char input[STREAM_READ_BYTES];
};

/* NULL when the system gives no event base. */
struct http_loop *loop_create(
    struct server *server, const struct server_settings *server_settings, size_t index);
void loop_free(struct http_loop *loop);
/* Takes the hold.  On the loop's thread, or before it runs. */
void loop_serve_by(struct http_loop *loop, struct serving *serving);
/* Until loop_stop(), then until all has ended or stop_deadline_ms has passed. */
void loop_run(struct http_loop *loop);
/* On the loop's thread.  Called again, it ends all that is open. */
void loop_stop(struct http_loop *loop);
/* On the loop's thread: takes no newcomers and lets everybody go, but goes on running; and the way
 * back.  See server_drain(). */
void loop_drain(struct http_loop *loop);
void loop_resume(struct http_loop *loop);
/* Stopping, and nothing is left: ends loop_run(). */
void loop_end_when_idle(struct http_loop *loop);

/* Runs connections that are ready, soon and from the top. */
void loop_wake(struct http_loop *loop);
void loop_wake_later(struct http_loop *loop);

/* The Date field for now. */
const char *loop_date(struct http_loop *loop);
/* 26 characters that no other exchange of this run has: the loop's random start and a count. */
void loop_make_request_id(struct http_loop *loop, char ret_id[REQUEST_ID_SIZE]);

#define LOOP_COUNT(loop, figure, by)                                                               \
    atomic_fetch_add_explicit(&(loop)->figures.figure, (uint64_t)(by), memory_order_relaxed)

#endif
