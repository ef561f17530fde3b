#include "cli/control.h"

#include "base/arena.h"
#include "base/secure.h"
#include "base/text.h"
#include "cli/control_frame.h"
#include "cli/control_socket.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

/* The line again, in one spelling: the server parses it with the same table. */
static bool write_request(const struct command_line *line, const struct command_context *context,
    struct text *request, struct problem *problem)
{
    struct arena arena;
    arena_init(&arena);
    const char *words[CONTROL_WORDS_MAX];
    size_t count = 0;
    for (const char *name = line->command->name; *name; name += strspn(name, " ")) {
        size_t length = strcspn(name, " ");
        words[count++] = arena_strndup(&arena, name, length);
        name += length;
    }
    for (size_t i = 0; i < line->option_count; i++) {
        const struct command_value *given = &line->options[i];
        words[count++] = arena_printf(
            &arena, "--%s%s%s", given->option->name, given->option->value ? "=" : "", given->value);
    }
    words[count++] = "--";
    for (size_t i = 0; i < line->argument_count && count < CONTROL_WORDS_MAX; i++)
        words[count++] = line->arguments[i];
    bool written = control_request_write(
        count, words, context->language, context->password, request, problem);
    arena_release(&arena);
    return written;
}

/* The descriptor travels with the first byte. */
static bool send_request(int fd, const struct text *request, int input_fd, struct problem *problem)
{
    union {
        struct cmsghdr aligned;
        char bytes[CMSG_SPACE(sizeof(int))];
    } control = { 0 };
    struct iovec piece = { .iov_base = request->bytes, .iov_len = 1 };
    struct msghdr message = { .msg_iov = &piece, .msg_iovlen = 1 };
    if (input_fd >= 0) {
        message.msg_control = control.bytes;
        message.msg_controllen = sizeof control.bytes;
        struct cmsghdr *part = CMSG_FIRSTHDR(&message);
        part->cmsg_level = SOL_SOCKET;
        part->cmsg_type = SCM_RIGHTS;
        part->cmsg_len = CMSG_LEN(sizeof input_fd);
        memcpy(CMSG_DATA(part), &input_fd, sizeof input_fd);
    }
    bool sent = sendmsg(fd, &message, MSG_NOSIGNAL) == 1
                && control_send_all(fd, request->bytes + 1, request->length - 1);
    /* A server that is too busy answers without reading: its answer says more than EPIPE. */
    return sent || errno == EPIPE
           || problem_set_errno(problem, errno, "send to the running server");
}

static void pass_on(const struct control_frame *frame, const struct command_output *output)
{
    if (frame->kind == FRAME_PROGRESS)
        output->progress(output->data, frame->number);
    else if (frame->kind != FRAME_EXIT)
        output->write(output->data, frame->kind == FRAME_OUT ? STREAM_OUT : STREAM_ERROR,
            frame->bytes, frame->count);
}

/* Until the exit code has come. */
static bool read_answer(
    int fd, const struct command_output *output, int *ret_exit, struct problem *problem)
{
    struct line_reader reader;
    line_reader_init(&reader, fd, CONTROL_FRAME_BYTES_MAX);
    bool ended = false, done = true;
    while (!ended && done) {
        const char *line;
        size_t length;
        if (line_reader_next(&reader, &line, &length, NULL) != LINE_READ) {
            done = problem_set(problem, PROBLEM_CONFLICT,
                "The server went away before the command had ended. What it had confirmed is "
                "stored; "
                "look with the list commands before you repeat it.");
            break;
        }
        struct control_frame frame;
        done = control_frame_read(line, length, &frame, problem);
        if (done) {
            pass_on(&frame, output);
            ended = frame.kind == FRAME_EXIT;
            *ret_exit = frame.number;
            control_frame_release(&frame);
        }
    }
    line_reader_release(&reader);
    return done;
}

enum control_reply control_call(const char *data_folder, const struct command_line *line,
    const struct command_context *context, int *ret_exit, struct problem *problem)
{
    int fd = control_connect(data_folder);
    if (fd < 0)
        return CONTROL_NO_SERVER;
    struct text request;
    text_init(&request, CONTROL_REQUEST_BYTES_MAX);
    bool done = write_request(line, context, &request, problem)
                && send_request(fd, &request, context->input_fd, problem)
                && read_answer(fd, context->output, ret_exit, problem);
    if (request.bytes)
        secure_wipe(request.bytes, request.length);
    text_release(&request);
    (void)close(fd);
    return done ? CONTROL_ANSWERED : CONTROL_LOST;
}
