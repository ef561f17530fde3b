/* What a peer can do with TLS itself once its handshake is over. */
#include "test_server.h"

#include "base/clock.h"

#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

enum { RENEWALS_MAX = 32, FLOOD = 100000 };

static struct test_server test;

static void say_hello(struct exchange *exchange)
{
    exchange_send(exchange, 200, "text/plain", "hello", 5);
}

static const struct route routes[] = { { HTTP_GET, "/", 0, BODY_NONE, 0, say_hello } };

static void start(void)
{
    static const char *const changes[] = { "header-deadline-ms", "60000", "loops", "1", NULL };
    test_server_start(&test, routes, sizeof routes / sizeof routes[0], changes);
}

static bool renew_keys(SSL *ssl, int kind)
{
    return SSL_key_update(ssl, kind) == 1 && SSL_do_handshake(ssl) == 1;
}

static void expect_hello(SSL *ssl)
{
    static const char request[] = "GET / HTTP/1.1\r\nHost: a\r\n\r\n";
    test_send(ssl, request, sizeof request - 1);
    char *answer = test_read_until(ssl, "hello");
    assert_non_null(strstr(answer, "hello"));
    free(answer);
}

static void keys_may_be_renewed(void **state)
{
    (void)state;
    start();
    SSL *ssl = test_connect_tls(&test, "http/1.1");
    for (int i = 0; i < RENEWALS_MAX; i++) {
        assert_true(
            renew_keys(ssl, i % 2 ? SSL_KEY_UPDATE_REQUESTED : SSL_KEY_UPDATE_NOT_REQUESTED));
        expect_hello(ssl);
    }
    test_close(ssl);
    test_server_stop(&test);
}

/* It costs the peer 27 bytes, and us a key schedule and 27 bytes; without a bound the loop would be kept
 * busy for as long as they come. */
static void whoever_renews_them_without_end_is_let_go(void **state)
{
    (void)state;
    static const int kinds[] = { SSL_KEY_UPDATE_REQUESTED, SSL_KEY_UPDATE_NOT_REQUESTED };
    for (size_t i = 0; i < 2; i++) {
        start();
        SSL *ssl = test_connect_tls(&test, "http/1.1");
        int count = 0;
        while (count < FLOOD && renew_keys(ssl, kinds[i]))
            count++;
        assert_true(count < FLOOD);
        test_close(ssl);
        ssl = test_connect_tls(&test, "http/1.1");
        expect_hello(ssl);
        test_close(ssl);
        test_server_stop(&test);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(keys_may_be_renewed),
        cmocka_unit_test(whoever_renews_them_without_end_is_let_go),
    };
    (void)signal(SIGPIPE, SIG_IGN); /* this client writes on where the server has closed */
    return cmocka_run_group_tests(tests, NULL, NULL);
}
