/*
 * Resumable upload, tus 1.0.0 (https://tus.io/protocols/resumable-upload): core, creation,
 * termination, expiration.
 *
 * A PATCH streams: pieces are gathered on the loop up to PIECE_BYTES, the peer is held back while a
 * disk thread writes them, then the body goes on.  So memory does not depend on the size of the
 * upload, and no loop waits for a disk.
 */
#include "catalog/upload.h"

#include "api/handlers.h"
#include "api/request.h"
#include "base/clock.h"
#include "base/memory.h"

#include <event2/event.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define TUS_VERSION "1.0.0"
#define TUS_EXTENSIONS "creation,termination,expiration"

/* Written by one disk task: large enough to be cheap, small enough to hold for many uploads. */
enum { PIECE_BYTES = 1 << 20, LET_GO_POLL_MS = 500 };

static const char *staff_scope(const struct caller *caller)
{
    /* an admin sees every upload, see upload_find() */
    return caller->role == CALLER_ADMIN ? NULL : caller->staff_id;
}

static void add_number(struct exchange *exchange, const char *name, int64_t number)
{
    char value[24];
    (void)snprintf(value, sizeof value, "%lld", (long long)number);
    exchange_add_field(exchange, name, value);
}

static void send_tus_problem(struct exchange *exchange)
{
    if (exchange->problem.kind == PROBLEM_TUS_VERSION)
        exchange_add_field(exchange, "Tus-Version", TUS_VERSION);
    exchange_send_problem(exchange, &exchange->problem);
}

/* The version is on every request but OPTIONS; without it nothing is processed. */
static bool speaks_tus(struct exchange *exchange)
{
    exchange_add_field(exchange, "Tus-Resumable", TUS_VERSION);
    exchange_add_field(exchange, "Cache-Control", "no-store");
    const char *version = exchange_field(exchange, "tus-resumable");
    if (text_equal(version, TUS_VERSION))
        return true;
    problem_set(
        &exchange->problem, PROBLEM_TUS_VERSION, "Tus-Resumable '%.20s'", version ? version : "");
    send_tus_problem(exchange);
    return false;
}

void upload_options(struct exchange *exchange)
{
    const struct application *application = exchange->context;
    exchange_add_field(exchange, "Tus-Resumable", TUS_VERSION);
    exchange_add_field(exchange, "Tus-Version", TUS_VERSION);
    exchange_add_field(exchange, "Tus-Extension", TUS_EXTENSIONS);
    add_number(exchange, "Tus-Max-Size", application->settings->upload_bytes_max);
    exchange_send_empty(exchange, 204);
}

static void add_facts(struct exchange *exchange, const struct upload_facts *facts)
{
    char expires[CLOCK_HTTP_SIZE];
    add_number(exchange, "Upload-Offset", facts->offset_bytes);
    if (facts->lecture_id[0] != '\0') {
        exchange_add_field(exchange, "Lectern-Lecture", facts->lecture_id);
        return;
    }
    clock_format_http(facts->expires_at_ms, expires);
    exchange_add_field(exchange, "Upload-Expires", expires);
}

/* A header that must be a whole number; absent gives PROBLEM_INVALID_FIELD too. */
static bool read_number(
    const struct exchange *exchange, const char *name, int64_t *ret_number, struct problem *problem)
{
    const char *value = exchange_field(exchange, name);
    if (value && text_to_int64(value, strlen(value), 0, INT64_MAX, ret_number))
        return true;
    problem_set(problem, PROBLEM_BAD_REQUEST, "%s must be a whole number", name);
    return false;
}

static void create(struct exchange *exchange)
{
    struct application *application = exchange->context;
    const struct caller *caller = exchange->caller;
    const char *metadata = exchange_field(exchange, "upload-metadata");
    struct upload_facts *facts = arena_alloc(&exchange->arena, sizeof *facts);
    int64_t length_bytes;
    if (!read_number(exchange, "upload-length", &length_bytes, &exchange->problem)
        || !upload_create(application->uploads, caller->staff_id, length_bytes,
            metadata ? metadata : "", facts, &exchange->problem)) {
        send_tus_problem(exchange);
        return;
    }
    exchange_add_field(
        exchange, "Location", arena_printf(&exchange->arena, "/api/v1/uploads/%s", facts->id));
    add_facts(exchange, facts);
    exchange_send_empty(exchange, 201);
}

void upload_post(struct exchange *exchange)
{
    if (speaks_tus(exchange))
        exchange_run_blocking(exchange, POOL_STORE, create, NULL);
}

static bool list(
    struct db_connection *connection, struct api_request *request, struct problem *problem)
{
    (void)connection;
    json_t *uploads
        = uploads_json(request->application->uploads, request->caller->staff_id, problem);
    return uploads && api_answer(request, json_pack("{s:o}", "uploads", uploads), problem);
}

void upload_list(struct exchange *exchange)
{
    api_call(exchange, list);
}

static void tell_offset(struct exchange *exchange)
{
    struct application *application = exchange->context;
    struct upload_facts *facts = arena_alloc(&exchange->arena, sizeof *facts);
    if (!upload_find(application->uploads, exchange->parameters[0], staff_scope(exchange->caller),
            facts, &exchange->problem)) {
        send_tus_problem(exchange);
        return;
    }
    add_facts(exchange, facts);
    add_number(exchange, "Upload-Length", facts->length_bytes);
    if (facts->metadata[0] != '\0')
        exchange_add_field(exchange, "Upload-Metadata", facts->metadata);
    exchange_send_empty(exchange, 200);
}

void upload_head(struct exchange *exchange)
{
    if (speaks_tus(exchange))
        exchange_run_blocking(exchange, POOL_STORE, tell_offset, NULL);
}

static void remove_upload(struct exchange *exchange)
{
    struct application *application = exchange->context;
    if (upload_remove(application->uploads, exchange->parameters[0], staff_scope(exchange->caller),
            &exchange->problem))
        exchange_send_empty(exchange, 204);
    else
        send_tus_problem(exchange);
}

void upload_delete(struct exchange *exchange)
{
    if (speaks_tus(exchange))
        exchange_run_blocking(exchange, POOL_STORE, remove_upload, NULL);
}

/* One PATCH.  Either the loop gathers, or (working) a disk thread writes; never both. */
struct upload_stream {
    struct upload_writer *writer;
    struct event *let_go_poll; /* asks twice a second whether another connection wants the upload */
    char *piece;               /* PIECE_BYTES */
    size_t piece_bytes;
    int64_t offset_bytes;
    bool working;
    bool ended; /* the body is over, whole or not */
    bool must_let_go;
    bool answered;
    struct upload_facts facts;
};

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

static void write_piece(struct exchange *exchange)
{
    struct upload_stream *stream = exchange->state;
    if (stream->piece_bytes > 0 && !problem_is_set(&exchange->problem))
        (void)upload_write(stream->writer, stream->piece, stream->piece_bytes, &exchange->problem);
    stream->piece_bytes = 0;
}

/* Whatever ended the body, what came is made durable and the upload is free for the next
 * connection. */
static void write_rest_and_close(struct exchange *exchange)
{
    struct upload_stream *stream = exchange->state;
    struct problem *problem = &exchange->problem;
    write_piece(exchange);
    struct problem closing = { 0 };
    (void)upload_sync(stream->writer, &stream->offset_bytes, &closing);
    (void)upload_close(stream->writer, &stream->facts, &closing);
    stream->writer = NULL;
    if (!problem_is_set(problem))
        *problem = closing;
    if (!problem_is_set(problem) && stream->must_let_go)
        problem_set(problem, PROBLEM_UPLOAD_LOCKED, "another connection goes on with it");
}

static void answer(struct exchange *exchange)
{
    struct upload_stream *stream = exchange->state;
    if (problem_is_set(&exchange->problem)) {
        send_tus_problem(exchange);
        return;
    }
    add_facts(exchange, &stream->facts);
    exchange_send_empty(exchange, 204);
}

static void close_stream(struct exchange *exchange)
{
    struct upload_stream *stream = exchange->state;
    if (stream->answered)
        return;
    stream->answered = true;
    stream->working = true;
    (void)event_del(stream->let_go_poll);
    exchange_run_blocking(exchange, POOL_DISK, write_rest_and_close, answer);
}

static void piece_written(struct exchange *exchange)
{
    struct upload_stream *stream = exchange->state;
    stream->working = false;
    if (stream->ended || stream->must_let_go || problem_is_set(&exchange->problem))
        close_stream(exchange);
    else
        exchange_resume_body(exchange);
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
    if (stream->answered)
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
    stream->ended = true;
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

static void open_writer(struct exchange *exchange)
{
    struct application *application = exchange->context;
    struct upload_stream *stream = exchange->state;
    stream->writer = upload_open(application->uploads, exchange->parameters[0],
        staff_scope(exchange->caller), stream->offset_bytes, &exchange->problem);
}

static void writer_opened(struct exchange *exchange)
{
    static const struct body_reader reader = { body_received, body_ended };
    static const struct timeval poll = { .tv_usec = (suseconds_t)LET_GO_POLL_MS * 1000 };
    struct upload_stream *stream = exchange->state;
    if (!stream->writer) {
        send_tus_problem(exchange);
        return;
    }
    exchange_on_finished(exchange, end_stream, stream);
    stream->piece = memory_try_alloc(PIECE_BYTES);
    stream->let_go_poll
        = event_new(exchange->worker->loop, -1, EV_PERSIST | EV_TIMEOUT, poll_let_go, exchange);
    if (stream->piece && stream->let_go_poll && event_add(stream->let_go_poll, &poll) == 0) {
        exchange_read_body(exchange, &reader);
    } else {
        problem_set(&exchange->problem, PROBLEM_BUSY, "no memory for an upload");
        send_tus_problem(exchange);
    }
}

void upload_patch(struct exchange *exchange)
{
    if (!speaks_tus(exchange))
        return;
    struct upload_stream *stream = arena_alloc(&exchange->arena, sizeof *stream);
    exchange->state = stream;
    if (!text_equal(exchange_field(exchange, "content-type"), "application/offset+octet-stream"))
        problem_set(&exchange->problem, PROBLEM_UNSUPPORTED_TYPE,
            "An upload goes on as application/offset+octet-stream.");
    else
        (void)read_number(exchange, "upload-offset", &stream->offset_bytes, &exchange->problem);
    if (problem_is_set(&exchange->problem))
        send_tus_problem(exchange);
    else
        /* May wait for the present writer to let go, whose last bytes need a disk thread. */
        exchange_run_blocking(exchange, POOL_STORE, open_writer, writer_opened);
}

/* tus core: for clients whose network lets only GET and POST pass. */
void upload_post_with_override(struct exchange *exchange)
{
    const char *method = exchange_field(exchange, "x-http-method-override");
    if (text_equal(method, "PATCH")) {
        upload_patch(exchange);
    } else if (text_equal(method, "DELETE")) {
        upload_delete(exchange);
    } else {
        problem_set(&exchange->problem, PROBLEM_METHOD_NOT_ALLOWED, "POST without an override");
        send_tus_problem(exchange);
    }
}
