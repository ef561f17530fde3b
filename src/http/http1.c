#include "http/http1.h"

#include "base/memory.h"
#include "http/cold_read.h"
#include "http/push_body.h"

#include <stdlib.h>
#include <string.h>

static void respond(struct exchange *exchange)
{
    struct http1 *http1 = exchange->io->session;
    http1->respond = true;
    connection_wake(http1->connection);
}

static void want_body(struct exchange *exchange)
{
    struct http1 *http1 = exchange->io->session;
    connection_wake(http1->connection);
}

/* All that http1_send() waits for is asked anew in each turn. */
static const struct exchange_protocol exchange_protocol = { respond, want_body, NULL, want_body };

static struct http1 *session_of(struct connection *connection)
{
    if (!connection->session) {
        struct http1 *http1 = memory_zeroed(1, sizeof *http1);
        http1->connection = connection;
        connection->session = http1;
    }
    return connection->session;
}

static struct exchange *begin_exchange(struct http1 *http1)
{
    struct connection *connection = http1->connection;
    http1->exchange = exchange_create(connection->loop, &exchange_protocol, http1,
        !connection->guest.plain, &connection->guest.peer);
    return http1->exchange;
}

/* Answers what is no request with a problem document, as the last thing on this connection. */
static void refuse(struct http1 *http1, const struct problem *problem)
{
    http1->input = INPUT_NONE;
    http1->close = true;
    exchange_refuse(http1->exchange ? http1->exchange : begin_exchange(http1), problem);
}

static void begin_body(struct http1 *http1, const struct request_framing *framing)
{
    int64_t length = http1->exchange->request.body_length;
    http1->continue_due = framing->expect_continue && length != 0;
    http1->body_left = length > 0 ? (uint64_t)length : 0;
    http1->input = framing->chunked || length > 0 ? INPUT_BODY : INPUT_NONE;
    transfer_begin(&http1->body, clock_steady_ms());
    chunked_init(&http1->chunked, &http1->connection->loop->limits);
}

/* Reads the head if it is whole; returns the bytes consumed. */
static size_t take_head(struct http1 *http1, const char *bytes, size_t count)
{
    const struct request_limits *limits = &http1->connection->loop->limits;
    struct problem problem = { 0 };
    size_t head_bytes;
    if (http1->head_started_ms == 0) {
        http1->head_started_ms = clock_steady_ms();
        head_reader_init(&http1->reader);
    }
    enum head_step step
        = head_reader_scan(&http1->reader, limits, bytes, count, &head_bytes, &problem);
    if (step == HEAD_MORE)
        return 0;
    http1->head_started_ms = 0;
    if (step == HEAD_REFUSED) {
        refuse(http1, &problem);
        return count;
    }
    struct exchange *exchange = begin_exchange(http1);
    struct request_framing *framing = &exchange->io->framing;
    if (!head_parse(
            bytes, head_bytes, limits, &exchange->request, &exchange->arena, framing, &problem)) {
        refuse(http1, &problem);
        return count;
    }
    http1->close = http1->close || framing->close;
    begin_body(http1, framing);
    exchange_dispatch(exchange);
    return head_bytes;
}

static void body_is_whole(struct http1 *http1)
{
    bool dropped = http1->input == INPUT_DROP;
    /* Dropped to its end after the answer had gone: the next request may come. */
    http1->input = dropped && !http1->responding ? INPUT_HEAD : INPUT_NONE;
    if (!dropped)
        exchange_end_body(http1->exchange, PROBLEM_NONE);
}

static void give(struct http1 *http1, const char *bytes, size_t count)
{
    if (http1->input == INPUT_BODY && count > 0)
        exchange_give_body(http1->exchange, bytes, count);
}

static size_t take_sized(struct http1 *http1, const char *bytes, size_t count)
{
    size_t piece = count < http1->body_left ? count : (size_t)http1->body_left;
    http1->body_left -= piece;
    give(http1, bytes, piece);
    if (http1->body_left == 0)
        body_is_whole(http1);
    return piece;
}

static size_t take_chunk(struct http1 *http1, const char *bytes, size_t count)
{
    const char *data;
    size_t data_count;
    size_t consumed = chunked_read(&http1->chunked, bytes, count, &data, &data_count);
    give(http1, data, data_count);
    if (http1->chunked.state == CHUNKED_ENDED) {
        body_is_whole(http1);
    } else if (http1->chunked.state == CHUNKED_REFUSED) {
        http1->input = INPUT_NONE;
        http1->close = true;
        exchange_end_body(http1->exchange, PROBLEM_BAD_REQUEST);
    }
    return consumed;
}

static bool wants_input(const struct http1 *http1)
{
    switch (http1->input) {
    case INPUT_HEAD:
        return !http1->close || http1->head_started_ms != 0;
    case INPUT_DROP:
        return true;
    case INPUT_BODY:
        return exchange_takes_body(http1->exchange);
    case INPUT_NONE:
        /* Reading on shows that the peer has gone; but it may not fill our memory. */
        return http1->held_length < READ_AHEAD_MAX && !http1->peer_ended;
    }
    return false;
}

/* Bytes at the front of what came, in the order it came; returns those consumed. */
static size_t take(struct http1 *http1, const char *bytes, size_t count)
{
    size_t consumed = 0;
    while (consumed < count && wants_input(http1) && http1->input != INPUT_NONE) {
        const char *at = bytes + consumed;
        size_t left = count - consumed;
        size_t step;
        if (http1->input == INPUT_HEAD)
            step = take_head(http1, at, left);
        else if (http1->exchange && http1->exchange->io->framing.chunked)
            step = take_chunk(http1, at, left);
        else
            step = take_sized(http1, at, left);
        if (step == 0)
            break;
        consumed += step;
    }
    return consumed;
}

static void hold(struct http1 *http1, const char *bytes, size_t count)
{
    if (count == 0)
        return;
    if (http1->held_start > 0) {
        memmove(http1->held, http1->held + http1->held_start, http1->held_length);
        http1->held_start = 0;
    }
    char *grown = memory_try_resized(http1->held, http1->held_length + count, 1);
    if (!grown) {
        connection_close(http1->connection);
        return;
    }
    http1->held = grown;
    memcpy(http1->held + http1->held_length, bytes, count);
    http1->held_length += count;
}

/* Takes from what is held; false when that changed nothing. */
static bool take_held(struct http1 *http1)
{
    size_t consumed = take(http1, http1->held + http1->held_start, http1->held_length);
    http1->held_start += consumed;
    http1->held_length -= consumed;
    if (http1->held_length == 0) {
        free(http1->held);
        http1->held = NULL;
        http1->held_start = 0;
    }
    return consumed > 0;
}

static void peer_has_ended(struct http1 *http1)
{
    http1->connection->readable = false;
    http1->peer_ended = true;
    /* Nothing is owed, and nothing more can come that a close would answer with a reset. */
    if (http1->input == INPUT_HEAD)
        connection_leave(http1->connection);
    else if (http1->input != INPUT_NONE || (http1->exchange && push_is_open(http1->exchange)))
        connection_close(http1->connection); /* nobody would ever take the end of such a body */
}

/* Takes what came; false when there is nothing to do before the next event. */
static bool take_input(struct http1 *http1)
{
    struct connection *connection = http1->connection;
    struct http_loop *loop = connection->loop;
    if (!wants_input(http1))
        return false;
    if (http1->held_length > 0 && http1->input != INPUT_NONE && take_held(http1))
        return true;
    connection->readable = connection->readable && !stream_is_drained(&connection->stream);
    if (!connection->readable || !wants_input(http1))
        return false;
    size_t count;
    switch (stream_read(&connection->stream, loop->input, sizeof loop->input, &count)) {
    case STREAM_DONE:
        break;
    case STREAM_AGAIN:
        connection->readable = false;
        return false;
    case STREAM_ENDED:
        peer_has_ended(http1);
        return false;
    case STREAM_BROKEN:
        connection_close(connection);
        return false;
    }
    if (http1->input == INPUT_BODY || http1->input == INPUT_DROP) {
        http1->body.progress_ms = clock_steady_ms();
        http1->body.bytes += count;
    }
    size_t consumed = http1->held_length == 0 ? take(http1, loop->input, count) : 0;
    hold(http1, loop->input + consumed, count - consumed);
    return true;
}

/* The time in which the application does not take the body is not the peer's. */
static void watch_body(struct http1 *http1)
{
    if (exchange_takes_body(http1->exchange))
        transfer_go_on(&http1->body, clock_steady_ms());
    else
        transfer_stop(&http1->body, clock_steady_ms());
}

static void send_continue(struct http1 *http1)
{
    static const char text[] = "HTTP/1.1 100 Continue\r\n\r\n";
    if (!http1->continue_due || http1->input != INPUT_BODY || !exchange_takes_body(http1->exchange))
        return;
    http1->continue_due = false;
    /* Some peers send the body without waiting; then it is pointless (RFC 9110 section 10.1.1). */
    if (http1->held_length == 0)
        (void)stream_write(&http1->connection->stream, text, sizeof text - 1);
}

static void run(struct connection *connection)
{
    struct http1 *http1 = session_of(connection);
    size_t turns_left = TURN_BYTES / STREAM_READ_BYTES;
    /* Of all answers of the turn: a peer may have sent many requests at once. */
    const uint64_t turn_end = connection->stream.sent_bytes + TURN_BYTES;
    bool more = true;
    while (more && connection->state == CONNECTION_OPEN) {
        more = http1_send(http1, turn_end);
        if (connection->state != CONNECTION_OPEN)
            return;
        if (http1->exchange)
            send_continue(http1);
        more = take_input(http1) || more;
        if (connection->state != CONNECTION_OPEN)
            return;
        /* An answer may have come with the input. */
        more = more || (http1->respond && !http1->responding);
        if (more && --turns_left == 0) {
            connection_schedule(connection);
            break;
        }
    }
    if (connection->state == CONNECTION_OPEN && http1->input == INPUT_BODY)
        watch_body(http1);
}

static int64_t idle_since_ms(const struct connection *connection)
{
    const struct http1 *http1 = connection->session;
    if (!http1)
        return connection->opened_ms;
    if (http1->input != INPUT_HEAD || http1->head_started_ms != 0)
        return NOT_IDLE;
    return http1->served ? http1->idle_since_ms : connection->opened_ms;
}

static int64_t reading_since_ms(const struct connection *connection)
{
    const struct http1 *http1 = connection->session;
    bool reading = http1 && http1->input == INPUT_HEAD && http1->head_started_ms != 0;
    return reading ? http1->head_started_ms : NOT_IDLE;
}

static int64_t deadline_ms(const struct connection *connection)
{
    const struct http1 *http1 = connection->session;
    const struct settings *settings = connection->loop->settings;
    if (!http1)
        return connection->opened_ms + settings->header_deadline_ms;
    if (http1->responding) {
        struct transfer answer = http1->answer;
        answer.bytes = connection->stream.sent_bytes - http1->sent_before;
        if (connection->stream.sent_ms > answer.progress_ms)
            answer.progress_ms = connection->stream.sent_ms;
        return transfer_deadline_ms(&answer, settings, settings->send_bytes_per_second_least);
    }
    if (http1->input == INPUT_HEAD && http1->head_started_ms != 0)
        return http1->head_started_ms + settings->header_deadline_ms;
    if (http1->input == INPUT_HEAD)
        return http1->served ? connection_idle_end_ms(
                   connection, http1->idle_since_ms, settings->idle_deadline_ms)
                             : connection_idle_end_ms(
                                 connection, connection->opened_ms, settings->header_deadline_ms);
    if (http1->input == INPUT_DROP
        || (http1->input == INPUT_BODY && exchange_takes_body(http1->exchange)))
        return transfer_deadline_ms(&http1->body, settings, settings->body_bytes_per_second_least);
    return NO_DEADLINE;
}

static void expired(struct connection *connection)
{
    struct http1 *http1 = connection->session;
    struct problem problem = { 0 };
    problem_set(&problem, PROBLEM_REQUEST_TIMEOUT, "too slow");
    if (!http1 || http1->responding || http1->input == INPUT_DROP) {
        stream_give_up(&connection->stream);
        connection_close(connection);
    } else if (http1->input == INPUT_HEAD && http1->head_started_ms == 0) {
        connection_linger(connection);
    } else if (http1->input == INPUT_HEAD) {
        http1->head_started_ms = 0;
        refuse(http1, &problem);
    } else {
        http1->input = INPUT_NONE;
        http1->close = true;
        exchange_end_body(http1->exchange, PROBLEM_REQUEST_TIMEOUT);
    }
}

static void stop(struct connection *connection)
{
    struct http1 *http1 = session_of(connection);
    http1->close = true;
    if (http1->input == INPUT_HEAD && http1->head_started_ms == 0)
        connection_linger(connection);
}

/*
 * Nothing is closed at once: a request may be on its way, and a client that has sent one cannot know
 * whether it was carried out.  The next answer says that it is the last (http1_send.c), and who asks
 * for nothing is let go after drain_idle_ms.
 */
static void drain(struct connection *connection)
{
    (void)connection;
}

static void end(struct connection *connection)
{
    struct http1 *http1 = connection->session;
    connection->session = NULL;
    if (!http1)
        return;
    cold_read_forget(http1->cold);
    if (http1->exchange) {
        exchange_note_unsent(http1->exchange, stream_untaken_bytes(&connection->stream));
        exchange_lose(http1->exchange);
    }
    free(http1->held);
    free(http1);
}

const struct protocol http1_protocol
    = { run, idle_since_ms, reading_since_ms, deadline_ms, expired, stop, drain, end };
