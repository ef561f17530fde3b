/* What two servers say to each other in a takeover: read strictly, and descriptors come along. */
#include "cli/takeover_message.h"
#include "../unit.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

static void what_is_written_is_read_again(void **state)
{
    (void)state;
    static const struct takeover_message messages[] = {
        { .kind = TAKEOVER_ASKED, .protocol = 1, .schema = 3, .program = "0.2.0" },
        { .kind = TAKEOVER_REFUSED, .sentence = "Not \"now\"." },
        { .kind = TAKEOVER_SOCKETS, .socket_count = 64, .plain = true, .run_id = 17 },
        { .kind = TAKEOVER_SOCKETS, .socket_count = 1, .run_id = INT64_MAX },
        { .kind = TAKEOVER_SOCKETS, .socket_count = 1, .run_id = 1, .tickets = true },
        { .kind = TAKEOVER_READY },
        { .kind = TAKEOVER_GO },
        { .kind = TAKEOVER_ENDED },
        { .kind = TAKEOVER_RELEASED },
    };
    for (size_t i = 0; i < COUNT_OF(messages); i++) {
        struct takeover_message read;
        struct problem problem = { 0 };
        struct text line;
        text_init(&line, TAKEOVER_LINE_MAX);
        takeover_message_write(&messages[i], &line);
        if (!takeover_message_read(line.bytes, line.length, &read, &problem)
            || read.kind != messages[i].kind || read.protocol != messages[i].protocol
            || read.schema != messages[i].schema || read.plain != messages[i].plain
            || read.tickets != messages[i].tickets || read.socket_count != messages[i].socket_count
            || read.run_id != messages[i].run_id || strcmp(read.program, messages[i].program) != 0
            || strcmp(read.sentence, messages[i].sentence) != 0)
            fail_msg("%s: %s", line.bytes, problem.detail);
        text_release(&line);
    }
}

static void anything_else_is_refused(void **state)
{
    (void)state;
    static const char *const lines[] = { "", "{}", "[]", "true", "{\"ready\":false}",
        "{\"ready\":true,\"go\":true}", "{\"ready\":1}", "{\"gone\":true}", "{\"argv\":[\"list\"]}",
        "{\"take_over\":1}", "{\"take_over\":0,\"schema\":1,\"program\":\"1\"}",
        "{\"take_over\":1,\"schema\":1,\"program\":\"1\",\"more\":1}",
        "{\"take_over\":1,\"schema\":-1,\"program\":\"1\"}",
        "{\"take_over\":1,\"schema\":1,\"program\":\"a\\nb\"}",
        "{\"sockets\":0,\"plain\":true,\"run\":1}", "{\"sockets\":65,\"plain\":true,\"run\":1}",
        "{\"sockets\":2,\"plain\":true,\"run\":1,\"tickets\":false}",
        "{\"sockets\":2,\"plain\":true,\"run\":1,\"tickets\":1}",
        "{\"sockets\":2,\"plain\":true,\"run\":1,\"tickets\":true,\"more\":1}",
        "{\"sockets\":2,\"plain\":1,\"run\":1}", "{\"sockets\":2,\"plain\":true,\"run\":0}",
        "{\"refused\":\"\\u001b[31m\"}", "{\"refused\":1}" };
    for (size_t i = 0; i < COUNT_OF(lines); i++) {
        struct takeover_message message;
        struct problem problem = { 0 };
        if (takeover_message_read(lines[i], strlen(lines[i]), &message, &problem))
            fail_msg("taken: %s", lines[i]);
    }
}

struct ends {
    struct takeover_channel old, young;
};

static void connect_ends(struct ends *ends)
{
    int fds[2];
    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fds), 0);
    takeover_channel_init(&ends->old, fds[0]);
    takeover_channel_init(&ends->young, fds[1]);
}

static void descriptors_come_along_in_their_order(void **state)
{
    (void)state;
    struct ends ends;
    int fds[TAKEOVER_FDS_MAX];
    struct stat sent, came;
    const struct takeover_message message
        = { .kind = TAKEOVER_SOCKETS, .socket_count = SERVER_SOCKETS_MAX, .run_id = 1 };
    struct takeover_message received;
    connect_ends(&ends);
    for (size_t i = 0; i < COUNT_OF(fds); i++)
        fds[i] = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    assert_true(takeover_send(&ends.old, &message, fds, COUNT_OF(fds)));
    assert_int_equal(takeover_receive(&ends.young, -1, 1000, &received), TAKEOVER_CAME);
    assert_int_equal(ends.young.fd_count, COUNT_OF(fds));
    for (size_t i = 0; i < COUNT_OF(fds); i++) {
        assert_int_equal(fstat(fds[i], &sent) | fstat(ends.young.fds[i], &came), 0);
        assert_int_equal(sent.st_ino, came.st_ino);
        assert_int_equal(fcntl(ends.young.fds[i], F_GETFD) & FD_CLOEXEC, FD_CLOEXEC);
        (void)close(fds[i]);
    }
    takeover_channel_close(&ends.young);
    takeover_channel_close(&ends.old);
}

static void every_outcome_of_waiting_is_told_apart(void **state)
{
    (void)state;
    struct ends ends;
    struct takeover_message message;
    int woken[2];
    connect_ends(&ends);
    assert_int_equal(pipe2(woken, O_CLOEXEC), 0);
    assert_int_equal(takeover_receive(&ends.young, woken[0], 20, &message), TAKEOVER_LATE);
    /* Two lines in one piece are two messages. */
    assert_true(takeover_send_kind(&ends.old, TAKEOVER_GO));
    assert_true(takeover_send_kind(&ends.old, TAKEOVER_ENDED));
    assert_int_equal(takeover_receive(&ends.young, woken[0], 1000, &message), TAKEOVER_CAME);
    assert_int_equal(message.kind, TAKEOVER_GO);
    assert_int_equal(write(woken[1], "x", 1), 1);
    assert_int_equal(takeover_receive(&ends.young, woken[0], 1000, &message), TAKEOVER_CAME);
    assert_int_equal(message.kind, TAKEOVER_ENDED);
    assert_int_equal(takeover_receive(&ends.young, woken[0], 1000, &message), TAKEOVER_WOKEN);
    takeover_channel_close(&ends.old);
    assert_int_equal(takeover_receive(&ends.young, -1, 1000, &message), TAKEOVER_GONE);
    assert_false(takeover_send_kind(&ends.young, TAKEOVER_READY));
    takeover_channel_close(&ends.young);
    (void)close(woken[0]);
    (void)close(woken[1]);
}

static void a_peer_out_of_its_senses_is_gone(void **state)
{
    (void)state;
    static char endless[TAKEOVER_LINE_MAX + 10];
    static const char *const garbage[] = { "GET / HTTP/1.1\r\n", endless };
    memset(endless, 'a', sizeof endless - 1);
    for (size_t i = 0; i < COUNT_OF(garbage); i++) {
        struct ends ends;
        struct takeover_message message;
        connect_ends(&ends);
        assert_true(write(ends.old.fd, garbage[i], strlen(garbage[i])) > 0);
        assert_int_equal(takeover_receive(&ends.young, -1, 1000, &message), TAKEOVER_GONE);
        takeover_channel_close(&ends.old);
        takeover_channel_close(&ends.young);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_written_is_read_again),
        cmocka_unit_test(anything_else_is_refused),
        cmocka_unit_test(descriptors_come_along_in_their_order),
        cmocka_unit_test(every_outcome_of_waiting_is_told_apart),
        cmocka_unit_test(a_peer_out_of_its_senses_is_gone),
    };
    return cmocka_run_group_tests_name("takeover_message", tests, NULL, NULL);
}
