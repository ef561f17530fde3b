/* What the peer is sent: answers into HEADERS and DATA, frames into TLS records. */
#include "base/memory.h"
#include "http/cold_read.h"
#include "http/http2.h"

#include <stdio.h>
#include <string.h>

/* A DATA frame shorter than this is not worth filling up a record for. */
enum { DATA_BYTES_LEAST = 1024 };

/* Sends the first record of the buffer, and keeps what is behind it. */
static void emit_record(struct http2 *http2, size_t count)
{
    struct connection *connection = http2->connection;
    char *record = connection->loop->record;
    bool written = stream_write(&connection->stream, record, count);
    if (http2->record_count < HTTP2_BATCH_RECORDS)
        http2->record_ends[http2->record_count++]
            = written ? connection->stream.made_bytes : UINT64_MAX;
    memmove(record, record + count, http2->record_used - count);
    http2->record_used -= count;
    http2->room -= STREAM_RECORD_BYTES < http2->room ? STREAM_RECORD_BYTES : http2->room;
}

static ssize_t send_frame(
    nghttp2_session *session, const uint8_t *bytes, size_t count, int flags, void *data)
{
    (void)session;
    (void)flags;
    struct http2 *http2 = data;
    if (http2->room == 0)
        return NGHTTP2_ERR_WOULDBLOCK;
    if (count > STREAM_RECORD_BYTES)
        count = STREAM_RECORD_BYTES;
    memcpy(http2->connection->loop->record + http2->record_used, bytes, count);
    http2->record_used += count;
    if (http2->record_used >= STREAM_RECORD_BYTES)
        emit_record(http2, STREAM_RECORD_BYTES);
    return (ssize_t)count;
}

/* A frame may begin in one record and end in the next. */
static void note_in_batch(struct http2_stream *stream, size_t count)
{
    const struct http2 *http2 = stream->http2;
    size_t begin = http2->record_used + HTTP2_FRAME_HEADER_BYTES;
    size_t room = begin < STREAM_RECORD_BYTES ? STREAM_RECORD_BYTES - begin : 0;
    size_t first = count < room ? count : room;
    size_t at = http2->record_count;
    if (stream->batch != http2->batch) {
        memset(stream->batch_bytes, 0, sizeof stream->batch_bytes);
        stream->batch = http2->batch;
    }
    if (at < HTTP2_BATCH_RECORDS)
        stream->batch_bytes[at] += (uint32_t)first;
    if (at + 1 < HTTP2_BATCH_RECORDS)
        stream->batch_bytes[at + 1] += (uint32_t)(count - first);
}

uint64_t http2_untaken_bytes(const struct http2_stream *stream)
{
    const struct http2 *http2 = stream->http2;
    uint64_t bytes = 0;
    if (stream->batch != http2->batch)
        return 0;
    for (size_t i = 0; i < HTTP2_BATCH_RECORDS; i++)
        if (i >= http2->record_count
            || http2->record_ends[i] > http2->connection->stream.sent_bytes)
            bytes += stream->batch_bytes[i];
    return bytes;
}

static int send_data(nghttp2_session *session, nghttp2_frame *frame, const uint8_t *head,
    size_t count, nghttp2_data_source *source, void *data)
{
    (void)session;
    (void)frame;
    struct http2 *http2 = data;
    struct http2_stream *stream = source->ptr;
    struct response_body *body = &stream->exchange->io->body;
    if (http2->room == 0)
        return NGHTTP2_ERR_WOULDBLOCK;
    char *at = http2->connection->loop->record + http2->record_used;
    const char *bytes = "";
    size_t ready = 0;
    uint64_t cold_offset;
    if (response_body_peek(body, count, &bytes, &ready, &cold_offset) != BODY_READY
        || ready < count)
        return NGHTTP2_ERR_TEMPORAL_CALLBACK_FAILURE;
    memcpy(at, head, HTTP2_FRAME_HEADER_BYTES);
    memcpy(at + HTTP2_FRAME_HEADER_BYTES, bytes, count);
    if (count > 0)
        response_body_advance(body, count);
    /* Asked after reading and before the bytes count as sent: see file_body.h. */
    if (!response_body_is_sound(body))
        return NGHTTP2_ERR_TEMPORAL_CALLBACK_FAILURE;
    note_in_batch(stream, count);
    http2->record_used += HTTP2_FRAME_HEADER_BYTES + count;
    exchange_note_sent(stream->exchange, count);
    stream->answer.progress_ms = http2->answers.progress_ms = clock_steady_ms();
    stream->answer.bytes += count;
    http2->answers.bytes += count;
    budget_earn(&http2->control_frames, (int64_t)(count / HTTP2_BYTES_PER_CONTROL_FRAME));
    if (http2->record_used >= STREAM_RECORD_BYTES)
        emit_record(http2, STREAM_RECORD_BYTES);
    return 0;
}

/* Only the peer's own time counts against it: not what it waits for our disk. */
static void settle_clocks(struct http2 *http2)
{
    int64_t now_ms = clock_steady_ms();
    if (http2->responding_count > 0 && http2->waiting_count == http2->responding_count)
        transfer_stop(&http2->answers, now_ms);
    else
        transfer_go_on(&http2->answers, now_ms);
}

static void set_waiting(struct http2_stream *stream, bool waiting)
{
    struct http2 *http2 = stream->http2;
    if (stream->waiting == waiting)
        return;
    stream->waiting = waiting;
    if (waiting) {
        http2->waiting_count++;
        transfer_stop(&stream->answer, clock_steady_ms());
    } else {
        int64_t now_ms = clock_steady_ms();
        http2->waiting_count--;
        if (stream->exchange)
            exchange_note_disk(stream->exchange, now_ms - stream->answer.stopped_ms);
        transfer_go_on(&stream->answer, now_ms);
    }
    settle_clocks(http2);
}

void http2_stop_responding(struct http2_stream *stream)
{
    if (!stream->responding)
        return;
    set_waiting(stream, false);
    stream->responding = false;
    stream->http2->responding_count--;
    settle_clocks(stream->http2);
}

static void cold_is_ready(void *data, bool whole)
{
    struct http2_stream *stream = data;
    nghttp2_session *session = stream->http2->session;
    stream->cold = NULL;
    set_waiting(stream, false);
    if (whole)
        (void)nghttp2_session_resume_data(session, stream->id);
    else
        (void)nghttp2_submit_rst_stream(
            session, NGHTTP2_FLAG_NONE, stream->id, NGHTTP2_INTERNAL_ERROR);
    connection_wake(stream->http2->connection);
}

static ssize_t wait_for_disk(struct http2_stream *stream, uint64_t offset)
{
    struct http2 *http2 = stream->http2;
    struct response_body *body = &stream->exchange->io->body;
    const struct body_piece *piece = &body->pieces[body->piece];
    uint64_t left = piece->offset + piece->count - offset;
    uint64_t count = left < BODY_WINDOW_BYTES ? left : BODY_WINDOW_BYTES;
    set_waiting(stream, true);
    stream->cold
        = cold_read_start(http2->connection->loop, body->map, offset, count, cold_is_ready, stream);
    if (!stream->cold) {
        stream->stalled = true;
        http2->retry_stalled = true;
        connection_schedule_later(http2->connection);
    }
    return NGHTTP2_ERR_DEFERRED;
}

void http2_push_more(struct exchange *exchange)
{
    struct http2_stream *stream = exchange->io->session;
    set_waiting(stream, false);
    (void)nghttp2_session_resume_data(stream->http2->session, stream->id);
    connection_wake(stream->http2->connection);
}

static ssize_t wait_for_pace(struct http2_stream *stream, int64_t hold_ms)
{
    struct http2 *http2 = stream->http2;
    set_waiting(stream, true);
    stream->stalled = true;
    http2->retry_stalled = true;
    connection_resume_in(http2->connection, hold_ms);
    return NGHTTP2_ERR_DEFERRED;
}

/* How much the next DATA frame carries; the bytes themselves go by send_data(). */
static ssize_t measure_data(nghttp2_session *session, int32_t id, uint8_t *buffer, size_t most,
    uint32_t *ret_flags, nghttp2_data_source *source, void *data)
{
    (void)session;
    (void)id;
    (void)buffer;
    (void)data;
    struct http2_stream *stream = source->ptr;
    struct response_body *body = &stream->exchange->io->body;
    const char *bytes;
    size_t count;
    uint64_t cold_offset;
    int64_t hold_ms = exchange_hold_ms(stream->exchange);
    if (hold_ms > 0)
        return wait_for_pace(stream, hold_ms);
    switch (response_body_peek(body, most, &bytes, &count, &cold_offset)) {
    case BODY_READY:
        break;
    case BODY_COLD:
        return wait_for_disk(stream, cold_offset);
    case BODY_WAITS:
        set_waiting(stream, true);
        return NGHTTP2_ERR_DEFERRED;
    case BODY_BROKEN:
        return NGHTTP2_ERR_TEMPORAL_CALLBACK_FAILURE;
    }
    *ret_flags |= NGHTTP2_DATA_FLAG_NO_COPY;
    if (count == body->left)
        *ret_flags |= NGHTTP2_DATA_FLAG_EOF;
    return (ssize_t)count;
}

/* Up to the end of the record that is being filled, so that frames and records go in step. */
static ssize_t choose_data_length(nghttp2_session *session, uint8_t frame_type, int32_t id,
    int32_t session_window, int32_t stream_window, uint32_t frame_bytes_max, void *data)
{
    (void)session;
    (void)frame_type;
    (void)id;
    struct http2 *http2 = data;
    size_t left = STREAM_RECORD_BYTES - http2->record_used;
    int64_t length = left >= HTTP2_FRAME_HEADER_BYTES + DATA_BYTES_LEAST
                         ? (int64_t)left - HTTP2_FRAME_HEADER_BYTES
                         : HTTP2_DATA_BYTES;
    if (length > session_window)
        length = session_window;
    if (length > stream_window)
        length = stream_window;
    if (length > frame_bytes_max)
        length = frame_bytes_max;
    return (ssize_t)length;
}

/* The answer is with TLS.  What is left of the body is dropped, or cut off when that is much (RFC
 * 9113 section 8.1). */
static void end_response(struct http2_stream *stream)
{
    struct http2 *http2 = stream->http2;
    struct exchange *exchange = stream->exchange;
    int64_t length = exchange->request.body_length;
    int64_t dropped_max = http2->connection->loop->settings->dropped_body_bytes_max;
    bool endless = length > (int64_t)exchange->io->body_received + dropped_max;
    if (!stream->input_ended && endless)
        (void)nghttp2_submit_rst_stream(
            http2->session, NGHTTP2_FLAG_NONE, stream->id, NGHTTP2_NO_ERROR);
    http2_stop_responding(stream);
    stream->exchange = NULL;
    transfer_begin(&stream->body, clock_steady_ms());
    /* What was held has used up window that the rest may need. */
    if (!stream->input_ended && stream->held_length > 0)
        (void)nghttp2_session_consume_stream(http2->session, stream->id, stream->held_length);
    exchange_finish(exchange, true);
}

/* A reset that the peer has provoked costs it as much as one of its own. */
static void charge_reset(struct http2 *http2, uint32_t error_code)
{
    bool ours = error_code == NGHTTP2_NO_ERROR || error_code == NGHTTP2_CANCEL
                || error_code == NGHTTP2_INTERNAL_ERROR;
    if (!ours && !budget_take(&http2->resets, clock_steady_ms()))
        http2_end_session(http2, NGHTTP2_ENHANCE_YOUR_CALM);
}

static int frame_sent(nghttp2_session *session, const nghttp2_frame *frame, void *data)
{
    if (frame->hd.type == NGHTTP2_RST_STREAM)
        charge_reset(data, frame->rst_stream.error_code);
    bool carries
        = frame->hd.type == NGHTTP2_DATA
          || (frame->hd.type == NGHTTP2_HEADERS && frame->headers.cat != NGHTTP2_HCAT_REQUEST);
    if (!carries || !(frame->hd.flags & NGHTTP2_FLAG_END_STREAM))
        return 0;
    struct http2_stream *stream
        = nghttp2_session_get_stream_user_data(session, frame->hd.stream_id);
    if (stream && stream->exchange)
        end_response(stream);
    return 0;
}

void http2_set_send_callbacks(nghttp2_session_callbacks *callbacks)
{
    nghttp2_session_callbacks_set_send_callback(callbacks, send_frame);
    nghttp2_session_callbacks_set_send_data_callback(callbacks, send_data);
    nghttp2_session_callbacks_set_data_source_read_length_callback(callbacks, choose_data_length);
    nghttp2_session_callbacks_set_on_frame_send_callback(callbacks, frame_sent);
}

/* nghttp2 copies neither name nor value; both live as long as the exchange, or for ever. */
static nghttp2_nv make_field(struct arena *arena, const char *name, const char *value)
{
    char *lower = arena_strdup(arena, name);
    for (char *at = lower; *at; at++)
        if (*at >= 'A' && *at <= 'Z')
            *at = (char)(*at - 'A' + 'a');
    char *copy = arena_strdup(arena, value);
    return (nghttp2_nv){ (uint8_t *)lower, (uint8_t *)copy, strlen(lower), strlen(copy),
        NGHTTP2_NV_FLAG_NO_COPY_NAME | NGHTTP2_NV_FLAG_NO_COPY_VALUE };
}

static nghttp2_nv *make_head(struct exchange *exchange, size_t *ret_count)
{
    enum { OWN_FIELDS = 4 };
    struct exchange_io *io = exchange->io;
    struct arena *arena = &exchange->arena;
    exchange_complete_fields(exchange);
    nghttp2_nv *head = arena_alloc(arena, (io->fields.count + OWN_FIELDS) * sizeof *head);
    char number[24];
    size_t count = 0;
    (void)snprintf(number, sizeof number, "%d", io->status);
    head[count++] = make_field(arena, ":status", number);
    head[count++] = make_field(arena, "date", loop_date(io->loop));
    for (size_t i = 0; i < io->fields.count; i++)
        head[count++] = make_field(arena, io->fields.fields[i].name, io->fields.fields[i].value);
    if (io->has_length) {
        (void)snprintf(number, sizeof number, "%llu", (unsigned long long)io->length);
        head[count++] = make_field(arena, "content-length", number);
    }
    head[count++] = make_field(arena, "request-id", exchange->request_id);
    *ret_count = count;
    return head;
}

void http2_inform(struct exchange *exchange, int status, const char *name, const char *value)
{
    const struct http2_stream *stream = exchange->io->session;
    struct arena *arena = &exchange->arena;
    nghttp2_nv head[2] = { make_field(arena, ":status", arena_printf(arena, "%d", status)) };
    if (name)
        head[1] = make_field(arena, name, value);
    (void)nghttp2_submit_headers(
        stream->http2->session, NGHTTP2_FLAG_NONE, stream->id, NULL, head, name ? 2 : 1, NULL);
    connection_wake(stream->http2->connection);
}

static void start_sending(struct http2_stream *stream)
{
    struct http2 *http2 = stream->http2;
    int64_t now_ms = clock_steady_ms();
    stream->responding = true;
    transfer_begin(&stream->answer, now_ms);
    if (http2->responding_count++ == 0)
        http2->answers = stream->answer;
    settle_clocks(http2);
}

void http2_respond(struct exchange *exchange)
{
    struct http2_stream *stream = exchange->io->session;
    struct http2 *http2 = stream->http2;
    struct response_body *body = &exchange->io->body;
    size_t count;
    nghttp2_nv *head = make_head(exchange, &count);
    nghttp2_data_provider provider = { .source.ptr = stream, .read_callback = measure_data };
    start_sending(stream);
    exchange_note_first_byte(exchange);
    if (nghttp2_submit_response(
            http2->session, stream->id, head, count, body->left > 0 ? &provider : NULL)
        != 0)
        (void)nghttp2_submit_rst_stream(
            http2->session, NGHTTP2_FLAG_NONE, stream->id, NGHTTP2_INTERNAL_ERROR);
    uint64_t offset, length;
    if (body->left > 0 && response_body_next_range(body, HTTP2_READ_AHEAD_BYTES, &offset, &length))
        cold_read_ahead(http2->connection->loop, body->map, offset, length);
    connection_wake(http2->connection);
}

static void retry_stalled(struct http2 *http2)
{
    struct http2_stream *stream;
    http2->retry_stalled = false;
    LIST_FOREACH(stream, &http2->streams, all)
    {
        if (!stream->stalled)
            continue;
        stream->stalled = false;
        set_waiting(stream, false);
        (void)nghttp2_session_resume_data(http2->session, stream->id);
    }
}

void http2_send(struct http2 *http2)
{
    struct connection *connection = http2->connection;
    struct stream *stream = &connection->stream;
    uint64_t turn_end = stream->sent_bytes + TURN_BYTES;
    if (http2->retry_stalled)
        retry_stalled(http2);
    while (nghttp2_session_want_write(http2->session)) {
        enum stream_step flushed = stream_flush(stream);
        if (flushed == STREAM_BROKEN)
            connection_close(connection);
        if (flushed != STREAM_DONE)
            return;
        if (stream->sent_bytes >= turn_end) {
            connection_schedule(connection);
            return;
        }
        http2->room = stream_room(stream, (size_t)connection->loop->settings->send_buffer_bytes);
        http2->record_used = http2->record_count = 0;
        http2->batch++;
        int result = nghttp2_session_send(http2->session);
        if (http2->record_used > 0)
            emit_record(http2, http2->record_used);
        if (result != 0) {
            connection_close(connection);
            return;
        }
        /* It wants to write but has nothing to: streams wait for windows, the disk or the
         * application. */
        if (http2->room > 0)
            return;
    }
}
