/* What the loops count, for /metrics. */
#include "http/connection.h"
#include "http/server.h"

_Static_assert(
    (int)CONNECTION_CLOSED == (int)SERVER_CONNECTION_STATES, "each state but the last is counted");

const char *const server_connection_state_names[SERVER_CONNECTION_STATES]
    = { "silent", "queued", "handshake", "open", "leaving", "lingering" };
const char *const server_protocol_names[SERVER_PROTOCOLS] = { "none", "http1", "http2", "plain" };

/* A worker is the first member of its loop. */
static struct http_loop *loop_at(struct server *server, size_t index)
{
    return (struct http_loop *)(void *)server_worker(server, index);
}

#define READ(figure)                                                                               \
    ret_figures->figure += atomic_load_explicit(&figures->figure, memory_order_relaxed)

static void add_tables(struct loop_figures *figures, struct server_figures *ret_figures)
{
    for (size_t i = 0; i < SERVER_STATUSES; i++)
        READ(statuses[i]);
    for (size_t state = 0; state < SERVER_CONNECTION_STATES; state++)
        for (size_t protocol = 0; protocol < SERVER_PROTOCOLS; protocol++)
            READ(connections_in[state][protocol]);
    histogram_add_to(&figures->first_byte, &ret_figures->first_byte);
}

void server_read_figures(struct server *server, struct server_figures *ret_figures)
{
    *ret_figures = (struct server_figures){ 0 };
    for (size_t i = 0; i < server_loop_count(server); i++) {
        struct loop_figures *figures = &loop_at(server, i)->figures;
        READ(connections);
        READ(connections_open);
        READ(handshakes_failed);
        READ(exchanges);
        READ(exchanges_open);
        READ(bytes_sent);
        READ(refused_requests);
        READ(deadline_closes);
        READ(handshakes);
        READ(handshakes_resumed);
        READ(handshakes_kernel);
        READ(exchanges_aborted);
        READ(proxy_headers_refused);
        READ(refused_by_address);
        READ(refused_by_address_rate);
        READ(refused_by_rate);
        READ(refused_when_full);
        READ(room_made);
        READ(paced_waits);
        add_tables(figures, ret_figures);
    }
}

void server_read_loop_figures(
    struct server *server, size_t index, struct server_loop_figures *ret_figures)
{
    struct http_loop *loop = loop_at(server, index);
    *ret_figures = (struct server_loop_figures){
        .lag_last_us = atomic_load_explicit(&loop->lag.last_us, memory_order_relaxed),
        .lag_most_us = atomic_load_explicit(&loop->lag.most_us, memory_order_relaxed),
        .mailbox = mailbox_waiting(loop->worker.mailbox),
        .ready = atomic_load_explicit(&loop->figures.ready, memory_order_relaxed),
        .delayed = atomic_load_explicit(&loop->figures.delayed, memory_order_relaxed),
    };
    histogram_add_to(&loop->lag.histogram, &ret_figures->lag);
}
