/* Bodies that grow while they are sent. */
#include "test_server.h"

#include "../unit.h"
#include "base/clock.h"

#include <netinet/in.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { PIECE_BYTES = 1000, ENDLESS = 1 << 30 };

static struct test_server test;
static struct exchange *_Atomic open_exchange; /* the one that is being answered */
static atomic_int allowed;                     /* pieces that there are; below 0: the end is, too */
static atomic_int filled, finished;
static atomic_bool was_complete;
static _Atomic uint64_t body_bytes;

/* Pieces "aaa...", "bbb..." */
static ssize_t fill(struct exchange *exchange, char *bytes, size_t most)
{
    (void)exchange;
    int there = atomic_load(&allowed), so_far = atomic_load(&filled);
    if (so_far >= abs(there))
        return there < 0 ? PUSH_END : 0;
    assert_true(most >= PIECE_BYTES);
    memset(bytes, 'a' + so_far % 26, PIECE_BYTES);
    atomic_fetch_add(&filled, 1);
    return PIECE_BYTES;
}

static void has_finished(
    struct exchange *exchange, const struct exchange_outcome *outcome, void *data)
{
    (void)exchange;
    (void)data;
    atomic_store(&open_exchange, NULL);
    atomic_store(&was_complete, outcome->complete);
    atomic_store(&body_bytes, outcome->body_bytes_sent);
    atomic_fetch_add(&finished, 1);
}

static void get_growing(struct exchange *exchange)
{
    exchange_on_finished(exchange, has_finished, NULL);
    exchange_send_push(exchange, 200, "text/event-stream", fill);
    atomic_store(&open_exchange, exchange);
}

static void get_hello(struct exchange *exchange)
{
    exchange_send(exchange, 200, "text/plain", "hello", 5);
}

static const struct route routes[] = {
    { HTTP_GET, "/growing", 0, BODY_NONE, 0, get_growing },
    { HTTP_GET, "/", 0, BODY_NONE, 0, get_hello },
};

static void start(int pieces)
{
    static const char *const changes[]
        = { "transfer-stall-ms", "1000", "transfer-grace-ms", "1000", "loops", "1", NULL };
    atomic_store(&allowed, pieces);
    atomic_store(&filled, 0);
    atomic_store(&finished, 0);
    atomic_store(&open_exchange, NULL);
    test_server_start(&test, routes, COUNT_OF(routes), changes);
}

static void tell_loop(void *data)
{
    struct exchange *exchange = atomic_load(&open_exchange);
    if (exchange == data)
        exchange_push_more(exchange);
}

/* As an application does that learns something on another thread. */
static void allow(int pieces)
{
    struct exchange *exchange = atomic_load(&open_exchange);
    atomic_store(&allowed, pieces);
    if (exchange)
        mailbox_post(exchange->worker->mailbox, tell_loop, exchange);
}

static void wait_for(const atomic_int *figure, int wanted)
{
    for (int i = 0; i < 1000 && atomic_load(figure) < wanted; i++)
        (void)usleep(10000);
    assert_true(atomic_load(figure) >= wanted);
}

static SSL *ask(const char *version)
{
    SSL *ssl = test_connect_tls(&test, "http/1.1");
    char request[100];
    int length = snprintf(
        request, sizeof request, "GET /growing HTTP/%s\r\nHost: localhost\r\n\r\n", version);
    test_send(ssl, request, (size_t)length);
    return ssl;
}

static void expect(SSL *ssl, const char *until, const char *wanted)
{
    char *answer = test_read_until(ssl, until);
    if (!strstr(answer, wanted))
        fail_msg("'%s' instead of '%s'", answer, wanted);
    free(answer);
}

static void pieces_arrive_as_they_come_and_the_connection_lives_on(void **state)
{
    (void)state;
    start(1);
    SSL *ssl = ask("1.1");
    expect(ssl, "aaa\r\n", "Transfer-Encoding: chunked\r\n");
    allow(2);
    expect(ssl, "bbb\r\n", "03e8\r\nbbb");
    allow(-3);
    expect(ssl, "0\r\n\r\n", "03e8\r\nccc");
    wait_for(&finished, 1);
    assert_true(atomic_load(&was_complete));
    assert_int_equal(atomic_load(&body_bytes), 3 * PIECE_BYTES); /* without the framing */
    test_send(ssl, "GET / HTTP/1.1\r\nHost: localhost\r\n\r\n", 35);
    expect(ssl, "hello", "HTTP/1.1 200");
    test_close(ssl);
    test_server_stop(&test);
}

static void http_1_0_gets_it_bare_and_the_end_is_the_end(void **state)
{
    (void)state;
    start(-2);
    SSL *ssl = ask("1.0");
    char *answer = test_read_until(ssl, NULL);
    assert_null(strstr(answer, "chunked"));
    const char *body = strstr(answer, "\r\n\r\n");
    assert_non_null(body);
    assert_int_equal(strlen(body + 4), 2 * PIECE_BYTES);
    free(answer);
    test_close(ssl);
    test_server_stop(&test);
}

static void curl_reads_it_over_both_protocols(void **state)
{
    (void)state;
    static const char *const protocols[] = { "--http1.1", "--http2" };
    for (size_t i = 0; i < COUNT_OF(protocols); i++) {
        start(-300);
        char url[100];
        int exit_status;
        (void)snprintf(url, sizeof url, "%s/growing", test.url);
        const char *const arguments[] = { protocols[i], "--no-buffer", url, NULL };
        char *got = test_curl(&test, arguments, &exit_status);
        assert_int_equal(exit_status, 0);
        const char *body = strstr(got, "\r\n\r\n");
        assert_non_null(body);
        assert_int_equal(strlen(body + 4), 300 * PIECE_BYTES);
        free(got);
        test_server_stop(&test);
    }
}

static void *wait_and_allow(void *data)
{
    (void)data;
    for (int i = 0; i < 500 && !atomic_load(&open_exchange); i++)
        (void)usleep(10000);
    for (int pieces = 1; pieces < 6; pieces++) {
        (void)usleep(50000);
        allow(pieces);
    }
    (void)usleep(1200000); /* longer than the peer has for a transfer */
    allow(-6);
    return NULL;
}

/* A peer that waits for us is in no hurry. */
static void what_comes_late_goes_on_over_http2(void **state)
{
    (void)state;
    char url[100];
    int exit_status;
    pthread_t thread;
    start(0);
    assert_int_equal(pthread_create(&thread, NULL, wait_and_allow, NULL), 0);
    (void)snprintf(url, sizeof url, "%s/growing", test.url);
    const char *const arguments[] = { "--http2", "--no-buffer", url, NULL };
    char *got = test_curl(&test, arguments, &exit_status);
    (void)pthread_join(thread, NULL);
    assert_int_equal(exit_status, 0);
    assert_non_null(strstr(got, "HTTP/2 200"));
    assert_non_null(strstr(got, "aaabbb"));
    assert_non_null(strstr(got, "eeefff"));
    free(got);
    test_server_stop(&test);
}

static void a_head_has_none(void **state)
{
    (void)state;
    char url[100];
    int exit_status;
    start(ENDLESS);
    (void)snprintf(url, sizeof url, "%s/growing", test.url);
    const char *const arguments[] = { "--head", url, NULL };
    char *got = test_curl(&test, arguments, &exit_status);
    assert_int_equal(exit_status, 0);
    assert_non_null(strstr(got, "text/event-stream"));
    free(got);
    assert_int_equal(atomic_load(&filled), 0);
    test_server_stop(&test);
}

static void who_does_not_read_is_not_asked_for_more_and_then_let_go(void **state)
{
    (void)state;
    start(ENDLESS);
    SSL *ssl = ask("1.1");
    wait_for(&filled, 1);
    (void)usleep(300000);
    int before = atomic_load(&filled);
    (void)usleep(200000);
    int after = atomic_load(&filled);
    assert_int_equal(before, after);
    wait_for(&finished, 1);
    assert_false(atomic_load(&was_complete));
    test_close(ssl);
    test_server_stop(&test);
}

static void a_peer_that_goes_is_noticed_at_once(void **state)
{
    (void)state;
    start(1);
    SSL *ssl = ask("1.1");
    expect(ssl, "aaa\r\n", "200");
    test_close(ssl);
    wait_for(&finished, 1);
    assert_false(atomic_load(&was_complete));
    test_server_stop(&test);
}

static void a_server_that_stops_or_hands_over_ends_it_in_order(void **state)
{
    (void)state;
    for (int drains = 0; drains < 2; drains++) {
        start(1);
        SSL *ssl = ask("1.1");
        expect(ssl, "aaa\r\n", "200");
        int64_t from_ms = clock_steady_ms();
        if (drains)
            server_drain(test.server);
        else
            server_stop(test.server);
        expect(ssl, "0\r\n\r\n", "0\r\n\r\n");
        assert_true(clock_steady_ms() - from_ms < 2000);
        wait_for(&finished, 1);
        assert_true(atomic_load(&was_complete));
        test_close(ssl);
        test_server_stop(&test);
    }
}

static void *wait_and_drain(void *data)
{
    (void)data;
    for (int i = 0; i < 500 && atomic_load(&filled) == 0; i++)
        (void)usleep(10000);
    server_drain(test.server);
    return NULL;
}

static void and_so_it_does_over_http2(void **state)
{
    (void)state;
    char url[100];
    int exit_status;
    pthread_t thread;
    start(1);
    assert_int_equal(pthread_create(&thread, NULL, wait_and_drain, NULL), 0);
    (void)snprintf(url, sizeof url, "%s/growing", test.url);
    const char *const arguments[] = { "--http2", "--no-buffer", url, NULL };
    char *got = test_curl(&test, arguments, &exit_status);
    (void)pthread_join(thread, NULL);
    assert_int_equal(exit_status, 0);
    const char *body = strstr(got, "\r\n\r\n");
    assert_non_null(body);
    assert_int_equal(strlen(body + 4), PIECE_BYTES);
    free(got);
    assert_true(atomic_load(&was_complete));
    test_server_stop(&test);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(pieces_arrive_as_they_come_and_the_connection_lives_on),
        cmocka_unit_test(http_1_0_gets_it_bare_and_the_end_is_the_end),
        cmocka_unit_test(curl_reads_it_over_both_protocols),
        cmocka_unit_test(what_comes_late_goes_on_over_http2),
        cmocka_unit_test(a_head_has_none),
        cmocka_unit_test(who_does_not_read_is_not_asked_for_more_and_then_let_go),
        cmocka_unit_test(a_peer_that_goes_is_noticed_at_once),
        cmocka_unit_test(a_server_that_stops_or_hands_over_ends_it_in_order),
        cmocka_unit_test(and_so_it_does_over_http2),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
