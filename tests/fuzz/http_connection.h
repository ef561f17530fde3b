/*
 * Runs a connection of the real server, without TLS, over a pair of sockets: for the fuzz targets
 * http_h1 and http_h2. The first byte of the input says how large the pieces are in which the rest
 * arrives.
 */
#ifndef LECTERN_FUZZ_HTTP_CONNECTION_H
#define LECTERN_FUZZ_HTTP_CONNECTION_H

#include "http/admission.h"
#include "http/commons.h"
#include "http/connection.h"

#include <event2/event.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

static void get_memory(struct exchange *exchange)
{
    static char bytes[40000];
    static const struct representation representation = {
        .content_type = "text/html", .etag = "\"v1\"", .last_modified_ms = 1000, .ranges = true
    };
    exchange_send_memory(
        exchange, &representation, (struct body_memory){ .bytes = bytes, .count = sizeof bytes });
}

static void echo(struct exchange *exchange)
{
    (void)exchange_cookie(exchange, "a");
    (void)exchange_query(exchange, "a");
    exchange_send(exchange, 200, "text/plain", exchange->body, exchange->body_bytes);
}

static void piece_came(struct exchange *exchange, const void *bytes, size_t count)
{
    (void)bytes;
    size_t *sum = exchange->state;
    *sum += count;
    if (*sum % 7 == 0) {
        exchange_pause_body(exchange);
        exchange_resume_body(exchange);
    }
}

static void body_ended(struct exchange *exchange, bool complete)
{
    exchange_send_empty(exchange, complete ? 204 : 400);
}

static void take_stream(struct exchange *exchange)
{
    static const struct body_reader reader = { piece_came, body_ended };
    exchange->state = arena_alloc(&exchange->arena, sizeof(size_t));
    exchange_read_body(exchange, &reader);
}

static const struct route routes[] = {
    { HTTP_GET, "/", 0, BODY_NONE, 0, get_memory },
    { HTTP_POST, "/", 0, BODY_WHOLE, 100, echo },
    { HTTP_PUT, "/", 0, BODY_STREAMED, 0, take_stream },
};

static struct http_loop *fuzz_loop(void)
{
    static struct http_loop *loop;
    static struct settings settings;
    static struct server_settings server_settings = { .settings = &settings };
    static struct commons commons;
    if (!loop) {
        settings_init(&settings);
        settings.header_bytes_max = 4096;
        loop = loop_create(NULL, &server_settings, 0);
        loop->plain_router = loop->router = router_build(routes, sizeof routes / sizeof routes[0]);
        commons_init(&commons);
        loop->commons = &commons;
    }
    return loop;
}

/* The peer of a connection: our end of its socket, and the loop that it runs on. */
struct fuzz_peer {
    struct http_loop *loop;
    int fd;
};

static bool fuzz_connect(struct fuzz_peer *peer, const struct protocol *protocol)
{
    const struct guest guest = { .plain = true };
    int ends[2];
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, ends) != 0)
        return false;
    *peer = (struct fuzz_peer){ fuzz_loop(), ends[1] };
    connection_open(peer->loop, ends[0], &guest);
    struct connection *connection = LIST_FIRST(&peer->loop->connections);
    /* As after a handshake; the bytes alone would choose HTTP/1.1. */
    admission_join(connection, LINE_NONE, 0);
    connection->state = CONNECTION_OPEN;
    connection->protocol = protocol;
    return true;
}

static void fuzz_send(const struct fuzz_peer *peer, const void *bytes, size_t count)
{
    (void)send(peer->fd, bytes, count, MSG_NOSIGNAL);
}

static void fuzz_run(const struct fuzz_peer *peer)
{
    (void)event_base_loop(peer->loop->worker.loop, EVLOOP_NONBLOCK);
    (void)event_base_loop(peer->loop->worker.loop, EVLOOP_NONBLOCK);
}

static void fuzz_drain(const struct fuzz_peer *peer)
{
    static char bytes[65536];
    while (recv(peer->fd, bytes, sizeof bytes, MSG_DONTWAIT) > 0)
        ;
}

/* Ends it; nothing may be left over. */
static void fuzz_disconnect(const struct fuzz_peer *peer)
{
    struct http_loop *loop = peer->loop;
    struct connection *connection;
    (void)close(peer->fd);
    fuzz_run(peer);
    fuzz_run(peer);
    while ((connection = LIST_FIRST(&loop->connections)))
        connection_close(connection);
    (void)event_base_loop(loop->worker.loop, EVLOOP_NONBLOCK);
    if (!LIST_EMPTY(&loop->open) || loop->gather.owner)
        abort();
}

/* Feeds the bytes to a connection of this protocol. */
static inline void fuzz_connection(
    const struct protocol *protocol, const char *preface, const uint8_t *data, size_t size)
{
    struct fuzz_peer peer;
    if (size == 0 || !fuzz_connect(&peer, protocol))
        return;
    size_t step = data[0] == 0 ? size : data[0];
    fuzz_send(&peer, preface, strlen(preface));
    for (size_t at = 1; at < size; at += step) {
        fuzz_send(&peer, data + at, size - at < step ? size - at : step);
        fuzz_run(&peer);
        fuzz_drain(&peer);
    }
    fuzz_disconnect(&peer);
}

#endif
