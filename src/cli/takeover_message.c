#include "cli/takeover_message.h"

#include "base/clock.h"
#include "base/json.h"
#include "cli/control_socket.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

/* Those that say nothing but their name. */
static const struct {
    enum takeover_kind kind;
    const char *name;
} plain_words[] = { { TAKEOVER_READY, "ready" }, { TAKEOVER_GO, "go" }, { TAKEOVER_ENDED, "ended" },
    { TAKEOVER_RELEASED, "released" } };
enum { PLAIN_WORDS = sizeof plain_words / sizeof plain_words[0] };

static json_t *sockets_to_json(const struct takeover_message *message)
{
    json_t *json = json_pack("{s:I, s:b, s:I}", "sockets", (json_int_t)message->socket_count,
        "plain", message->plain, "run", (json_int_t)message->run_id);
    if (message->tickets)
        json_object_set_new(json, "tickets", json_true());
    return json;
}

static json_t *to_json(const struct takeover_message *message)
{
    switch (message->kind) {
    case TAKEOVER_ASKED:
        return json_pack("{s:I, s:I, s:s}", "take_over", (json_int_t)message->protocol, "schema",
            (json_int_t)message->schema, "program", message->program);
    case TAKEOVER_REFUSED:
        return json_pack("{s:s}", "refused", message->sentence);
    case TAKEOVER_SOCKETS:
        return sockets_to_json(message);
    default:
        break;
    }
    for (size_t i = 0; i < PLAIN_WORDS; i++)
        if (plain_words[i].kind == message->kind)
            return json_pack("{s:b}", plain_words[i].name, true);
    return json_object();
}

void takeover_message_write(const struct takeover_message *message, struct text *line)
{
    json_t *json = to_json(message);
    json_write(json, line);
    json_decref(json);
}

static bool refuse(struct problem *problem)
{
    return problem_set(problem, PROBLEM_BAD_REQUEST, "this is no message of a takeover");
}

static bool read_asked(
    const json_t *json, struct takeover_message *message, struct problem *problem)
{
    const char *program;
    message->kind = TAKEOVER_ASKED;
    if (json_object_size(json) != 3
        || !json_get_int64(json, "take_over", 1, INT32_MAX, &message->protocol, problem)
        || !json_get_int64(json, "schema", 0, INT32_MAX, &message->schema, problem)
        || !json_get_line(json, "program", sizeof message->program - 1, &program, problem))
        return refuse(problem);
    (void)snprintf(message->program, sizeof message->program, "%s", program);
    return true;
}

static bool read_refused(
    const json_t *json, struct takeover_message *message, struct problem *problem)
{
    const char *sentence;
    message->kind = TAKEOVER_REFUSED;
    if (json_object_size(json) != 1
        || !json_get_line(json, "refused", sizeof message->sentence - 1, &sentence, problem))
        return refuse(problem);
    (void)snprintf(message->sentence, sizeof message->sentence, "%s", sentence);
    return true;
}

static bool read_sockets(
    const json_t *json, struct takeover_message *message, struct problem *problem)
{
    const json_t *plain = json_object_get(json, "plain");
    message->kind = TAKEOVER_SOCKETS;
    message->plain = json_is_true(plain);
    message->tickets = json_is_true(json_object_get(json, "tickets"));
    if (json_object_size(json) != (message->tickets ? 4 : 3) || !json_is_boolean(plain)
        || !json_get_int64(json, "sockets", 1, SERVER_SOCKETS_MAX, &message->socket_count, problem)
        || !json_get_int64(json, "run", 1, INT64_MAX, &message->run_id, problem))
        return refuse(problem);
    return true;
}

static bool read_message(
    const json_t *json, struct takeover_message *message, struct problem *problem)
{
    if (json_object_get(json, "take_over"))
        return read_asked(json, message, problem);
    if (json_object_get(json, "refused"))
        return read_refused(json, message, problem);
    if (json_object_get(json, "sockets"))
        return read_sockets(json, message, problem);
    for (size_t i = 0; i < PLAIN_WORDS; i++)
        if (json_object_size(json) == 1
            && json_is_true(json_object_get(json, plain_words[i].name))) {
            message->kind = plain_words[i].kind;
            return true;
        }
    return refuse(problem);
}

bool takeover_message_read(
    const char *line, size_t length, struct takeover_message *ret_message, struct problem *problem)
{
    struct takeover_message message = { 0 };
    json_t *json = json_read_object(line, length, problem);
    bool read = json && read_message(json, &message, problem);
    json_decref(json);
    if (read)
        *ret_message = message;
    return read;
}

/* --- the channel ------------------------------------------------------------------------------ */

void takeover_channel_init(struct takeover_channel *channel, int fd)
{
    channel->fd = fd;
    channel->length = channel->fd_count = 0;
}

void takeover_channel_close(struct takeover_channel *channel)
{
    for (size_t i = 0; i < channel->fd_count; i++)
        (void)close(channel->fds[i]);
    if (channel->fd >= 0)
        (void)close(channel->fd);
    takeover_channel_init(channel, -1);
}

union descriptors {
    struct cmsghdr aligned;
    char bytes[CMSG_SPACE(sizeof(int) * TAKEOVER_FDS_MAX)];
};

/* A line is shorter than any socket's buffer and nothing else is on its way: it goes whole or not. */
bool takeover_send(struct takeover_channel *channel, const struct takeover_message *message,
    const int *fds, size_t fd_count)
{
    union descriptors control = { 0 };
    struct text line;
    text_init(&line, TAKEOVER_LINE_MAX);
    takeover_message_write(message, &line);
    text_append_string(&line, "\n");
    struct iovec piece = { .iov_base = line.bytes, .iov_len = line.length };
    struct msghdr header = { .msg_iov = &piece, .msg_iovlen = 1 };
    if (fd_count > 0) {
        header.msg_control = control.bytes;
        header.msg_controllen = CMSG_SPACE(sizeof(int) * fd_count);
        struct cmsghdr *part = CMSG_FIRSTHDR(&header);
        part->cmsg_level = SOL_SOCKET;
        part->cmsg_type = SCM_RIGHTS;
        part->cmsg_len = CMSG_LEN(sizeof(int) * fd_count);
        memcpy(CMSG_DATA(part), fds, sizeof(int) * fd_count);
    }
    bool sent
        = !line.overflowed && channel->fd >= 0
          && sendmsg(channel->fd, &header, MSG_NOSIGNAL | MSG_DONTWAIT) == (ssize_t)line.length;
    text_release(&line);
    return sent;
}

bool takeover_send_kind(struct takeover_channel *channel, enum takeover_kind kind)
{
    const struct takeover_message message = { .kind = kind };
    return takeover_send(channel, &message, NULL, 0);
}

/* False: the peer is gone. */
static bool receive_bytes(struct takeover_channel *channel)
{
    union descriptors control = { 0 };
    struct iovec piece = { .iov_base = channel->bytes + channel->length,
        .iov_len = sizeof channel->bytes - channel->length };
    struct msghdr header = { .msg_iov = &piece,
        .msg_iovlen = 1,
        .msg_control = control.bytes,
        .msg_controllen = sizeof control.bytes };
    ssize_t count = recvmsg(channel->fd, &header, MSG_CMSG_CLOEXEC | MSG_DONTWAIT);
    if (count < 0)
        return errno == EAGAIN || errno == EINTR;
    control_take_descriptors(&header, channel->fds, TAKEOVER_FDS_MAX, &channel->fd_count);
    channel->length += (size_t)count;
    return count > 0;
}

/* Cuts the first line off; *ret_good is false for one that is none of ours. */
static bool cut_line(
    struct takeover_channel *channel, struct takeover_message *ret_message, bool *ret_good)
{
    struct problem ignored = { 0 };
    char *newline = memchr(channel->bytes, '\n', channel->length);
    *ret_good = true;
    if (!newline) {
        *ret_good = channel->length < sizeof channel->bytes;
        return false;
    }
    size_t length = (size_t)(newline - channel->bytes);
    *ret_good = takeover_message_read(channel->bytes, length, ret_message, &ignored);
    channel->length -= length + 1;
    memmove(channel->bytes, newline + 1, channel->length);
    return *ret_good;
}

enum takeover_news takeover_receive(struct takeover_channel *channel, int woken, int64_t most_ms,
    struct takeover_message *ret_message)
{
    int64_t end_ms = clock_steady_ms() + most_ms;
    for (;;) {
        bool good;
        if (cut_line(channel, ret_message, &good))
            return TAKEOVER_CAME;
        if (!good)
            return TAKEOVER_GONE;
        struct pollfd asked[]
            = { { .fd = channel->fd, .events = POLLIN }, { .fd = woken, .events = POLLIN } };
        int64_t left_ms = end_ms - clock_steady_ms();
        int ready = poll(asked, 2,
            left_ms < 0           ? 0
            : left_ms > INT32_MAX ? INT32_MAX
                                  : (int)left_ms);
        if (ready < 0 && errno != EINTR)
            return TAKEOVER_GONE;
        if (ready > 0 && asked[1].revents != 0)
            return TAKEOVER_WOKEN;
        if (ready > 0 && !receive_bytes(channel))
            return TAKEOVER_GONE;
        if (ready == 0 && clock_steady_ms() >= end_ms)
            return TAKEOVER_LATE;
    }
}
