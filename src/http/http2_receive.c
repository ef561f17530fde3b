/* What the peer sends: headers into requests, DATA into bodies. */
#include "base/memory.h"
#include "http/cold_read.h"
#include "http/http2.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

static void want_body(struct exchange *exchange)
{
    struct http2_stream *stream = exchange->io->session;
    struct http2 *http2 = stream->http2;
    if (!stream->window_widened) {
        bool whole = exchange->route && exchange->route->body == BODY_WHOLE;
        const struct settings *settings = http2->connection->loop->settings;
        int64_t window
            = whole ? settings->http2_body_window_bytes : settings->http2_upload_window_bytes;
        stream->window_widened = true;
        (void)nghttp2_session_set_local_window_size(
            http2->session, NGHTTP2_FLAG_NONE, stream->id, (int32_t)window);
    }
    if (stream->continue_due && stream->held_length == 0)
        http2_inform(exchange, 100, NULL, NULL);
    stream->continue_due = false;
    http2->give_held = true;
    connection_wake(http2->connection);
}

const struct exchange_protocol http2_exchange_protocol
    = { http2_respond, want_body, http2_inform, http2_push_more };

static int begin_headers(nghttp2_session *session, const nghttp2_frame *frame, void *data)
{
    struct http2 *http2 = data;
    struct connection *connection = http2->connection;
    http2->head_started_ms = clock_steady_ms();
    if (frame->headers.cat != NGHTTP2_HCAT_REQUEST)
        return 0;
    struct http2_stream *stream = memory_zeroed(1, sizeof *stream);
    stream->http2 = http2;
    stream->id = frame->hd.stream_id;
    stream->exchange = exchange_create(connection->loop, &http2_exchange_protocol, stream,
        !connection->guest.plain, &connection->guest.peer);
    request_begin(&stream->builder, &stream->exchange->request, &stream->exchange->arena,
        HTTP_VERSION_2, &connection->loop->limits);
    LIST_INSERT_HEAD(&http2->streams, stream, all);
    http2->stream_count++;
    (void)nghttp2_session_set_stream_user_data(session, stream->id, stream);
    return 0;
}

static bool is_name(const uint8_t *name, size_t length, const char *wanted)
{
    return length == strlen(wanted) && memcmp(name, wanted, length) == 0;
}

static bool take_field(struct http2_stream *stream, const uint8_t *name, size_t name_length,
    const uint8_t *value, size_t value_length)
{
    struct request_builder *builder = &stream->builder;
    struct problem *problem = &stream->refused;
    const char *text = (const char *)value;
    if (name_length == 0 || name[0] != ':')
        return request_add_field(
            builder, (const char *)name, name_length, text, value_length, problem);
    if (is_name(name, name_length, ":method"))
        return request_set_method(builder, text, value_length, problem);
    if (is_name(name, name_length, ":path"))
        return request_set_target(builder, text, value_length, problem);
    if (is_name(name, name_length, ":authority"))
        return request_set_authority(builder, text, value_length, problem);
    if (is_name(name, name_length, ":scheme")
        && ((value_length == 5 && strncasecmp(text, "https", 5) == 0)
            || (value_length == 4 && strncasecmp(text, "http", 4) == 0)))
        return true;
    return problem_set(problem, PROBLEM_BAD_REQUEST, "unknown scheme or pseudo field");
}

static bool is_endless(struct http2_stream *stream, size_t count)
{
    size_t most = stream->http2->connection->loop->limits.header_bytes_max;
    stream->head_bytes += count;
    return stream->head_bytes / HTTP2_HEAD_EXCESS > most;
}

static int take_header(nghttp2_session *session, const nghttp2_frame *frame, const uint8_t *name,
    size_t name_length, const uint8_t *value, size_t value_length, uint8_t flags, void *data)
{
    (void)flags;
    struct http2 *http2 = data;
    struct http2_stream *stream
        = nghttp2_session_get_stream_user_data(session, frame->hd.stream_id);
    if (stream && is_endless(stream, name_length + value_length)) {
        http2_end_session(http2, NGHTTP2_ENHANCE_YOUR_CALM);
        return NGHTTP2_ERR_TEMPORAL_CALLBACK_FAILURE;
    }
    /* Trailers are dropped, and so is what follows the first fault. */
    if (stream && !stream->head_whole && !problem_is_set(&stream->refused))
        (void)take_field(stream, name, name_length, value, value_length);
    return 0;
}

/* nghttp2 would leave such a field out and go on; an edge before us may have read it otherwise. */
static int refuse_header(nghttp2_session *session, const nghttp2_frame *frame, const uint8_t *name,
    size_t name_length, const uint8_t *value, size_t value_length, uint8_t flags, void *data)
{
    (void)name;
    (void)name_length;
    (void)value;
    (void)value_length;
    (void)flags;
    (void)data;
    struct http2_stream *stream
        = nghttp2_session_get_stream_user_data(session, frame->hd.stream_id);
    if (stream && !stream->head_whole)
        problem_set(&stream->refused, PROBLEM_BAD_REQUEST, "a field is malformed");
    return 0;
}

static void head_is_whole(struct http2_stream *stream, bool ends_stream)
{
    struct exchange *exchange = stream->exchange;
    struct request_framing framing;
    stream->head_whole = true;
    transfer_begin(&stream->body, clock_steady_ms());
    if (!problem_is_set(&stream->refused)
        && request_finish(&stream->builder, !ends_stream, &framing, &stream->refused)) {
        stream->continue_due = framing.expect_continue && !ends_stream;
        exchange_dispatch(exchange);
    } else {
        exchange_refuse(exchange, &stream->refused);
    }
}

static void end_input(struct http2_stream *stream)
{
    stream->input_ended = true;
    if (stream->exchange && stream->held_length == 0)
        exchange_end_body(stream->exchange, PROBLEM_NONE);
}

static bool is_mere_padding(const nghttp2_frame *frame)
{
    return frame->hd.type == NGHTTP2_DATA && frame->hd.length > 0
           && frame->hd.length == frame->data.padlen
           && !(frame->hd.flags & NGHTTP2_FLAG_END_STREAM);
}

/* The frame was refused; what made it so, a reset or GOAWAY tells. */
static int frame_refused(
    nghttp2_session *session, const nghttp2_frame *frame, int error_code, void *data)
{
    (void)session;
    (void)error_code;
    struct http2 *http2 = data;
    if (frame->hd.type == NGHTTP2_HEADERS)
        http2->head_started_ms = 0;
    return 0;
}

static int frame_came(nghttp2_session *session, const nghttp2_frame *frame, void *data)
{
    struct http2 *http2 = data;
    http2->spoken = http2->spoken || frame->hd.type == NGHTTP2_SETTINGS;
    if (frame->hd.type == NGHTTP2_HEADERS)
        http2->head_started_ms = 0;
    if (is_mere_padding(frame) && !budget_take(&http2->control_frames, clock_steady_ms()))
        http2_end_session(http2, NGHTTP2_ENHANCE_YOUR_CALM);
    if (frame->hd.type != NGHTTP2_HEADERS && frame->hd.type != NGHTTP2_DATA)
        return 0;
    struct http2_stream *stream
        = nghttp2_session_get_stream_user_data(session, frame->hd.stream_id);
    bool ends = (frame->hd.flags & NGHTTP2_FLAG_END_STREAM) != 0;
    if (!stream)
        return 0;
    if (frame->hd.type == NGHTTP2_HEADERS && !stream->head_whole)
        head_is_whole(stream, ends);
    if (ends)
        end_input(stream);
    return 0;
}

/* false: there is no memory for it. */
static bool hold(struct http2_stream *stream, const uint8_t *bytes, size_t count)
{
    if (stream->held_start > 0) {
        memmove(stream->held, stream->held + stream->held_start, stream->held_length);
        stream->held_start = 0;
    }
    char *grown = memory_try_resized(stream->held, stream->held_length + count, 1);
    if (!grown)
        return false;
    stream->held = grown;
    memcpy(stream->held + stream->held_length, bytes, count);
    stream->held_length += count;
    return true;
}

/* Nobody wants it any more. */
static void drop(struct http2_stream *stream, size_t count)
{
    nghttp2_session *session = stream->http2->session;
    const struct settings *settings = stream->http2->connection->loop->settings;
    stream->dropped_bytes += count;
    if (stream->dropped_bytes <= (size_t)settings->dropped_body_bytes_max)
        (void)nghttp2_session_consume_stream(session, stream->id, count);
    else if (!stream->exchange)
        (void)nghttp2_submit_rst_stream(session, NGHTTP2_FLAG_NONE, stream->id, NGHTTP2_NO_ERROR);
}

static int data_came(nghttp2_session *session, uint8_t flags, int32_t id, const uint8_t *bytes,
    size_t count, void *data)
{
    (void)flags;
    struct http2 *http2 = data;
    struct http2_stream *stream = nghttp2_session_get_stream_user_data(session, id);
    budget_earn(&http2->control_frames, (int64_t)(count / HTTP2_BYTES_PER_CONTROL_FRAME));
    (void)nghttp2_session_consume_connection(session, count);
    if (!stream)
        return 0;
    stream->body.progress_ms = clock_steady_ms();
    stream->body.bytes += count;
    if (!stream->exchange || stream->exchange->io->answered) {
        drop(stream, count);
    } else if (stream->held_length == 0 && exchange_takes_body(stream->exchange)) {
        exchange_give_body(stream->exchange, bytes, count);
        (void)nghttp2_session_consume_stream(session, id, count);
    } else if (!hold(stream, bytes, count)) {
        return NGHTTP2_ERR_CALLBACK_FAILURE;
    }
    return 0;
}

static void give_held(struct http2_stream *stream)
{
    nghttp2_session *session = stream->http2->session;
    if (stream->held_length > 0 && exchange_takes_body(stream->exchange)) {
        char *held = stream->held;
        size_t start = stream->held_start, count = stream->held_length;
        stream->held = NULL;
        stream->held_start = stream->held_length = 0;
        exchange_give_body(stream->exchange, held + start, count);
        free(held);
        (void)nghttp2_session_consume_stream(session, stream->id, count);
    }
    if (stream->input_ended && stream->held_length == 0)
        exchange_end_body(stream->exchange, PROBLEM_NONE);
}

void http2_give_held(struct http2 *http2)
{
    http2->give_held = false;
    struct http2_stream *stream, *next;
    for (stream = LIST_FIRST(&http2->streams); stream; stream = next) {
        next = LIST_NEXT(stream, all);
        if (stream->exchange && stream->head_whole)
            give_held(stream);
    }
}

static int stream_closed(nghttp2_session *session, int32_t id, uint32_t error_code, void *data)
{
    struct http2 *http2 = data;
    struct http2_stream *stream = nghttp2_session_get_stream_user_data(session, id);
    (void)error_code;
    if (!stream)
        return 0;
    (void)nghttp2_session_set_stream_user_data(session, id, NULL);
    http2_free_stream(stream);
    http2->idle_since_ms = clock_steady_ms();
    return 0;
}

/* A header on a stream that has ended is ignored; a late trailer is, too. */
static bool is_of_the_past(nghttp2_session *session, const nghttp2_frame_hd *head)
{
    return head->stream_id <= nghttp2_session_get_last_proc_stream_id(session)
           && !nghttp2_session_get_stream_user_data(session, head->stream_id);
}

static bool costs_a_token(nghttp2_session *session, const nghttp2_frame_hd *head)
{
    if (head->type == NGHTTP2_HEADERS)
        return is_of_the_past(session, head);
    if (head->type == NGHTTP2_DATA)
        return head->length == 0 && !(head->flags & NGHTTP2_FLAG_END_STREAM);
    return head->type != NGHTTP2_CONTINUATION;
}

static int frame_begins(nghttp2_session *session, const nghttp2_frame_hd *head, void *data)
{
    struct http2 *http2 = data;
    int64_t now_ms = clock_steady_ms();
    bool within = !costs_a_token(session, head) || budget_take(&http2->control_frames, now_ms);
    if (head->type == NGHTTP2_RST_STREAM
        && nghttp2_session_get_stream_user_data(session, head->stream_id))
        within = within && budget_take(&http2->resets, now_ms);
    /* nghttp2 leaves PRIORITY unread, RFC 9113 section 6.3 does not. */
    if (head->type == NGHTTP2_PRIORITY && head->stream_id == 0)
        http2_end_session(http2, NGHTTP2_PROTOCOL_ERROR);
    if (!within)
        http2_end_session(http2, NGHTTP2_ENHANCE_YOUR_CALM);
    return 0;
}

void http2_set_receive_callbacks(nghttp2_session_callbacks *callbacks)
{
    nghttp2_session_callbacks_set_on_begin_headers_callback(callbacks, begin_headers);
    nghttp2_session_callbacks_set_on_header_callback(callbacks, take_header);
    nghttp2_session_callbacks_set_on_invalid_header_callback(callbacks, refuse_header);
    nghttp2_session_callbacks_set_on_frame_recv_callback(callbacks, frame_came);
    nghttp2_session_callbacks_set_on_invalid_frame_recv_callback(callbacks, frame_refused);
    nghttp2_session_callbacks_set_on_data_chunk_recv_callback(callbacks, data_came);
    nghttp2_session_callbacks_set_on_stream_close_callback(callbacks, stream_closed);
    nghttp2_session_callbacks_set_on_begin_frame_callback(callbacks, frame_begins);
}
