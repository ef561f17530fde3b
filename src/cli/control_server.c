#include "cli/control.h"

#include "base/clock.h"
#include "base/log.h"
#include "base/memory.h"
#include "base/secure.h"
#include "cli/control_frame.h"
#include "cli/control_socket.h"
#include "cli/output.h"
#include "cli/takeover_message.h"

#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

/* One connection: a person's command while it runs. */
struct call {
    struct control *control;
    pthread_t thread;
    int fd;             /* -1: the place is free */
    _Atomic bool ended; /* its thread may be joined */
    bool gone;          /* the person has left; its thread's own */
    bool kept;          /* the connection goes on beyond the call; its thread's own */
};

struct control {
    struct command_context shared;
    void (*take_over)(
        void *data, struct control *control, int fd, const struct takeover_message *asked);
    void *data;
    int listening, woken; /* woken: an eventfd, readable when one of the below has changed */
    _Atomic bool stopping, paused, given_away;
    _Atomic size_t running;
    pthread_t acceptor;
    struct call calls[CONTROL_COMMANDS_MAX]; /* the acceptor's, but for `ended` */
};

static void send_text(struct call *call, const struct text *lines)
{
    if (!call->gone && lines->length > 0
        && !control_send_all(call->fd, lines->bytes, lines->length))
        call->gone = true;
}

static void output_write(void *data, enum command_stream stream, const char *bytes, size_t count)
{
    struct text lines;
    text_init(&lines, 6 * count + 64 * (count / (CONTROL_PIECE_BYTES_MAX / 2) + 2));
    control_frame_write_text(stream == STREAM_OUT ? FRAME_OUT : FRAME_ERROR, bytes, count, &lines);
    send_text(data, &lines);
    text_release(&lines);
}

static void output_number(struct call *call, enum control_frame_kind kind, int number)
{
    struct text lines;
    text_init(&lines, 64);
    control_frame_write_number(kind, number, &lines);
    send_text(call, &lines);
    text_release(&lines);
}

static void output_progress(void *data, int permille)
{
    output_number(data, FRAME_PROGRESS, permille);
}

static bool output_abandoned(void *data)
{
    struct call *call = data;
    struct pollfd asked = { .fd = call->fd, .events = POLLRDHUP };
    /* Asked first: control_stop() shuts the reading side, which must not look like a peer that left,
     * as this one still waits for our last words. */
    if (atomic_load(&call->control->stopping))
        return true;
    if (!call->gone && poll(&asked, 1, 0) > 0 && (asked.revents & (POLLRDHUP | POLLHUP | POLLERR)))
        call->gone = true;
    return call->gone;
}

/*
 * Who sees what the command changed must see it before the person is told that it is done.  Also after
 * one that failed: a part of it may have been stored.
 */
static bool refresh(const struct command_context *shared, unsigned changes, int64_t since_ms,
    struct problem *problem)
{
    return (!(changes & CHANGES_LIBRARY) || library_refresh(shared->library, problem))
           && (!(changes & CHANGES_ACCESS)
               || media_token_deny_revoked(shared->tokens, shared->db, since_ms, problem));
}

static int run_command(struct command_context *context, const struct command_line *line)
{
    int64_t since_ms = clock_now_ms();
    int code = line->command->run(context, line);
    struct problem problem = { 0 };
    if (line->command->changes == CHANGES_NOTHING
        || refresh(context, line->command->changes, since_ms, &problem))
        return code;
    log_problem(LOG_ERROR, "command-refresh", &problem);
    command_say(
        context, "It is stored, but the running server could not take it up. Restart the server.");
    (void)command_problem(context, &problem);
    return COMMAND_FAILED;
}

static int answer(struct call *call, const struct control_request *request, int input_fd)
{
    const struct command_output output = { output_write, output_progress, output_abandoned, call };
    struct command_context context = call->control->shared;
    context.output = &output;
    context.language = request->language;
    context.password = request->password;
    context.input_fd = input_fd;
    struct command_line line;
    struct problem problem = { 0 };
    if (command_line_parse(all_commands, request->argc, request->argv, &line, &problem) != PARSE_RUN
        || line.command->place == COMMAND_ALONE || line.config || line.set_count > 0) {
        problem_set(&problem, PROBLEM_SETTING, "This is not a command for a running server.");
        return command_problem(&context, &problem);
    }
    bool file_given
        = line.command->file_argument > 0 && line.argument_count >= line.command->file_argument;
    if (file_given && input_fd < 0) {
        problem_set(&problem, PROBLEM_BAD_REQUEST, "the file did not come along");
        return command_problem(&context, &problem);
    }
    log_event(LOG_INFO, "command", "name=\"%s\"", line.command->name);
    return run_command(&context, &line);
}

static bool take_over(struct call *call, const char *line, size_t length)
{
    struct takeover_message asked;
    struct problem ignored = { 0 };
    if (!call->control->take_over || !takeover_message_read(line, length, &asked, &ignored)
        || asked.kind != TAKEOVER_ASKED)
        return false;
    call->kept = true;
    call->control->take_over(call->control->data, call->control, call->fd, &asked);
    return true;
}

static void take_request(struct call *call)
{
    struct line_reader reader;
    line_reader_init(&reader, call->fd, CONTROL_REQUEST_BYTES_MAX);
    const char *line;
    size_t length;
    int input_fd = -1;
    struct control_request request;
    struct problem problem = { 0 };
    if (line_reader_next(&reader, &line, &length, &input_fd) != LINE_READ)
        log_event(LOG_DEBUG, "command-cut", "%s", "");
    else if (take_over(call, line, length))
        ;
    else if (!control_request_read(line, length, &request, &problem))
        log_problem(LOG_WARNING, "command-refused", &problem);
    else {
        int code = answer(call, &request, input_fd);
        output_number(call, FRAME_EXIT, code);
        control_request_release(&request);
    }
    secure_wipe(reader.bytes, reader.end);
    line_reader_release(&reader);
    if (input_fd >= 0)
        (void)close(input_fd);
}

static void *run_call(void *data)
{
    struct call *call = data;
    (void)pthread_setname_np(pthread_self(), "command");
    take_request(call);
    if (!call->kept)
        (void)shutdown(call->fd, SHUT_RDWR);
    atomic_fetch_sub(&call->control->running, 1);
    atomic_store(&call->ended, true);
    return NULL;
}

static bool is_ours(int fd)
{
    struct ucred peer = { 0 };
    socklen_t size = sizeof peer;
    return getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &size) == 0
           && (peer.uid == geteuid() || peer.uid == 0);
}

static void end_call(struct call *call)
{
    (void)pthread_join(call->thread, NULL);
    (void)close(call->fd);
    call->fd = -1;
}

/* A free place, after those that have ended were tidied up. */
static struct call *find_place(struct control *control)
{
    struct call *free_place = NULL;
    for (size_t i = 0; i < CONTROL_COMMANDS_MAX; i++) {
        struct call *call = &control->calls[i];
        if (call->fd >= 0 && atomic_load(&call->ended))
            end_call(call);
        if (call->fd < 0)
            free_place = call;
    }
    return free_place;
}

static void refuse_call(int fd)
{
    static const char words[]
        = "{\"err\":\"lectern: The server is busy with other commands. Try again in a "
          "moment.\\n\"}\n{\"exit\":1}\n";
    (void)send(fd, words, sizeof words - 1, MSG_NOSIGNAL | MSG_DONTWAIT);
    (void)close(fd);
}

static void set_deadlines(int fd)
{
    struct timeval request = { .tv_sec = CONTROL_REQUEST_DEADLINE_MS / 1000 };
    struct timeval sending = { .tv_sec = CONTROL_SEND_DEADLINE_MS / 1000 };
    (void)setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &request, sizeof request);
    (void)setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &sending, sizeof sending);
}

static void take_call(struct control *control)
{
    int fd = accept4(control->listening, NULL, NULL, SOCK_CLOEXEC);
    if (fd < 0)
        return;
    struct call *call = is_ours(fd) ? find_place(control) : NULL;
    if (!call) {
        refuse_call(fd);
        return;
    }
    set_deadlines(fd);
    call->control = control;
    call->fd = fd;
    call->gone = call->kept = false;
    atomic_store(&call->ended, false);
    atomic_fetch_add(&control->running, 1);
    if (pthread_create(&call->thread, NULL, run_call, call) != 0) {
        atomic_fetch_sub(&control->running, 1);
        call->fd = -1;
        refuse_call(fd);
    }
}

static void *accept_calls(void *data)
{
    struct control *control = data;
    (void)pthread_setname_np(pthread_self(), "control");
    struct pollfd asked[] = { { .fd = control->listening, .events = POLLIN },
        { .fd = control->woken, .events = POLLIN } };
    while (!atomic_load(&control->stopping)) {
        uint64_t ignored;
        asked[0].fd = atomic_load(&control->paused) ? -1 : control->listening;
        int ready = poll(asked, 2, -1);
        if (ready < 0 && errno != EINTR)
            break;
        if (ready > 0 && (asked[1].revents & POLLIN)
            && read(control->woken, &ignored, sizeof ignored) < 0)
            break;
        if (ready > 0 && (asked[0].revents & POLLIN) && !atomic_load(&control->paused))
            take_call(control);
    }
    return NULL;
}

static void wake(struct control *control)
{
    uint64_t one = 1;
    ssize_t ignored = write(control->woken, &one, sizeof one);
    (void)ignored;
}

void control_pause(struct control *control)
{
    atomic_store(&control->paused, true);
    wake(control);
}

void control_resume(struct control *control)
{
    atomic_store(&control->given_away, false);
    atomic_store(&control->paused, false);
    wake(control);
}

int control_lend_socket(const struct control *control)
{
    return control->listening;
}

void control_give_away(struct control *control, bool given)
{
    atomic_store(&control->given_away, given);
}

size_t control_running(struct control *control)
{
    return atomic_load(&control->running);
}

bool control_is_stopping(const struct control *control)
{
    return atomic_load(&control->stopping);
}

struct control *control_start(const struct control_settings *settings, struct problem *problem)
{
    int listening = settings->listening >= 0
                        ? settings->listening
                        : control_listen(settings->shared.settings->data, problem);
    if (listening < 0)
        return NULL;
    struct control *control = memory_zeroed(1, sizeof *control);
    control->shared = settings->shared;
    control->take_over = settings->take_over;
    control->data = settings->data;
    control->listening = listening;
    for (size_t i = 0; i < CONTROL_COMMANDS_MAX; i++)
        control->calls[i].fd = -1;
    control->woken = eventfd(0, EFD_CLOEXEC);
    if (control->woken >= 0 && pthread_create(&control->acceptor, NULL, accept_calls, control) == 0)
        return control;
    problem_set_errno(problem, errno, "start the control socket");
    if (control->woken >= 0)
        (void)close(control->woken);
    (void)close(listening);
    free(control);
    return NULL;
}

void control_stop(struct control *control)
{
    if (!control)
        return;
    /* Paused: somebody prepares to take over, and what we do now makes them go on. */
    if (!atomic_load(&control->paused))
        control_unlink(control->shared.settings->data);
    atomic_store(&control->stopping, true);
    wake(control);
    (void)pthread_join(control->acceptor, NULL);
    for (size_t i = 0; i < CONTROL_COMMANDS_MAX; i++) {
        struct call *call = &control->calls[i];
        if (call->fd < 0)
            continue;
        (void)shutdown(
            call->fd, SHUT_RD); /* one that is still sending its request is not waited for */
        end_call(call);
    }
    if (!atomic_load(&control->given_away))
        control_unlink(control->shared.settings->data);
    (void)close(control->listening);
    (void)close(control->woken);
    free(control);
}
