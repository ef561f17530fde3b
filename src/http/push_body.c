#include "http/push_body.h"

#include "base/memory.h"
#include "http/exchange_io.h"
#include "http/loop.h"

#include <string.h>

/* "03e8\r\n" before a chunk and "\r\n" behind it; sizes have leading zeros, so that all are of one length. */
enum { CHUNK_DIGITS = 4, CHUNK_HEAD_BYTES = CHUNK_DIGITS + 2, CHUNK_TAIL_BYTES = 2 };

/* What `left` of the body says until its end is known. */
#define LEFT_UNKNOWN ((uint64_t)INT64_MAX)

struct push {
    struct exchange *exchange;
    push_fill fill;
    bool chunked, ended;
    size_t start, count; /* of what is not handed over */
    uint64_t framing_bytes;
    char bytes[CHUNK_HEAD_BYTES + PUSH_BYTES + CHUNK_TAIL_BYTES];
};

void exchange_send_push(
    struct exchange *exchange, int status, const char *content_type, push_fill fill)
{
    struct exchange_io *io = exchange->io;
    if (io->answered)
        return;
    if (!response_fields_find(&io->fields, "Content-Type"))
        exchange_add_field(exchange, "Content-Type", content_type);
    if (exchange->request.method != HTTP_HEAD) {
        struct push *push = arena_alloc(&exchange->arena, sizeof *push);
        *push = (struct push){ .exchange = exchange, .fill = fill };
        io->body.push = push;
        io->body.left = LEFT_UNKNOWN;
    }
    exchange_answer(exchange, status);
}

bool push_is_open(const struct exchange *exchange)
{
    const struct exchange_io *io = exchange->io;
    return io->body.push && io->handed && !io->lost && io->body.left > 0;
}

void exchange_push_more(struct exchange *exchange)
{
    if (push_is_open(exchange))
        exchange->io->protocol->push_more(exchange);
}

void push_use_chunks(struct response_body *body)
{
    body->push->chunked = true;
}

static bool must_end(const struct push *push)
{
    const struct http_loop *loop = push->exchange->io->loop;
    return push->ended || loop->stopping || loop->draining;
}

static void frame(struct push *push, size_t count)
{
    static const char digits[] = "0123456789abcdef";
    for (int i = 0; i < CHUNK_DIGITS; i++)
        push->bytes[i] = digits[count >> 4 * (CHUNK_DIGITS - 1 - i) & 15];
    memcpy(push->bytes + CHUNK_DIGITS, "\r\n", 2);
    memcpy(push->bytes + CHUNK_HEAD_BYTES + count, "\r\n", CHUNK_TAIL_BYTES);
    push->start = 0;
    push->count = CHUNK_HEAD_BYTES + count + CHUNK_TAIL_BYTES;
    push->framing_bytes += CHUNK_HEAD_BYTES + CHUNK_TAIL_BYTES;
}

static void frame_end(struct push *push)
{
    static const char last[] = "0\r\n\r\n";
    memcpy(push->bytes, last, sizeof last - 1);
    push->start = 0;
    push->count = sizeof last - 1;
    push->framing_bytes += sizeof last - 1;
}

/* The next piece, if there is one; sets body->left once that is known. */
static void fill_buffer(struct response_body *body)
{
    struct push *push = body->push;
    ssize_t count = must_end(push)
                        ? PUSH_END
                        : push->fill(push->exchange, push->bytes + CHUNK_HEAD_BYTES, PUSH_BYTES);
    if (count < 0) {
        push->ended = true;
        if (push->chunked)
            frame_end(push);
        body->left = push->count;
    } else if (count > 0 && push->chunked) {
        frame(push, (size_t)count);
    } else {
        push->start = CHUNK_HEAD_BYTES;
        push->count = (size_t)count;
    }
}

enum body_step push_peek(
    struct response_body *body, size_t most, const char **ret_bytes, size_t *ret_count)
{
    struct push *push = body->push;
    if (push->count == 0 && !push->ended)
        fill_buffer(body);
    *ret_bytes = push->bytes + push->start;
    *ret_count = push->count < most ? push->count : most;
    return push->count == 0 && !push->ended ? BODY_WAITS : BODY_READY;
}

void push_advance(struct response_body *body, size_t count)
{
    struct push *push = body->push;
    push->start += count;
    push->count -= count;
    if (push->ended)
        body->left = push->count;
}

uint64_t push_framing_bytes(const struct response_body *body)
{
    return body->push ? body->push->framing_bytes : 0;
}

void push_end_all(struct http_loop *loop)
{
    struct exchange_io *io;
    LIST_FOREACH(io, &loop->open, open)
    exchange_push_more(io->exchange);
}
