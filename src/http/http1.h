/*
 * HTTP/1.1 on one connection; private to http/.
 *
 * One request at a time.  What a peer pipelines waits: up to READ_AHEAD_MAX bytes here, the rest in
 * its kernel. A body that is not read is dropped when it is short (dropped-body-bytes-max) and its length
 * known, so that the connection lives on; else the connection ends after the answer, with a
 * lingering close.
 */
#ifndef LECTERN_HTTP_HTTP1_H
#define LECTERN_HTTP_HTTP1_H

#include "http/chunked.h"
#include "http/connection.h"
#include "http/head_reader.h"

enum {
    READ_AHEAD_MAX = STREAM_READ_BYTES,
    READ_AHEAD_FILE_BYTES = 4 * 1024 * 1024,
};

enum http1_input {
    INPUT_HEAD, /* waits for a request, or is in its head */
    INPUT_BODY, /* in the body; read when the application takes it */
    INPUT_DROP, /* in a body that nobody wants */
    INPUT_NONE, /* the request is whole; what comes is held for later */
};

struct http1 {
    struct connection *connection;
    struct exchange *exchange;
    enum http1_input input;
    struct head_reader reader;
    struct chunked chunked;
    uint64_t body_left; /* of a body with a length */
    char *held;         /* came, but its turn has not */
    size_t held_start, held_length;
    struct cold_read *cold; /* the response waits for the disk */
    const char *head;       /* of the response, in the exchange's arena */
    size_t head_length, head_sent;
    bool respond;    /* the answer is there */
    bool responding; /* and is on its way, to its last byte in the kernel */
    bool close;      /* no further request */
    bool continue_due;
    bool peer_ended;
    bool served; /* a request before this one */
    int64_t idle_since_ms, head_started_ms;
    struct transfer body;   /* of the request; its clock stands still while nobody takes it */
    struct transfer answer; /* its bytes are counted by the stream, since sent_before */
    uint64_t sent_before;
};

/* http1_send.c: sends what can be sent, but not far beyond turn_end of the stream's sent_bytes.  true:
 * the exchange has ended, look for the next request. */
bool http1_send(struct http1 *http1, uint64_t turn_end);

#endif
