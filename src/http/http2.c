#include "http/http2.h"

#include "base/memory.h"
#include "http/cold_read.h"

#include <stdlib.h>

void http2_free_stream(struct http2_stream *stream)
{
    if (stream->exchange)
        exchange_note_unsent(stream->exchange, http2_untaken_bytes(stream));
    LIST_REMOVE(stream, all);
    stream->http2->stream_count--;
    http2_stop_responding(stream);
    cold_read_forget(stream->cold);
    struct exchange *exchange = stream->exchange;
    free(stream->held);
    free(stream);
    if (exchange)
        exchange_lose(exchange);
}

void http2_end_session(struct http2 *http2, uint32_t error_code)
{
    if (http2->ending)
        return;
    http2->ending = true;
    http2->ending_ms = clock_steady_ms();
    (void)nghttp2_session_terminate_session(http2->session, error_code);
}

static void *session_alloc(size_t size, void *data)
{
    (void)data;
    return memory_alloc(size);
}

static void *session_zeroed(size_t count, size_t size, void *data)
{
    (void)data;
    return memory_zeroed(count, size);
}

static void *session_resized(void *memory, size_t size, void *data)
{
    (void)data;
    return memory_resized(memory, size, 1);
}

static void session_release(void *memory, void *data)
{
    (void)data;
    free(memory);
}

/* Out of the reserve where need be: libnghttp2 1.52 ends a DATA frame twice when its queue cannot
 * grow, and what it has is bounded. */
static nghttp2_mem session_memory
    = { NULL, session_alloc, session_release, session_zeroed, session_resized };

static bool make_session(struct http2 *http2)
{
    nghttp2_session_callbacks *callbacks = NULL;
    nghttp2_option *option = NULL;
    const struct settings *settings = http2->connection->loop->settings;
    bool made = false;
    if (nghttp2_session_callbacks_new(&callbacks) == 0 && nghttp2_option_new(&option) == 0) {
        http2_set_receive_callbacks(callbacks);
        http2_set_send_callbacks(callbacks);
        nghttp2_option_set_no_auto_window_update(option, 1);
        nghttp2_option_set_no_closed_streams(option, 1);
        nghttp2_option_set_max_continuations(option, (size_t)settings->http2_continuations_max);
        /* Beyond our own budget, which says goodbye first. */
        nghttp2_option_set_max_outbound_ack(option, 2 * (size_t)settings->http2_control_frames_max);
        nghttp2_option_set_stream_reset_rate_limit(option, 2 * (uint64_t)settings->http2_resets_max,
            2 * (uint64_t)settings->http2_resets_per_second);
        made = nghttp2_session_server_new3(
                   &http2->session, callbacks, http2, option, &session_memory)
               == 0;
    }
    nghttp2_option_del(option);
    nghttp2_session_callbacks_del(callbacks);
    return made;
}

static bool greet(struct http2 *http2)
{
    const struct settings *settings = http2->connection->loop->settings;
    const nghttp2_settings_entry entries[] = {
        { NGHTTP2_SETTINGS_MAX_CONCURRENT_STREAMS, (uint32_t)settings->streams_max },
        { NGHTTP2_SETTINGS_INITIAL_WINDOW_SIZE, (uint32_t)settings->http2_first_window_bytes },
        { NGHTTP2_SETTINGS_MAX_HEADER_LIST_SIZE, (uint32_t)settings->header_bytes_max },
        /* RFC 9218: the peer's Priority field, instead of a tree that it may rebuild at will. */
        { NGHTTP2_SETTINGS_NO_RFC7540_PRIORITIES, 1 },
    };
    return nghttp2_submit_settings(
               http2->session, NGHTTP2_FLAG_NONE, entries, sizeof entries / sizeof entries[0])
               == 0
           && nghttp2_session_set_local_window_size(http2->session, NGHTTP2_FLAG_NONE, 0,
                  (int32_t)settings->http2_connection_window_bytes)
                  == 0;
}

static void begin_farewell(struct http2 *http2)
{
    if (http2->farewell_ms != 0)
        return;
    http2->farewell_ms = clock_steady_ms();
    (void)nghttp2_submit_shutdown_notice(http2->session);
}

static void say_goodbye(struct http2 *http2)
{
    http2->said_goodbye = true;
    (void)nghttp2_submit_goaway(http2->session, NGHTTP2_FLAG_NONE,
        nghttp2_session_get_last_proc_stream_id(http2->session), NGHTTP2_NO_ERROR, NULL, 0);
}

static int64_t goodbye_due_ms(const struct http2 *http2)
{
    return http2->farewell_ms != 0 && !http2->said_goodbye
               ? http2->farewell_ms + http2->connection->loop->settings->http2_farewell_ms
               : NO_DEADLINE;
}

static struct http2 *session_of(struct connection *connection)
{
    if (connection->session)
        return connection->session;
    struct http2 *http2 = memory_zeroed(1, sizeof *http2);
    int64_t now_ms = clock_steady_ms();
    http2->connection = connection;
    http2->idle_since_ms = now_ms;
    LIST_INIT(&http2->streams);
    const struct settings *settings = connection->loop->settings;
    budget_init(&http2->control_frames, settings->http2_control_frames_max,
        settings->http2_control_frames_per_second, now_ms);
    budget_init(
        &http2->resets, settings->http2_resets_max, settings->http2_resets_per_second, now_ms);
    if (!make_session(http2) || !greet(http2)) {
        nghttp2_session_del(http2->session);
        free(http2);
        return NULL;
    }
    connection->session = http2;
    if (connection->loop->stopping || connection->loop->draining)
        begin_farewell(http2);
    return http2;
}

/* What a peer makes us answer and does not read would pile up: nghttp2 counts acknowledgements only,
 * and a reset is charged for when it leaves. */
static bool is_piled_up(const struct http2 *http2)
{
    const struct settings *settings = http2->connection->loop->settings;
    size_t most = (size_t)(settings->http2_control_frames_max + settings->streams_max);
    return nghttp2_session_get_outbound_queue_size(http2->session) > most;
}

/* One read; false when there is nothing more for now. */
static bool receive(struct http2 *http2)
{
    struct connection *connection = http2->connection;
    struct http_loop *loop = connection->loop;
    size_t count;
    if (!connection->readable || http2->ending)
        return false;
    switch (stream_read(&connection->stream, loop->input, sizeof loop->input, &count)) {
    case STREAM_DONE:
        break;
    case STREAM_AGAIN:
        connection->readable = false;
        return false;
    case STREAM_ENDED:
    case STREAM_BROKEN:
        connection_close(connection);
        return false;
    }
    ssize_t taken = nghttp2_session_mem_recv(http2->session, (const uint8_t *)loop->input, count);
    if (taken >= 0 && is_piled_up(http2))
        http2_end_session(http2, NGHTTP2_ENHANCE_YOUR_CALM);
    if (taken >= 0)
        return true;
    if (taken == NGHTTP2_ERR_CALLBACK_FAILURE) { /* no memory to hold DATA */
        connection_close(connection);
        return false;
    }
    /* nghttp2 gives up at once: no preface, or a flood of its own counting (acknowledgements,
     * CONTINUATION). */
    bool no_preface = taken == NGHTTP2_ERR_BAD_CLIENT_MAGIC;
    http2_end_session(http2, no_preface ? NGHTTP2_PROTOCOL_ERROR : NGHTTP2_ENHANCE_YOUR_CALM);
    connection->readable = false;
    return false;
}

static void run(struct connection *connection)
{
    struct http2 *http2 = session_of(connection);
    if (!http2) {
        connection_close(connection);
        return;
    }
    size_t reads_left = TURN_BYTES / STREAM_READ_BYTES;
    bool more = true;
    while (more && connection->state == CONNECTION_OPEN) {
        if (http2->give_held)
            http2_give_held(http2);
        more = receive(http2);
        if (connection->state == CONNECTION_OPEN && (!more || --reads_left == 0)) {
            http2_send(http2);
            if (more && connection->state == CONNECTION_OPEN)
                connection_schedule(connection);
            more = false;
        }
    }
    if (connection->state != CONNECTION_OPEN)
        return;
    nghttp2_session *session = http2->session;
    bool over = !nghttp2_session_want_read(session) && !nghttp2_session_want_write(session);
    bool gone
        = http2->said_goodbye && http2->stream_count == 0 && !nghttp2_session_want_write(session);
    if (over || gone || (http2->ending && !nghttp2_session_want_write(session)))
        connection_linger(connection);
}

/* When the peer must have got on with this stream. */
static int64_t stream_deadline_ms(const struct http2_stream *stream)
{
    const struct http2 *http2 = stream->http2;
    const struct settings *settings = http2->connection->loop->settings;
    if (stream->reset)
        return NO_DEADLINE;
    if (!stream->exchange)
        return stream->body.started_ms + settings->transfer_grace_ms;
    const struct exchange_io *io = stream->exchange->io;
    if (stream->responding) {
        /* With window left it waits for its turn among the others, which is no fault of the peer's.
         * */
        if (nghttp2_session_get_stream_remote_window_size(http2->session, stream->id) > 0)
            return NO_DEADLINE;
        return transfer_deadline_ms(
            &stream->answer, settings, settings->send_bytes_per_second_least);
    }
    if (stream->head_whole && !io->body_ended && !stream->input_ended
        && exchange_takes_body(stream->exchange))
        return transfer_deadline_ms(&stream->body, settings, settings->body_bytes_per_second_least);
    return NO_DEADLINE;
}

/* As in http1.c: the time in which the application does not take the body is not the peer's. */
static void watch_body(struct http2_stream *stream, int64_t now_ms)
{
    if (!stream->exchange)
        return;
    if (exchange_takes_body(stream->exchange))
        transfer_go_on(&stream->body, now_ms);
    else
        transfer_stop(&stream->body, now_ms);
}

static int64_t idle_since_ms(const struct connection *connection)
{
    const struct http2 *http2 = connection->session;
    if (!http2)
        return connection->opened_ms;
    return http2->stream_count == 0 ? http2->idle_since_ms : NOT_IDLE;
}

static int64_t reading_since_ms(const struct connection *connection)
{
    const struct http2 *http2 = connection->session;
    bool reading = http2 && http2->head_started_ms != 0 && http2->stream_count <= 1;
    return reading ? http2->head_started_ms : NOT_IDLE;
}

static int64_t progress_deadline_ms(const struct connection *connection)
{
    const struct http2 *http2 = connection->session;
    const struct settings *settings = connection->loop->settings;
    if (!http2 || !http2->spoken)
        return connection->opened_ms + settings->header_deadline_ms;
    if (http2->ending)
        return http2->ending_ms + settings->transfer_grace_ms;
    if (http2->stream_count == 0)
        return http2->idle_since_ms + settings->idle_deadline_ms;
    int64_t deadline = NO_DEADLINE;
    if (http2->head_started_ms != 0)
        deadline = http2->head_started_ms + settings->header_deadline_ms;
    if (http2->responding_count > 0) {
        int64_t sending = transfer_deadline_ms(
            &http2->answers, settings, settings->send_bytes_per_second_least);
        deadline = sending < deadline ? sending : deadline;
    }
    int64_t now_ms = clock_steady_ms();
    struct http2_stream *stream;
    LIST_FOREACH(stream, &http2->streams, all)
    {
        watch_body(stream, now_ms);
        int64_t own = stream_deadline_ms(stream);
        deadline = own < deadline ? own : deadline;
    }
    return deadline;
}

static int64_t deadline_ms(const struct connection *connection)
{
    int64_t progress_ms = progress_deadline_ms(connection);
    int64_t goodbye_ms = connection->session ? goodbye_due_ms(connection->session) : NO_DEADLINE;
    return goodbye_ms < progress_ms ? goodbye_ms : progress_ms;
}

static void expire_stream(struct http2_stream *stream)
{
    uint32_t error_code = stream->exchange ? NGHTTP2_CANCEL : NGHTTP2_NO_ERROR;
    if (stream->exchange && !stream->responding) {
        exchange_end_body(stream->exchange, PROBLEM_REQUEST_TIMEOUT);
        return;
    }
    stream->reset = true;
    (void)nghttp2_submit_rst_stream(
        stream->http2->session, NGHTTP2_FLAG_NONE, stream->id, error_code);
}

static void expired(struct connection *connection)
{
    struct http2 *http2 = connection->session;
    int64_t now_ms = clock_steady_ms();
    if (http2 && goodbye_due_ms(http2) <= now_ms) {
        say_goodbye(http2);
        return;
    }
    if (!http2 || http2->ending) {
        connection_close(connection);
        return;
    }
    int64_t header_deadline_ms = connection->loop->settings->header_deadline_ms;
    bool head_drips
        = http2->head_started_ms != 0 && http2->head_started_ms + header_deadline_ms <= now_ms;
    if (!http2->spoken || head_drips) {
        http2_end_session(http2, NGHTTP2_ENHANCE_YOUR_CALM);
        return;
    }
    bool any = false;
    struct http2_stream *stream, *next;
    for (stream = LIST_FIRST(&http2->streams); stream; stream = next) {
        next = LIST_NEXT(stream, all);
        if (stream_deadline_ms(stream) <= now_ms) {
            expire_stream(stream);
            any = true;
        }
    }
    /* Idle, or a connection that takes nothing. */
    if (!any && http2->stream_count == 0) {
        http2_end_session(http2, NGHTTP2_NO_ERROR);
    } else if (!any) {
        stream_give_up(&connection->stream);
        connection_close(connection);
    }
}

static void stop(struct connection *connection)
{
    struct http2 *http2 = session_of(connection);
    if (http2)
        begin_farewell(http2);
}

static void end(struct connection *connection)
{
    struct http2 *http2 = connection->session;
    connection->session = NULL;
    if (!http2)
        return;
    struct http2_stream *stream, *next;
    for (stream = LIST_FIRST(&http2->streams); stream; stream = next) {
        next = LIST_NEXT(stream, all);
        http2_free_stream(stream);
    }
    nghttp2_session_del(http2->session);
    free(http2);
}

const struct protocol http2_protocol
    = { run, idle_since_ms, reading_since_ms, deadline_ms, expired, stop, stop, end };
