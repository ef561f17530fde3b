/* Limits by address, and that one address with many connections does not shut out the others. */
#include "test_server.h"

#include "../unit.h"
#include "base/clock.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum { ROOM = 16, CROWD = 40 };

static struct test_server test;

/* Which loop it is. */
static void say_loop(struct exchange *exchange)
{
    exchange_send(
        exchange, 200, "text/plain", exchange->worker->index == 0 ? "loop 0" : "loop 1", 6);
}

static const struct route routes[] = { { HTTP_GET, "/", 0, BODY_NONE, 0, say_loop } };

/* Two pairs of settings beside those that all tests here share. */
static void start(
    const char *name, const char *value, const char *other_name, const char *other_value)
{
    const char *const changes[] = { "proxy-protocol-from", "127.0.0.1", "address-limits-exempt", "",
        "connections-per-address-per-second", "0", "handshake-deadline-ms", "60000",
        "idle-deadline-ms", "60000", name, value, other_name, other_value, NULL };
    test_server_start(&test, routes, COUNT_OF(routes), changes);
}

static struct server_figures figures(void)
{
    struct server_figures now;
    server_read_figures(test.server, &now);
    return now;
}

static bool is_closed(int fd)
{
    char byte;
    ssize_t count = recv(fd, &byte, 1, MSG_DONTWAIT | MSG_PEEK);
    return count == 0 || (count < 0 && errno == ECONNRESET);
}

/* Until the server has come to it: how many of these it has closed. */
static size_t count_closed(const int *fds, size_t count, size_t expected)
{
    size_t closed = 0;
    for (int i = 0; i < 300 && closed != expected; i++) {
        (void)usleep(10000);
        closed = 0;
        for (size_t j = 0; j < count; j++)
            closed += is_closed(fds[j]);
    }
    return closed;
}

/* A request's answer: the loop that it came from. */
static int ask(SSL *ssl)
{
    static const char request[] = "GET / HTTP/1.1\r\nHost: a\r\n\r\n";
    test_send(ssl, request, sizeof request - 1);
    char *answer = test_read_until(ssl, "\r\n\r\nloop ");
    const char *found = strstr(answer, "\r\n\r\nloop ");
    if (!found)
        fail_msg("no answer: '%s'", answer);
    int loop = found[9] - '0';
    if (found[9] == '\0') {
        char last[1];
        assert_int_equal(SSL_read(ssl, last, 1), 1);
        loop = last[0] - '0';
    }
    free(answer);
    return loop;
}

/* Of idle connections: those on which something came, which is the end. */
static size_t count_goodbyes(SSL *const *guests, size_t count)
{
    size_t told = 0;
    for (size_t i = 0; i < count; i++) {
        char byte;
        told += recv(SSL_get_fd(guests[i]), &byte, 1, MSG_DONTWAIT | MSG_PEEK) == 1;
    }
    return told;
}

static SSL *come_from(const char *client)
{
    return test_shake_hands(test_connect_for(server_port(test.server), client), "http/1.1");
}

static void an_address_has_so_many_connections_at_once(void **state)
{
    (void)state;
    static const char half_of_a_hello[] = { 0x16 };
    int fds[4];
    start("connections-per-address-max", "3", "loops", "2");
    for (size_t i = 0; i < COUNT_OF(fds); i++) {
        fds[i] = test_connect_for(server_port(test.server), "192.0.2.1");
        assert_int_equal(write(fds[i], half_of_a_hello, 1), 1);
    }
    assert_int_equal(count_closed(fds, COUNT_OF(fds), 1), 1);
    assert_int_equal(figures().refused_by_address, 1);
    SSL *other = come_from("192.0.2.2");
    (void)ask(other);
    test_close(other);
    for (size_t i = 0; i < COUNT_OF(fds); i++)
        (void)close(fds[i]);
    for (int i = 0; i < 300 && figures().connections_open > 0; i++)
        (void)usleep(10000);
    SSL *again = come_from("192.0.2.1");
    (void)ask(again);
    test_close(again);
    test_server_stop(&test);
}

static void an_address_opens_so_many_connections_in_a_second(void **state)
{
    (void)state;
    int fds[8];
    start("connections-per-address-per-second", "1", "loops", "1");
    for (size_t i = 0; i < COUNT_OF(fds); i++)
        fds[i] = test_connect_for(server_port(test.server), "192.0.2.1");
    size_t closed = count_closed(fds, COUNT_OF(fds), 3);
    assert_int_equal(figures().refused_by_address_rate, closed);
    assert_true(closed == 3 || closed == 2); /* a second may have passed */
    SSL *other = come_from("192.0.2.2");
    (void)ask(other);
    test_close(other);
    for (size_t i = 0; i < COUNT_OF(fds); i++)
        (void)close(fds[i]);
    test_server_stop(&test);
}

static void all_addresses_open_so_many_connections_in_a_second(void **state)
{
    (void)state;
    int fds[10];
    start("connections-per-second", "4", "proxy-protocol-from", "");
    for (size_t i = 0; i < COUNT_OF(fds); i++)
        fds[i] = test_connect(server_port(test.server));
    size_t closed = count_closed(fds, COUNT_OF(fds), 6);
    assert_true(closed >= 3 && closed <= 6);
    assert_int_equal(figures().refused_by_rate, closed);
    for (size_t i = 0; i < COUNT_OF(fds); i++)
        (void)close(fds[i]);
    test_server_stop(&test);
}

static void exempt_addresses_are_not_counted(void **state)
{
    (void)state;
    start("connections-per-address-max", "1", "address-limits-exempt", "192.0.2.0/24");
    SSL *guests[] = { come_from("192.0.2.1"), come_from("192.0.2.1"), come_from("192.0.2.1") };
    for (size_t i = 0; i < COUNT_OF(guests); i++) {
        (void)ask(guests[i]);
        test_close(guests[i]);
    }
    test_server_stop(&test);
}

/* All are idle on one loop; newcomers of the other one find room all the same. */
static void a_full_house_closes_the_idle_of_any_loop(void **state)
{
    (void)state;
    SSL *guests[ROOM];
    size_t count = 0;
    start("connections-max", "16", "loops", "2");
    while (count < ROOM) {
        SSL *ssl = come_from("192.0.2.1");
        if (ask(ssl) == 1)
            guests[count++] = ssl;
        else
            test_close(ssl);
    }
    for (int i = 0; i < 300 && figures().connections_open > ROOM; i++)
        (void)usleep(10000);
    SSL *newcomer;
    for (newcomer = come_from("192.0.2.9"); ask(newcomer) != 0; newcomer = come_from("192.0.2.9"))
        test_close(newcomer);
    for (int i = 0; i < 300 && figures().room_made == 0; i++)
        (void)usleep(10000);
    assert_true(figures().room_made > 0);
    assert_int_equal(figures().refused_when_full, 0);
    assert_int_equal(count_goodbyes(guests, ROOM), figures().room_made);
    test_close(newcomer);
    for (size_t i = 0; i < ROOM; i++)
        test_close(guests[i]);
    test_server_stop(&test);
}

static void a_crowd_makes_room_before_those_who_are_few(void **state)
{
    (void)state;
    SSL *crowd[ROOM - 1];
    start("connections-max", "16", "loops", "1");
    SSL *one = come_from("192.0.2.1"); /* idle for longest */
    (void)ask(one);
    for (size_t i = 0; i < COUNT_OF(crowd); i++) {
        crowd[i] = come_from("192.0.2.2");
        (void)ask(crowd[i]);
    }
    SSL *newcomer = come_from("192.0.2.3");
    (void)ask(newcomer);
    assert_int_equal(figures().room_made, 1);
    (void)ask(one);
    assert_int_equal(count_goodbyes(crowd, COUNT_OF(crowd)), 1);
    test_close(newcomer);
    test_close(one);
    for (size_t i = 0; i < COUNT_OF(crowd); i++)
        test_close(crowd[i]);
    test_server_stop(&test);
}

static void a_crowd_that_dawdles_leaves_places_for_others(void **state)
{
    (void)state;
    static const char half_of_a_hello[] = { 0x16 };
    int fds[CROWD];
    start("handshakes-max", "2", "loops", "1");
    for (size_t i = 0; i < CROWD; i++)
        fds[i] = test_connect_for(server_port(test.server), "192.0.2.1");
    (void)usleep(100000); /* they have been counted */
    for (size_t i = 0; i < CROWD; i++)
        assert_int_equal(write(fds[i], half_of_a_hello, 1), 1);
    (void)usleep(100000);
    int64_t started_ms = clock_steady_ms();
    for (int i = 0; i < 5; i++) {
        SSL *other = come_from("192.0.2.2");
        (void)ask(other);
        test_close(other);
    }
    assert_true(clock_steady_ms() - started_ms < 1500);
    assert_true(figures().connections_open >= CROWD - 1);
    for (size_t i = 0; i < CROWD; i++)
        (void)close(fds[i]);
    test_server_stop(&test);
}

/* Else its address would hold the connection for as long as the server lingers. */
static void a_peer_that_resets_after_its_answer_is_gone_at_once(void **state)
{
    (void)state;
    static const char request[] = "GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n";
    const struct linger reset = { .l_onoff = 1, .l_linger = 0 };
    start("linger-ms", "60000", "loops", "1");
    SSL *ssl = come_from("192.0.2.1");
    test_send(ssl, request, sizeof request - 1);
    free(test_read_until(ssl, "loop"));
    assert_int_equal(setsockopt(SSL_get_fd(ssl), SOL_SOCKET, SO_LINGER, &reset, sizeof reset), 0);
    test_close(ssl);
    for (int i = 0; i < 300 && figures().connections_open > 0; i++)
        (void)usleep(10000);
    assert_int_equal(figures().connections_open, 0);
    test_server_stop(&test);
}

static void a_head_that_does_not_end_makes_room(void **state)
{
    (void)state;
    static const char start_of_a_head[] = "GET / HTTP/1.1\r\nHost:";
    SSL *slow[ROOM];
    start("connections-max", "16", "head-pressed-ms", "500");
    for (size_t i = 0; i < ROOM; i++)
        slow[i] = come_from("192.0.2.1");
    for (size_t i = 0; i < ROOM - 1; i++)
        test_send(slow[i], start_of_a_head, sizeof start_of_a_head - 1);
    (void)ask(slow[ROOM - 1]); /* at work, and then idle: not for so long as heads take */
    (void)usleep(600000);
    test_send(slow[ROOM - 1], start_of_a_head, sizeof start_of_a_head - 1);
    (void)usleep(50000);
    SSL *newcomer = come_from("192.0.2.9");
    (void)ask(newcomer);
    /* Another loop may be asked for the room, and lets the newcomer in before it is made. */
    for (int i = 0; i < 300 && figures().room_made == 0; i++)
        (void)usleep(10000);
    assert_true(figures().room_made > 0);
    test_send(slow[ROOM - 1], " a\r\n\r\n", 6); /* this one was slow, but not for long */
    char *answer = test_read_until(slow[ROOM - 1], "loop");
    assert_non_null(strstr(answer, " 200 "));
    free(answer);
    test_close(newcomer);
    for (size_t i = 0; i < ROOM; i++)
        test_close(slow[i]);
    test_server_stop(&test);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_address_has_so_many_connections_at_once),
        cmocka_unit_test(an_address_opens_so_many_connections_in_a_second),
        cmocka_unit_test(all_addresses_open_so_many_connections_in_a_second),
        cmocka_unit_test(exempt_addresses_are_not_counted),
        cmocka_unit_test(a_full_house_closes_the_idle_of_any_loop),
        cmocka_unit_test(a_crowd_makes_room_before_those_who_are_few),
        cmocka_unit_test(a_crowd_that_dawdles_leaves_places_for_others),
        cmocka_unit_test(a_peer_that_resets_after_its_answer_is_gone_at_once),
        cmocka_unit_test(a_head_that_does_not_end_makes_room),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
