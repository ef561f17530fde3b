/*
 * The HTTPS server: one libevent loop a core, each with its own SO_REUSEPORT listener, and the two
 * pools that blocking work goes to.
 *
 * Order       server_create() binds, loads the certificate and starts nothing; server_run() runs
 *             the loops until server_stop() (safe from any thread, not from a signal handler: use
 *             event_new signals), then drains: listeners close, idle connections end, open
 *             exchanges go on until stop_deadline_ms, or until server_stop() is called again, which
 *             ends all at once. Then: stop the pools (their last messages go
 *             to the loops' mailboxes), then server_free().
 * Takeover    a new process goes on with the listening sockets and the session tickets' keys
 *             (server_settings.inherited) of the old one.  The old one drains: it takes no newcomers, answers every request that comes on the
 *             connections that it has, and lets them go without losing one: HTTP/2 by GOAWAY in two
 *             steps, HTTP/1.1 with "Connection: close" in its next answer, or after drain_idle_ms.
 *             Until it is stopped it can go back to work.
 * Threads     a loop is a thread; server_run() uses the calling thread for the first.
 */
#ifndef LECTERN_HTTP_SERVER_H
#define LECTERN_HTTP_SERVER_H

#include "base/histogram.h"
#include "base/settings.h"
#include "base/workers.h"
#include "http/router.h"
#include "http/tls_context.h"

struct event_base;
struct server;

/* One loop; exchange->worker. */
struct http_worker {
    struct server *server;
    struct event_base *loop;
    struct mailbox *mailbox;
    size_t index; /* 0.. */
};

/* What a server hands to the next one. */
enum { SERVER_SOCKETS_MAX = 64 };
struct server_sockets {
    int tls[SERVER_SOCKETS_MAX]; /* they listen */
    size_t tls_count;
    int plain;   /* listens, too; -1: none */
    int tickets; /* a pipe with the keys of session tickets (ticket_keys.h); -1: none */
};
#define SERVER_SOCKETS_NONE ((struct server_sockets){ .plain = -1, .tickets = -1 })

struct server_settings {
    const struct settings *settings;
    const struct route *routes;
    size_t route_count;
    void *context; /* exchange->context */
    /* Runs on the loop for every request over TLS, before its route is looked for: may add fields
     * to the answer, whatever that will be, and must not answer.  NULL for none. */
    void (*greet)(struct exchange *exchange);
    /* Runs on the loop before the body is read and before the handler, for every matched route.  It
     * either calls proceed(exchange) now, or later on the loop (after exchange_run_blocking), or
     * answers itself. */
    void (*guard)(struct exchange *exchange, void (*proceed)(struct exchange *exchange));
    /* Answers, on the loop, a request for a path without a row, instead of PROBLEM_NOT_FOUND as a
     * document; exchange->route is NULL.  The guard is not asked.  NULL for none. */
    void (*not_found)(struct exchange *exchange);
    /* One line of access log an exchange; NULL for none. */
    void (*access_log)(const struct exchange *exchange, const struct exchange_outcome *outcome);
    struct workers *store_pool;   /* lent */
    struct workers *disk_pool;    /* lent */
    struct workers *drawing_pool; /* lent; NULL: such requests are answered busy */
    /* Second, plain HTTP listener on loopback (metrics, health); routes of its own, for which the
     * guard is not asked; NULL for none. */
    const struct route *plain_routes;
    size_t plain_route_count;
    /* Of the server before this one, lent for server_create(): sockets are used where address and port
     * are those of the settings, whatever the number of loops; NULL: all are bound anew. */
    const struct server_sockets *inherited;
};

struct server *server_create(
    const struct server_settings *server_settings, struct problem *problem);
/* The port that was bound, also when the setting was 0. */
int server_port(const struct server *server);
int server_plain_port(const struct server *server);
size_t server_loop_count(const struct server *server);
/* The kernel has no such control as the setting congestion-control names, and goes on with its own. */
bool server_lacks_congestion_control(const struct server *server);
/* The loop with this number; its event_base takes further events (signals, timers) before
 * server_run(), or on its own thread. Loop 0 runs on the thread that calls server_run(). */
struct http_worker *server_worker(struct server *server, size_t index);
void server_run(struct server *server);
void server_stop(struct server *server);
/* From any thread; see Takeover.  Drained: every loop has heard of it, and nobody is left. */
void server_drain(struct server *server);
bool server_is_drained(struct server *server);
void server_resume(struct server *server);
/* From any thread: further descriptors of the listening sockets, and a copy of the tickets' keys, for
 * server_sockets_close(); false once the server stops, which closes them. */
bool server_share_sockets(struct server *server, struct server_sockets *ret_sockets);
void server_sockets_close(struct server_sockets *sockets);
void server_free(struct server *server);

/* Puts new settings and the certificates that they name in force, for what begins from now on: open
 * connections stay, and their next request is served by the new ones.  Of the settings only those that a
 * running server can take up may differ (settings.h).  false: *problem says why, and nothing has changed.
 * Blocks (reads files); from any thread, while server_run() runs. */
bool server_reload(struct server *server, const struct settings *settings, struct problem *problem);
/* Of the certificates in force; from any thread. */
struct tls_facts server_tls_facts(struct server *server);
/* The setting stop-deadline-ms in force; from any thread. */
int64_t server_stop_deadline_ms(struct server *server);
/* To be called each few minutes (ticket_keys.h); from any thread. */
void server_renew_ticket_keys(struct server *server);

/* Where connections stand (connection.h), and what is spoken on them: known once they are open. */
enum { SERVER_CONNECTION_STATES = 6, SERVER_STATUSES = 600 };
enum server_protocol {
    SERVER_PROTOCOL_NONE,
    SERVER_PROTOCOL_HTTP1,
    SERVER_PROTOCOL_HTTP2,
    SERVER_PROTOCOL_PLAIN, /* the loopback listener */
    SERVER_PROTOCOLS
};
extern const char *const server_connection_state_names[SERVER_CONNECTION_STATES];
extern const char *const server_protocol_names[SERVER_PROTOCOLS];

/* The loops' own figures, for /metrics; safe from any thread. */
struct server_figures {
    uint64_t connections, connections_open, handshakes_failed, exchanges, exchanges_open,
        bytes_sent, refused_requests, deadline_closes, handshakes, handshakes_resumed,
        handshakes_kernel, exchanges_aborted, proxy_headers_refused, refused_by_address,
        refused_by_address_rate, refused_by_rate, refused_when_full, room_made, paced_waits;
    uint64_t statuses[SERVER_STATUSES]; /* responses that began, by status */
    uint64_t connections_in[SERVER_CONNECTION_STATES][SERVER_PROTOCOLS];
    struct histogram_figures first_byte; /* of responses that began: from the request's header */
};
void server_read_figures(struct server *server, struct server_figures *ret_figures);

/* Those of one loop. */
struct server_loop_figures {
    int64_t lag_last_us, lag_most_us; /* see loop_lag.h */
    struct histogram_figures lag;
    size_t mailbox, ready, delayed; /* waiting: messages from threads, connections for a turn */
};
void server_read_loop_figures(
    struct server *server, size_t index, struct server_loop_figures *ret_figures);

#endif
