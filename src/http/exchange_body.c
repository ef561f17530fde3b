/* The request's body on its way to the application. */
#include "base/memory.h"
#include "http/exchange_io.h"

#include <string.h>

bool exchange_takes_body(const struct exchange *exchange)
{
    const struct exchange_io *io = exchange->io;
    return io->reading && !io->paused && !io->blocking && !io->answered && !io->end_told;
}

void exchange_give_body(struct exchange *exchange, const void *bytes, size_t count)
{
    struct exchange_io *io = exchange->io;
    io->body_received += count;
    io->turns++;
    io->reader.received(exchange, bytes, count);
    io->turns--;
    exchange_settle(exchange);
}

void exchange_end_body(struct exchange *exchange, enum problem_kind why)
{
    struct exchange_io *io = exchange->io;
    if (io->body_ended)
        return;
    io->body_ended = true;
    io->body_complete = why == PROBLEM_NONE;
    io->body_problem = why;
    exchange_settle(exchange);
}

void exchange_read_body(struct exchange *exchange, const struct body_reader *reader)
{
    exchange->io->reader = *reader;
    exchange->io->reading = true;
    exchange_settle(exchange);
}

void exchange_pause_body(struct exchange *exchange)
{
    exchange->io->paused = true;
}

void exchange_resume_body(struct exchange *exchange)
{
    exchange->io->paused = false;
    exchange_settle(exchange);
}

/* Grows with what really came, not with what was announced; the NUL has its place too. */
static void keep_piece(struct exchange *exchange, const void *bytes, size_t count)
{
    struct exchange_io *io = exchange->io;
    if (count > exchange->route->body_max - io->whole_bytes) {
        struct problem problem = { 0 };
        problem_set(
            &problem, PROBLEM_BODY_TOO_LARGE, "at most %zu bytes", exchange->route->body_max);
        exchange_send_problem(exchange, &problem);
        return;
    }
    size_t needed = io->whole_bytes + count + 1;
    if (needed > io->whole_capacity) {
        size_t capacity = io->whole_capacity * 2 > needed ? io->whole_capacity * 2 : needed;
        char *grown = memory_try_resized(io->whole, capacity, 1);
        if (!grown) {
            struct problem problem = { 0 };
            problem_set(&problem, PROBLEM_BUSY, "no memory for a body of %zu bytes", capacity);
            exchange_send_problem(exchange, &problem);
            return;
        }
        io->whole = grown;
        io->whole_capacity = capacity;
    }
    memcpy(io->whole + io->whole_bytes, bytes, count);
    io->whole_bytes += count;
    io->whole[io->whole_bytes] = '\0';
}

static void whole_body_ended(struct exchange *exchange, bool complete)
{
    struct exchange_io *io = exchange->io;
    if (!complete) {
        struct problem problem = { 0 };
        enum problem_kind why = io->body_problem ? io->body_problem : PROBLEM_BAD_REQUEST;
        problem_set(&problem, why, "the body did not come whole");
        exchange_send_problem(exchange, &problem);
        return;
    }
    exchange->body = io->whole ? io->whole : "";
    exchange->body_bytes = io->whole_bytes;
    exchange->route->handler(exchange);
}

void exchange_collect_body(struct exchange *exchange)
{
    static const struct body_reader reader = { keep_piece, whole_body_ended };
    exchange_read_body(exchange, &reader);
}
