/*
 * One accepted connection: its stream, its protocol, its deadline, and its turns.
 *
 * Turns      a connection runs when its socket has an edge, when an answer came, or when it had
 *            yielded; always from the top of the loop, never from inside an application's callback.
 *            After TURN_BYTES of writing it yields, so that one fast peer cannot keep the others
 *             waiting.
 * Deadlines  are absolute.  The timer is set lazily: it fires at the earliest moment that was ever
 *            set, looks, and is set anew; so a request on a warm connection costs no timer.
 * Ending     connection_close() at once, connection_linger() after an answer: the sending side is
 *            shut, and what the peer still sends is read and dropped for a while, because closing
 *            with unread bytes makes the kernel send RST, which can destroy the answer on its way.
 */
#ifndef LECTERN_HTTP_CONNECTION_H
#define LECTERN_HTTP_CONNECTION_H

#include "http/loop.h"

enum {
    TURN_BYTES = 512 * 1024,
};
#define NO_DEADLINE INT64_MAX
#define NOT_IDLE INT64_MAX

struct protocol {
    /* Reads, thinks and writes as far as it goes without waiting. */
    void (*run)(struct connection *connection);
    /* Since when it has had no request, in steady milliseconds; NOT_IDLE while it has one. */
    int64_t (*idle_since_ms)(const struct connection *connection);
    /* Since when it has been reading a request's head, with nothing else going on; or NOT_IDLE. */
    int64_t (*reading_since_ms)(const struct connection *connection);
    /* When it must have got on, in steady milliseconds, or NO_DEADLINE. */
    int64_t (*deadline_ms)(const struct connection *connection);
    /* That moment has come. */
    void (*expired)(struct connection *connection);
    /* The server stops: end when idle, take no new requests.  A turn follows. */
    void (*stop)(struct connection *connection);
    /* Another server takes the newcomers: tell the peer to go there, but lose no request that is on
     * its way.  A turn follows. */
    void (*drain)(struct connection *connection);
    /* The connection ends now: lose exchanges, free the session. */
    void (*end)(struct connection *connection);
};
extern const struct protocol http1_protocol, http2_protocol;

enum connection_state {
    CONNECTION_SILENT, /* has sent nothing (a proxy's header apart), and costs no more than its descriptor and this struct */
    CONNECTION_QUEUED, /* waits for a place to shake hands */
    CONNECTION_HANDSHAKE,
    CONNECTION_OPEN,
    CONNECTION_LEAVING,   /* the last bytes go out */
    CONNECTION_LINGERING, /* all is sent; the peer's rest is dropped */
    CONNECTION_CLOSED,    /* freed at the end of the turn */
};

/* Who came in; see entrance.h. */
struct guest {
    struct peer peer;
    struct address_holding *holding; /* counted there; NULL: not counted by address */
    bool plain;                      /* through the plain listener */
    bool proxied;                    /* the proxy's header has yet to come */
};

struct connection {
    struct http_loop *loop;
    LIST_ENTRY(connection) all;
    TAILQ_ENTRY(connection) turn; /* in ready or delayed */
    enum { TURN_NONE, TURN_READY, TURN_DELAYED } waiting;
    TAILQ_ENTRY(connection) in_line;
    enum connection_line line;
    enum crowd crowd;      /* of the line that it stands in */
    int64_t line_since_ms; /* see admission_join() */
    struct stream stream;
    struct event io_event, deadline_event;
    enum connection_state state;
    const struct protocol *protocol; /* once it is open */
    void *session;
    bool running, readable;
    struct guest guest;
    int64_t opened_ms; /* accepted; once it is open, when it became so */
    int64_t shaking_since_ms, lingering_ms;
    int64_t resume_ms;             /* wants a turn then; NO_DEADLINE: does not */
    int64_t armed_ms;              /* when the timer fires; NO_DEADLINE when it is not set */
    atomic_uint_fast64_t *counted; /* the figure of the loop that it stands in */
};

/* Takes the descriptor and the guest's place, and waits for the peer's first byte. */
void connection_open(struct http_loop *loop, int fd, const struct guest *guest);
/* Something outside of its turns has changed: wants a turn, unless it has one now. */
void connection_wake(struct connection *connection);
/* Wants another turn: soon; after a short pause (a pool was full). */
void connection_schedule(struct connection *connection);
void connection_schedule_later(struct connection *connection);
/* Within a turn: wants another one so many milliseconds from now, unless something comes before. */
void connection_resume_in(struct connection *connection, int64_t wait_ms);
void connection_run(struct connection *connection);
void connection_close(struct connection *connection);
void connection_linger(struct connection *connection);
/* Closes what is silent or idle, or whose peer has ended, with a goodbye where there is TLS. */
void connection_leave(struct connection *connection);
/* Its deadline may have come nearer. */
void connection_mind_deadline(struct connection *connection);
void connection_stop(struct connection *connection);
/* One that is not open yet goes on, and is told when it is. */
void connection_drain(struct connection *connection);
/* When one that has been idle since then ends: most_ms later, or sooner in a drain. */
int64_t connection_idle_end_ms(
    const struct connection *connection, int64_t since_ms, int64_t most_ms);

/* How far a transfer has come, for its deadline.  Times are steady milliseconds. */
struct transfer {
    int64_t started_ms;
    int64_t progress_ms; /* when the last bytes moved */
    uint64_t bytes;
    int64_t stopped_ms; /* its clock stands still since then; 0: it runs */
};
/* The clock of a transfer stands still while it waits for us (the application, the disk), which is
 * no fault of the peer's.  Stopping and going on again are harmless when it is so already. */
void transfer_begin(struct transfer *transfer, int64_t now_ms);
void transfer_stop(struct transfer *transfer, int64_t now_ms);
void transfer_go_on(struct transfer *transfer, int64_t now_ms);
/* When the transfer is too slow: below the least average rate, though not before transfer_grace_ms;
 * and transfer_stall_ms after the last bytes, or a fast beginning would buy hours of silence;
 * NO_DEADLINE while its clock stands still.  Pure. */
int64_t transfer_deadline_ms(const struct transfer *transfer, const struct settings *settings,
    int64_t bytes_per_second_least);

#endif
