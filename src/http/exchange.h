/*
 * One request and its response, whatever the protocol (HTTP/1.1 or HTTP/2).  This is all that a
 * handler sees.
 *
 * Life        begins when the request's header is whole and strict; ends after the response's last
 *             byte was handed to the socket, or the connection was lost.  `finished` handlers run
 *             then, exactly once.
 * Threads     an exchange lives on one loop.  Handlers run on that loop and must not block; a
 *             handler that needs the store or the disk calls exchange_run_blocking(), whose `work`
 *             runs on a pool thread, owns the exchange for that time (the loop does not touch its
 *             arena, request or response meanwhile), and may use every function below that is
 *             marked [any]; `done` runs on the loop again.
 * Ownership   memory from exchange->arena lives as long as the exchange.  Strings of the request
 *             are lent.
 * Answering   every exchange must be answered exactly once, by one of the exchange_send_ functions;
 *             further answers are ignored.  An exchange that waits for something lives until then,
 *             however long it takes.
 * Lost peers  exchange_run_blocking() always comes back; when the peer has gone, responding is
 *             harmless, and still due: it is what ends the exchange.  A handler does not begin for
 *             a peer that is gone already.
 */
#ifndef LECTERN_HTTP_EXCHANGE_H
#define LECTERN_HTTP_EXCHANGE_H

#include "base/arena.h"
#include "base/problem.h"

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

enum http_method {
    HTTP_GET,
    HTTP_HEAD,
    HTTP_POST,
    HTTP_PUT,
    HTTP_PATCH,
    HTTP_DELETE,
    HTTP_OPTIONS,
    HTTP_METHOD_COUNT /* anything else was answered 501 before a handler saw it */
};

struct http_field {
    const char *name;  /* lower case */
    const char *value; /* without space around */
};

struct http_request {
    enum http_method method;
    const char *path;      /* percent-decoded once, normalised, UTF-8, begins with '/' */
    const char *query;     /* raw, without '?'; "" when there is none */
    const char *authority; /* Host or :authority */
    const char *peer;      /* address of the client, without port; see forwarded.h */
    const char *protocol;  /* "HTTP/1.1" or "HTTP/2" */
    const struct http_field *fields;
    size_t field_count;
    int64_t body_length; /* -1: not announced */
};

struct route;
struct exchange_io; /* the protocol's side; private to http/ */
struct http_worker; /* the loop's side, see server.h */

enum { EXCHANGE_PARAMETERS_MAX = 6, REQUEST_ID_SIZE = 27 };

struct exchange {
    struct http_request request;
    struct arena arena;
    const struct route *route;
    const char *parameters[EXCHANGE_PARAMETERS_MAX]; /* of the route's {names}, in order */
    int64_t started_ms;                              /* server time at the request's header */
    char request_id[REQUEST_ID_SIZE]; /* in the log, the Request-Id field and problem documents */
    struct http_worker *worker;
    void *context;    /* what server_settings.context was; the application's own root */
    void *caller;     /* who asks: set by the route's guard, read by handlers */
    void *state;      /* the handler's own */
    const char *body; /* whole request body, NUL added, for routes with BODY_WHOLE */
    size_t body_bytes;
    struct problem problem; /* for the handler's use */
    struct exchange_io *io;
};

/* Reading the request [any] */
const char *exchange_field(
    const struct exchange *exchange, const char *lower_case_name); /* first, or NULL */
/* Value of a cookie, copied to the arena, or NULL.  With two of one name the first counts (RFC 6265
 * section 5.4). */
const char *exchange_cookie(struct exchange *exchange, const char *name);
/* Value of a query parameter, decoded (form rules: '+' is a space), or NULL. */
const char *exchange_query(struct exchange *exchange, const char *name);

/* Whether Accept-Encoding takes "gzip" or "br" with a weight above 0 (RFC 9110 section 12.5.3). */
bool exchange_accepts_encoding(const struct exchange *exchange, const char *coding);
/* Whether Accept weighs this media type above that other one, as a browser's does for "text/html"
 * when a person opens an address (RFC 9110 section 12.5.1).  An answer that depends on it says
 * "Vary: Accept". */
bool exchange_prefers_type(const struct exchange *exchange, const char *type, const char *other);

/* Writing the response [any].  Headers first, then exactly one of the exchange_send_ functions. */
void exchange_add_field(
    struct exchange *exchange, const char *name, const char *value); /* copied; CR, LF refused */
/* The answer depends on this field of the request (RFC 9110 section 12.5.5); said once. */
void exchange_vary(struct exchange *exchange, const char *field);
/* The answer says where its time went (W3C Server Timing, in milliseconds): "queue" waiting for a
 * thread, "work" on it, "return" to the loop, "total" from the request's head to the answer's.  For
 * those who run the server: to a stranger, time tells what is there. */
void exchange_show_timing(struct exchange *exchange);
/* On the loop: 103 Early Hints (RFC 8297) with this Link value, so that a browser asks for what the
 * answer will need.  Over HTTP/2 alone: browsers take them nowhere else, and some clients of
 * HTTP/1.1 mistake an interim response for the answer.  Nothing happens after the answer. */
void exchange_send_hints(struct exchange *exchange, const char *link);
/* Bytes are copied; a text (text/..., JSON) of 1 KB and more is sent as gzip where the client takes
 * that, so a long one is for a pool thread.  Sets Content-Length, and leaves the body out for HEAD, 204 and 304. */
void exchange_send(struct exchange *exchange, int status, const char *content_type,
    const void *bytes, size_t count);
void exchange_send_empty(struct exchange *exchange, int status);
/* Compact JSON with Cache-Control: no-store unless a field said otherwise; takes the reference. */
void exchange_send_json(struct exchange *exchange, int status, json_t *value);
/* RFC 9457 problem document, application/problem+json:
 * {"type":"/problems/CODE","title":SENTENCE,"status","code","detail"?,"field"?,"request_id"}, with
 * Retry-After for 429 and 503, and WWW-Authenticate for 401. */
void exchange_send_problem(struct exchange *exchange, const struct problem *problem);

/* A body from memory that lives on, shared between exchanges: release is called once, on the loop,
 * when it is not needed any more.  bytes may be a cached page, a mapping, a static file. */
struct body_memory {
    const void *bytes;
    size_t count;
    void (*release)(void *data);
    void *data;
};
/* A part of a file, sent without blocking the loop: resident pages straight from a cached mapping,
 * cold ones after a pool thread brought them in.  The file is immutable; should it shrink all the
 * same, the connection ends. */
struct body_file {
    struct media_map *map; /* see file_body.h; one reference is taken over */
    uint64_t offset;
    uint64_t count;
};
/* Answers GET and HEAD with conditional requests (RFC 9110 section 13: If-None-Match, If-Match,
 * If-Modified-Since where last_modified_ms >= 0, If-Range) and ranges (section 14, single and
 * multipart). etag is a quoted string, strong; NULL leaves both out. */
struct representation {
    const char *content_type;
    const char *etag;
    int64_t last_modified_ms;     /* -1: none */
    const char *content_encoding; /* "gzip", "br" or NULL */
    bool ranges;
};
void exchange_send_memory(struct exchange *exchange, const struct representation *representation,
    struct body_memory body);
void exchange_send_file(
    struct exchange *exchange, const struct representation *representation, struct body_file body);

/*
 * A body whose length nobody knows when the answer begins, such as server-sent events.  The loop asks
 * for the next piece when the one before has gone, so a slow peer is asked less often, and costs one
 * piece of memory.
 *
 * fill   on the loop: writes up to `most` bytes (PUSH_BYTES) and says how many; 0: there is nothing
 *        until exchange_push_more(); PUSH_END: the body is whole.  Must neither answer nor block.
 * Ends   also when the server stops or hands over to another one: behind a piece, as if it were whole.
 *        The peer's clock stands still while it waits for us, as with any body.
 */
enum { PUSH_BYTES = 8192, PUSH_END = -1 };
typedef ssize_t (*push_fill)(struct exchange *exchange, char *bytes, size_t most);
void exchange_send_push(
    struct exchange *exchange, int status, const char *content_type, push_fill fill);
/* On the loop, any number of times until `finished` handlers run: fill may have something. */
void exchange_push_more(struct exchange *exchange);

/* Blocking work; see Threads above.  A full pool answers 503 itself and `done` is not called.  done
 * may be NULL when `work` sends the response itself: what it sent leaves once the loop has the
 * exchange back. */
enum blocking_pool { POOL_STORE, POOL_DISK, POOL_DRAWING };
void exchange_run_blocking(struct exchange *exchange, enum blocking_pool pool,
    void (*work)(struct exchange *exchange), void (*done)(struct exchange *exchange));

/* A streamed request body, for routes with BODY_STREAMED.  The handler runs when the header is
 * there; it sets these and returns.  received gets each piece on the loop, in order; the bytes are
 * lent for the call.  After exchange_pause_body() no further piece comes, and the peer is held back
 * by flow control, until exchange_resume_body().
 * ended(complete=false) means that the peer went
 * away, was too slow, or broke its own framing: what came is all there is; the handler answers all
 * the same. Neither is called while the body is paused, nor while exchange_run_blocking() is under
 * way, which holds the body like a pause; nor after the handler has answered: what the peer still
 * sends is then dropped. */
struct body_reader {
    void (*received)(struct exchange *exchange, const void *bytes, size_t count);
    void (*ended)(struct exchange *exchange, bool complete);
};
void exchange_read_body(struct exchange *exchange, const struct body_reader *reader);
void exchange_pause_body(struct exchange *exchange);
void exchange_resume_body(struct exchange *exchange); /* on the loop */

/* Sends the body no faster than this, together with all that have the same pace (pace.h); takes the
 * reference.  Before answering. */
struct pace;
void exchange_pace(struct exchange *exchange, struct pace *pace);

/* What became of the response; called on the loop, once, when the exchange ends. */
struct exchange_outcome {
    int status; /* 0: the peer was gone before there was an answer */
    /* Handed to TLS, without header and framing; of a response that was cut off, to the socket (over HTTP/2
     * in whole records, over HTTP/1.1 but for some bytes of TLS). */
    uint64_t body_bytes_sent;
    bool complete;        /* the whole body of this response was handed over */
    int64_t started_ms;   /* server time at the request's header */
    int64_t last_byte_ms; /* server time */
    /* Since the header, by the steady clock. */
    int64_t first_byte_us, last_byte_us;
    /* Where time went, as far as known: blocking work that waited for a thread, that ran, that waited for
     * the loop to take it back; and the body waiting for the disk. */
    int64_t queued_us, worked_us, returned_us, disk_us;
    int64_t
        longest_us; /* of these, the longest stretch of blocking work, from its start until it was back */
    uint64_t range_start,
        range_end; /* of a 206: [start, end) of the representation; else 0, its length */
};
void exchange_on_finished(struct exchange *exchange,
    void (*finished)(struct exchange *exchange, const struct exchange_outcome *outcome, void *data),
    void *data);

#endif
