#include "http/server.h"

#include "base/json.h"
#include "base/memory.h"
#include "http/commons.h"
#include "http/file_body.h"
#include "http/listener.h"
#include "http/loop.h"
#include "http/tls_context.h"

#include <fcntl.h>
#include <pthread.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <unistd.h>

struct server {
    struct server_settings settings;
    struct ticket_keys *tickets;
    pthread_mutex_t lock;
    struct serving *serving; /* the newest; guarded by lock */
    struct router *router, *plain_router;
    int port, plain_port;
    struct commons commons;
    size_t loop_count;
    struct http_loop **loops;
    pthread_t *threads; /* of loops 1 and up */
    pthread_mutex_t sockets_lock;
    struct server_sockets sockets; /* the loops' own, under the lock; until server_stop() */
};

static bool prepare_serving(struct server *server, struct problem *problem)
{
    server->tickets = ticket_keys_create(clock_steady_ms());
    if (!server->tickets)
        return problem_set(problem, PROBLEM_INTERNAL, "no cipher for session tickets");
    /* Without them each client's next handshake is a full one, which is no reason not to serve. */
    const struct server_sockets *inherited = server->settings.inherited;
    if (inherited && inherited->tickets >= 0)
        (void)ticket_keys_take(server->tickets, inherited->tickets, clock_steady_ms());
    server->serving = serving_create(server->settings.settings, server->tickets, problem);
    return server->serving != NULL;
}

static bool add_loop(struct server *server, struct problem *problem)
{
    struct http_loop *loop = loop_create(server, &server->settings, server->loop_count);
    if (!loop)
        return problem_set(problem, PROBLEM_INTERNAL, "no event loop");
    server->loops[server->loop_count++] = loop;
    loop_serve_by(loop, serving_hold(server->serving));
    loop->router = server->router;
    loop->plain_router = server->plain_router;
    loop->commons = &server->commons;
    return true;
}

/*
 * With SO_REUSEPORT a second server of the same user could take half of the connections, unseen.  A
 * socket without it cannot be bound to a port that is in use, so it is asked first; it finds a free
 * port too.
 */
static bool claim_port(struct server *server, struct problem *problem)
{
    const struct settings *settings = server->settings.settings;
    int fd = listener_bind(
        settings->listen, &server->port, false, settings->send_buffer_bytes, problem);
    if (fd >= 0)
        (void)close(fd);
    return fd >= 0;
}

static int duplicate(int fd)
{
    return fd < 0 ? -1 : fcntl(fd, F_DUPFD_CLOEXEC, 0);
}

/* Remembers each socket once: a further loop on it has a descriptor of its own. */
static void add_listener(struct server *server, size_t loop, int fd)
{
    int kept = server->sockets.tls_count < SERVER_SOCKETS_MAX ? duplicate(fd) : -1;
    listener_create(server->loops[loop], fd, false);
    if (kept >= 0)
        server->sockets.tls[server->sockets.tls_count++] = kept;
}

static int adopt(const struct server *server, int fd, const char *address, int *port)
{
    return listener_adopt(fd, address, port, server->settings.settings->send_buffer_bytes);
}

/* Of the sockets that fit every one gets a loop, and every loop one of them; false: there is none. */
static bool adopt_listeners(struct server *server)
{
    const struct server_sockets *inherited = server->settings.inherited;
    const char *address = server->settings.settings->listen;
    int fds[SERVER_SOCKETS_MAX];
    size_t count = 0;
    for (size_t i = 0; inherited && i < inherited->tls_count; i++)
        if ((fds[count] = adopt(server, inherited->tls[i], address, &server->port)) >= 0)
            count++;
    for (size_t i = 0; i < count; i++)
        add_listener(server, i % server->loop_count, fds[i]);
    for (size_t i = count; count > 0 && i < server->loop_count; i++) {
        int fd = adopt(server, fds[i % count], address, &server->port);
        if (fd >= 0)
            listener_create(server->loops[i], fd, false);
    }
    return count > 0;
}

static bool add_listeners(struct server *server, struct problem *problem)
{
    const struct settings *settings = server->settings.settings;
    if (adopt_listeners(server))
        return true;
    if (!claim_port(server, problem))
        return false;
    for (size_t i = 0; i < server->loop_count; i++) {
        int fd = listener_bind(
            settings->listen, &server->port, true, settings->send_buffer_bytes, problem);
        if (fd < 0)
            return false;
        add_listener(server, i, fd);
    }
    return true;
}

static bool add_plain_listener(struct server *server, struct problem *problem)
{
    const struct settings *settings = server->settings.settings;
    if (!server->settings.plain_routes)
        return true;
    const struct server_sockets *inherited = server->settings.inherited;
    server->plain_port = (int)settings->metrics_port;
    int fd = inherited && inherited->plain >= 0
                 ? adopt(server, inherited->plain, settings->metrics_listen, &server->plain_port)
                 : -1;
    if (fd < 0)
        fd = listener_bind(settings->metrics_listen, &server->plain_port, false,
            settings->send_buffer_bytes, problem);
    if (fd < 0)
        return false;
    server->sockets.plain = duplicate(fd);
    listener_create(server->loops[0], fd, true);
    return true;
}

/* A connection is a descriptor; the soft limit of 1,024 is for programs that use select(). */
static void raise_descriptor_limit(void)
{
    struct rlimit limit;
    if (getrlimit(RLIMIT_NOFILE, &limit) == 0 && limit.rlim_cur < limit.rlim_max) {
        limit.rlim_cur = limit.rlim_max;
        (void)setrlimit(RLIMIT_NOFILE, &limit);
    }
}

static size_t wanted_loops(const struct settings *settings)
{
    if (settings->loops > 0)
        return (size_t)settings->loops;
    long cores = sysconf(_SC_NPROCESSORS_ONLN);
    return cores < 1 ? 1 : cores > 64 ? 64 : (size_t)cores;
}

struct server *server_create(const struct server_settings *server_settings, struct problem *problem)
{
    struct server *server = memory_zeroed(1, sizeof *server);
    server->settings = *server_settings;
    (void)pthread_mutex_init(&server->lock, NULL);
    server->sockets = SERVER_SOCKETS_NONE;
    (void)pthread_mutex_init(&server->sockets_lock, NULL);
    const struct settings *settings = server_settings->settings;
    size_t loops = wanted_loops(settings);
    server->port = (int)settings->port;
    server->loops = memory_zeroed(loops, sizeof(struct http_loop *));
    server->threads = memory_zeroed(loops, sizeof(pthread_t));
    server->router = router_build(server_settings->routes, server_settings->route_count);
    if (server_settings->plain_routes)
        server->plain_router
            = router_build(server_settings->plain_routes, server_settings->plain_route_count);
    media_map_set_limit((uint64_t)settings->mapped_bytes_max);
    memory_keep_reserve((size_t)settings->memory_reserve_bytes);
    json_use_reserve();
    raise_descriptor_limit();
    commons_init(&server->commons);
    bool ready = prepare_serving(server, problem);
    while (ready && server->loop_count < loops)
        ready = add_loop(server, problem);
    server->commons.loops = server->loops;
    server->commons.loop_count = server->loop_count;
    if (!ready || !add_listeners(server, problem) || !add_plain_listener(server, problem)) {
        server_free(server);
        return NULL;
    }
    server->settings.inherited = NULL;
    return server;
}

int server_port(const struct server *server)
{
    return server->port;
}

int server_plain_port(const struct server *server)
{
    return server->plain_port;
}

bool server_lacks_congestion_control(const struct server *server)
{
    return server->commons.control_refused;
}

size_t server_loop_count(const struct server *server)
{
    return server->loop_count;
}

struct http_worker *server_worker(struct server *server, size_t index)
{
    return &server->loops[index]->worker;
}

static void *run_thread(void *data)
{
    loop_run(data);
    return NULL;
}

/* A loop without a thread would leave those who come to its sockets waiting for ever, as the server
 * holds these open to share them: so the first loop listens there, too. */
static void adopt_orphans(struct server *server, size_t loop)
{
    (void)pthread_mutex_lock(&server->sockets_lock);
    for (size_t i = loop; i < server->sockets.tls_count; i += server->loop_count) {
        int fd = duplicate(server->sockets.tls[i]);
        if (fd >= 0)
            listener_create(server->loops[0], fd, false);
    }
    (void)pthread_mutex_unlock(&server->sockets_lock);
}

void server_run(struct server *server)
{
    size_t started = 1;
    while (
        started < server->loop_count
        && pthread_create(&server->threads[started], NULL, run_thread, server->loops[started]) == 0)
        started++;
    for (size_t i = started; i < server->loop_count; i++) {
        adopt_orphans(server, i);
        loop_stop(server->loops[i]);
    }
    loop_run(server->loops[0]);
    for (size_t i = 1; i < started; i++)
        (void)pthread_join(server->threads[i], NULL);
}

static void stop_loop(void *data)
{
    loop_stop(data);
}

void server_sockets_close(struct server_sockets *sockets)
{
    for (size_t i = 0; i < sockets->tls_count; i++)
        (void)close(sockets->tls[i]);
    if (sockets->plain >= 0)
        (void)close(sockets->plain);
    if (sockets->tickets >= 0)
        (void)close(sockets->tickets);
    *sockets = SERVER_SOCKETS_NONE;
}

static void forget_sockets(struct server *server)
{
    (void)pthread_mutex_lock(&server->sockets_lock);
    server_sockets_close(&server->sockets);
    (void)pthread_mutex_unlock(&server->sockets_lock);
}

void server_stop(struct server *server)
{
    forget_sockets(server);
    for (size_t i = 0; i < server->loop_count; i++)
        mailbox_post(server->loops[i]->worker.mailbox, stop_loop, server->loops[i]);
}

static void drain_loop(void *data)
{
    loop_drain(data);
}

void server_drain(struct server *server)
{
    for (size_t i = 0; i < server->loop_count; i++)
        mailbox_post(server->loops[i]->worker.mailbox, drain_loop, server->loops[i]);
}

bool server_is_drained(struct server *server)
{
    for (size_t i = 0; i < server->loop_count; i++) {
        struct http_loop *loop = server->loops[i];
        if (!atomic_load(&loop->accepts_nobody) || atomic_load(&loop->figures.connections_open) > 0
            || atomic_load(&loop->figures.exchanges_open) > 0)
            return false;
    }
    return true;
}

static void resume_loop(void *data)
{
    loop_resume(data);
}

void server_resume(struct server *server)
{
    for (size_t i = 0; i < server->loop_count; i++)
        mailbox_post(server->loops[i]->worker.mailbox, resume_loop, server->loops[i]);
}

bool server_share_sockets(struct server *server, struct server_sockets *ret_sockets)
{
    *ret_sockets = SERVER_SOCKETS_NONE;
    (void)pthread_mutex_lock(&server->sockets_lock);
    bool shared = server->sockets.tls_count > 0;
    for (size_t i = 0; shared && i < server->sockets.tls_count; i++) {
        int fd = duplicate(server->sockets.tls[i]);
        shared = fd >= 0;
        if (shared)
            ret_sockets->tls[ret_sockets->tls_count++] = fd;
    }
    if (shared)
        ret_sockets->plain = duplicate(server->sockets.plain);
    (void)pthread_mutex_unlock(&server->sockets_lock);
    if (shared)
        ret_sockets->tickets = ticket_keys_share(server->tickets, clock_steady_ms());
    else
        server_sockets_close(ret_sockets);
    return shared;
}

void server_free(struct server *server)
{
    if (!server)
        return;
    for (size_t i = 0; i < server->loop_count; i++)
        loop_free(server->loops[i]);
    router_free(server->router);
    router_free(server->plain_router);
    serving_drop(server->serving);
    forget_sockets(server);
    (void)pthread_mutex_destroy(&server->sockets_lock);
    ticket_keys_free(server->tickets);
    commons_release(&server->commons);
    free(server->loops);
    free(server->threads);
    (void)pthread_mutex_destroy(&server->lock);
    free(server);
}

/* A loop and what it is to serve by. */
struct handover {
    struct http_loop *loop;
    struct serving *serving;
};

static void hand_over(void *data)
{
    struct handover *handover = data;
    loop_serve_by(handover->loop, handover->serving);
    free(handover);
}

bool server_reload(struct server *server, const struct settings *settings, struct problem *problem)
{
    struct serving *next = serving_create(settings, server->tickets, problem);
    if (!next)
        return false;
    media_map_set_limit((uint64_t)settings->mapped_bytes_max);
    (void)pthread_mutex_lock(&server->lock);
    for (size_t i = 0; i < server->loop_count; i++) {
        struct handover *handover = memory_zeroed(1, sizeof *handover);
        *handover = (struct handover){ server->loops[i], serving_hold(next) };
        mailbox_post(server->loops[i]->worker.mailbox, hand_over, handover);
    }
    struct serving *before = server->serving;
    server->serving = next;
    (void)pthread_mutex_unlock(&server->lock);
    serving_drop(before);
    return true;
}

struct tls_facts server_tls_facts(struct server *server)
{
    (void)pthread_mutex_lock(&server->lock);
    struct tls_facts facts = server->serving->tls_facts;
    (void)pthread_mutex_unlock(&server->lock);
    return facts;
}

int64_t server_stop_deadline_ms(struct server *server)
{
    (void)pthread_mutex_lock(&server->lock);
    int64_t deadline_ms = server->serving->settings.stop_deadline_ms;
    (void)pthread_mutex_unlock(&server->lock);
    return deadline_ms;
}

void server_renew_ticket_keys(struct server *server)
{
    ticket_keys_renew(server->tickets, clock_steady_ms());
}
