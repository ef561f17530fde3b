/*
 * HTTP/2 on one connection, over nghttp2 (RFC 9113); private to http/.
 *
 * Flow control   a stream begins with a small window; it is widened when the application begins to
 *                read the body, so that only who was let in may fill memory.  What came before its
 *                turn is held by the stream, never more than its window.  The connection's window
 *                is given back at once: a paused upload must not hold up the heartbeats beside it.
 * Sending        frames are laid into a buffer of one TLS record; DATA frames are cut so that 9
 *                bytes of frame header and the body end where the record ends.
 * Floods         control frames and resets have budgets; a peer that spends them gets GOAWAY
 *                (ENHANCE_YOUR_CALM):
 *                  control frames   PING, SETTINGS, PRIORITY, WINDOW_UPDATE, DATA without data;
 *                                   unknown ones are dropped by nghttp2 unread, and earn no idle
 *                                   time
 *                  resets           RST_STREAM of a stream that was still open (CVE-2023-44487), and
 *                                   streams that the peer's fault makes us reset (CVE-2025-8671)
 *                Frames that wait to be sent are as many as a connection may have control frames and
 *                streams: more of them mean a peer that asks and does not read.
 *                CONTINUATION frames of a header are counted by nghttp2 (http2-continuations-max),
 *                fields and their bytes by request_builder.  A header that goes on past
 *                HTTP2_HEAD_EXCESS times header-bytes-max (its table can make a byte into 4 KB) ends
 *                the session.
 * Farewell       in two steps (RFC 9113 section 6.8): GOAWAY with the highest stream number, which
 *                asks the peer to open no more; http2-farewell-ms later, when the requests that were
 *                on their way have come, GOAWAY with the last one that is answered.
 */
#ifndef LECTERN_HTTP_HTTP2_H
#define LECTERN_HTTP_HTTP2_H

#include "http/budget.h"
#include "http/connection.h"

#include <nghttp2/nghttp2.h>

enum {
    HTTP2_READ_AHEAD_BYTES = 1024 * 1024, /* of a file, when its response begins */
    HTTP2_HEAD_EXCESS = 4,
    HTTP2_BYTES_PER_CONTROL_FRAME = 4096, /* of body, earn one more: WINDOW_UPDATE goes with data */
    HTTP2_FRAME_HEADER_BYTES = 9,
    HTTP2_DATA_BYTES = STREAM_RECORD_BYTES - HTTP2_FRAME_HEADER_BYTES,
    /* The last frame may begin in the last record and end in one more. */
    HTTP2_BATCH_RECORDS = STREAM_BATCH_RECORDS + 1,
};

struct http2_stream {
    struct http2 *http2;
    int32_t id;
    LIST_ENTRY(http2_stream) all;
    struct exchange *exchange; /* NULL once all is sent: the rest of the body is dropped */
    struct request_builder builder;
    struct problem refused; /* what is wrong with the header, told when it is whole */
    bool head_whole, input_ended, window_widened, continue_due;
    bool responding;
    bool reset;   /* a deadline has passed, RST_STREAM is on its way */
    bool stalled; /* a pool was full: try again */
    bool waiting; /* for the disk (stalled or cold), or for the application */
    char *held;
    size_t held_start, held_length;
    size_t dropped_bytes;
    size_t head_bytes; /* decoded */
    /* Of its body, in each record of the batch with this number. */
    uint64_t batch;
    uint32_t batch_bytes[HTTP2_BATCH_RECORDS];
    struct cold_read *cold;
    /* The body's clock stands still while nobody takes it, the answer's while it waits. */
    struct transfer body, answer;
};

struct http2 {
    struct connection *connection;
    nghttp2_session *session;
    LIST_HEAD(, http2_stream) streams;
    size_t stream_count, responding_count, waiting_count;
    /* The batch being built, or built last: all before it is with the kernel. */
    uint64_t batch; /* its number, from 1 */
    size_t record_used, room;
    size_t record_count;                       /* that are whole */
    uint64_t record_ends[HTTP2_BATCH_RECORDS]; /* of these: the stream's made_bytes behind each */
    bool give_held, retry_stalled, ending;
    bool spoken; /* the preface is whole, its SETTINGS too */
    struct budget control_frames, resets;
    int64_t idle_since_ms, head_started_ms, ending_ms;
    int64_t farewell_ms; /* since when it has known that it must go; 0: it need not */
    bool said_goodbye;   /* and which of its streams was the last */
    /* Of all streams, since one of them is being answered; stands still while all of these wait. */
    struct transfer answers;
};

/* http2_receive.c */
void http2_set_receive_callbacks(nghttp2_session_callbacks *callbacks);
/* Gives what was held to applications that take it now. */
void http2_give_held(struct http2 *http2);
extern const struct exchange_protocol http2_exchange_protocol;

/* http2_send.c */
void http2_set_send_callbacks(nghttp2_session_callbacks *callbacks);
void http2_respond(struct exchange *exchange);
/* An interim response with one field, or none (NULL). */
void http2_inform(struct exchange *exchange, int status, const char *name, const char *value);
void http2_push_more(struct exchange *exchange);
/* Sends what can be sent. */
void http2_send(struct http2 *http2);
/* The stream is not being answered any more. */
void http2_stop_responding(struct http2_stream *stream);
/* Of the stream's body: what was counted as sent, and lies in records that the kernel has not taken whole,
 * so that the peer cannot read it. */
uint64_t http2_untaken_bytes(const struct http2_stream *stream);

/* Ends the session with an error for the peer. */
void http2_end_session(struct http2 *http2, uint32_t error_code);
void http2_free_stream(struct http2_stream *stream);

#endif
