#include "http/listener.h"

#include "base/memory.h"
#include "http/admission.h"
#include "http/commons.h"
#include "http/connection.h"
#include "http/entrance.h"

#include <arpa/inet.h>
#include <errno.h>
#include <event2/event.h>
#include <fcntl.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum { BACKLOG = 4096 };

struct listener {
    struct http_loop *loop;
    int fd;
    bool plain;
    bool listening;
    struct event *accept_event, *pause_event;
    SLIST_ENTRY(listener) next;
};

static void pause_accepting(struct listener *listener)
{
    if (listener->listening)
        (void)event_del(listener->accept_event);
    listener->listening = false;
}

/* Until the pause's end, or until a connection ends.  Without memory for the timer it goes on. */
static void pause_for_a_while(struct listener *listener)
{
    struct timeval wait = { .tv_usec = ACCEPT_PAUSE_MS * 1000L };
    if (event_add(listener->pause_event, &wait) == 0)
        pause_accepting(listener);
}

static void resume(struct listener *listener)
{
    if (!listener->listening)
        listener->listening = event_add(listener->accept_event, NULL) == 0;
    if (!listener->listening)
        pause_for_a_while(listener);
}

static void pause_came_to_an_end(evutil_socket_t fd, short what, void *data)
{
    (void)fd;
    (void)what;
    resume(data);
}

static bool somebody_waits(const struct listener *listener)
{
    struct pollfd waiting = { .fd = listener->fd, .events = POLLIN };
    return poll(&waiting, 1, 0) > 0;
}

/* accept4() failed: true when the next one may succeed. */
static bool accept_failed(struct listener *listener)
{
    switch (errno) {
    case EMFILE:
    case ENFILE:
    case ENOBUFS:
    case ENOMEM:
        /* The kernel asks for a descriptor before it looks whether anybody waits: nobody is to be
         * closed for nobody. */
        if (!somebody_waits(listener))
            return false;
        if (admission_make_room(listener->loop, CROWD_NONE) == ROOM_MADE)
            return true;
        pause_for_a_while(listener);
        return false;
    case EAGAIN:
        return false;
    default: /* ECONNABORTED and network errors of that one connection, see accept(2) */
        return true;
    }
}

/* Within connections_max, or in the place of another.  Those that are asked of other loops may be
 * over it for a moment, but not without end. */
static bool has_room(struct http_loop *loop, const struct guest *guest)
{
    size_t most = (size_t)loop->settings->connections_max;
    size_t open = atomic_load_explicit(&loop->commons->connections_open, memory_order_relaxed);
    if (open < most && !memory_is_short())
        return true;
    enum room room = admission_make_room(loop, admission_crowd(guest->holding));
    if (room == ROOM_MADE || (room == ROOM_ASKED && open < most + ROOM_ASKED_MAX))
        return true;
    LOOP_COUNT(loop, refused_when_full, 1);
    return false;
}

static void let_in(struct listener *listener, int fd, const struct sockaddr_storage *address)
{
    struct guest guest;
    struct peer_address peer;
    peer_address_of_socket(address, &peer);
    if (!entrance_admit(listener->loop, &peer, listener->plain, &guest)) {
        (void)close(fd);
    } else if (!has_room(listener->loop, &guest)) {
        address_limits_leave(guest.holding);
        (void)close(fd);
    } else {
        connection_open(listener->loop, fd, &guest);
    }
}

/* The event says that somebody waits.  accept4() on an empty queue would make a socket and a file
 * before it looks, and drop them: that costs more than to ask. */
static void accept_connections(evutil_socket_t fd, short what, void *data)
{
    (void)what;
    struct listener *listener = data;
    for (int i = 0; i < ACCEPTS_A_TURN && (i == 0 || somebody_waits(listener)); i++) {
        struct sockaddr_storage address;
        socklen_t length = sizeof address;
        memset(&address, 0, sizeof address);
        int accepted
            = accept4(fd, (struct sockaddr *)&address, &length, SOCK_NONBLOCK | SOCK_CLOEXEC);
        if (accepted >= 0)
            let_in(listener, accepted, &address);
        else if (!accept_failed(listener))
            return;
    }
}

/* No need to wait for the pause's end. */
void listener_connection_ended(struct http_loop *loop)
{
    struct listener *listener;
    SLIST_FOREACH(listener, &loop->listeners, next)
    if (evtimer_pending(listener->pause_event, NULL)) {
        (void)event_del(listener->pause_event);
        pause_came_to_an_end(-1, 0, listener);
    }
}

static bool parse_address(
    const char *text, int port, struct sockaddr_storage *ret_address, socklen_t *ret_length)
{
    struct sockaddr_in6 v6 = { .sin6_family = AF_INET6, .sin6_port = htons((uint16_t)port) };
    struct sockaddr_in v4 = { .sin_family = AF_INET, .sin_port = htons((uint16_t)port) };
    memset(ret_address, 0, sizeof *ret_address);
    if (inet_pton(AF_INET6, text, &v6.sin6_addr) == 1) {
        memcpy(ret_address, &v6, sizeof v6);
        *ret_length = sizeof v6;
    } else if (inet_pton(AF_INET, text, &v4.sin_addr) == 1) {
        memcpy(ret_address, &v4, sizeof v4);
        *ret_length = sizeof v4;
    } else {
        return false;
    }
    return true;
}

/* Accepted sockets inherit these from the listening one. */
static bool set_options(int fd, int family, bool shared, int64_t send_buffer_bytes)
{
    int on = 1, off = 0, unsent = (int)send_buffer_bytes;
    if (family == AF_INET6 && setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &off, sizeof off) != 0)
        return false;
    if (shared && setsockopt(fd, SOL_SOCKET, SO_REUSEPORT, &on, sizeof on) != 0)
        return false;
    return setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on) == 0
           && setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on) == 0
           && setsockopt(fd, IPPROTO_TCP, TCP_NOTSENT_LOWAT, &unsent, sizeof unsent) == 0;
}

static int bound_port(int fd)
{
    struct sockaddr_storage address;
    socklen_t length = sizeof address;
    memset(&address, 0, sizeof address);
    if (getsockname(fd, (struct sockaddr *)&address, &length) != 0)
        return -1;
    if (address.ss_family == AF_INET6) {
        struct sockaddr_in6 v6;
        memcpy(&v6, &address, sizeof v6);
        return ntohs(v6.sin6_port);
    }
    struct sockaddr_in v4;
    memcpy(&v4, &address, sizeof v4);
    return ntohs(v4.sin_port);
}

int listener_bind(
    const char *address, int *port, bool shared, int64_t send_buffer_bytes, struct problem *problem)
{
    struct sockaddr_storage parsed;
    socklen_t length;
    if (!parse_address(address, *port, &parsed, &length)) {
        problem_set(problem, PROBLEM_SETTING, "'%s' is no IP address to listen on", address);
        return -1;
    }
    int fd = socket(parsed.ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    /* A kernel without IPv6, as in some containers: then all there is to listen on is IPv4. */
    if (fd < 0 && errno == EAFNOSUPPORT && strcmp(address, "::") == 0)
        return listener_bind("0.0.0.0", port, shared, send_buffer_bytes, problem);
    if (fd < 0 || !set_options(fd, parsed.ss_family, shared, send_buffer_bytes)
        || bind(fd, (struct sockaddr *)&parsed, length) != 0 || listen(fd, BACKLOG) != 0) {
        problem_set(problem, PROBLEM_SETTING, "listening on '%s' port %d: %s", address, *port,
            strerror(errno));
        if (fd >= 0)
            (void)close(fd);
        return -1;
    }
    *port = bound_port(fd);
    return fd;
}

/* "::" may have become "0.0.0.0", see listener_bind(). */
static bool is_address(const struct sockaddr_storage *bound, const char *wanted)
{
    char text[INET_ADDRSTRLEN] = "";
    struct in6_addr v6;
    if (bound->ss_family == AF_INET6) {
        struct sockaddr_in6 own;
        memcpy(&own, bound, sizeof own);
        return inet_pton(AF_INET6, wanted, &v6) == 1 && memcmp(&v6, &own.sin6_addr, sizeof v6) == 0;
    }
    struct sockaddr_in own;
    memcpy(&own, bound, sizeof own);
    (void)inet_ntop(AF_INET, &own.sin_addr, text, sizeof text);
    return strcmp(text, strcmp(wanted, "::") == 0 ? "0.0.0.0" : wanted) == 0;
}

int listener_adopt(int fd, const char *address, int *port, int64_t send_buffer_bytes)
{
    struct sockaddr_storage bound;
    socklen_t length = sizeof bound, size = sizeof(int);
    int listens = 0;
    memset(&bound, 0, sizeof bound);
    if (getsockopt(fd, SOL_SOCKET, SO_ACCEPTCONN, &listens, &size) != 0 || !listens
        || getsockname(fd, (struct sockaddr *)&bound, &length) != 0
        || (bound.ss_family != AF_INET && bound.ss_family != AF_INET6)
        || !is_address(&bound, address) || (*port != 0 && *port != bound_port(fd)))
        return -1;
    int own = fcntl(fd, F_DUPFD_CLOEXEC, 0);
    if (own < 0)
        return -1;
    int unsent = (int)send_buffer_bytes;
    (void)setsockopt(own, IPPROTO_TCP, TCP_NOTSENT_LOWAT, &unsent, sizeof unsent);
    *port = bound_port(own);
    return own;
}

/* How the kernel sends, for accepted sockets to inherit; false: it has no such congestion control.
 * One that was inherited from another server may have been set otherwise. */
static bool shape_sending(int fd, const struct settings *settings)
{
    const char *control = settings->congestion_control;
    unsigned long rate = settings->connection_pacing_bytes_per_second > 0
                             ? (unsigned long)settings->connection_pacing_bytes_per_second
                             : ~0UL; /* without bounds, see socket(7) */
    (void)setsockopt(fd, SOL_SOCKET, SO_MAX_PACING_RATE, &rate, sizeof rate);
    return control[0] == '\0'
           || setsockopt(fd, IPPROTO_TCP, TCP_CONGESTION, control, (socklen_t)strlen(control)) == 0;
}

void listener_create(struct http_loop *loop, int fd, bool plain)
{
    struct listener *listener = memory_zeroed(1, sizeof *listener);
    listener->loop = loop;
    listener->fd = fd;
    listener->plain = plain;
    listener->accept_event
        = event_new(loop->worker.loop, fd, EV_READ | EV_PERSIST, accept_connections, listener);
    listener->pause_event = evtimer_new(loop->worker.loop, pause_came_to_an_end, listener);
    if (!listener->accept_event || !listener->pause_event)
        memory_exhausted(sizeof *listener);
    SLIST_INSERT_HEAD(&loop->listeners, listener, next);
    if (!plain && !shape_sending(fd, loop->settings))
        loop->commons->control_refused = true;
    resume(listener);
}

void listeners_pause(struct http_loop *loop)
{
    struct listener *listener;
    SLIST_FOREACH(listener, &loop->listeners, next)
    {
        (void)event_del(listener->pause_event);
        pause_accepting(listener);
    }
}

void listeners_resume(struct http_loop *loop)
{
    struct listener *listener;
    SLIST_FOREACH(listener, &loop->listeners, next)
    resume(listener);
}

void listeners_free(struct http_loop *loop)
{
    struct listener *listener;
    while ((listener = SLIST_FIRST(&loop->listeners))) {
        SLIST_REMOVE_HEAD(&loop->listeners, next);
        event_free(listener->accept_event);
        event_free(listener->pause_event);
        (void)close(listener->fd);
        free(listener);
    }
}
