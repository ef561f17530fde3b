/* What happens over time: uploads that pause, peers that vanish, a server that stops. */
#include "test_server.h"

#include "base/clock.h"
#include "base/files.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include <cmocka.h>

enum { UPLOAD_BYTES = 50 * 1024 * 1024, PAUSE_EVERY_BYTES = 1024 * 1024 };

static struct test_server test;
static atomic_int gate, works, dones, pieces, finished_whole, finished_broken, ended_broken,
    given_while_paused;

static void wait_for(atomic_int *value, int wanted)
{
    for (int i = 0; i < 1000 && atomic_load(value) < wanted; i++)
        (void)usleep(10000);
    assert_int_equal(atomic_load(value), wanted);
}

static void note_finished(
    struct exchange *exchange, const struct exchange_outcome *outcome, void *data)
{
    (void)exchange;
    (void)data;
    atomic_fetch_add(outcome->complete ? &finished_whole : &finished_broken, 1);
}

/* A handler whose work lasts until the test opens the gate. */
static void wait_at_gate(struct exchange *exchange)
{
    (void)exchange;
    atomic_fetch_add(&works, 1);
    for (int i = 0; i < 1000 && !atomic_load(&gate); i++)
        (void)usleep(10000);
}

static void answer_slowly(struct exchange *exchange)
{
    atomic_fetch_add(&dones, 1);
    exchange_send(exchange, 200, "text/plain", "slow", 4);
}

static void get_slow(struct exchange *exchange)
{
    exchange_on_finished(exchange, note_finished, NULL);
    exchange_run_blocking(exchange, POOL_STORE, wait_at_gate, answer_slowly);
}

struct upload {
    uint64_t bytes, since_pause;
    bool paused;
};

static void rest(struct exchange *exchange)
{
    (void)exchange;
    (void)usleep(1000);
}

static void go_on(struct exchange *exchange)
{
    struct upload *upload = exchange->state;
    upload->paused = false;
    upload->since_pause = 0;
    exchange_resume_body(exchange);
}

static void piece_came(struct exchange *exchange, const void *bytes, size_t count)
{
    struct upload *upload = exchange->state;
    const char *text = bytes;
    if (upload->paused || count == 0 || text[0] != 0 || text[count - 1] != 0)
        atomic_fetch_add(&given_while_paused, 1);
    atomic_fetch_add(&pieces, 1);
    upload->bytes += count;
    upload->since_pause += count;
    if (upload->since_pause < PAUSE_EVERY_BYTES)
        return;
    upload->paused = true;
    exchange_pause_body(exchange);
    exchange_run_blocking(exchange, POOL_DISK, rest, go_on);
}

static void upload_ended(struct exchange *exchange, bool complete)
{
    struct upload *upload = exchange->state;
    atomic_fetch_add(&ended_broken, !complete);
    exchange_send_json(exchange, 200,
        json_pack("{s:I, s:b}", "bytes", (json_int_t)upload->bytes, "complete", complete));
}

static void take_upload(struct exchange *exchange)
{
    static const struct body_reader reader = { piece_came, upload_ended };
    exchange->state = arena_alloc(&exchange->arena, sizeof(struct upload));
    exchange_on_finished(exchange, note_finished, NULL);
    exchange_read_body(exchange, &reader);
}

/* A record that takes its time. */
static void note_finished_slowly(
    struct exchange *exchange, const struct exchange_outcome *outcome, void *data)
{
    (void)usleep(50000);
    note_finished(exchange, outcome, data);
}

static void send_recorded(struct exchange *exchange)
{
    const char *length = exchange_query(exchange, "length");
    size_t count = length ? strtoul(length, NULL, 10) : 0;
    char *bytes = arena_alloc(&exchange->arena, count + 4);
    memset(bytes, '.', count);
    memcpy(bytes + count, "over", 4);
    exchange_on_finished(exchange, note_finished_slowly, NULL);
    exchange_send(exchange, 200, "text/plain", bytes, count + 4);
}

static void say_hello(struct exchange *exchange)
{
    exchange_send(exchange, 200, "text/plain", "hello", 5);
}

static const struct route routes[] = {
    { HTTP_GET, "/", 0, BODY_NONE, 0, say_hello },
    { HTTP_GET, "/slow", 0, BODY_NONE, 0, get_slow },
    { HTTP_GET, "/recorded", 0, BODY_NONE, 0, send_recorded },
    { HTTP_POST, "/upload", 0, BODY_STREAMED, 0, take_upload },
};

static void start(void)
{
    atomic_store(&gate, 0);
    atomic_int *counters[] = { &works, &dones, &pieces, &finished_whole, &finished_broken,
        &ended_broken, &given_while_paused };
    for (size_t i = 0; i < sizeof counters / sizeof counters[0]; i++)
        atomic_store(counters[i], 0);
    test_server_start(&test, routes, sizeof routes / sizeof routes[0], NULL);
}

static void stop(void)
{
    atomic_store(&gate, 1);
    test_server_stop(&test);
}

static const char *const protocols[] = { "--http1.1", "--http2" };

static void an_upload_is_streamed_with_bounded_memory(void **state)
{
    (void)state;
    char url[100], path[100];
    start();
    (void)snprintf(url, sizeof url, "%s/upload", test.url);
    (void)snprintf(path, sizeof path, "%s/upload", test.folder);
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    assert_int_equal(ftruncate(fileno(file), UPLOAD_BYTES), 0);
    assert_int_equal(fclose(file), 0);
    static const char *const framings[] = { "Transfer-Encoding:", "Transfer-Encoding: chunked" };
    for (size_t i = 0; i < 4; i++) {
        struct rusage before, after;
        int exit_status;
        const char *arguments[] = { protocols[i % 2], "--request", "POST", "-H", framings[i / 2],
            "--upload-file", path, url, NULL };
        (void)getrusage(RUSAGE_SELF, &before);
        char *answer = test_curl(&test, arguments, &exit_status);
        (void)getrusage(RUSAGE_SELF, &after);
        if (!strstr(answer, "\"bytes\":52428800,\"complete\":true"))
            fail_msg("%s: %s", protocols[i % 2], answer);
            /* The sanitizer keeps what was freed, so the bound can only be seen without it. */
#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
        assert_true(after.ru_maxrss - before.ru_maxrss < 8L * 1024);
#endif
        free(answer);
    }
    assert_int_equal(atomic_load(&given_while_paused), 0);
    stop();
}

static void send_text(SSL *ssl, const char *text)
{
    test_send(ssl, text, strlen(text));
}

/* Until the server has seen that its peers are gone. */
static void wait_until_no_connection(void)
{
    struct server_figures figures = { .connections_open = 1 };
    for (int i = 0; i < 1000 && figures.connections_open > 0; i++) {
        (void)usleep(10000);
        server_read_figures(test.server, &figures);
    }
    assert_int_equal(figures.connections_open, 0);
}

static void a_peer_that_vanishes_leaves_no_work_behind(void **state)
{
    (void)state;
    start();
    SSL *slow = test_connect_tls(&test, "http/1.1");
    send_text(slow, "GET /slow HTTP/1.1\r\nHost: a\r\n\r\n");
    wait_for(&works, 1);
    test_close(slow);
    wait_until_no_connection();
    atomic_store(&gate, 1);
    wait_for(&dones, 1);
    wait_for(&finished_broken, 1);

    SSL *upload = test_connect_tls(&test, "http/1.1");
    send_text(upload, "POST /upload HTTP/1.1\r\nHost: a\r\nContent-Length: 100000\r\n\r\n");
    test_send(upload, (char[500]){ 0 }, 500);
    wait_for(
        &pieces, 1); /* closing may reset the connection, and what was not read by then is lost */
    test_close(upload);
    wait_for(&ended_broken, 1);
    wait_for(&finished_broken, 2);
    struct server_figures figures;
    server_read_figures(test.server, &figures);
    assert_int_equal(figures.exchanges_open, 0);
    assert_int_equal(figures.exchanges, 2);
    stop();
}

struct slow_client {
    char *answer;
    const char *protocol;
    int exit_status;
};

static void *get_slowly(void *data)
{
    struct slow_client *client = data;
    char url[100];
    (void)snprintf(url, sizeof url, "%s/slow", test.url);
    const char *arguments[] = { client->protocol, url, NULL };
    client->answer = test_curl(&test, arguments, &client->exit_status);
    return NULL;
}

static void a_server_that_stops_ends_what_it_began(void **state)
{
    (void)state;
    for (size_t i = 0; i < 2; i++) {
        start();
        pthread_t thread;
        struct slow_client client = { .protocol = protocols[i] };
        SSL *idle = test_connect_tls(&test, i == 0 ? "http/1.1" : "h2");
        assert_int_equal(pthread_create(&thread, NULL, get_slowly, &client), 0);
        wait_for(&works, 1);
        int64_t stopped_ms = clock_steady_ms();
        server_stop(test.server);
        char *nothing = test_read_until(idle, NULL); /* idle connections end at once */
        free(nothing);
        test_close(idle);
        assert_true(clock_steady_ms() - stopped_ms < 5000);
        atomic_store(&gate, 1);
        (void)pthread_join(thread, NULL);
        assert_int_equal(client.exit_status, 0);
        assert_non_null(strstr(client.answer, "\r\n\r\nslow"));
        free(client.answer);
        stop();
        assert_int_equal(atomic_load(&finished_whole), 1);
        assert_true(clock_steady_ms() - stopped_ms < 10000);
    }
}

static void a_server_that_cannot_wait_longer_lets_go(void **state)
{
    (void)state;
    static const char *const changes[] = { "stop-deadline-ms", "100", NULL };
    start();
    test_server_stop(&test);
    test_server_start(&test, routes, sizeof routes / sizeof routes[0], changes);
    SSL *slow = test_connect_tls(&test, "http/1.1");
    send_text(slow, "GET /slow HTTP/1.1\r\nHost: a\r\n\r\n");
    wait_for(&works, 1);
    server_stop(test.server);
    char *nothing = test_read_until(slow, NULL);
    assert_string_equal(nothing, "");
    free(nothing);
    test_close(slow);
    stop(); /* the work comes back while the server is being freed */
    assert_int_equal(atomic_load(&dones), 1);
    assert_int_equal(atomic_load(&finished_broken), 1);
}

static void a_second_stop_waits_for_nobody(void **state)
{
    (void)state;
    for (size_t i = 0; i < 2; i++) {
        start();
        SSL *slow = test_connect_tls(&test, "http/1.1");
        send_text(slow, "GET /slow HTTP/1.1\r\nHost: a\r\n\r\n");
        wait_for(&works, 1);
        int64_t stopped_ms = clock_steady_ms();
        server_stop(test.server);
        if (i == 0)
            (void)usleep(100000); /* else both come in one turn */
        server_stop(test.server);
        char *nothing = test_read_until(slow, NULL);
        assert_string_equal(nothing, "");
        assert_true(clock_steady_ms() - stopped_ms < 5000);
        free(nothing);
        test_close(slow);
        stop();
        assert_int_equal(atomic_load(&finished_broken), 1);
    }
}

static void a_finished_exchange_is_recorded_before_its_last_byte_arrives(void **state)
{
    (void)state;
    static const int lengths[] = { 0, 20000, 3000000 };
    start();
    int recorded = 0;
    for (size_t i = 0; i < sizeof lengths / sizeof lengths[0]; i++) {
        char text[100];
        SSL *ssl = test_connect_tls(&test, "http/1.1");
        /* The second request waits in the server while the first answer is on its way. */
        (void)snprintf(text, sizeof text,
            "GET /recorded?length=%d HTTP/1.1\r\nHost: a\r\n\r\n"
            "GET / HTTP/1.1\r\nHost: a\r\n\r\n",
            lengths[i]);
        send_text(ssl, text);
        char *answer = test_read_until(ssl, "over");
        assert_int_equal(atomic_load(&finished_whole), ++recorded);
        if (!strstr(answer, "hello")) {
            free(answer);
            answer = test_read_until(ssl, "hello");
            assert_non_null(strstr(answer, "hello"));
        }
        free(answer);
        test_close(ssl);
    }
    stop();
}

static void a_peer_that_takes_nothing_more_holds_no_exchange(void **state)
{
    (void)state;
    start();
    SSL *ssl = test_connect_tls(&test, "http/1.1");
    /* More than the kernel holds at once by our setting, so that the rest stays with the stream. */
    send_text(ssl, "GET /recorded?length=30000000 HTTP/1.1\r\nHost: a\r\n\r\n");
    (void)usleep(300000);
    assert_int_equal(atomic_load(&finished_whole), 0);
    test_close(ssl);
    wait_for(&finished_broken, 1);
    wait_until_no_connection();
    stop();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_upload_is_streamed_with_bounded_memory),
        cmocka_unit_test(a_peer_that_vanishes_leaves_no_work_behind),
        cmocka_unit_test(a_server_that_stops_ends_what_it_began),
        cmocka_unit_test(a_server_that_cannot_wait_longer_lets_go),
        cmocka_unit_test(a_second_stop_waits_for_nobody),
        cmocka_unit_test(a_finished_exchange_is_recorded_before_its_last_byte_arrives),
        cmocka_unit_test(a_peer_that_takes_nothing_more_holds_no_exchange),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
