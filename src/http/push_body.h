/*
 * A body that grows, on the sending side (exchange_send_push()): one piece at a time, asked for when
 * there is room for it.  Private to http/.
 *
 * Framing    over HTTP/1.1 each piece is a chunk (RFC 9112 section 7.1), made where the piece lies, so
 *            that the rest of the way is that of any other body.
 * Threads    on the loop.
 */
#ifndef LECTERN_HTTP_PUSH_BODY_H
#define LECTERN_HTTP_PUSH_BODY_H

#include "http/response_body.h"

struct http_loop;

/* An answer with such a body is being sent, and has not been given to the peer whole. */
bool push_is_open(const struct exchange *exchange);
/* Before its first byte: as chunks. */
void push_use_chunks(struct response_body *body);

/* As response_body_peek() and response_body_advance(). */
enum body_step push_peek(
    struct response_body *body, size_t most, const char **ret_bytes, size_t *ret_count);
void push_advance(struct response_body *body, size_t count);
/* Bytes of framing among those that were handed over. */
uint64_t push_framing_bytes(const struct response_body *body);

/* The server lets its peers go: every such body ends, at the end of a piece. */
void push_end_all(struct http_loop *loop);

#endif
