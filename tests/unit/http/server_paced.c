/* Bodies that are held back on purpose, and what that does to others and to deadlines. */
#include "test_server.h"

#include "../unit.h"
#include "base/clock.h"
#include "http/pace.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { RATE = 400000, BODY_BYTES = 300000 };

static struct test_server test;
static struct pace *shared;
static char body[BODY_BYTES];

static void get_paced(struct exchange *exchange)
{
    exchange_pace(exchange, pace_hold(shared));
    exchange_send(exchange, 200, "text/plain", body, sizeof body);
}

static void get_at_once(struct exchange *exchange)
{
    exchange_send(exchange, 200, "text/plain", body, sizeof body);
}

enum { LARGE_BYTES = 64 << 20, SMALL_REQUESTS = 20 };

static void get_large(struct exchange *exchange)
{
    static char large[LARGE_BYTES];
    static const struct representation representation = { .last_modified_ms = -1 };
    exchange_send_memory(
        exchange, &representation, (struct body_memory){ .bytes = large, .count = sizeof large });
}

static void get_small(struct exchange *exchange)
{
    exchange_send(exchange, 200, "text/plain", "small", 5);
}

static const struct route routes[] = {
    { HTTP_GET, "/paced", 0, BODY_NONE, 0, get_paced },
    { HTTP_GET, "/", 0, BODY_NONE, 0, get_at_once },
    { HTTP_GET, "/large", 0, BODY_NONE, 0, get_large },
    { HTTP_GET, "/small", 0, BODY_NONE, 0, get_small },
};

/* Deadlines that only the time in which we hold a body back would exceed. */
static void start(const char *name, const char *value)
{
    const char *const changes[] = { "transfer-grace-ms", "500", "send-bytes-per-second-least",
        "1000000000", name, value, NULL };
    memset(body, 'a', sizeof body);
    shared = pace_create(RATE);
    test_server_start(&test, routes, COUNT_OF(routes), changes);
}

static void stop(void)
{
    test_server_stop(&test);
    pace_release(shared);
}

/* Two bodies at once, by curl on one connection (HTTP/2) or two; the milliseconds it took. */
static int64_t get_two(const char *protocol, const char *path)
{
    char url[100];
    int exit_status;
    (void)snprintf(url, sizeof url, "%s%s", test.url, path);
    const char *const arguments[]
        = { protocol, "--parallel", "--parallel-immediate", url, url, NULL };
    int64_t started_ms = clock_steady_ms();
    char *got = test_curl(&test, arguments, &exit_status);
    int64_t took_ms = clock_steady_ms() - started_ms;
    size_t count = 0;
    for (const char *at = got; *at; at++)
        count += *at == 'a';
    free(got);
    assert_int_equal(exit_status, 0);
    assert_true(count >= 2 * BODY_BYTES); /* a few more in the heads */
    return took_ms;
}

/* 600,000 bytes, of which a second's worth goes at once: the rest takes half a second. */
static void bodies_of_one_pace_share_it(void **state)
{
    (void)state;
    static const char *const protocols[] = { "--http1.1", "--http2" };
    for (size_t i = 0; i < COUNT_OF(protocols); i++) {
        start("loops", "2");
        int64_t took_ms = get_two(protocols[i], "/paced");
        if (took_ms < 400 || took_ms > 3000)
            fail_msg("%s: %lld ms", protocols[i], (long long)took_ms);
        struct server_figures figures;
        server_read_figures(test.server, &figures);
        assert_true(figures.paced_waits > 0);
        assert_true(figures.paced_waits < 100); /* it waits, and does not ask again and again */
        assert_int_equal(figures.deadline_closes, 0);
        stop();
    }
}

static void a_body_that_is_held_back_ends_with_its_connection(void **state)
{
    (void)state;
    static const char request[] = "GET /paced HTTP/1.1\r\nHost: a\r\n\r\n";
    start("loops", "1");
    pace_charge(shared, (uint64_t)RATE * 3600, clock_steady_us());
    SSL *ssl = test_connect_tls(&test, "http/1.1");
    test_send(ssl, request, sizeof request - 1);
    struct server_figures figures = { .connections = 0 };
    for (int i = 0; i < 300 && figures.paced_waits == 0; i++) {
        (void)usleep(10000);
        server_read_figures(test.server, &figures);
    }
    assert_int_equal(figures.paced_waits, 1);
    test_close(ssl);
    for (int i = 0; i < 300 && figures.connections_open > 0; i++) {
        (void)usleep(10000);
        server_read_figures(test.server, &figures);
    }
    assert_int_equal(figures.connections_open, 0);
    assert_int_equal(figures.exchanges_open, 0);
    stop();
}

/* 64 MiB at 50 MB a second; the kernel lets the first ten packets go without. */
static void the_kernel_paces_a_connection(void **state)
{
    (void)state;
    static const char large[] = "GET /large HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n";
    const char *const changes[] = { "connection-pacing-bytes-per-second", "50000000", NULL };
    test_server_start(&test, routes, COUNT_OF(routes), changes);
    SSL *ssl = test_connect_tls(&test, "http/1.1");
    int64_t started_ms = clock_steady_ms();
    test_send(ssl, large, sizeof large - 1);
    free(test_read_until(ssl, NULL));
    int64_t took_ms = clock_steady_ms() - started_ms;
    if (took_ms < 1200)
        fail_msg("%lld ms", (long long)took_ms);
    test_close(ssl);
    test_server_stop(&test);
}

static void connections_take_the_congestion_control_that_is_set(void **state)
{
    (void)state;
    static const struct {
        const char *set, *taken;
        bool lacks;
    } cases[] = { { "reno", "reno", false }, { "no-such-control", "", true }, { "", "", false } };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        start("congestion-control", cases[i].set);
        struct server_sockets sockets;
        char control[16] = "";
        socklen_t size = sizeof control;
        assert_true(server_share_sockets(test.server, &sockets));
        assert_true(sockets.tls_count > 0);
        assert_int_equal(
            getsockopt(sockets.tls[0], IPPROTO_TCP, TCP_CONGESTION, control, &size), 0);
        server_sockets_close(&sockets);
        assert_int_equal(server_lacks_congestion_control(test.server), cases[i].lacks);
        if (cases[i].taken[0])
            assert_string_equal(control, cases[i].taken);
        server_sockets_close(&sockets);
        assert_true(get_two("--http1.1", "/") < 5000); /* it serves all the same */
        stop();
    }
}

static void *read_to_the_end(void *data)
{
    free(test_read_until(data, NULL));
    return NULL;
}

/* On one loop: while fast readers take all that the processor gives, small answers come between. */
static void a_small_answer_does_not_wait_for_large_ones(void **state)
{
    (void)state;
    static const char large[] = "GET /large HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n";
    static const char small[] = "GET /small HTTP/1.1\r\nHost: a\r\n\r\n";
    pthread_t readers[2];
    SSL *bulk[COUNT_OF(readers)];
    start("loops", "1");
    SSL *ssl = test_connect_tls(&test, "http/1.1");
    for (size_t i = 0; i < COUNT_OF(readers); i++) {
        bulk[i] = test_connect_tls(&test, "http/1.1");
        test_send(bulk[i], large, sizeof large - 1);
        assert_int_equal(pthread_create(&readers[i], NULL, read_to_the_end, bulk[i]), 0);
    }
    struct server_figures figures = { .bytes_sent = 0 };
    while (figures.bytes_sent < 1 << 20)
        server_read_figures(test.server, &figures);
    for (int i = 0; i < SMALL_REQUESTS; i++) {
        test_send(ssl, small, sizeof small - 1);
        free(test_read_until(ssl, "small"));
    }
    server_read_figures(test.server, &figures);
    /* Each waited for a few turns of the others at most, and not for the end of what they read. */
    assert_true(figures.exchanges_open == COUNT_OF(readers));
    for (size_t i = 0; i < COUNT_OF(readers); i++) {
        (void)pthread_join(readers[i], NULL);
        test_close(bulk[i]);
    }
    test_close(ssl);
    stop();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(bodies_of_one_pace_share_it),
        cmocka_unit_test(a_body_that_is_held_back_ends_with_its_connection),
        cmocka_unit_test(the_kernel_paces_a_connection),
        cmocka_unit_test(connections_take_the_congestion_control_that_is_set),
        cmocka_unit_test(a_small_answer_does_not_wait_for_large_ones),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
