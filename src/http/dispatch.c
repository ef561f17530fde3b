/* From a whole request to its handler: route, limits of the body, guard. */
#include "base/memory.h"
#include "http/forwarded.h"
#include "http/loop.h"
#include "http/serving.h"
#include "http/target.h"

#include <event2/event.h>
#include <string.h>

enum { ALLOW_SIZE = 64 };

static void send_problem(struct exchange *exchange, enum problem_kind kind, const char *detail)
{
    struct problem problem = { 0 };
    problem_set(&problem, kind, "%s", detail);
    exchange_send_problem(exchange, &problem);
}

/* No body is wanted, and whether one comes is not known yet: an empty one is none.  Read whole, for
 * which such a route has no bytes. */
static bool may_yet_be_empty(const struct exchange *exchange)
{
    return exchange->route->body == BODY_NONE && exchange->request.body_length < 0;
}

/* After the guard, or later, when it has asked the store. */
static void proceed(struct exchange *exchange)
{
    struct exchange_io *io = exchange->io;
    if (io->answered)
        return;
    io->turns++;
    if (io->lost)
        exchange_answer(exchange, 0); /* nobody to serve, and a handler should not begin */
    else if (exchange->route->body == BODY_WHOLE || may_yet_be_empty(exchange))
        exchange_collect_body(exchange);
    else
        exchange->route->handler(exchange);
    io->turns--;
    exchange_settle(exchange);
}

static void answer_other_methods(struct exchange *exchange)
{
    char allow[ALLOW_SIZE];
    router_allowed(exchange->io->router, exchange->request.path, allow, sizeof allow);
    exchange_add_field(exchange, "Allow", allow);
    if (exchange->request.method == HTTP_OPTIONS)
        exchange_send_empty(exchange, 204);
    else
        send_problem(exchange, PROBLEM_METHOD_NOT_ALLOWED, "");
}

static void answer_unknown_path(struct exchange *exchange)
{
    const struct server_settings *server_settings = exchange->io->loop->server_settings;
    if (exchange->io->tls && server_settings->not_found)
        server_settings->not_found(exchange);
    else
        send_problem(exchange, PROBLEM_NOT_FOUND, "no route");
}

static bool find_route(struct exchange *exchange)
{
    struct http_request *request = &exchange->request;
    char *path = arena_strdup(&exchange->arena, request->path);
    switch (router_find(
        exchange->io->router, request->method, path, &exchange->route, exchange->parameters)) {
    case ROUTER_FOUND:
        return true;
    case ROUTER_NO_METHOD:
        answer_other_methods(exchange);
        return false;
    case ROUTER_NO_PATH:
        break;
    }
    /* "OPTIONS *" asks about the server as a whole (RFC 9110 section 9.3.7). */
    if (strcmp(path, "*") == 0)
        answer_other_methods(exchange);
    else
        answer_unknown_path(exchange);
    return false;
}

static bool body_is_welcome(struct exchange *exchange)
{
    const struct route *route = exchange->route;
    int64_t length = exchange->request.body_length;
    if (route->body == BODY_NONE && length > 0)
        send_problem(exchange, PROBLEM_BODY_TOO_LARGE, "no body is expected here");
    else if (route->body == BODY_WHOLE && length > 0 && (uint64_t)length > route->body_max)
        send_problem(exchange, PROBLEM_BODY_TOO_LARGE, "");
    else
        return true;
    return false;
}

/* Whose request it is, decided here and nowhere else. */
static void name_client(struct exchange *exchange)
{
    struct http_request *request = &exchange->request;
    struct exchange_io *io = exchange->io;
    if (!io->peer.trusted)
        return;
    struct peer_address client;
    char *text = arena_alloc(&exchange->arena, PEER_TEXT_SIZE);
    forwarded_find_client(request->fields, request->field_count,
        &io->loop->serving->trusted_proxies, &io->peer.address, &client);
    peer_address_write(&client, text);
    request->peer = text;
}

/* RFC 9110 section 7.4: with a certificate of many names, a browser may bring another's request. */
static bool host_is_ours(struct exchange *exchange)
{
    const char *names = exchange->io->loop->settings->host_names;
    if (!exchange->io->tls || names[0] == '\0'
        || target_host_is_listed(exchange->request.authority, names))
        return true;
    send_problem(exchange, PROBLEM_MISDIRECTED, exchange->request.authority);
    return false;
}

void exchange_dispatch(struct exchange *exchange)
{
    struct exchange_io *io = exchange->io;
    io->dispatched = true;
    name_client(exchange);
    io->turns++;
    if (exchange->request.body_length == 0) {
        io->body_ended = true;
        io->body_complete = true;
    }
    if (io->tls && io->loop->server_settings->greet)
        io->loop->server_settings->greet(exchange);
    /* Metrics are asked for all the more then. */
    if (io->tls && memory_is_short()) {
        send_problem(exchange, PROBLEM_BUSY, "short of memory");
    } else if (host_is_ours(exchange) && find_route(exchange) && body_is_welcome(exchange)) {
        if (io->tls && io->loop->server_settings->guard)
            io->loop->server_settings->guard(exchange, proceed);
        else
            proceed(exchange);
    }
    io->turns--;
    exchange_settle(exchange);
}

void exchange_refuse(struct exchange *exchange, const struct problem *problem)
{
    struct exchange_io *io = exchange->io;
    struct http_request *request = &exchange->request;
    LOOP_COUNT(io->loop, refused_requests, 1);
    io->dispatched = true;
    io->body_ended = true;
    if (!request->path)
        request->path = "";
    if (!request->query)
        request->query = "";
    if (!request->authority)
        request->authority = "";
    exchange_send_problem(exchange, problem);
}
