/*
 * The protocol's side of an exchange; private to http/.
 *
 * Three parties touch an exchange: the application through exchange.h, the protocol (http1, http2)
 * through this header, and a pool thread while `blocking` is set.  All decisions are taken on the
 * loop, in exchange_settle(), which runs after each turn of the application: so a callback never
 * runs inside another one.
 *
 * Life   exchange_create() -> request filled -> exchange_dispatch() or exchange_refuse() ->
 *        application answers -> protocol->respond() -> all is handed over ->
 *        exchange_finish(complete). When the peer is gone: exchange_lose(); it ends by itself once
 *        the application has answered.
 */
#ifndef LECTERN_HTTP_EXCHANGE_IO_H
#define LECTERN_HTTP_EXCHANGE_IO_H

#include "http/exchange.h"
#include "http/peer_address.h"
#include "http/request_builder.h"
#include "http/response_body.h"
#include "http/response_fields.h"
#include "http/router.h"

#include <sys/queue.h>

struct http_loop;

struct exchange_protocol {
    /* The answer is there.  Must not end the exchange at once: the caller is in the application. */
    void (*respond)(struct exchange *exchange);
    /* exchange_takes_body() has become true: go on giving. */
    void (*want_body)(struct exchange *exchange);
    /* Sends an interim response (RFC 9110 section 15.2) with one field; NULL: not over this
     * protocol. */
    void (*inform)(struct exchange *exchange, int status, const char *name, const char *value);
    /* A body that waited for the application (BODY_WAITS) may go on. */
    void (*push_more)(struct exchange *exchange);
};

struct finished_handler {
    void (*finished)(struct exchange *exchange, const struct exchange_outcome *outcome, void *data);
    void *data;
    struct finished_handler *next;
};

struct exchange_io {
    const struct exchange_protocol *protocol;
    void *session; /* the protocol's own; NULL once the peer is lost */
    struct http_loop *loop;
    const struct router *router;
    bool tls;
    struct peer peer;             /* of the connection; request.peer is its text, or the client's */
    LIST_ENTRY(exchange_io) open; /* of the loop */
    SLIST_ENTRY(exchange_io) ended; /* of the loop: to be finished soon */
    struct exchange *exchange;
    struct finished_handler *finished_handlers;
    struct exchange_outcome outcome;
    int64_t started_us; /* steady */
    int64_t handed_us;  /* steady: when blocking work was last handed from one thread to another */
    int64_t blocked_us; /* steady: when blocking work began */
    bool timing_shown;  /* exchange_show_timing() was called */
    bool dispatched;    /* the application knows of it */
    bool lost;
    unsigned turns; /* how deep we are in the application's callbacks */
    /* answering */
    bool answered; /* an exchange_send_ function was called */
    bool handed;   /* and the protocol knows */
    int status;
    struct response_fields fields;
    struct response_body body;
    bool has_length;
    uint64_t length;   /* Content-Length; of a HEAD the body is left out */
    struct pace *pace; /* NULL: as fast as the peer takes it */
    bool held;         /* back by its pace, since the body last went on */
    /* blocking work */
    bool blocking;
    void (*work)(struct exchange *exchange);
    void (*done)(struct exchange *exchange);
    /* the request's body */
    struct request_framing framing;
    bool reading, paused, body_ended, body_complete, end_told;
    enum problem_kind body_problem; /* why the body is not complete, where we know */
    struct body_reader reader;
    char *whole;
    size_t whole_bytes, whole_capacity;
    uint64_t body_received;
};

/* Zeroed but for ids and the arena. */
struct exchange *exchange_create(struct http_loop *loop, const struct exchange_protocol *protocol,
    void *session, bool tls, const struct peer *peer);

/* The request is whole and strict: finds the route, asks the guard, runs the handler. */
void exchange_dispatch(struct exchange *exchange);
/* The request cannot be served: answers with a problem document.  Its members are made safe to
 * read. */
void exchange_refuse(struct exchange *exchange, const struct problem *problem);

/* May exchange_give_body() and exchange_end_body() be called now? */
bool exchange_takes_body(const struct exchange *exchange);
void exchange_give_body(struct exchange *exchange, const void *bytes, size_t count);
/* All was given (PROBLEM_NONE), or no more will come.  Told to the reader now, or when it is ready
 * for it. */
void exchange_end_body(struct exchange *exchange, enum problem_kind why);

/* Reads the body whole and then runs the route's handler. */
void exchange_collect_body(struct exchange *exchange);

/* The peer is gone; session is forgotten. */
void exchange_lose(struct exchange *exchange);
/* Tells all who wait, and frees.  On the loop, never from inside the application. */
void exchange_finish(struct exchange *exchange, bool complete);
/* Ends those that were lost and then answered. */
void exchange_finish_ended(struct http_loop *loop);
/* After a turn of the application. */
void exchange_settle(struct exchange *exchange);

/* For the protocols: the head is about to be written; adds what every answer carries. */
void exchange_complete_fields(struct exchange *exchange);
/* For the protocols: the head is being sent now; bytes of the body were handed over. */
void exchange_note_first_byte(struct exchange *exchange);
/* Milliseconds until more of the body may be sent, by its pace; 0: now.  The peer's clock must
 * stand still meanwhile. */
int64_t exchange_hold_ms(struct exchange *exchange);
void exchange_note_sent(struct exchange *exchange, uint64_t count);
/* The peer goes, and so many bytes that were handed over have not left us. */
void exchange_note_unsent(struct exchange *exchange, uint64_t count);
/* The body has waited for the disk. */
void exchange_note_disk(struct exchange *exchange, int64_t waited_ms);

/* For files of exchange_*.c and representation.c: marks the response as whole. */
void exchange_answer(struct exchange *exchange, int status);
void exchange_set_content(struct exchange *exchange, const char *content_type, uint64_t length);

#endif
