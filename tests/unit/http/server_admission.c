/* Who is let in when many come at once, and who has to make room. */
#include "test_server.h"

#include "base/clock.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

enum { SILENT = 300, ROOM = 16, PLACES = 2 };

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

static const struct route routes[] = {
    { HTTP_GET, "/", 0, BODY_NONE, 0, say_hello },
    { HTTP_GET, "/slow", 0, BODY_NONE, 0, get_slow },
};

static void start(const char *connections_max)
{
    /* Deadlines that no test waits for. */
    const char *const changes[] = { "handshake-deadline-ms", "60000", "idle-deadline-ms", "60000",
        "handshakes-max", "2", "loops", "1", "connections-max", connections_max, NULL };
    atomic_store(&gate, 0);
    atomic_store(&works, 0);
    test_server_start(&test, routes, sizeof routes / sizeof routes[0], changes);
}

static void ask(SSL *ssl, const char *path)
{
    char text[100];
    int length = snprintf(text, sizeof text, "GET %s HTTP/1.1\r\nHost: a\r\n\r\n", path);
    test_send(ssl, text, (size_t)length);
}

static void expect_hello(SSL *ssl)
{
    char *answer = test_read_until(ssl, "hello");
    assert_non_null(strstr(answer, "\r\n\r\nhello"));
    free(answer);
}

static SSL *connect_and_ask(void)
{
    SSL *ssl = test_connect_tls(&test, "http/1.1");
    ask(ssl, "/");
    expect_hello(ssl);
    return ssl;
}

static bool is_closed(int fd)
{
    char byte;
    return recv(fd, &byte, 1, MSG_DONTWAIT | MSG_PEEK) == 0;
}

/* Until the server has come to it: how many of these it has closed. */
static int count_closed(const int *fds, int count, int expected)
{
    int closed = 0;
    for (int i = 0; i < 500 && closed != expected; i++) {
        (void)usleep(10000);
        closed = 0;
        for (int j = 0; j < count; j++)
            closed += is_closed(fds[j]);
    }
    return closed;
}

static void close_all(const int *fds, int count)
{
    for (int i = 0; i < count; i++)
        (void)close(fds[i]);
}

static void silent_connections_keep_nobody_waiting(void **state)
{
    (void)state;
    int fds[SILENT];
    start("10000");
    for (int i = 0; i < SILENT; i++)
        fds[i] = test_connect(server_port(test.server));
    int64_t started_ms = clock_steady_ms();
    test_close(connect_and_ask());
    assert_true(clock_steady_ms() - started_ms < 1500);
    assert_int_equal(count_closed(fds, SILENT, 0), 0);
    close_all(fds, SILENT);
    test_server_stop(&test);
}

static void handshakes_are_bounded_and_a_dawdler_yields_its_place(void **state)
{
    (void)state;
    int fds[PLACES];
    start("10000");
    for (int i = 0; i < PLACES; i++) {
        fds[i] = test_connect(server_port(test.server));
        assert_int_equal(write(fds[i], "\x16", 1), 1);
    }
    (void)usleep(200000);
    assert_int_equal(count_closed(fds, PLACES, 0), 0);
    int64_t started_ms = clock_steady_ms();
    test_close(connect_and_ask());
    int64_t waited_ms = clock_steady_ms() - started_ms;
    assert_true(waited_ms > 1000 && waited_ms < 10000);
    assert_int_equal(count_closed(fds, PLACES, 1), 1); /* nobody waits for the second place */
    close_all(fds, PLACES);
    test_server_stop(&test);
}

static void a_full_house_closes_the_longest_silent(void **state)
{
    (void)state;
    int fds[ROOM];
    start("16");
    SSL *idle = connect_and_ask(); /* idle for longest, but it has spoken */
    for (int i = 0; i < ROOM - 1; i++)
        fds[i] = test_connect(server_port(test.server));
    assert_int_equal(count_closed(fds, ROOM - 1, 0), 0);
    SSL *newcomers[] = { connect_and_ask(), connect_and_ask() };
    assert_int_equal(count_closed(fds, ROOM - 1, 2), 2);
    assert_true(is_closed(fds[0]) && is_closed(fds[1]));
    ask(idle, "/");
    expect_hello(idle);
    test_close(newcomers[0]);
    test_close(newcomers[1]);
    test_close(idle);
    close_all(fds, ROOM - 1);
    test_server_stop(&test);
}

static void a_full_house_closes_the_longest_idle(void **state)
{
    (void)state;
    SSL *guests[ROOM];
    start("16");
    for (int i = 0; i < ROOM; i++)
        guests[i] = connect_and_ask();
    ask(guests[0], "/slow"); /* at work */
    ask(guests[1], "/");     /* and this one is not the longest idle any more */
    expect_hello(guests[1]);
    for (int i = 0; i < 1000 && atomic_load(&works) < 1; i++)
        (void)usleep(10000);
    SSL *newcomer = connect_and_ask();
    char *nothing = test_read_until(guests[2], NULL);
    assert_string_equal(nothing, "");
    assert_int_equal(SSL_get_shutdown(guests[2]) & SSL_RECEIVED_SHUTDOWN, SSL_RECEIVED_SHUTDOWN);
    free(nothing);
    ask(guests[1], "/");
    expect_hello(guests[1]);
    atomic_store(&gate, 1);
    expect_hello(guests[0]);
    for (int i = 0; i < ROOM; i++)
        test_close(guests[i]);
    test_close(newcomer);
    test_server_stop(&test);
}

static void a_full_house_at_work_turns_newcomers_away(void **state)
{
    (void)state;
    SSL *guests[ROOM];
    start("16");
    for (int i = 0; i < ROOM; i++) {
        guests[i] = connect_and_ask();
        ask(guests[i], "/slow");
    }
    /* The head has been read once there is an exchange for it. */
    struct server_figures figures = { .exchanges_open = 0 };
    for (int i = 0; i < 1000 && figures.exchanges_open < ROOM; i++) {
        (void)usleep(10000);
        server_read_figures(test.server, &figures);
    }
    int newcomer = test_connect(server_port(test.server));
    assert_int_equal(count_closed(&newcomer, 1, 1), 1);
    (void)close(newcomer);
    atomic_store(&gate, 1);
    for (int i = 0; i < ROOM; i++) {
        expect_hello(guests[i]);
        test_close(guests[i]);
    }
    test_server_stop(&test);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(silent_connections_keep_nobody_waiting),
        cmocka_unit_test(handshakes_are_bounded_and_a_dawdler_yields_its_place),
        cmocka_unit_test(a_full_house_closes_the_longest_silent),
        cmocka_unit_test(a_full_house_closes_the_longest_idle),
        cmocka_unit_test(a_full_house_at_work_turns_newcomers_away),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
