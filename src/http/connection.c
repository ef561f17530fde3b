#include "http/connection.h"

#include "base/memory.h"
#include "http/admission.h"
#include "http/commons.h"
#include "http/entrance.h"
#include "http/listener.h"

#include <errno.h>
#include <event2/event.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

static enum server_protocol protocol_of(const struct connection *connection)
{
    if (!connection->protocol)
        return SERVER_PROTOCOL_NONE;
    if (connection->guest.plain)
        return SERVER_PROTOCOL_PLAIN;
    return connection->protocol == &http2_protocol ? SERVER_PROTOCOL_HTTP2 : SERVER_PROTOCOL_HTTP1;
}

/* At the end of a turn: where the connection stands now, for the figures. */
static void count_state(struct connection *connection)
{
    connection_counts *counts = &connection->loop->figures.connections_in;
    atomic_uint_fast64_t *now = &(*counts)[connection->state][protocol_of(connection)];
    if (connection->counted == now)
        return;
    if (connection->counted)
        atomic_fetch_sub_explicit(connection->counted, 1, memory_order_relaxed);
    atomic_fetch_add_explicit(now, 1, memory_order_relaxed);
    connection->counted = now;
}

static void stop_waiting(struct connection *connection)
{
    struct http_loop *loop = connection->loop;
    if (connection->waiting == TURN_READY) {
        TAILQ_REMOVE(&loop->ready, connection, turn);
        loop->ready_count--;
    } else if (connection->waiting == TURN_DELAYED) {
        TAILQ_REMOVE(&loop->delayed, connection, turn);
        loop->delayed_count--;
    }
    connection->waiting = TURN_NONE;
}

static void free_connection(struct connection *connection)
{
    struct http_loop *loop = connection->loop;
    stop_waiting(connection);
    atomic_fetch_sub_explicit(connection->counted, 1, memory_order_relaxed);
    LIST_REMOVE(connection, all);
    (void)event_del(&connection->io_event);
    (void)event_del(&connection->deadline_event);
    stream_close(&connection->stream);
    address_limits_leave(connection->guest.holding);
    free(connection);
    atomic_fetch_sub_explicit(&loop->commons->connections_open, 1, memory_order_relaxed);
    LOOP_COUNT(loop, connections_open, -1);
    listener_connection_ended(loop);
    loop_end_when_idle(loop);
}

/* Within a turn, at whose end it is freed. */
static void end_connection(struct connection *connection)
{
    enum connection_state state = connection->state;
    if (state == CONNECTION_CLOSED)
        return;
    connection->state = CONNECTION_CLOSED;
    admission_join(connection, LINE_NONE, 0);
    if (state == CONNECTION_OPEN)
        connection->protocol->end(connection);
}

void connection_close(struct connection *connection)
{
    bool outside_of_turns = !connection->running;
    end_connection(connection);
    if (outside_of_turns)
        free_connection(connection);
}

void connection_linger(struct connection *connection)
{
    if (connection->state != CONNECTION_OPEN)
        return;
    connection->state = CONNECTION_LEAVING;
    connection->lingering_ms = clock_steady_ms();
    connection->protocol->end(connection);
}

void connection_leave(struct connection *connection)
{
    if (connection->state == CONNECTION_OPEN)
        stream_say_goodbye(&connection->stream);
    connection_close(connection);
}

static void become_open(struct connection *connection)
{
    admission_join(connection, LINE_NONE, 0);
    connection->state = CONNECTION_OPEN;
    connection->opened_ms = clock_steady_ms();
    connection->readable = true;
    connection->protocol = stream_is_http2(&connection->stream) ? &http2_protocol : &http1_protocol;
}

/* Until its first byte, a connection has cost nothing that is scarce.  An edge tells of one, unless it tells of
 * the end too, or of what may have been a proxy's header and nothing else. */
static void run_silent(struct connection *connection)
{
    bool certain
        = connection->readable && !connection->stream.peer_closed && !connection->guest.proxied;
    enum stream_step step = entrance_pass(connection);
    if (step == STREAM_DONE && !certain)
        step = stream_peek(&connection->stream);
    switch (step) {
    case STREAM_DONE:
        break;
    case STREAM_AGAIN:
        return;
    case STREAM_ENDED:
    case STREAM_BROKEN:
        end_connection(connection);
        return;
    }
    if (connection->guest.plain) {
        become_open(connection);
    } else {
        connection->state = CONNECTION_QUEUED;
        if (!admission_has_place(connection))
            admission_join(connection, LINE_QUEUED, clock_steady_ms());
    }
}

static void run_queued(struct connection *connection)
{
    if (connection->stream.peer_closed) {
        end_connection(connection);
    } else if (admission_has_place(connection)) {
        connection->state = CONNECTION_HANDSHAKE;
        connection->shaking_since_ms = clock_steady_ms();
        admission_join(connection, LINE_SHAKING, connection->shaking_since_ms);
        if (!stream_start_tls(&connection->stream, connection->loop->tls,
                connection->loop->settings->tls_renewals_max))
            end_connection(connection);
    }
}

static void run_handshake(struct connection *connection)
{
    enum stream_step step = stream_handshake(&connection->stream);
    if (step == STREAM_AGAIN)
        return;
    if (step != STREAM_DONE) {
        LOOP_COUNT(connection->loop, handshakes_failed, 1);
        end_connection(connection);
        return;
    }
    LOOP_COUNT(connection->loop, handshakes, 1);
    LOOP_COUNT(connection->loop, handshakes_resumed, SSL_session_reused(connection->stream.ssl));
    LOOP_COUNT(connection->loop, handshakes_kernel, connection->stream.kernel_writes);
    become_open(connection);
}

static void drop_input(struct connection *connection)
{
    enum { DROPPED_MAX = 64 };
    struct http_loop *loop = connection->loop;
    for (int i = 0; i < DROPPED_MAX; i++) {
        ssize_t count = recv(connection->stream.fd, loop->input, sizeof loop->input, MSG_DONTWAIT);
        if (count < 0 && (errno == EAGAIN || errno == EWOULDBLOCK))
            return;
        if (count == 0 || (count < 0 && errno != EINTR)) {
            end_connection(connection); /* its end, or a reset: it went without reading on */
            return;
        }
    }
    /* A fast peer: its rest has a turn again after the others', until the deadline.  Closing now would reset the
     * connection, and with it the answer that the peer has not read yet. */
    connection_schedule(connection);
}

static void run_leaving(struct connection *connection)
{
    if (connection->state == CONNECTION_LEAVING) {
        enum stream_step step = stream_flush(&connection->stream);
        if (step == STREAM_BROKEN)
            end_connection(connection);
        if (step != STREAM_DONE)
            return;
        stream_shut(&connection->stream);
        connection->state = CONNECTION_LINGERING;
    }
    drop_input(connection);
}

static int64_t state_deadline_ms(const struct connection *connection)
{
    const struct settings *settings = connection->loop->settings;
    int64_t handshake_ms = connection->opened_ms + settings->handshake_deadline_ms;
    int64_t pressed_ms = connection->shaking_since_ms + settings->handshake_pressed_ms;
    switch (connection->state) {
    case CONNECTION_SILENT:
    case CONNECTION_QUEUED:
        return handshake_ms;
    case CONNECTION_HANDSHAKE:
        return admission_is_pressed(connection->loop) && pressed_ms < handshake_ms ? pressed_ms
                                                                                   : handshake_ms;
    case CONNECTION_OPEN:
        return connection->protocol->deadline_ms(connection);
    case CONNECTION_LEAVING:
        return connection->lingering_ms + settings->transfer_grace_ms;
    case CONNECTION_LINGERING:
        return connection->lingering_ms + settings->linger_ms;
    case CONNECTION_CLOSED:
        break;
    }
    return NO_DEADLINE;
}

void connection_resume_in(struct connection *connection, int64_t wait_ms)
{
    int64_t resume_ms = clock_steady_ms() + wait_ms;
    if (resume_ms < connection->resume_ms)
        connection->resume_ms = resume_ms;
}

/* Sets the timer if it is to fire earlier than it would. */
void connection_mind_deadline(struct connection *connection)
{
    int64_t deadline_ms = state_deadline_ms(connection);
    if (connection->resume_ms < deadline_ms)
        deadline_ms = connection->resume_ms;
    if (deadline_ms >= connection->armed_ms)
        return;
    connection->armed_ms = deadline_ms;
    int64_t wait_ms = deadline_ms - clock_steady_ms() + 1;
    if (wait_ms < 1)
        wait_ms = 1;
    struct timeval wait = { .tv_sec = wait_ms / 1000, .tv_usec = wait_ms % 1000 * 1000 };
    if (event_add(&connection->deadline_event, &wait) != 0) {
        connection->armed_ms = NO_DEADLINE;
        connection_schedule_later(connection); /* the turn's end tries again */
    }
}

/* Keeps its place among those that would yield to a newcomer. */
static void note_rest(struct connection *connection)
{
    enum connection_line line = LINE_IDLE;
    int64_t since_ms = NOT_IDLE;
    if (connection->state < CONNECTION_OPEN)
        return;
    if (connection->state == CONNECTION_OPEN && !stream_has_unsent(&connection->stream)) {
        since_ms = connection->protocol->idle_since_ms(connection);
        if (since_ms == NOT_IDLE) {
            line = LINE_READING;
            since_ms = connection->protocol->reading_since_ms(connection);
        }
    }
    if (since_ms == NOT_IDLE)
        line = LINE_NONE;
    if (connection->line != line || (line != LINE_NONE && connection->line_since_ms != since_ms))
        admission_join(connection, line, since_ms);
}

void connection_run(struct connection *connection)
{
    connection->running = true;
    connection->resume_ms = NO_DEADLINE; /* the turn decides anew */
    if (connection->state == CONNECTION_SILENT)
        run_silent(connection);
    if (connection->state == CONNECTION_QUEUED)
        run_queued(connection);
    if (connection->state == CONNECTION_HANDSHAKE)
        run_handshake(connection);
    if (connection->state == CONNECTION_OPEN)
        connection->protocol->run(connection);
    if (connection->state == CONNECTION_LEAVING || connection->state == CONNECTION_LINGERING)
        run_leaving(connection);
    if (connection->state != CONNECTION_CLOSED
        && stream_flush(&connection->stream) == STREAM_BROKEN)
        end_connection(connection);
    connection->running = false;
    if (connection->state == CONNECTION_CLOSED) {
        free_connection(connection);
        return;
    }
    count_state(connection);
    note_rest(connection);
    connection_mind_deadline(connection);
}

static void deadline_came(evutil_socket_t fd, short what, void *data)
{
    (void)fd;
    (void)what;
    struct connection *connection = data;
    connection->armed_ms = NO_DEADLINE;
    if (clock_steady_ms() >= state_deadline_ms(connection)) {
        LOOP_COUNT(connection->loop, deadline_closes, connection->state != CONNECTION_LINGERING);
        connection->running = true;
        if (connection->state == CONNECTION_OPEN)
            connection->protocol->expired(connection);
        else
            end_connection(connection);
    }
    connection_run(connection);
}

static void socket_has_edge(evutil_socket_t fd, short what, void *data)
{
    (void)fd;
    struct connection *connection = data;
    const bool readable = (what & (EV_READ | EV_CLOSED)) != 0;
    /* A new socket can be written to, which is no news. */
    if (connection->state == CONNECTION_SILENT && !readable)
        return;
    stream_note_edge(&connection->stream, (what & EV_CLOSED) != 0);
    connection->readable = connection->readable || readable;
    connection_run(connection);
}

void connection_schedule(struct connection *connection)
{
    if (connection->waiting == TURN_READY || connection->state == CONNECTION_CLOSED)
        return;
    stop_waiting(connection);
    connection->waiting = TURN_READY;
    TAILQ_INSERT_TAIL(&connection->loop->ready, connection, turn);
    connection->loop->ready_count++;
    loop_wake(connection->loop);
}

void connection_wake(struct connection *connection)
{
    if (!connection->running)
        connection_schedule(connection);
}

void connection_schedule_later(struct connection *connection)
{
    if (connection->waiting != TURN_NONE || connection->state == CONNECTION_CLOSED)
        return;
    connection->waiting = TURN_DELAYED;
    TAILQ_INSERT_TAIL(&connection->loop->delayed, connection, turn);
    connection->loop->delayed_count++;
    loop_wake_later(connection->loop);
}

void connection_stop(struct connection *connection)
{
    if (connection->state < CONNECTION_OPEN) {
        connection_close(connection);
        return;
    }
    if (connection->state == CONNECTION_OPEN)
        connection->protocol->stop(connection);
    connection_run(connection);
}

void connection_drain(struct connection *connection)
{
    if (connection->state == CONNECTION_OPEN)
        connection->protocol->drain(connection);
    connection_run(connection);
}

int64_t connection_idle_end_ms(
    const struct connection *connection, int64_t since_ms, int64_t most_ms)
{
    const struct http_loop *loop = connection->loop;
    int64_t from_ms = since_ms > loop->draining_since_ms ? since_ms : loop->draining_since_ms;
    int64_t drained_ms = from_ms + loop->settings->drain_idle_ms;
    int64_t end_ms = since_ms + most_ms;
    return loop->draining && drained_ms < end_ms ? drained_ms : end_ms;
}

void connection_open(struct http_loop *loop, int fd, const struct guest *guest)
{
    struct connection *connection = memory_zeroed(1, sizeof *connection);
    connection->loop = loop;
    connection->guest = *guest;
    connection->opened_ms = clock_steady_ms();
    connection->resume_ms = connection->armed_ms = NO_DEADLINE;
    stream_open(&connection->stream, fd, &loop->gather);
    (void)event_assign(&connection->io_event, loop->worker.loop, fd,
        EV_READ | EV_WRITE | EV_CLOSED | EV_ET | EV_PERSIST, socket_has_edge, connection);
    (void)evtimer_assign(&connection->deadline_event, loop->worker.loop, deadline_came, connection);
    LIST_INSERT_HEAD(&loop->connections, connection, all);
    atomic_fetch_add_explicit(&loop->commons->connections_open, 1, memory_order_relaxed);
    LOOP_COUNT(loop, connections, 1);
    LOOP_COUNT(loop, connections_open, 1);
    count_state(connection);
    admission_join(connection, LINE_SILENT, connection->opened_ms);
    /* An edge follows at once when the first bytes are here already. */
    if (event_add(&connection->io_event, NULL) != 0)
        connection_close(connection);
    else
        connection_mind_deadline(connection);
}

void transfer_begin(struct transfer *transfer, int64_t now_ms)
{
    *transfer = (struct transfer){ .started_ms = now_ms, .progress_ms = now_ms };
}

void transfer_stop(struct transfer *transfer, int64_t now_ms)
{
    if (transfer->stopped_ms == 0)
        transfer->stopped_ms = now_ms;
}

void transfer_go_on(struct transfer *transfer, int64_t now_ms)
{
    if (transfer->stopped_ms == 0)
        return;
    transfer->started_ms += now_ms - transfer->stopped_ms;
    transfer->progress_ms = now_ms;
    transfer->stopped_ms = 0;
}

int64_t transfer_deadline_ms(const struct transfer *transfer, const struct settings *settings,
    int64_t bytes_per_second_least)
{
    /* Beyond this the answer is "not in this century", and the product would overflow. */
    const uint64_t bytes_max = UINT64_C(1) << 50;
    if (transfer->stopped_ms != 0)
        return NO_DEADLINE;
    uint64_t bytes = transfer->bytes < bytes_max ? transfer->bytes : bytes_max;
    int64_t earned_ms = (int64_t)(bytes * 1000 / (uint64_t)bytes_per_second_least);
    int64_t grace_ms = settings->transfer_grace_ms;
    int64_t slow_ms = transfer->started_ms + (earned_ms > grace_ms ? earned_ms : grace_ms);
    int64_t stalled_ms = transfer->progress_ms + settings->transfer_stall_ms;
    return slow_ms < stalled_ms ? slow_ms : stalled_ms;
}
