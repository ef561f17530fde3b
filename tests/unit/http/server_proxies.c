/* Who the client is, behind proxies of either kind. */
#include "test_server.h"

#include "http/peer_address.h"

#include "../unit.h"

#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

static struct test_server test;

static void say_peer(struct exchange *exchange)
{
    const char *peer = exchange->request.peer;
    exchange_send(exchange, 200, "text/plain", peer, strlen(peer));
}

static const struct route routes[] = { { HTTP_GET, "/", 0, BODY_NONE, 0, say_peer } };

static void start(const char *header_proxies, const char *trusted_proxies)
{
    const char *const changes[] = { "proxy-protocol-from", header_proxies, "trusted-proxies",
        trusted_proxies, "handshake-deadline-ms", "1500", NULL };
    test_server_start(&test, routes, COUNT_OF(routes), changes);
}

/* A connection on which these bytes have been written already, at once or in pieces. */
static int connect_behind(const char *header, size_t count, bool in_pieces)
{
    int fd = test_connect(server_port(test.server)), on = 1;
    (void)setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    size_t step = in_pieces ? 1 : count;
    for (size_t at = 0; at < count; at += step) {
        (void)usleep(in_pieces ? 1000 : 0);
        assert_int_equal(write(fd, header + at, step), step);
    }
    return fd;
}

static void expect_peer(SSL *ssl, const char *fields, const char *peer)
{
    char request[400], end[PEER_TEXT_SIZE + 8];
    int length = snprintf(request, sizeof request,
        "GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n%s\r\n", fields);
    test_send(ssl, request, (size_t)length);
    char *answer = test_read_until(ssl, NULL);
    (void)snprintf(end, sizeof end, "\r\n\r\n%s", peer);
    const char *found = strstr(answer, "\r\n\r\n");
    if (!found || strcmp(found, end) != 0)
        fail_msg("expected %s: %s", peer, answer);
    free(answer);
}

#define SIGNATURE "\r\n\r\n\0\r\nQUIT\n"
static void a_proxy_s_header_tells_who_the_client_is(void **state)
{
    (void)state;
    static const struct {
        const char *header;
        size_t count;
        const char *peer;
    } cases[] = {
        { "PROXY TCP4 192.0.2.7 127.0.0.1 4711 443\r\n", 41, "192.0.2.7" },
        { "PROXY TCP6 2001:db8::7 ::1 4711 443\r\n", 37, "2001:db8::7" },
        { "PROXY UNKNOWN\r\n", 15, "127.0.0.1" },
        { SIGNATURE "\x21\x11\0\x0c\xc0\0\x02\x07\x7f\0\0\x01\x12\x34\x01\xbb", 28, "192.0.2.7" },
        { SIGNATURE "\x20\0\0\0", 16, "127.0.0.1" },
    };
    start("127.0.0.0/8", "");
    for (size_t i = 0; i < 2 * COUNT_OF(cases); i++) {
        int fd = connect_behind(cases[i / 2].header, cases[i / 2].count, i % 2 == 1);
        SSL *ssl = test_shake_hands(fd, "http/1.1");
        expect_peer(ssl, "X-Forwarded-For: 1.2.3.4\r\n", cases[i / 2].peer);
        test_close(ssl);
    }
    test_server_stop(&test);
}

/* The client's first message of TLS, as it would be sent. */
static size_t make_hello(SSL *ssl, char *ret_hello, size_t size)
{
    BIO *in = BIO_new(BIO_s_mem()), *out = BIO_new(BIO_s_mem());
    SSL_set_bio(ssl, in, out);
    assert_int_equal(SSL_connect(ssl), -1);
    int length = BIO_read(out, ret_hello, (int)size);
    assert_true(length > 0);
    return (size_t)length;
}

static void what_follows_the_header_in_its_segment_is_the_handshake(void **state)
{
    (void)state;
    static const char header[] = "PROXY TCP4 192.0.2.7 127.0.0.1 4711 443\r\n";
    char bytes[4096];
    SSL_CTX *context = SSL_CTX_new(TLS_client_method());
    SSL *ssl = SSL_new(context);
    size_t start_length = sizeof header - 1;
    start("127.0.0.1", "");
    memcpy(bytes, header, start_length);
    size_t hello = make_hello(ssl, bytes + start_length, sizeof bytes - start_length);
    int fd = connect_behind(bytes, start_length + hello, false);
    uint8_t record[3] = { 0 };
    assert_int_equal(recv(fd, record, 3, MSG_WAITALL), 3);
    assert_int_equal(record[0], 22); /* a handshake record, not an alert */
    (void)close(fd);
    SSL_free(ssl);
    SSL_CTX_free(context);
    test_server_stop(&test);
}

static bool is_closed_without_a_word(int fd)
{
    char byte;
    ssize_t count = recv(fd, &byte, 1, 0);
    return count == 0 || (count < 0 && errno == ECONNRESET);
}

static void a_connection_without_its_header_is_closed(void **state)
{
    (void)state;
    static const char *const wrong[] = { "\x16\x03\x01", "GET / HTTP/1.1\r\n\r\n",
        "PROXY TCP4 192.0.2.7 127.0.0.1 4711 443\n", "PROXY TCP4 " };
    start("127.0.0.1", "");
    for (size_t i = 0; i < COUNT_OF(wrong); i++) {
        int fd = connect_behind(wrong[i], strlen(wrong[i]), false);
        if (i == COUNT_OF(wrong) - 1)
            (void)shutdown(fd, SHUT_WR);
        assert_true(is_closed_without_a_word(fd));
        (void)close(fd);
    }
    struct server_figures figures;
    server_read_figures(test.server, &figures);
    assert_int_equal(figures.proxy_headers_refused, 3);
    int slow = connect_behind("PROXY ", 6, false); /* the deadline of the handshake holds for it */
    assert_true(is_closed_without_a_word(slow));
    (void)close(slow);
    server_read_figures(test.server, &figures);
    assert_int_equal(figures.proxy_headers_refused, 3);
    assert_int_equal(figures.deadline_closes, 1);
    test_server_stop(&test);
}

static void a_header_from_anybody_else_is_no_handshake(void **state)
{
    (void)state;
    static const char header[] = "PROXY TCP4 192.0.2.7 127.0.0.1 4711 443\r\n";
    start("127.0.0.2", "");
    int fd = connect_behind(header, sizeof header - 1, false);
    struct server_figures figures;
    char bytes[8];
    while (recv(fd, bytes, sizeof bytes, 0) > 0)
        ;
    server_read_figures(test.server, &figures);
    assert_int_equal(figures.handshakes_failed, 1);
    assert_int_equal(figures.proxy_headers_refused, 0);
    (void)close(fd);
    test_server_stop(&test);
}

static void forwarding_fields_count_from_trusted_proxies_only(void **state)
{
    (void)state;
    static const struct {
        const char *trusted, *fields, *peer;
    } cases[] = {
        { "", "X-Forwarded-For: 192.0.2.7\r\n", "127.0.0.1" },
        { "127.0.0.2", "Forwarded: for=192.0.2.7\r\n", "127.0.0.1" },
        { "127.0.0.1", "X-Forwarded-For: 1.2.3.4, 192.0.2.7\r\n", "192.0.2.7" },
        { "127.0.0.1", "Forwarded: for=\"[2001:db8::7]\"\r\n", "2001:db8::7" },
        { "127.0.0.1", "X-Forwarded-For: nobody\r\n", "127.0.0.1" },
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        start("", cases[i].trusted);
        SSL *ssl = test_connect_tls(&test, "http/1.1");
        expect_peer(ssl, cases[i].fields, cases[i].peer);
        test_close(ssl);
        test_server_stop(&test);
    }
}

static void networks_that_cannot_be_read_keep_the_server_from_starting(void **state)
{
    (void)state;
    static const char *const changes[] = { "trusted-proxies", "10.0.0.1/8", NULL };
    const struct server_settings none = { .routes = routes, .route_count = COUNT_OF(routes) };
    struct server_settings given = none;
    struct problem problem = { 0 };
    test_server_prepare(&test, changes);
    given.settings = &test.settings;
    assert_null(server_create(&given, &problem));
    assert_int_equal(problem.kind, PROBLEM_SETTING);
    assert_non_null(strstr(problem.detail, "'trusted-proxies' must name networks"));
    assert_true(settings_set(&test.settings, "trusted-proxies", "", &problem));
    test_server_run(&test, &none);
    test_server_stop(&test);
}

static void a_reload_takes_up_other_proxies(void **state)
{
    (void)state;
    static const char forwarded[] = "X-Forwarded-For: 192.0.2.7\r\n";
    struct problem problem = { 0 };
    struct settings changed;
    start("", "127.0.0.2");
    settings_copy(&test.settings, &changed);
    assert_true(settings_set(&changed, "trusted-proxies", "10.0.0.1/8", &problem));
    assert_false(server_reload(test.server, &changed, &problem));
    problem_clear(&problem);
    assert_true(settings_set(&changed, "trusted-proxies", "127.0.0.0/8", &problem));
    assert_true(server_reload(test.server, &changed, &problem));
    /* Each loop takes it up between two turns; these connections may come just before. */
    for (int i = 0; i < 20; i++)
        test_close(test_connect_tls(&test, "http/1.1"));
    SSL *ssl = test_connect_tls(&test, "http/1.1");
    expect_peer(ssl, forwarded, "192.0.2.7");
    test_close(ssl);
    settings_release(&changed);
    test_server_stop(&test);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_proxy_s_header_tells_who_the_client_is),
        cmocka_unit_test(what_follows_the_header_in_its_segment_is_the_handshake),
        cmocka_unit_test(a_connection_without_its_header_is_closed),
        cmocka_unit_test(a_header_from_anybody_else_is_no_handshake),
        cmocka_unit_test(forwarding_fields_count_from_trusted_proxies_only),
        cmocka_unit_test(networks_that_cannot_be_read_keep_the_server_from_starting),
        cmocka_unit_test(a_reload_takes_up_other_proxies),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
