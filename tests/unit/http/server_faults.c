/*
 * Everything that a request needs fails, once at each use: the server lives, answers wrong to
 * nobody, serves the next who comes, and leaks nothing (AddressSanitizer looks at the end).
 *
 * Each run makes the n-th use fail, n = 1, 2, 3, ..., until a run needs no n-th.  Where runs are
 * many, the gate takes each so-manieth; FAULTS=all in the environment takes each, FAULTS=few
 * a tenth.
 */
#include "fault_client.h"
#include "faults.h"
#include "test_server.h"

#include "../unit.h"
#include "base/files.h"
#include "base/json.h"
#include "base/memory.h"
#include "http/file_body.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { FILE_BYTES = 300000, ALL = 1 };

static struct test_server test;
static char file_path[100];
static char memory_bytes[40000];

static void get_memory(struct exchange *exchange)
{
    static const struct representation representation = {
        .content_type = "text/html", .etag = "\"v1\"", .last_modified_ms = 1000, .ranges = true
    };
    exchange_send_memory(exchange, &representation,
        (struct body_memory){ .bytes = memory_bytes, .count = sizeof memory_bytes });
}

static void open_file(struct exchange *exchange)
{
    exchange->state = media_map_open(file_path, &exchange->problem);
}

static void send_file(struct exchange *exchange)
{
    static const struct representation representation = {
        .content_type = "video/mp4", .etag = "\"f1\"", .last_modified_ms = 1000, .ranges = true
    };
    if (exchange->state)
        exchange_send_file(exchange, &representation,
            (struct body_file){ .map = exchange->state, .offset = 0, .count = FILE_BYTES });
    else
        exchange_send_problem(exchange, &exchange->problem);
}

static void get_file(struct exchange *exchange)
{
    exchange_run_blocking(exchange, POOL_DISK, open_file, send_file);
}

static void echo(struct exchange *exchange)
{
    (void)exchange_cookie(exchange, "a");
    (void)exchange_query(exchange, "a");
    exchange_send(exchange, 200, "text/plain", exchange->body, exchange->body_bytes);
}

/* An answer of some size, in gzip where that is taken. */
static void answer_json(struct exchange *exchange)
{
    json_t *value = json_read_object(exchange->body, exchange->body_bytes, &exchange->problem);
    if (!value) {
        exchange_send_problem(exchange, &exchange->problem);
        return;
    }
    json_t *list = json_array();
    for (int i = 0; i < 40; i++)
        json_array_append_new(list, json_pack("{s:i, s:s}", "number", i, "name", "a lecture"));
    json_object_set_new(value, "list", list);
    exchange_send_json(exchange, 200, value);
}

static void piece_came(struct exchange *exchange, const void *bytes, size_t count)
{
    (void)bytes;
    size_t *sum = exchange->state;
    *sum += count;
}

static void body_ended(struct exchange *exchange, bool complete)
{
    const size_t *sum = exchange->state;
    const char *text = arena_printf(&exchange->arena, "%zu", *sum);
    exchange_send(exchange, complete ? 200 : 400, "text/plain", text, strlen(text));
}

static void take_stream(struct exchange *exchange)
{
    static const struct body_reader reader = { piece_came, body_ended };
    exchange->state = arena_alloc(&exchange->arena, sizeof(size_t));
    exchange_read_body(exchange, &reader);
}

static const struct route routes[] = {
    { HTTP_GET, "/memory", 0, BODY_NONE, 0, get_memory },
    { HTTP_GET, "/file", 0, BODY_NONE, 0, get_file },
    { HTTP_POST, "/echo", 0, BODY_WHOLE, 30000, echo },
    { HTTP_POST, "/json", 0, BODY_WHOLE, 30000, answer_json },
    { HTTP_PUT, "/stream", 0, BODY_STREAMED, 0, take_stream },
};

static char long_body[20001];

static const struct client_request requests[] = {
    { "GET", "/memory", { { "cookie", "a=b; c=d" } }, NULL, false, false },
    { "HEAD", "/memory", { { NULL } }, NULL, false, false },
    { "GET", "/memory", { { "if-none-match", "\"v1\"" } }, NULL, false, false },
    { "GET", "/memory", { { "range", "bytes=100-30000" } }, NULL, false, false },
    { "GET", "/memory", { { "range", "bytes=9-99999" } }, NULL, false, true },
    { "GET", "/file", { { NULL } }, NULL, false, false },
    { "GET", "/file", { { "range", "bytes=200000-" } }, NULL, false, false },
    { "POST", "/echo?a=%20b", { { "cookie", "x=y" } }, "a short body", true, false },
    { "POST", "/echo", { { "content-type", "text/plain" } }, long_body, false, false },
    { "POST", "/json", { { "accept-encoding", "gzip" } }, "{\"name\": \"of a lecture\"}", false,
        false },
    { "POST", "/json", { { NULL } }, "{\"name\": \"of a lecture\"}", false, false },
    { "PUT", "/stream", { { NULL } }, long_body, true, false },
    { "GET", "/nowhere", { { NULL } }, NULL, false, false },
    { "DELETE", "/memory", { { NULL } }, NULL, false, false },
};
enum { REQUESTS = sizeof requests / sizeof requests[0] };

struct scenario {
    const char *name;
    bool (*run)(
        int port, const struct client_request *all, size_t count, struct client_answer *answers);
    size_t first, count;
    struct client_answer expected[REQUESTS];
};
static struct scenario over_http1 = { "HTTP/1.1", client_run_http1, 0, REQUESTS, { { 0 } } };
static struct scenario over_http2 = { "HTTP/2", client_run_http2, 0, REQUESTS, { { 0 } } };
static struct scenario handshake = { "a handshake", client_run_http1, 0, 1, { { 0 } } };
static struct scenario files = { "files", client_run_http1, 5, 2, { { 0 } } };

/* As after a restart: nothing is mapped, and what can be cold is. */
static void make_cold(void)
{
    int fd = open(file_path, O_RDONLY | O_CLOEXEC);
    media_map_forget(test.folder);
    (void)posix_fadvise(fd, 0, 0, POSIX_FADV_DONTNEED);
    (void)close(fd);
}

static bool run(const struct scenario *scenario, struct client_answer *answers)
{
    make_cold();
    return scenario->run(
        server_port(test.server), requests + scenario->first, scenario->count, answers);
}

static bool is_begun(const struct client_answer *got, const struct client_answer *right)
{
    return got->status == right->status && got->body.length <= right->body.length
           && (got->body.length == 0
               || memcmp(got->body.bytes, right->body.bytes, got->body.length) == 0)
           && (!got->whole || got->body.length == right->body.length);
}

/* What came is the right answer as far as it came; else it says why not. */
static void judge(const struct scenario *scenario, const struct client_answer *answers,
    bool disturbed, const char *where)
{
    for (size_t i = 0; i < scenario->count; i++) {
        const struct client_answer *got = &answers[i], *right = &scenario->expected[i];
        const struct client_request *request = &requests[scenario->first + i];
        bool same = is_begun(got, right);
        /* Without memory for gzip it is sent as it is: the next request says how that looks. */
        if (request->fields[0][0] && strcmp(request->fields[0][0], "accept-encoding") == 0)
            same = same || is_begun(got, right + 1);
        /* Reset before or behind its answer, as it happens; and a problem names its request. */
        bool open_end = request->reset || right->status >= 400;
        if (disturbed && (got->status == 0 || got->status == 503))
            continue;
        if (open_end ? got->status == 0 || got->status == right->status : same)
            if (disturbed || got->whole || request->reset)
                continue;
        fail_msg("%s, %s: %s %s gave %d (%zu bytes%s) instead of %d (%zu bytes)", where,
            scenario->name, request->method, request->path, got->status, got->body.length,
            got->whole ? "" : ", cut off", right->status, right->body.length);
    }
}

static void learn(struct scenario *scenario)
{
    assert_true(run(scenario, scenario->expected));
    for (size_t i = 0; i < scenario->count; i++)
        if (!requests[scenario->first + i].reset)
            assert_true(scenario->expected[i].whole);
}

static bool undisturbed(const struct scenario *scenario, const char *where)
{
    struct client_answer answers[REQUESTS];
    bool connected = run(scenario, answers);
    if (!connected)
        fail_msg("%s, %s: no connection behind it", where, scenario->name);
    judge(scenario, answers, false, where);
    client_release(answers, scenario->count);
    return connected;
}

/* A fault that the peer must not notice, or one that may cost it the answer. */
enum harm { HARMLESS, HARMFUL };

/* One use after the other fails; the number of the first that was not needed. */
static unsigned long fail_each(struct scenario *scenario, enum fault_site site, unsigned long step,
    int error_number, enum harm harm)
{
    unsigned long runs = 0, nth = 1;
    bool more = true;
    const char *wanted = getenv("FAULTS");
    if (wanted && strcmp(wanted, "all") == 0)
        step = ALL;
    if (wanted && strcmp(wanted, "few") == 0)
        step *= 10;
    for (; more; nth += step, runs++) {
        struct client_answer answers[REQUESTS];
        char where[80];
        (void)snprintf(
            where, sizeof where, "site %d, %s, use %lu", (int)site, strerror(error_number), nth);
        faults_arm(site, nth, 1, error_number);
        bool connected = run(scenario, answers);
        more = faults_disarm();
        if (!connected && harm == HARMLESS)
            fail_msg("%s, %s: no connection", where, scenario->name);
        judge(scenario, answers, more && harm == HARMFUL, where);
        client_release(answers, scenario->count);
        (void)undisturbed(&handshake, where);
    }
    print_message(
        "%s: site %d, %s: %lu runs\n", scenario->name, (int)site, strerror(error_number), runs);
    return nth;
}

static void memory_may_fail(void **state)
{
    (void)state;
    assert_true(fail_each(&over_http1, FAULT_MEMORY, 3, ENOMEM, HARMFUL) > 50);
    assert_true(fail_each(&over_http2, FAULT_MEMORY, 3, ENOMEM, HARMFUL) > 50);
}

/* No memory at all for a while: what comes is answered from the reserve, or closed. */
static void a_server_without_memory_says_so_and_lives(void **state)
{
    (void)state;
    struct client_answer answers[2];
    const struct client_request twice[] = { requests[0], requests[0] };
    bool busy = false;
    for (int i = 0; i < 5; i++) {
        faults_make_scarce();
        if (client_run_http1(server_port(test.server), twice, 2, answers))
            busy = busy || answers[0].status == 503 || answers[1].status == 503;
        client_release(answers, 2);
        if (client_run_http2(server_port(test.server), twice, 2, answers))
            busy = busy || answers[0].status == 503 || answers[1].status == 503;
        client_release(answers, 2);
        assert_true(faults_disarm());
        (void)undisturbed(&over_http1, "behind a shortage");
    }
    assert_true(busy);
}

static void memory_of_libraries_may_fail(void **state)
{
    (void)state;
    assert_true(fail_each(&handshake, FAULT_OPENSSL, 3, ENOMEM, HARMFUL) > 20);
    assert_true(fail_each(&over_http1, FAULT_OPENSSL, 29, ENOMEM, HARMFUL) > 2);
    assert_true(fail_each(&over_http1, FAULT_ZLIB, ALL, ENOMEM, HARMFUL) > 1);
    (void)fail_each(&over_http2, FAULT_LIBEVENT, ALL, ENOMEM, HARMFUL);
}

static void bytes_come_and_go_in_any_pieces(void **state)
{
    (void)state;
    faults_shorten(1);
    (void)undisturbed(&handshake, "bytes one by one");
    static const size_t sizes[] = { 13, 1000, 16384, 16385 };
    for (size_t i = 0; i < COUNT_OF(sizes); i++) {
        faults_shorten(sizes[i]);
        (void)undisturbed(&over_http1, "in pieces");
        (void)undisturbed(&over_http2, "in pieces");
    }
    faults_shorten(0);
}

static void sockets_may_say_no(void **state)
{
    (void)state;
    static const struct {
        int error_number;
        enum harm harm;
    } cases[] = { { EINTR, HARMLESS }, { EAGAIN, HARMLESS }, { ECONNRESET, HARMFUL } };
    struct scenario *scenarios[] = { &over_http1, &over_http2 };
    for (size_t i = 0; i < COUNT_OF(cases); i++)
        for (size_t k = 0; k < COUNT_OF(scenarios); k++) {
            int error_number = cases[i].error_number;
            assert_true(fail_each(scenarios[k], FAULT_RECV, ALL, error_number, cases[i].harm) > 3);
            error_number = error_number == ECONNRESET ? EPIPE : error_number;
            assert_true(fail_each(scenarios[k], FAULT_SEND, ALL, error_number, cases[i].harm) > 3);
        }
}

/* The kernel takes a part and is full then: the rest goes when there is room again. */
static void a_rest_is_kept_and_sent(void **state)
{
    (void)state;
    faults_shorten(5000);
    assert_true(fail_each(&over_http1, FAULT_SEND, 3, EAGAIN, HARMLESS) > 30);
    assert_true(fail_each(&over_http2, FAULT_SEND, 3, EAGAIN, HARMLESS) > 30);
    faults_shorten(0);
}

static void a_connection_that_cannot_be_accepted_waits(void **state)
{
    (void)state;
    static const int errors[] = { EMFILE, ENFILE, ENOMEM, ECONNABORTED, EPROTO, EAGAIN };
    for (size_t i = 0; i < COUNT_OF(errors); i++)
        assert_true(fail_each(&handshake, FAULT_ACCEPT, ALL, errors[i], HARMLESS) > 1);
}

static void a_file_that_cannot_be_read_costs_its_answer(void **state)
{
    (void)state;
    assert_true(fail_each(&files, FAULT_OPEN, ALL, EMFILE, HARMFUL) > 1);
    assert_true(fail_each(&files, FAULT_MMAP, ALL, ENOMEM, HARMFUL) > 1);
    (void)fail_each(&files, FAULT_MADVISE, ALL, EFAULT, HARMFUL);
    (void)fail_each(&files, FAULT_MADVISE, ALL, EIO, HARMLESS);
}

static void a_timer_or_socket_that_cannot_be_watched_costs_its_connection(void **state)
{
    (void)state;
    assert_true(fail_each(&over_http1, FAULT_EVENT_ADD, ALL, ENOMEM, HARMFUL) > 3);
    assert_true(fail_each(&over_http2, FAULT_EVENT_ADD, ALL, ENOSPC, HARMFUL) > 3);
}

/* A loop without a thread of its own: the others serve who comes to its socket. */
static void a_thread_may_be_missing(void **state)
{
    (void)state;
    static const char *const changes[] = { "loops", "3", NULL };
    for (unsigned long nth = 1; nth <= 2; nth++) {
        struct test_server other;
        struct client_answer answer;
        faults_arm(FAULT_THREAD, nth, 1, EAGAIN);
        test_server_start(&other, routes, COUNT_OF(routes), changes);
        for (int i = 0; i < 10; i++) {
            assert_true(client_run_http1(server_port(other.server), requests, 1, &answer));
            assert_int_equal(answer.status, 200);
            client_release(&answer, 1);
        }
        assert_true(faults_disarm());
        test_server_stop(&other);
    }
}

int main(int argument_count, char **arguments)
{
    if (argument_count > 1)
        cmocka_set_test_filter(arguments[1]);
    faults_install();
    faults_spare_this_thread();
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(memory_may_fail),
        cmocka_unit_test(a_server_without_memory_says_so_and_lives),
        cmocka_unit_test(memory_of_libraries_may_fail),
        cmocka_unit_test(bytes_come_and_go_in_any_pieces),
        cmocka_unit_test(sockets_may_say_no),
        cmocka_unit_test(a_rest_is_kept_and_sent),
        cmocka_unit_test(a_connection_that_cannot_be_accepted_waits),
        cmocka_unit_test(a_file_that_cannot_be_read_costs_its_answer),
        cmocka_unit_test(a_timer_or_socket_that_cannot_be_watched_costs_its_connection),
        cmocka_unit_test(a_thread_may_be_missing),
    };
    static const char *const changes[] = { "loops", "1", NULL };
    for (size_t i = 0; i < sizeof memory_bytes; i++)
        memory_bytes[i] = (char)('a' + i * i % 26);
    memset(long_body, 'x', sizeof long_body - 1);
    test_server_start(&test, routes, COUNT_OF(routes), changes);
    sigset_t broken_pipe;
    (void)sigemptyset(&broken_pipe);
    (void)sigaddset(&broken_pipe, SIGPIPE);
    (void)pthread_sigmask(SIG_BLOCK, &broken_pipe, NULL); /* of this thread, the client, only */
    char *file_bytes = memory_alloc(FILE_BYTES);
    for (size_t i = 0; i < FILE_BYTES; i++)
        file_bytes[i] = (char)('A' + i * i % 23);
    struct problem problem = { 0 };
    (void)snprintf(file_path, sizeof file_path, "%s/file.mp4", test.folder);
    if (!file_write_whole(file_path, file_bytes, FILE_BYTES, 0600, &problem))
        return 1;
    free(file_bytes);
    struct scenario *scenarios[] = { &over_http1, &over_http2, &handshake, &files };
    for (size_t i = 0; i < COUNT_OF(scenarios); i++)
        learn(scenarios[i]);
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    for (size_t i = 0; i < COUNT_OF(scenarios); i++)
        client_release(scenarios[i]->expected, scenarios[i]->count);
    test_server_stop(&test);
    return failed;
}
