/* Bodies that are held back on purpose, and what that does to others and to deadlines. */
#include "test_server.h"

#include "../unit.h"
#include "base/clock.h"
#include "http/pace.h"

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

static const struct route routes[] = {
    { HTTP_GET, "/paced", 0, BODY_NONE, 0, get_paced },
    { HTTP_GET, "/", 0, BODY_NONE, 0, get_at_once },
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

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(bodies_of_one_pace_share_it),
        cmocka_unit_test(a_body_that_is_held_back_ends_with_its_connection),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
