#include "cli/takeover.h"

#include "base/log.h"
#include "base/memory.h"
#include "cli/control_socket.h"
#include "cli/takeover_message.h"
#include "viewing/play.h"

#include <errno.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <unistd.h>

enum { FOLLOW_EVERY_MS = 1000 };

struct takeover {
    struct takeover_channel channel;
    int lock, control;
    struct server_sockets sockets;
    int64_t run_id;
    int64_t ready_ms; /* settings.takeover_ready_ms: for each side to answer */
    bool old_is_lost; /* before it could say "go" */
    /* following */
    struct application *application;
    pthread_t thread;
    bool following;
    int woken;
    _Atomic bool released;
};

static bool take_descriptors(struct takeover *takeover, const struct takeover_message *message)
{
    struct takeover_channel *channel = &takeover->channel;
    size_t sockets = (size_t)message->socket_count, next = 0;
    size_t single = 2 + (size_t)message->plain + (size_t)message->tickets;
    if (channel->fd_count != single + sockets)
        return false;
    takeover->lock = channel->fds[next++];
    takeover->control = channel->fds[next++];
    if (message->plain)
        takeover->sockets.plain = channel->fds[next++];
    if (message->tickets)
        takeover->sockets.tickets = channel->fds[next++];
    for (; next < channel->fd_count; next++)
        takeover->sockets.tls[takeover->sockets.tls_count++] = channel->fds[next];
    takeover->run_id = message->run_id;
    channel->fd_count = 0;
    return true;
}

static bool refused(const struct takeover_message *message, struct problem *problem)
{
    return problem_set(problem, PROBLEM_CONFLICT, "The running server goes on: %.300s",
        message->kind == TAKEOVER_REFUSED ? message->sentence : "it said what was not expected.");
}

/* False: there is no server to take over from, or *problem says why it refused. */
static bool ask(
    struct takeover *takeover, int64_t protocol, bool *ret_refused, struct problem *problem)
{
    struct takeover_message message
        = { .kind = TAKEOVER_ASKED, .protocol = protocol, .schema = db_schema_version() };
    (void)snprintf(message.program, sizeof message.program, "%s", LECTERN_VERSION);
    if (!takeover_send(&takeover->channel, &message, NULL, 0))
        return false;
    switch (takeover_receive(&takeover->channel, -1, takeover->ready_ms, &message)) {
    case TAKEOVER_CAME:
        *ret_refused = message.kind == TAKEOVER_REFUSED;
        return (message.kind == TAKEOVER_SOCKETS && take_descriptors(takeover, &message))
               || refused(&message, problem);
    case TAKEOVER_LATE:
        return problem_set(
            problem, PROBLEM_CONFLICT, "The running server does not answer, and goes on.");
    default:
        return false; /* it was about to end */
    }
}

static bool begin_by(const struct settings *settings, int64_t protocol,
    struct takeover **ret_takeover, bool *ret_refused, struct problem *problem)
{
    int fd = control_connect(settings->data);
    if (fd < 0)
        return true;
    struct takeover *takeover = memory_zeroed(1, sizeof *takeover);
    takeover_channel_init(&takeover->channel, fd);
    takeover->lock = takeover->control = -1;
    takeover->sockets = SERVER_SOCKETS_NONE;
    takeover->ready_ms = settings->takeover_ready_ms;
    takeover->woken = eventfd(0, EFD_CLOEXEC);
    if (ask(takeover, protocol, ret_refused, problem)) {
        *ret_takeover = takeover;
        return true;
    }
    takeover_end(takeover);
    return !problem_is_set(problem);
}

/* An older server refuses a newer protocol as it refuses anything: so it is asked again in an older one,
 * and what it says of the oldest is told. */
bool takeover_begin(
    const struct settings *settings, struct takeover **ret_takeover, struct problem *problem)
{
    bool done = false, is_refused = true;
    for (int64_t protocol = TAKEOVER_PROTOCOL; is_refused && protocol >= TAKEOVER_PROTOCOL_LEAST;
         protocol--) {
        is_refused = false;
        problem_clear(problem);
        done = begin_by(settings, protocol, ret_takeover, &is_refused, problem);
    }
    return done;
}

int takeover_lock(const struct takeover *takeover)
{
    return takeover->lock;
}

const struct server_sockets *takeover_sockets(const struct takeover *takeover)
{
    return &takeover->sockets;
}

int64_t takeover_run_id(const struct takeover *takeover)
{
    return takeover->run_id;
}

int takeover_take_control(struct takeover *takeover)
{
    int control = takeover->control;
    takeover->control = -1;
    return control;
}

bool takeover_go(struct takeover *takeover, struct problem *problem)
{
    struct takeover_message message = { 0 };
    server_sockets_close(&takeover->sockets); /* the server has its own by now */
    (void)takeover_send_kind(&takeover->channel, TAKEOVER_READY);
    switch (takeover_receive(&takeover->channel, -1, takeover->ready_ms, &message)) {
    case TAKEOVER_CAME:
        return message.kind == TAKEOVER_GO || refused(&message, problem);
    case TAKEOVER_LATE:
        return problem_set(
            problem, PROBLEM_CONFLICT, "The running server does not answer, and goes on.");
    default:
        /* It would have refused if it lived.  We have its sockets and its lock. */
        takeover->old_is_lost = true;
        return true;
    }
}

static void log_if_failed(const char *event, bool done, const struct problem *problem)
{
    if (!done)
        log_problem(LOG_ERROR, event, problem);
}

/* What the old one answered in the meantime, as its last requests ended. */
static void keep_up(const struct application *application)
{
    struct problem problem = { 0 };
    log_if_failed("library-refresh", library_refresh(application->library, &problem), &problem);
    ingest_look(application->ingest);
}

static void old_was_lost(const struct takeover *takeover)
{
    struct problem problem = { 0 };
    log_event(LOG_WARNING, "old-server-lost", "run=%lld", (long long)takeover->run_id);
    log_if_failed(
        "record-gap", server_run_predecessor_lost(takeover->application->db, &problem), &problem);
}

static void *follow(void *data)
{
    struct takeover *takeover = data;
    (void)pthread_setname_np(pthread_self(), "takeover");
    enum takeover_news news = takeover->old_is_lost ? TAKEOVER_GONE : TAKEOVER_LATE;
    struct takeover_message message = { 0 };
    while (news == TAKEOVER_LATE) {
        news = takeover_receive(&takeover->channel, takeover->woken, FOLLOW_EVERY_MS, &message);
        if (news != TAKEOVER_WOKEN)
            keep_up(takeover->application);
    }
    if (news == TAKEOVER_GONE)
        old_was_lost(takeover);
    else if (news == TAKEOVER_CAME)
        log_event(LOG_INFO, "old-server-ended", "run=%lld", (long long)takeover->run_id);
    return NULL;
}

bool takeover_follow(
    struct takeover *takeover, struct application *application, struct problem *problem)
{
    takeover->application = application;
    int error_number = pthread_create(&takeover->thread, NULL, follow, takeover);
    takeover->following = error_number == 0;
    return takeover->following
           || problem_set_errno(problem, error_number, "start the takeover's thread");
}

void takeover_release(struct takeover *takeover)
{
    if (takeover && !atomic_exchange(&takeover->released, true))
        (void)takeover_send_kind(&takeover->channel, TAKEOVER_RELEASED);
}

void takeover_unfollow(struct takeover *takeover)
{
    if (!takeover || !takeover->following)
        return;
    uint64_t one = 1;
    ssize_t ignored = write(takeover->woken, &one, sizeof one);
    (void)ignored;
    (void)pthread_join(takeover->thread, NULL);
    takeover->following = false;
}

void takeover_end(struct takeover *takeover)
{
    if (!takeover)
        return;
    takeover_channel_close(&takeover->channel);
    server_sockets_close(&takeover->sockets);
    const int fds[] = { takeover->lock, takeover->control, takeover->woken };
    for (size_t i = 0; i < sizeof fds / sizeof fds[0]; i++)
        if (fds[i] >= 0)
            (void)close(fds[i]);
    free(takeover);
}
