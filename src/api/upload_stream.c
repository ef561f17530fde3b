#include "api/upload_stream.h"

#include "api/application.h"
#include "base/memory.h"

#include <event2/event.h>
#include <stdlib.h>
#include <string.h>

/* Written by one disk task: large enough to be cheap, small enough to hold for many uploads. */
enum { PIECE_BYTES = 1 << 20, LET_GO_POLL_MS = 500 };

static struct uploads *uploads_of(const struct exchange *exchange)
{
    const struct application *application = exchange->context;
    return application->uploads;
}

static void end_stream(
    struct exchange *exchange, const struct exchange_outcome *outcome, void *data)
{
    (void)exchange;
    (void)outcome;
    struct upload_stream *stream = data;
    if (stream->let_go_poll)
        event_free(stream->let_go_poll);
    /* A full pool, or a server that stops, answered in our place: the next connection must find the
     * upload free. */
    if (stream->writer)
        upload_abandon(stream->writer);
    free(stream->piece);
}

static void end_with_problem(struct exchange *exchange)
{
    struct upload_stream *stream = exchange->state;
    stream->ended(exchange, stream);
}

/* --- after the last byte ---------------------------------------------------------------------- */

static void write_piece(struct exchange *exchange)
{
    struct upload_stream *stream = exchange->state;
    if (stream->piece_bytes > 0 && !problem_is_set(&exchange->problem))
        (void)upload_write(stream->writer, stream->piece, stream->piece_bytes, &exchange->problem);
    stream->piece_bytes = 0;
}

/* Whatever ended the body, what came is made durable and the upload is free for the next
 * connection. */
static void close_writer(struct exchange *exchange)
{
    struct upload_stream *stream = exchange->state;
    struct problem *problem = &exchange->problem;
    if (problem_is_set(&stream->late))
        upload_abandon(stream->writer);
    else
        (void)upload_close(stream->writer, &stream->facts, &stream->late);
    stream->writer = NULL;
    if (!problem_is_set(problem))
        *problem = stream->late;
    if (!problem_is_set(problem) && stream->must_let_go)
        problem_set(problem, PROBLEM_UPLOAD_LOCKED, "another connection goes on with it");
    struct problem ignored = { 0 };
    if (problem_is_set(problem) && stream->is_new)
        (void)upload_remove(uploads_of(exchange), stream->id, stream->staff_id, &ignored);
}

static void finish_some(struct exchange *exchange)
{
    struct upload_stream *stream = exchange->state;
    int64_t ignored;
    if (!stream->synced) {
        write_piece(exchange);
        (void)upload_sync(stream->writer, &ignored, &stream->late);
        stream->synced = true;
    }
    stream->more = !problem_is_set(&stream->late) && upload_prepare(stream->writer, &stream->late);
    if (!stream->more)
        close_writer(exchange);
}

static void some_finished(struct exchange *exchange)
{
    struct upload_stream *stream = exchange->state;
    if (stream->more)
        exchange_run_blocking(exchange, POOL_DISK, finish_some, some_finished);
    else
        stream->ended(exchange, stream);
}

static void close_stream(struct exchange *exchange)
{
    struct upload_stream *stream = exchange->state;
    if (stream->closing)
        return;
    stream->closing = true;
    stream->working = true;
    if (stream->let_go_poll)
        (void)event_del(stream->let_go_poll);
    exchange_run_blocking(exchange, POOL_DISK, finish_some, some_finished);
}

/* --- the body --------------------------------------------------------------------------------- */

static void look(struct exchange *exchange)
{
    struct upload_stream *stream = exchange->state;
    (void)upload_look(stream->writer, &exchange->problem);
}

static void go_on(struct exchange *exchange)
{
    struct upload_stream *stream = exchange->state;
    stream->working = false;
    if (stream->body_ended || stream->must_let_go || problem_is_set(&exchange->problem))
        close_stream(exchange);
    else
        exchange_resume_body(exchange);
}

/* A look takes longer than a disk thread has time for. */
static void piece_written(struct exchange *exchange)
{
    struct upload_stream *stream = exchange->state;
    if (!problem_is_set(&exchange->problem) && upload_look_due(stream->writer))
        exchange_run_blocking(exchange, POOL_STORE, look, go_on);
    else
        go_on(exchange);
}

static void start_writing(struct exchange *exchange)
{
    struct upload_stream *stream = exchange->state;
    exchange_pause_body(exchange);
    stream->working = true;
    exchange_run_blocking(exchange, POOL_DISK, write_piece, piece_written);
}

/* A piece may be larger than what is left of the buffer: then the buffer grows for once, by what
 * one read brings. */
static void body_received(struct exchange *exchange, const void *bytes, size_t count)
{
    struct upload_stream *stream = exchange->state;
    if (stream->closing)
        return;
    if (stream->piece_bytes + count > PIECE_BYTES) {
        char *grown = memory_try_resized(stream->piece, stream->piece_bytes + count, 1);
        if (!grown) {
            problem_set(&exchange->problem, PROBLEM_BUSY, "no memory for a piece of an upload");
            exchange_pause_body(exchange);
            close_stream(exchange);
            return;
        }
        stream->piece = grown;
    }
    memcpy(stream->piece + stream->piece_bytes, bytes, count);
    stream->piece_bytes += count;
    if (stream->piece_bytes >= PIECE_BYTES / 2)
        start_writing(exchange);
}

static void body_ended(struct exchange *exchange, bool complete)
{
    (void)complete; /* tus: on a dropped connection keep what came */
    struct upload_stream *stream = exchange->state;
    stream->body_ended = true;
    if (!stream->working)
        close_stream(exchange);
}

static void poll_let_go(evutil_socket_t fd, short what, void *data)
{
    (void)fd;
    (void)what;
    struct exchange *exchange = data;
    struct upload_stream *stream = exchange->state;
    if (!upload_must_let_go(stream->writer))
        return;
    stream->must_let_go = true;
    if (!stream->working) {
        exchange_pause_body(exchange);
        close_stream(exchange);
    }
}

/* --- the start -------------------------------------------------------------------------------- */

static void open_writer(struct exchange *exchange)
{
    struct upload_stream *stream = exchange->state;
    struct problem *problem = &exchange->problem;
    stream->writer = upload_open(
        uploads_of(exchange), stream->id, stream->staff_id, stream->offset_bytes, problem);
    if (stream->writer && stream->length_bytes != UPLOAD_LENGTH_UNKNOWN
        && !upload_set_length(stream->writer, stream->length_bytes, problem)) {
        upload_abandon(stream->writer);
        stream->writer = NULL;
    }
    if (stream->writer && stream->has_checksum)
        upload_expect(stream->writer, &stream->checksum);
}

static void read_body(struct exchange *exchange)
{
    static const struct body_reader reader = { body_received, body_ended };
    static const struct timeval poll = { .tv_usec = (suseconds_t)LET_GO_POLL_MS * 1000 };
    struct upload_stream *stream = exchange->state;
    stream->piece = memory_try_alloc(PIECE_BYTES);
    stream->let_go_poll
        = event_new(exchange->worker->loop, -1, EV_PERSIST | EV_TIMEOUT, poll_let_go, exchange);
    if (stream->piece && stream->let_go_poll && event_add(stream->let_go_poll, &poll) == 0) {
        exchange_read_body(exchange, &reader);
    } else {
        problem_set(&exchange->problem, PROBLEM_BUSY, "no memory for an upload");
        end_with_problem(exchange);
    }
}

static void writer_opened(struct exchange *exchange)
{
    struct upload_stream *stream = exchange->state;
    if (!stream->writer) {
        end_with_problem(exchange);
        return;
    }
    exchange_on_finished(exchange, end_stream, stream);
    if (stream->has_body)
        read_body(exchange);
    else
        close_stream(exchange);
}

void upload_stream_start(struct exchange *exchange, struct upload_stream *stream)
{
    exchange->state = stream;
    /* May wait for the present writer to let go, whose last bytes need a disk thread. */
    exchange_run_blocking(exchange, POOL_STORE, open_writer, writer_opened);
}
