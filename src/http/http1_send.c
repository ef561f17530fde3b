#include "http/cold_read.h"
#include "http/http1.h"
#include "http/pace.h"
#include "http/push_body.h"

#include <string.h>

static void cold_is_ready(void *data, bool whole)
{
    struct http1 *http1 = data;
    http1->cold = NULL;
    if (whole)
        connection_wake(http1->connection);
    else
        connection_close(http1->connection);
}

/* What is to be done with the rest of a body that was not read before the answer. */
static void settle_input(struct http1 *http1)
{
    if (http1->input != INPUT_BODY)
        return;
    const struct settings *settings = http1->connection->loop->settings;
    bool chunked = http1->exchange->io->framing.chunked;
    bool is_short = http1->body_left <= (uint64_t)settings->dropped_body_bytes_max;
    if (!chunked && !http1->continue_due && is_short) {
        http1->input = INPUT_DROP;
        transfer_begin(&http1->body, clock_steady_ms());
    } else {
        http1->input = INPUT_NONE;
        http1->close = true;
    }
}

/* A length that is not known is told by chunks, and to HTTP/1.0 by the end of the connection. */
static void frame_push(struct http1 *http1)
{
    struct exchange *exchange = http1->exchange;
    if (!exchange->io->body.push)
        return;
    if (strcmp(exchange->request.protocol, "HTTP/1.0") == 0) {
        http1->close = true;
    } else {
        exchange_add_field(exchange, "Transfer-Encoding", "chunked");
        push_use_chunks(&exchange->io->body);
    }
}

static void start_response(struct http1 *http1)
{
    struct exchange *exchange = http1->exchange;
    struct exchange_io *io = exchange->io;
    struct http_loop *loop = http1->connection->loop;
    settle_input(http1);
    http1->close = http1->close || loop->stopping || loop->draining || http1->peer_ended;
    frame_push(http1);
    exchange_complete_fields(exchange);
    struct response_head head = {
        .status = io->status,
        .date = loop_date(loop),
        .request_id = exchange->request_id,
        .has_length = io->has_length,
        .length = io->length,
        .close = http1->close,
        .fields = &io->fields,
    };
    http1->head = response_head_write(&exchange->arena, &head, &http1->head_length);
    http1->head_sent = 0;
    http1->responding = true;
    transfer_begin(&http1->answer, clock_steady_ms());
    http1->sent_before = http1->connection->stream.sent_bytes;
    exchange_note_first_byte(exchange);
    uint64_t offset, count;
    if (io->body.left > 0
        && response_body_next_range(&io->body, READ_AHEAD_FILE_BYTES, &offset, &count))
        cold_read_ahead(loop, io->body.map, offset, count);
}

static bool all_written(const struct http1 *http1)
{
    return http1->head_sent == http1->head_length && http1->exchange->io->body.left == 0;
}

/* Head and pieces into one record; its length. *ret_step says what stopped it. */
static size_t fill_record(struct http1 *http1, char *record, size_t *ret_body_bytes,
    enum body_step *ret_step, uint64_t *ret_cold_offset)
{
    struct response_body *body = &http1->exchange->io->body;
    size_t length = http1->head_length - http1->head_sent;
    if (length > STREAM_RECORD_BYTES)
        length = STREAM_RECORD_BYTES;
    memcpy(record, http1->head + http1->head_sent, length);
    http1->head_sent += length;
    *ret_body_bytes = 0;
    *ret_step = BODY_READY;
    while (length < STREAM_RECORD_BYTES && body->left > 0) {
        const char *bytes;
        size_t count;
        *ret_step = response_body_peek(
            body, STREAM_RECORD_BYTES - length, &bytes, &count, ret_cold_offset);
        if (*ret_step != BODY_READY)
            break;
        memcpy(record + length, bytes, count);
        response_body_advance(body, count);
        length += count;
        *ret_body_bytes += count;
    }
    return length;
}

/* Whole records straight from where the body lies; 0 when the next bytes do not fill one. */
static size_t write_direct(
    struct http1 *http1, size_t room, enum body_step *ret_step, uint64_t *ret_cold_offset)
{
    struct response_body *body = &http1->exchange->io->body;
    const char *bytes;
    size_t count;
    if (http1->head_sent < http1->head_length || body->left == 0)
        return 0;
    *ret_step = response_body_peek(body, room, &bytes, &count, ret_cold_offset);
    if (*ret_step != BODY_READY)
        return 0;
    if (count < body->left)
        count = count / STREAM_RECORD_BYTES * STREAM_RECORD_BYTES;
    if (count == 0 || !stream_write(&http1->connection->stream, bytes, count))
        return 0;
    response_body_advance(body, count);
    exchange_note_sent(http1->exchange, count);
    return count;
}

/* Up to `room` bytes, or to where the body is cold or broken. */
static enum body_step write_batch(struct http1 *http1, size_t room, uint64_t *ret_cold_offset)
{
    struct stream *stream = &http1->connection->stream;
    char *record = http1->connection->loop->record;
    enum body_step step = BODY_READY;
    while (room > 0 && step == BODY_READY && !all_written(http1) && !stream->broken) {
        size_t count = write_direct(http1, room, &step, ret_cold_offset);
        if (count == 0 && step == BODY_READY) {
            size_t body_bytes;
            count = fill_record(http1, record, &body_bytes, &step, ret_cold_offset);
            if (count > 0 && stream_write(stream, record, count))
                exchange_note_sent(http1->exchange, body_bytes);
        }
        /* A record that is not full takes the place of one. */
        size_t taken
            = (count + STREAM_RECORD_BYTES - 1) / STREAM_RECORD_BYTES * STREAM_RECORD_BYTES;
        room -= taken < room ? taken : room;
    }
    return step;
}

static void wait_for_disk(struct http1 *http1, uint64_t offset)
{
    struct response_body *body = &http1->exchange->io->body;
    const struct body_piece *piece = &body->pieces[body->piece];
    uint64_t left = piece->offset + piece->count - offset;
    uint64_t count = left < BODY_WINDOW_BYTES ? left : BODY_WINDOW_BYTES;
    struct connection *connection = http1->connection;
    transfer_stop(&http1->answer, clock_steady_ms());
    http1->cold = cold_read_start(connection->loop, body->map, offset, count, cold_is_ready, http1);
    if (!http1->cold)
        connection_schedule_later(connection);
}

static size_t next_batch(const struct http1 *http1)
{
    const struct http_loop *loop = http1->connection->loop;
    uint64_t left = http1->head_length - http1->head_sent + http1->exchange->io->body.left;
    if (left <= STREAM_RECORD_BYTES)
        return STREAM_RECORD_BYTES; /* no need to ask the kernel */
    size_t room
        = stream_room(&http1->connection->stream, (size_t)loop->settings->send_buffer_bytes);
    const struct pace *pace = http1->exchange->io->pace;
    return pace ? pace_batch(pace, room) : room;
}

/*
 * All is with TLS, and nothing of it has left in this turn: the exchange is over.  What it was to
 * bring about, such as the record of a delivery, is so before the peer can act on the last bytes.
 */
static void finish_exchange(struct http1 *http1)
{
    struct exchange *exchange = http1->exchange;
    http1->exchange = NULL;
    http1->head = NULL;
    exchange_finish(exchange, true);
}

/* All is with the kernel: the next request may be answered. */
static void end_response(struct http1 *http1)
{
    struct connection *connection = http1->connection;
    http1->respond = http1->responding = false;
    http1->served = true;
    http1->idle_since_ms = clock_steady_ms();
    if (http1->input == INPUT_NONE)
        http1->input = INPUT_HEAD;
    http1->close = http1->close || connection->loop->stopping;
    if (http1->close)
        connection_linger(connection);
}

/* The peer's clock runs on while it has not taken what there was. */
static void wait_for_application(struct http1 *http1)
{
    if (stream_flush(&http1->connection->stream) == STREAM_DONE)
        transfer_stop(&http1->answer, clock_steady_ms());
}

/* What the answer waited for is there. */
static void go_on(struct http1 *http1)
{
    int64_t now_ms = clock_steady_ms();
    if (http1->exchange)
        exchange_note_disk(http1->exchange, now_ms - http1->answer.stopped_ms);
    transfer_go_on(&http1->answer, now_ms);
}

bool http1_send(struct http1 *http1, uint64_t turn_end)
{
    struct connection *connection = http1->connection;
    struct stream *stream = &connection->stream;
    if (!http1->respond || http1->cold)
        return false;
    if (!http1->responding)
        start_response(http1);
    if (http1->answer.stopped_ms != 0)
        go_on(http1);
    for (;;) {
        enum stream_step flushed = stream_flush(stream);
        if (flushed == STREAM_BROKEN)
            connection_close(connection);
        if (flushed != STREAM_DONE)
            return false;
        if (!http1->exchange) {
            end_response(http1);
            return true;
        }
        if (stream->sent_bytes >= turn_end) {
            connection_schedule(connection);
            return false;
        }
        int64_t hold_ms = exchange_hold_ms(http1->exchange);
        if (hold_ms > 0) {
            transfer_stop(&http1->answer, clock_steady_ms());
            connection_resume_in(connection, hold_ms);
            return false;
        }
        uint64_t cold_offset;
        enum body_step step = write_batch(http1, next_batch(http1), &cold_offset);
        /* Asked after reading and before sending: see file_body.h. */
        if (step == BODY_BROKEN || !response_body_is_sound(&http1->exchange->io->body)) {
            stream_discard(stream);
            connection_close(connection);
            return false;
        }
        if (step == BODY_COLD) {
            (void)stream_flush(stream);
            wait_for_disk(http1, cold_offset);
            return false;
        }
        if (step == BODY_WAITS) {
            wait_for_application(http1);
            return false;
        }
        if (all_written(http1) && !stream->broken)
            finish_exchange(http1);
    }
}
