/* Settings and certificates that change under a server at work. */
#include "test_server.h"

#include "base/files.h"

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

enum { RELOADS = 200, CLIENTS = 3 };

static struct test_server test;

static void say_hello(struct exchange *exchange)
{
    exchange_send(exchange, 200, "text/plain", "hello", 5);
}

static const struct route routes[] = { { HTTP_GET, "/", 0, BODY_NONE, 0, say_hello } };

static void start(void)
{
    test_server_start(&test, routes, sizeof routes / sizeof routes[0], NULL);
}

static void ask(SSL *ssl, size_t field_bytes)
{
    char text[5000];
    int length = snprintf(
        text, sizeof text, "GET / HTTP/1.1\r\nHost: a\r\nX: %0*d\r\n\r\n", (int)field_bytes, 0);
    test_send(ssl, text, (size_t)length);
}

static void expect(SSL *ssl, size_t field_bytes, const char *expected)
{
    ask(ssl, field_bytes);
    char *answer = test_read_until(ssl, expected);
    if (!strstr(answer, expected))
        fail_msg("%s: %s", expected, answer);
    free(answer);
}

/* Each loop takes new settings up in a turn of its own, soon. */
static void expect_soon(size_t field_bytes, const char *expected)
{
    bool found = false;
    for (int i = 0; i < 500 && !found; i++) {
        SSL *ssl = test_connect_tls(&test, "http/1.1");
        ask(ssl, field_bytes);
        char *answer = test_read_until(ssl, "\r\n\r\n");
        found = strstr(answer, expected) != NULL;
        free(answer);
        test_close(ssl);
        (void)usleep(2000);
    }
    assert_true(found);
}

static void an_open_connection_is_served_by_the_new_rules(void **state)
{
    (void)state;
    struct problem problem = { 0 };
    struct settings next;
    start();
    SSL *old = test_connect_tls(&test, "http/1.1");
    expect(old, 3000, "hello");
    settings_copy(&test.settings, &next);
    assert_true(settings_set(&next, "header-bytes-max", "1024", &problem));
    assert_true(server_reload(test.server, &next, &problem));
    settings_release(&next); /* the server has its own */
    expect_soon(3000, " 431 ");
    expect_soon(3000, " 431 "); /* by the other loop too, as likely as not */
    expect(old, 10, "hello");
    test_close(old);
    test_server_stop(&test);
}

static void what_cannot_be_loaded_changes_nothing(void **state)
{
    (void)state;
    struct problem problem = { 0 };
    struct settings next;
    start();
    settings_copy(&test.settings, &next);
    assert_true(settings_set(&next, "header-bytes-max", "1024", &problem));
    assert_true(settings_set(&next, "tls-key", "nowhere.key", &problem));
    assert_false(server_reload(test.server, &next, &problem));
    assert_int_equal(problem.kind, PROBLEM_SETTING);
    assert_non_null(strstr(problem.detail, "nowhere.key"));
    settings_release(&next);
    SSL *ssl = test_connect_tls(&test, "http/1.1");
    expect(ssl, 3000, "hello");
    test_close(ssl);
    test_server_stop(&test);
}

static atomic_bool over;
static atomic_int answered;

static void *go_on(void *data)
{
    (void)data;
    while (!atomic_load(&over)) {
        SSL *ssl = test_connect_tls(&test, "http/1.1");
        for (int i = 0; i < 5; i++) {
            ask(ssl, 10);
            char *answer = test_read_until(ssl, "hello");
            atomic_fetch_add(&answered, strstr(answer, "hello") != NULL ? 1 : -1000000);
            free(answer);
        }
        test_close(ssl);
    }
    return NULL;
}

/* For the thread sanitizer; and none may be left behind, which the other one sees. */
static void reloads_under_load_lose_nothing(void **state)
{
    (void)state;
    pthread_t threads[CLIENTS];
    struct problem problem = { 0 };
    struct settings next;
    start();
    atomic_store(&over, false);
    for (size_t i = 0; i < CLIENTS; i++)
        assert_int_equal(pthread_create(&threads[i], NULL, go_on, NULL), 0);
    settings_copy(&test.settings, &next);
    for (int i = 0; i < RELOADS; i++) {
        char text[20];
        (void)snprintf(text, sizeof text, "%d", 1000 + i);
        assert_true(settings_set(&next, "idle-deadline-ms", text, &problem));
        assert_true(server_reload(test.server, &next, &problem));
        assert_int_equal(server_tls_facts(test.server).count, 1);
        server_renew_ticket_keys(test.server);
        (void)usleep(5000);
    }
    atomic_store(&over, true);
    for (size_t i = 0; i < CLIENTS; i++)
        (void)pthread_join(threads[i], NULL);
    assert_true(atomic_load(&answered) > 20);
    assert_true(
        server_reload(test.server, &next, &problem)); /* one that no loop may have taken up */
    settings_release(&next);
    test_server_stop(&test);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_open_connection_is_served_by_the_new_rules),
        cmocka_unit_test(what_cannot_be_loaded_changes_nothing),
        cmocka_unit_test(reloads_under_load_lose_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
