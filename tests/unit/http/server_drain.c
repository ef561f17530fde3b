/* A server that another one takes over from: nobody who connected, and no request that was sent, is lost. */
#include "http2_peer.h"

#include "base/clock.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

enum { DRAIN_IDLE_MS = 700, WAITING = 40, BODY_BYTES = 8 * 1024 * 1024 };

static struct test_server test;
static atomic_int gate, works;

static void say_hello(struct exchange *exchange)
{
    exchange_send(exchange, 200, "text/plain", "hello", 5);
}

static void wait_at_gate(struct exchange *exchange)
{
    (void)exchange;
    atomic_fetch_add(&works, 1);
    for (int i = 0; i < 1000 && !atomic_load(&gate); i++)
        (void)usleep(10000);
}

static void get_slow(struct exchange *exchange)
{
    exchange_run_blocking(exchange, POOL_STORE, wait_at_gate, say_hello);
}

static void get_big(struct exchange *exchange)
{
    char *bytes = arena_alloc(&exchange->arena, BODY_BYTES);
    memset(bytes, 'x', BODY_BYTES);
    memcpy(bytes + BODY_BYTES - 4, "last", 4);
    exchange_send(exchange, 200, "text/plain", bytes, BODY_BYTES);
}

static const struct route routes[] = {
    { .method = HTTP_GET, .pattern = "/", .handler = say_hello },
    { .method = HTTP_GET, .pattern = "/slow", .handler = get_slow },
    { .method = HTTP_GET, .pattern = "/big", .handler = get_big },
};
static const char *const settings[] = { "drain-idle-ms", "700", NULL };
static const char plain_get[] = "GET / HTTP/1.1\r\nHost: a\r\n\r\n";

static void start(void)
{
    atomic_store(&gate, 0);
    atomic_store(&works, 0);
    test_server_start(&test, routes, sizeof routes / sizeof routes[0], settings);
}

static void ask(SSL *ssl, const char *request)
{
    test_send(ssl, request, strlen(request));
}

static void expect(SSL *ssl, const char *until, const char *wanted)
{
    char *answer = test_read_until(ssl, until);
    if (!strstr(answer, wanted))
        fail_msg("'%s' instead of '%s'", answer, wanted);
    free(answer);
}

static void drain(void)
{
    server_drain(test.server);
    (void)usleep(100000);
}

static void an_idle_connection_is_told_with_its_next_answer(void **state)
{
    (void)state;
    start();
    SSL *ssl = test_connect_tls(&test, "http/1.1");
    ask(ssl, plain_get);
    expect(ssl, "hello", "HTTP/1.1 200");
    drain();
    ask(ssl, plain_get);
    expect(ssl, NULL, "Connection: close");
    test_close(ssl);
    test_server_stop(&test);
}

static void a_connection_that_stays_idle_is_let_go(void **state)
{
    (void)state;
    start();
    SSL *ssl = test_connect_tls(&test, "http/1.1");
    ask(ssl, plain_get);
    expect(ssl, "hello", "HTTP/1.1 200");
    drain();
    int64_t drained_ms = clock_steady_ms();
    expect(ssl, NULL, "");
    assert_int_equal(SSL_get_shutdown(ssl) & SSL_RECEIVED_SHUTDOWN, SSL_RECEIVED_SHUTDOWN);
    assert_in_range(clock_steady_ms() - drained_ms, DRAIN_IDLE_MS / 2, 10 * DRAIN_IDLE_MS);
    test_close(ssl);
    test_server_stop(&test);
}

/* Its answer had begun before, and could not say that it is the last. */
static void a_connection_in_the_middle_of_an_answer_has_one_more(void **state)
{
    (void)state;
    start();
    SSL *ssl = test_connect_tls(&test, "http/1.1");
    ask(ssl, "GET /big HTTP/1.1\r\nHost: a\r\n\r\n");
    char *head = test_read_until(ssl, "\r\n\r\n");
    assert_null(strstr(head, "Connection: close"));
    drain();
    if (!strstr(head, "last"))
        expect(ssl, "last", "");
    free(head);
    ask(ssl, plain_get);
    expect(ssl, NULL, "Connection: close");
    test_close(ssl);
    test_server_stop(&test);
}

static void a_connection_that_had_said_nothing_is_served(void **state)
{
    (void)state;
    start();
    int fd = test_connect(server_port(test.server));
    (void)usleep(100000); /* accepted */
    drain();
    SSL *ssl = test_shake_hands(fd, "http/1.1");
    ask(ssl, plain_get);
    expect(ssl, NULL, "Connection: close");
    test_close(ssl);
    test_server_stop(&test);
}

static void a_newcomer_waits_for_the_server_to_resume(void **state)
{
    (void)state;
    start();
    drain();
    int fd = test_connect(server_port(test.server));
    (void)usleep(100000);
    struct server_figures figures;
    server_read_figures(test.server, &figures);
    assert_int_equal(figures.connections, 0);
    server_resume(test.server);
    SSL *ssl = test_shake_hands(fd, "http/1.1");
    ask(ssl, plain_get);
    char *answer = test_read_until(ssl, "hello");
    assert_null(strstr(answer, "Connection: close"));
    free(answer);
    test_close(ssl);
    test_server_stop(&test);
}

/* --- HTTP/2 ----------------------------------------------------------------------------------- */

/* The next frame of this type; false: the end came. */
static bool read_until_frame(SSL *ssl, uint8_t type, struct http2_frame *frame)
{
    while (http2_read(ssl, frame))
        if (frame->type == type)
            return true;
    return false;
}

static uint32_t last_stream(const struct http2_frame *goaway)
{
    assert_true(goaway->length >= 8);
    const uint8_t *at = goaway->bytes;
    return (uint32_t)(at[0] & 0x7f) << 24 | (uint32_t)at[1] << 16 | (uint32_t)at[2] << 8 | at[3];
}

static void http2_says_farewell_in_two_steps(void **state)
{
    (void)state;
    struct http2_frame *frame = malloc(sizeof *frame);
    start();
    SSL *ssl = http2_connect(&test);
    http2_get(ssl, 1, "/slow");
    for (int i = 0; i < 1000 && atomic_load(&works) == 0; i++)
        (void)usleep(10000);
    server_drain(test.server);
    assert_true(read_until_frame(ssl, FRAME_GOAWAY, frame));
    assert_int_equal(last_stream(frame), INT32_MAX);
    /* This one was on its way when the first GOAWAY left: it is answered. */
    http2_get(ssl, 3, "/");
    assert_true(read_until_frame(ssl, FRAME_HEADERS, frame));
    assert_int_equal(frame->stream, 3);
    assert_true(read_until_frame(ssl, FRAME_GOAWAY, frame));
    assert_int_equal(last_stream(frame), 3);
    /* And what it had begun before it finishes, however long that takes. */
    atomic_store(&gate, 1);
    assert_true(read_until_frame(ssl, FRAME_HEADERS, frame));
    assert_int_equal(frame->stream, 1);
    while (http2_read(ssl, frame))
        ;
    assert_int_equal(SSL_get_shutdown(ssl) & SSL_RECEIVED_SHUTDOWN, SSL_RECEIVED_SHUTDOWN);
    test_close(ssl);
    free(frame);
    test_server_stop(&test);
}

static void a_handshake_that_ends_in_a_drain_is_served_over_http2_too(void **state)
{
    (void)state;
    static const char preface[] = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\4\0\0\0\0\0";
    struct http2_frame *frame = malloc(sizeof *frame);
    start();
    int fd = test_connect(server_port(test.server));
    (void)usleep(100000);
    drain();
    SSL *ssl = test_shake_hands(fd, "h2");
    test_send(ssl, preface, sizeof preface - 1);
    http2_get(ssl, 1, "/");
    bool answered = false, told = false;
    while (http2_read(ssl, frame)) {
        told = told || frame->type == FRAME_GOAWAY;
        answered = answered || (frame->type == FRAME_HEADERS && frame->stream == 1);
    }
    assert_true(answered && told);
    test_close(ssl);
    free(frame);
    test_server_stop(&test);
}

/* --- the sockets ------------------------------------------------------------------------------ */

static void start_heir(struct test_server *heir, const char *loops)
{
    const char *const changes[] = { "loops", loops, NULL };
    struct server_sockets sockets;
    struct server_settings server_settings
        = { .routes = routes, .route_count = sizeof routes / sizeof routes[0] };
    assert_true(server_share_sockets(test.server, &sockets));
    server_settings.inherited = &sockets;
    test_server_prepare(heir, changes);
    test_server_run(heir, &server_settings);
    server_sockets_close(&sockets);
}

static void whoever_waits_in_a_backlog_is_served_by_the_heir(void **state)
{
    (void)state;
    static const struct {
        const char *story, *loops, *heir_loops;
    } cases[] = { { "as many loops", "2", "2" }, { "fewer", "5", "2" }, { "more", "2", "5" } };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        const char *const changes[] = { "loops", cases[i].loops, NULL };
        struct test_server heir;
        int waiting[WAITING];
        test_server_start(&test, routes, sizeof routes / sizeof routes[0], changes);
        drain();
        for (size_t j = 0; j < WAITING; j++)
            waiting[j] = test_connect(server_port(test.server));
        start_heir(&heir, cases[i].heir_loops);
        if (server_port(heir.server) != server_port(test.server))
            fail_msg("%s: another port", cases[i].story);
        test_server_stop(&test);
        for (size_t j = 0; j < WAITING; j++) {
            SSL *ssl = test_shake_hands(waiting[j], "http/1.1");
            ask(ssl, plain_get);
            expect(ssl, "hello", "HTTP/1.1 200");
            test_close(ssl);
        }
        /* And so are those who come later, however often the sockets changed hands. */
        test = heir;
        start_heir(&heir, cases[i].loops);
        test_server_stop(&test);
        for (size_t j = 0; j < WAITING; j++) {
            SSL *ssl = test_connect_tls(&heir, "http/1.1");
            ask(ssl, plain_get);
            expect(ssl, "hello", "HTTP/1.1 200");
            test_close(ssl);
        }
        test_server_stop(&heir);
    }
}

static void sockets_of_another_address_are_left_alone(void **state)
{
    (void)state;
    const char *const changes[] = { "listen", "127.0.0.1", NULL };
    struct test_server heir;
    struct server_sockets sockets;
    struct server_settings server_settings
        = { .routes = routes, .route_count = sizeof routes / sizeof routes[0] };
    start();
    assert_true(server_share_sockets(test.server, &sockets));
    server_settings.inherited = &sockets;
    test_server_prepare(&heir, changes);
    test_server_run(&heir, &server_settings);
    server_sockets_close(&sockets);
    assert_int_not_equal(server_port(heir.server), server_port(test.server));
    test_server_stop(&heir);
    test_server_stop(&test);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_idle_connection_is_told_with_its_next_answer),
        cmocka_unit_test(a_connection_that_stays_idle_is_let_go),
        cmocka_unit_test(a_connection_in_the_middle_of_an_answer_has_one_more),
        cmocka_unit_test(a_connection_that_had_said_nothing_is_served),
        cmocka_unit_test(a_newcomer_waits_for_the_server_to_resume),
        cmocka_unit_test(http2_says_farewell_in_two_steps),
        cmocka_unit_test(a_handshake_that_ends_in_a_drain_is_served_over_http2_too),
        cmocka_unit_test(whoever_waits_in_a_backlog_is_served_by_the_heir),
        cmocka_unit_test(sockets_of_another_address_are_left_alone),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
