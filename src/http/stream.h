/*
 * Bytes to and from a peer, over TLS or plain, without ever waiting.
 *
 * Writing    stream_write() takes all it is given: TLS records are gathered in a buffer of the loop
 *            (`gather`), and stream_flush() hands them to the kernel in one send().  What the
 *            kernel does not take is kept by the stream (`unsent`), so a stalled peer costs what is
 *            unsent and nothing more; while there is any, write nothing.  stream_room() says how
 *            much the kernel will take, as far as can be foreseen.
 * Reading    stream_read() reads until AGAIN; then wait for the next edge (EV_ET).
 * Order      each turn of a connection that writes ends with stream_flush() or stream_discard(),
 *            because the loop's gather buffer serves the next connection.
 * Errors     STREAM_BROKEN is final.
 *
 * Why OpenSSL is driven this way, with its own BIO: performance.
 */
#ifndef LECTERN_HTTP_STREAM_H
#define LECTERN_HTTP_STREAM_H

#include <openssl/ssl.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    STREAM_READ_BYTES = 16384, /* of content: the largest TLS record */
    /*
     * A batch goes out in one send(), as two packets of four records each.  Four records are a
     * little less than the largest packet that the kernel passes on at once (64 KiB with its
     * headers): of larger ones a small third packet would be left over, which under BBR waits for a
     * timer of its own.
     */
    STREAM_RECORD_BYTES = 16256,
    STREAM_BATCH_RECORDS = 8,
    STREAM_RECORD_OVERHEAD_BYTES = 64,
    /* handshake messages and 100 Continue may stand before a batch */
    STREAM_GATHER_BYTES
    = (STREAM_BATCH_RECORDS + 1) * (STREAM_RECORD_BYTES + STREAM_RECORD_OVERHEAD_BYTES),
    STREAM_UNSENT_MAX = 2 * STREAM_GATHER_BYTES,
};

struct stream;

struct gather {
    struct stream *owner; /* whose bytes these are; NULL when empty */
    size_t length;
    char bytes[STREAM_GATHER_BYTES];
};

struct stream {
    int fd;
    SSL *ssl; /* NULL: plain */
    struct gather *gather;
    char *unsent;
    size_t unsent_start, unsent_length;
    uint64_t made_bytes;            /* that were to be sent, with TLS overhead... */
    uint64_t sent_bytes;            /* ...and of these taken by the kernel */
    uint64_t room_end;              /* sent_bytes up to which the kernel has said to take more */
    int64_t sent_ms;                /* when it last took some, steady */
    int64_t renewals, renewals_max; /* of keys, by the peer */
    bool kernel_writes;             /* makes the TLS records itself: see stream_handshake() */
    bool broken;
    bool peer_closed; /* EV_CLOSED came */
    bool came_short;  /* the last recv() left nothing behind, and no edge came since */
    uint64_t sent_bytes_at_read;
};

enum stream_step { STREAM_DONE, STREAM_AGAIN, STREAM_ENDED, STREAM_BROKEN };

/* Takes the descriptor; plain so far. */
void stream_open(struct stream *stream, int fd, struct gather *gather);
/* Before the first byte is read.  A peer that renews its keys (RFC 8446 section 4.6.3), or tries to
 * renegotiate, more often than renewals_max breaks the stream.  false: no memory in OpenSSL. */
bool stream_start_tls(struct stream *stream, SSL_CTX *tls, int64_t renewals_max);
/* The peer has sent something (DONE), nothing yet (AGAIN), or has gone without a word (ENDED). */
enum stream_step stream_peek(const struct stream *stream);
/* DONE also settles who makes the records that we send: OpenSSL, into our gather buffer; or, where the
 * context allows it (SSL_OP_ENABLE_KTLS) and the kernel has the cipher, the kernel, which then gets what is
 * gathered in clear.  It cannot change its keys, so a peer that renews its own breaks such a stream. */
enum stream_step stream_handshake(struct stream *stream);
/* "h2", "http/1.1", or NULL when nothing was agreed. */
bool stream_is_http2(const struct stream *stream);

/* DONE: *ret_count > 0.  ENDED: the peer ended its side. */
enum stream_step stream_read(struct stream *stream, void *bytes, size_t size, size_t *ret_count);
/* Reading now would say AGAIN, or meet a reset that has an edge of its own: the last read emptied the
 * kernel's buffer, and the kernel took bytes since. */
bool stream_is_drained(const struct stream *stream);
/* Its socket has an edge. */
void stream_note_edge(struct stream *stream, bool peer_closed);
bool stream_write(struct stream *stream, const void *bytes, size_t count);
/* DONE: the kernel has all; AGAIN: something is unsent. */
enum stream_step stream_flush(struct stream *stream);
/* Forgets what was gathered in this turn; the connection must end then, its TLS state has moved on.
 * */
void stream_discard(struct stream *stream);
bool stream_has_unsent(const struct stream *stream);
/* What the kernel has not taken of all that was written, with TLS overhead: gathered, kept, or lost in an
 * error. */
uint64_t stream_untaken_bytes(const struct stream *stream);
/* Bytes of content for the next batch: whole records, at least one, at most STREAM_BATCH_RECORDS.
 * */
size_t stream_room(struct stream *stream, size_t unsent_bytes_max);

/* close_notify; what is unsent must have gone. */
void stream_say_goodbye(struct stream *stream);
/* Says goodbye and ends the sending side, before the other side has ended. */
void stream_shut(struct stream *stream);
void stream_close(struct stream *stream);
/* Closing will drop what the kernel still holds (RST): for a peer that does not take it. */
void stream_give_up(struct stream *stream);

#endif
