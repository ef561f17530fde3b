/* The control socket with a real client, and with hostile ones.  Its commands are the test's own. */
#include "cli/control.h"
#include "../unit.h"

#include "base/files.h"
#include "base/log.h"
#include "cli/control_frame.h"
#include "cli/control_socket.h"
#include "cli/output.h"

#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

static _Atomic int waiting, given_up;

static int echo(struct command_context *context, const struct command_line *line)
{
    command_print(context, "%s %s %s", context->language, line->arguments[0],
        context->password ? context->password : "none");
    command_say(context, "echoed");
    command_progress(context, 500);
    return 7;
}

static int read_file(struct command_context *context, const struct command_line *line)
{
    (void)line;
    char bytes[100];
    ssize_t count = read(context->input_fd, bytes, sizeof bytes);
    command_print_bytes(context, bytes, count > 0 ? (size_t)count : 0);
    return COMMAND_DONE;
}

static int print_much(struct command_context *context, const struct command_line *line)
{
    (void)line;
    for (int i = 0; i < 2000 && !command_abandoned(context); i++)
        command_print(context, "%0999d\n", i);
    return COMMAND_DONE;
}

static int wait_long(struct command_context *context, const struct command_line *line)
{
    (void)line;
    atomic_fetch_add(&waiting, 1);
    /* as seldom as a job is asked about, so that a stop comes in between */
    while (!command_abandoned(context))
        (void)nanosleep(&(struct timespec){ .tv_nsec = 20000000 }, NULL);
    atomic_fetch_add(&given_up, 1);
    return COMMAND_FAILED;
}

static const struct command echo_command = { .name = "say again",
    .arguments = "WORD",
    .arguments_least = 1,
    .arguments_most = 1,
    .takes_password = true,
    .options = { { "loud", NULL, "Loud.", false }, { "text", "TEXT", "Text.", false } },
    .place = COMMAND_STORE,
    .run = echo };
static const struct command file_command = { .name = "read",
    .arguments = "FILE",
    .arguments_least = 1,
    .arguments_most = 1,
    .file_argument = 1,
    .place = COMMAND_STORE,
    .run = read_file };
static const struct command much_command
    = { .name = "much", .arguments = "", .place = COMMAND_STORE, .run = print_much };
static const struct command wait_command
    = { .name = "wait", .arguments = "", .place = COMMAND_STORE, .run = wait_long };
static const struct command alone_command
    = { .name = "alone", .arguments = "", .place = COMMAND_ALONE, .run = echo };

/* In the place of the program's own table, which the linker then leaves out. */
const struct command *const all_commands[]
    = { &echo_command, &file_command, &much_command, &wait_command, &alone_command, NULL };

struct fixture {
    char folder[200]; /* longer than a socket's address */
    char root[64];
    struct settings settings;
    struct control *control;
    struct text out, error;
    int permille;
};

static void hear(void *data, enum command_stream stream, const char *bytes, size_t count)
{
    struct fixture *fixture = data;
    text_append(stream == STREAM_OUT ? &fixture->out : &fixture->error, bytes, count);
}

static void hear_progress(void *data, int permille)
{
    ((struct fixture *)data)->permille = permille;
}

static bool stay(void *data)
{
    (void)data;
    return false;
}

static int set_up(void **state)
{
    struct fixture *fixture = calloc(1, sizeof *fixture);
    struct problem problem = { 0 };
    *state = fixture;
    log_set_level(LOG_ERROR);
    (void)snprintf(fixture->root, sizeof fixture->root, "/tmp/lectern-control-XXXXXX");
    settings_init(&fixture->settings);
    text_init(&fixture->out, 4 << 20);
    text_init(&fixture->error, 10000);
    if (!mkdtemp(fixture->root))
        return -1;
    (void)snprintf(fixture->folder, sizeof fixture->folder, "%s/%0120d", fixture->root, 0);
    const struct control_settings settings
        = { .shared = { .settings = &fixture->settings, .input_fd = -1 }, .listening = -1 };
    bool done = folder_make(fixture->folder, 0700, &problem)
                && settings_set(&fixture->settings, "data", fixture->folder, &problem)
                && (fixture->control = control_start(&settings, &problem));
    return done ? 0 : -1;
}

static int tear_down(void **state)
{
    struct fixture *fixture = *state;
    struct problem problem = { 0 };
    control_stop(fixture->control);
    (void)folder_remove(fixture->root, &problem);
    settings_release(&fixture->settings);
    text_release(&fixture->out);
    text_release(&fixture->error);
    free(fixture);
    return 0;
}

static enum control_reply call(struct fixture *fixture, const struct command_line *line,
    const char *password, int input_fd, int *ret_exit)
{
    const struct command_output output = { hear, hear_progress, stay, fixture };
    const struct command_context context = { .settings = &fixture->settings,
        .language = "vi",
        .password = password,
        .input_fd = input_fd,
        .output = &output };
    struct problem problem = { 0 };
    return control_call(fixture->folder, line, &context, ret_exit, &problem);
}

static void a_command_runs_in_the_server_and_its_words_come_back(void **state)
{
    struct fixture *fixture = *state;
    static char say[] = "say", again[] = "again", text[] = "--text=", loud[] = "--loud";
    static char end[] = "--", word[] = "--h\xc3\xa9";
    char *const words[] = { say, again, text, loud, end, word };
    struct command_line line;
    struct problem problem = { 0 };
    int code = -1;
    assert_int_equal(
        command_line_parse(all_commands, COUNT_OF(words), words, &line, &problem), PARSE_RUN);
    assert_int_equal(call(fixture, &line, "a secret", -1, &code), CONTROL_ANSWERED);
    assert_int_equal(code, 7);
    assert_string_equal(fixture->out.bytes, "vi --h\xc3\xa9 a secret");
    assert_string_equal(fixture->error.bytes, "lectern: echoed\n");
    assert_int_equal(fixture->permille, 500);
}

static void a_file_comes_as_a_descriptor(void **state)
{
    struct fixture *fixture = *state;
    const struct command_line line
        = { .command = &file_command, .arguments = { "/no/such/file" }, .argument_count = 1 };
    int pipes[2], code = -1;
    assert_int_equal(pipe(pipes), 0);
    assert_int_equal(write(pipes[1], "content", 7), 7);
    assert_int_equal(call(fixture, &line, NULL, pipes[0], &code), CONTROL_ANSWERED);
    assert_int_equal(code, COMMAND_DONE);
    assert_string_equal(fixture->out.bytes, "content");
    assert_int_equal(close(pipes[0]) | close(pipes[1]), 0);
}

static void long_output_comes_whole(void **state)
{
    struct fixture *fixture = *state;
    const struct command_line line = { .command = &much_command };
    int code = -1;
    assert_int_equal(call(fixture, &line, NULL, -1, &code), CONTROL_ANSWERED);
    assert_int_equal(code, COMMAND_DONE);
    assert_int_equal(fixture->out.length, 2000 * 1000);
}

static void without_a_server_nobody_answers(void **state)
{
    struct fixture *fixture = *state;
    const struct command_line line = { .command = &much_command };
    int code = -1;
    control_stop(fixture->control);
    fixture->control = NULL;
    assert_int_equal(call(fixture, &line, NULL, -1, &code), CONTROL_NO_SERVER);
}

static void a_socket_that_a_killed_server_left_is_replaced(void **state)
{
    struct fixture *fixture = *state;
    struct problem problem = { 0 };
    const struct command_line line = { .command = &much_command };
    int code = -1;
    control_stop(fixture->control);
    int left = control_listen(fixture->folder, &problem);
    assert_true(left >= 0);
    assert_int_equal(close(left), 0); /* the file stays, as after kill -9 */
    assert_int_equal(call(fixture, &line, NULL, -1, &code), CONTROL_NO_SERVER);
    const struct control_settings settings
        = { .shared = { .settings = &fixture->settings, .input_fd = -1 }, .listening = -1 };
    fixture->control = control_start(&settings, &problem);
    assert_non_null(fixture->control);
    assert_int_equal(call(fixture, &line, NULL, -1, &code), CONTROL_ANSWERED);
}

static void who_calls_in_a_pause_waits_and_is_served(void **state)
{
    struct fixture *fixture = *state;
    char answer[400];
    static const char request[] = "{\"argv\":[\"format\"]}\n";
    control_pause(fixture->control);
    (void)nanosleep(&(struct timespec){ .tv_nsec = 20000000 }, NULL);
    int fd = control_connect(fixture->folder);
    assert_true(fd >= 0 && control_send_all(fd, request, sizeof request - 1));
    struct pollfd asked = { .fd = fd, .events = POLLIN };
    assert_int_equal(poll(&asked, 1, 50), 0);
    control_resume(fixture->control);
    assert_int_equal(poll(&asked, 1, 10000), 1);
    assert_true(read(fd, answer, sizeof answer) > 0);
    assert_int_equal(close(fd), 0);
}

/* As in a takeover: the same listening socket, without a moment in which nobody is there. */
static void a_socket_that_is_given_away_stays(void **state)
{
    struct fixture *fixture = *state;
    struct problem problem = { 0 };
    const struct command_line line = { .command = &much_command };
    int code = -1;
    const struct control_settings settings
        = { .shared = { .settings = &fixture->settings, .input_fd = -1 },
              .listening = dup(control_lend_socket(fixture->control)) };
    struct control *heir = control_start(&settings, &problem);
    assert_non_null(heir);
    control_pause(fixture->control);
    control_give_away(fixture->control, true);
    control_stop(fixture->control);
    fixture->control = heir;
    assert_int_equal(call(fixture, &line, NULL, -1, &code), CONTROL_ANSWERED);
}

static void nobody_else_can_reach_the_socket(void **state)
{
    struct fixture *fixture = *state;
    char path[300];
    struct stat facts;
    (void)snprintf(path, sizeof path, "%s/%s", fixture->folder, CONTROL_SOCKET);
    assert_int_equal(stat(path, &facts), 0);
    assert_int_equal(facts.st_mode & 07777, 0600);
}

/* Sends bytes, and gives what came back until the server closed; "" when nothing did. */
static const char *exchange_bytes(
    const struct fixture *fixture, const char *bytes, size_t count, char *ret_answer, size_t size)
{
    int fd = control_connect(fixture->folder);
    assert_true(fd >= 0);
    (void)control_send_all(fd, bytes, count);
    (void)shutdown(fd, SHUT_WR);
    size_t used = 0;
    ssize_t got;
    while (used + 1 < size && (got = read(fd, ret_answer + used, size - 1 - used)) > 0)
        used += (size_t)got;
    ret_answer[used] = '\0';
    assert_int_equal(close(fd), 0);
    return ret_answer;
}

static void hostile_bytes_are_refused_and_the_next_command_works(void **state)
{
    struct fixture *fixture = *state;
    static const struct {
        const char *story, *sent, *answered;
    } cases[] = {
        { "nothing", "", "" },
        { "half a request", "{\"argv\":[\"mu", "" },
        { "garbage", "\x01\xff\xfe\n", "" },
        { "HTTP", "GET / HTTP/1.1\r\nHost: localhost\r\n\r\n", "" },
        { "unknown command", "{\"argv\":[\"format\"]}\n", "\"exit\":64" },
        { "a command that runs alone", "{\"argv\":[\"alone\"]}\n", "\"exit\":64" },
        { "help", "{\"argv\":[\"--help\"]}\n", "\"exit\":64" },
        { "settings of its own", "{\"argv\":[\"much\",\"--set\",\"data=/tmp\"]}\n", "\"exit\":64" },
        { "a file without a descriptor", "{\"argv\":[\"read\",\"/etc/passwd\"]}\n", "\"exit\":1" },
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        char answer[4000];
        exchange_bytes(fixture, cases[i].sent, strlen(cases[i].sent), answer, sizeof answer);
        if (!strstr(answer, cases[i].answered)
            || (cases[i].answered[0] == '\0' && answer[0] != '\0'))
            fail_msg("%s: '%s'", cases[i].story, answer);
        /* a peer that leaves gets no progress, so the command below cannot be one of these */
        assert_null(strstr(answer, "root:"));
    }
    const struct command_line line = { .command = &much_command };
    int code = -1;
    assert_int_equal(call(fixture, &line, NULL, -1, &code), CONTROL_ANSWERED);
}

static void a_request_without_end_is_cut_off(void **state)
{
    struct fixture *fixture = *state;
    static char endless[CONTROL_REQUEST_BYTES_MAX * 4];
    char answer[100];
    memset(endless, 'a', sizeof endless);
    assert_string_equal(
        exchange_bytes(fixture, endless, sizeof endless, answer, sizeof answer), "");
}

static int begin_waiting(const struct fixture *fixture)
{
    static const char request[] = "{\"argv\":[\"wait\"]}\n";
    int before = atomic_load(&waiting), fd = control_connect(fixture->folder);
    assert_true(fd >= 0);
    assert_true(control_send_all(fd, request, sizeof request - 1));
    for (int i = 0; i < 5000 && atomic_load(&waiting) == before; i++)
        (void)nanosleep(&(struct timespec){ .tv_nsec = 1000000 }, NULL);
    assert_int_equal(atomic_load(&waiting), before + 1);
    return fd;
}

static void who_goes_away_ends_the_waiting(void **state)
{
    struct fixture *fixture = *state;
    int before = atomic_load(&given_up);
    assert_int_equal(close(begin_waiting(fixture)), 0);
    for (int i = 0; i < 5000 && atomic_load(&given_up) == before; i++)
        (void)nanosleep(&(struct timespec){ .tv_nsec = 1000000 }, NULL);
    assert_int_equal(atomic_load(&given_up), before + 1);
}

static void a_stopping_server_ends_waiting_and_silent_calls(void **state)
{
    struct fixture *fixture = *state;
    int fd = begin_waiting(fixture), silent = control_connect(fixture->folder);
    char answer[200] = "";
    control_stop(fixture->control);
    fixture->control = NULL;
    assert_true(read(fd, answer, sizeof answer - 1) > 0);
    assert_non_null(strstr(answer, "\"exit\":1"));
    assert_int_equal(close(fd) | close(silent), 0);
}

static void more_commands_than_there_is_room_for_are_told_to_wait(void **state)
{
    struct fixture *fixture = *state;
    const struct command_line line = { .command = &much_command };
    int fds[CONTROL_COMMANDS_MAX], code = -1;
    for (size_t i = 0; i < COUNT_OF(fds); i++)
        fds[i] = begin_waiting(fixture);
    assert_int_equal(call(fixture, &line, NULL, -1, &code), CONTROL_ANSWERED);
    assert_int_equal(code, COMMAND_FAILED);
    assert_non_null(strstr(fixture->error.bytes, "busy"));
    int before = atomic_load(&given_up);
    assert_int_equal(close(fds[0]), 0);
    for (int i = 0; i < 5000 && atomic_load(&given_up) == before; i++)
        (void)nanosleep(&(struct timespec){ .tv_nsec = 1000000 }, NULL);
    for (int i = 0; i < 1000 && code != COMMAND_DONE; i++) {
        (void)nanosleep(&(struct timespec){ .tv_nsec = 1000000 }, NULL);
        assert_int_equal(call(fixture, &line, NULL, -1, &code), CONTROL_ANSWERED);
    }
    assert_int_equal(code, COMMAND_DONE);
    for (size_t i = 1; i < COUNT_OF(fds); i++)
        assert_int_equal(close(fds[i]), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(
            a_command_runs_in_the_server_and_its_words_come_back, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_file_comes_as_a_descriptor, set_up, tear_down),
        cmocka_unit_test_setup_teardown(long_output_comes_whole, set_up, tear_down),
        cmocka_unit_test_setup_teardown(without_a_server_nobody_answers, set_up, tear_down),
        cmocka_unit_test_setup_teardown(
            a_socket_that_a_killed_server_left_is_replaced, set_up, tear_down),
        cmocka_unit_test_setup_teardown(
            who_calls_in_a_pause_waits_and_is_served, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_socket_that_is_given_away_stays, set_up, tear_down),
        cmocka_unit_test_setup_teardown(nobody_else_can_reach_the_socket, set_up, tear_down),
        cmocka_unit_test_setup_teardown(
            hostile_bytes_are_refused_and_the_next_command_works, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_request_without_end_is_cut_off, set_up, tear_down),
        cmocka_unit_test_setup_teardown(who_goes_away_ends_the_waiting, set_up, tear_down),
        cmocka_unit_test_setup_teardown(
            a_stopping_server_ends_waiting_and_silent_calls, set_up, tear_down),
        cmocka_unit_test_setup_teardown(
            more_commands_than_there_is_room_for_are_told_to_wait, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
