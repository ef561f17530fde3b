#include "cli/handover.h"

#include "base/clock.h"
#include "base/log.h"
#include "base/memory.h"
#include "viewing/play.h"

#include <fcntl.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* LET_GO_MS: uploads are asked twice a second, and then sync a last piece. */
enum { LET_GO_MS = 10000, LOOK_EVERY_MS = 20 };

struct handover {
    struct application *application;
    struct takeover *takeover;
    struct control *control;
    _Atomic bool busy;
    _Atomic bool done;
    struct takeover_channel heir; /* fd -1 until it drains */
    bool released;                /* the heir needs no spare any more */
};

struct handover *handover_create(struct application *application, struct takeover *takeover)
{
    struct handover *handover = memory_zeroed(1, sizeof *handover);
    handover->application = application;
    handover->takeover = takeover;
    takeover_channel_init(&handover->heir, -1);
    return handover;
}

static void refuse(struct takeover_channel *heir, const char *sentence)
{
    struct takeover_message message = { .kind = TAKEOVER_REFUSED };
    (void)snprintf(message.sentence, sizeof message.sentence, "%s", sentence);
    (void)takeover_send(heir, &message, NULL, 0);
    log_event(LOG_WARNING, "takeover-refused", "why=\"%s\"", sentence);
}

static const char *why_not(const struct takeover_message *asked)
{
    if (asked->protocol < TAKEOVER_PROTOCOL_LEAST || asked->protocol > TAKEOVER_PROTOCOL)
        return "It hands over in another way. Stop it, then start the new one.";
    if (asked->schema != db_schema_version())
        return "The new one has another schema of the store. Stop the old one, then start the new "
               "one.";
    return NULL;
}

static void log_if_failed(const char *event, bool done, const struct problem *problem)
{
    if (!done)
        log_problem(LOG_ERROR, event, problem);
}

static bool step_aside(struct handover *handover)
{
    control_pause(handover->control);
    bool let_go = uploads_pause(handover->application->uploads, LET_GO_MS);
    if (let_go)
        ingest_pause(handover->application->ingest);
    return let_go;
}

static void step_in(struct handover *handover, const char *why)
{
    struct application *application = handover->application;
    struct problem problem = { 0 };
    log_event(LOG_WARNING, "resuming", "why=\"%s\"", why);
    log_if_failed("record-gap", server_run_successor_lost(application->db, &problem), &problem);
    problem_clear(&problem);
    log_if_failed("library-refresh", library_refresh(application->library, &problem), &problem);
    problem_clear(&problem);
    log_if_failed("jobs-resume", ingest_resume(application->ingest, &problem), &problem);
    uploads_resume(application->uploads);
    delivery_log_hurry(application->delivery_log, false);
    server_resume(application->server);
}

static bool send_sockets(struct handover *handover, struct takeover_channel *heir, int64_t protocol)
{
    struct server_sockets sockets;
    int fds[TAKEOVER_FDS_MAX];
    size_t count = 0;
    if (!server_share_sockets(handover->application->server, &sockets))
        return false; /* it stops: the heir waits for the lock */
    bool tickets = sockets.tickets >= 0 && protocol >= TAKEOVER_PROTOCOL_TICKETS;
    fds[count++] = db_lend_lock(handover->application->db);
    fds[count++] = control_lend_socket(handover->control);
    if (sockets.plain >= 0)
        fds[count++] = sockets.plain;
    if (tickets)
        fds[count++] = sockets.tickets;
    memcpy(fds + count, sockets.tls, sockets.tls_count * sizeof sockets.tls[0]);
    const struct takeover_message message = { .kind = TAKEOVER_SOCKETS,
        .socket_count = (int64_t)sockets.tls_count,
        .plain = sockets.plain >= 0,
        .tickets = tickets,
        .run_id = server_run_id() };
    bool sent = takeover_send(heir, &message, fds, count + sockets.tls_count);
    server_sockets_close(&sockets);
    return sent;
}

/* NULL: ready. */
static const char *wait_until_ready(struct handover *handover, struct takeover_channel *heir)
{
    struct takeover_message message = { 0 };
    int64_t most_ms = handover->application->settings->takeover_ready_ms;
    switch (takeover_receive(heir, -1, most_ms, &message)) {
    case TAKEOVER_CAME:
        return message.kind == TAKEOVER_READY ? NULL : "the new server said what was not expected";
    case TAKEOVER_LATE:
        refuse(heir, "The new one was not ready within takeover-ready-ms.");
        return "the new server was not ready in time";
    default:
        /* Or we are to stop, and are waited for: then the new one does not wait for us. */
        return control_is_stopping(handover->control) ? NULL
                                                      : "the new server ended before it was ready";
    }
}

static bool anybody_left(struct handover *handover)
{
    return !server_is_drained(handover->application->server)
           || control_running(handover->control) > 1; /* one of them is this */
}

/* False: the heir is lost.  *ret_whole: nobody is left; else time is up. */
static bool drain(struct handover *handover, bool *ret_whole)
{
    int64_t end_ms = clock_steady_ms() + server_stop_deadline_ms(handover->application->server);
    struct takeover_message message = { 0 };
    while ((*ret_whole = !anybody_left(handover)) == false && clock_steady_ms() < end_ms
           && !control_is_stopping(handover->control)) {
        if (handover->released) {
            (void)usleep(LOOK_EVERY_MS * 1000);
            continue;
        }
        enum takeover_news news = takeover_receive(&handover->heir, -1, LOOK_EVERY_MS, &message);
        if (news == TAKEOVER_CAME && message.kind == TAKEOVER_RELEASED)
            handover->released = true;
        else if (news != TAKEOVER_LATE)
            return control_is_stopping(handover->control);
    }
    return true;
}

static void set_done(struct handover *handover, bool done)
{
    control_give_away(handover->control, done);
    atomic_store(&handover->done, done);
}

/* From "go" on; false: the heir is lost. */
static bool step_back(struct handover *handover)
{
    struct application *application = handover->application;
    bool whole;
    delivery_log_hurry(application->delivery_log, true);
    server_drain(application->server);
    if (!takeover_send_kind(&handover->heir, TAKEOVER_GO))
        return false;
    /* Whoever we were the spare's heir of: we have one of our own. */
    takeover_release(handover->takeover);
    log_event(LOG_INFO, "handed-over", "run=%lld", (long long)server_run_id());
    set_done(handover, true);
    if (!drain(handover, &whole)) {
        set_done(handover, false);
        return false;
    }
    log_event(
        LOG_INFO, whole ? "drained" : "drain-deadline", "run=%lld", (long long)server_run_id());
    server_stop(application->server);
    if (!whole)
        server_stop(application->server);
    return true;
}

static void hand_over(struct handover *handover, struct takeover_channel *heir, int64_t protocol)
{
    if (!step_aside(handover)) {
        refuse(heir, "An upload does not let go. Try again.");
        step_in(handover, "an upload does not let go");
        return;
    }
    if (!send_sockets(handover, heir, protocol)) {
        step_in(handover, "the new server could not be given the sockets");
        return;
    }
    const char *why = wait_until_ready(handover, heir);
    if (why) {
        step_in(handover, why);
        return;
    }
    handover->released = false;
    handover->heir = *heir;
    takeover_channel_init(heir, -1);
    if (step_back(handover))
        return;
    takeover_channel_close(&handover->heir);
    step_in(handover, "the new server was lost");
}

void handover_run(void *data, struct control *control, int fd, const struct takeover_message *asked)
{
    struct handover *handover = data;
    struct takeover_channel heir;
    takeover_channel_init(&heir, fcntl(fd, F_DUPFD_CLOEXEC, 0));
    const char *why = why_not(asked);
    if (!why && atomic_exchange(&handover->busy, true))
        why = "It is handing over to another one already.";
    if (why) {
        refuse(&heir, why);
    } else {
        char program[LOG_QUOTED_SIZE];
        handover->control = control;
        log_event(LOG_INFO, "handing-over", "to_version=%s", log_quoted(program, asked->program));
        hand_over(handover, &heir, asked->protocol);
        /* Done is done: from then on, whoever asks reaches the heir.  Else the next one who waits in the
         * control socket may ask, in this order. */
        if (!atomic_load(&handover->done)) {
            atomic_store(&handover->busy, false);
            control_resume(control);
        }
    }
    takeover_channel_close(&heir);
}

bool handover_is_done(const struct handover *handover)
{
    return handover && atomic_load(&handover->done);
}

void handover_free(struct handover *handover)
{
    if (!handover)
        return;
    if (handover_is_done(handover))
        (void)takeover_send_kind(&handover->heir, TAKEOVER_ENDED);
    takeover_channel_close(&handover->heir);
    free(handover);
}
