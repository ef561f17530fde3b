/* What dishonest and broken clients send, byte by byte. */
#include "test_server.h"

#include "base/clock.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

static struct test_server test;

static void say_hello(struct exchange *exchange)
{
    exchange_send(exchange, 200, "text/plain", "hello", 5);
}

static void echo(struct exchange *exchange)
{
    exchange_send(exchange, 200, "text/plain", exchange->body, exchange->body_bytes);
}

static const struct route routes[] = {
    { HTTP_GET, "/", 0, BODY_NONE, 0, say_hello },
    { HTTP_POST, "/echo", 0, BODY_WHOLE, 100000, echo },
};

static int start(void **state)
{
    (void)state;
    static const char *const changes[] = { "handshake-deadline-ms", "300", "header-deadline-ms",
        "400", "idle-deadline-ms", "600", "handshakes-max", "2", NULL };
    test_server_start(&test, routes, sizeof routes / sizeof routes[0], changes);
    return 0;
}

static int stop(void **state)
{
    (void)state;
    test_server_stop(&test);
    return 0;
}

/* What the server answers to these bytes, until it ends the connection. */
static char *talk(const char *text)
{
    SSL *ssl = test_connect_tls(&test, "http/1.1");
    test_send(ssl, text, strlen(text));
    char *answer = test_read_until(ssl, NULL);
    test_close(ssl);
    return answer;
}

static size_t count_of(const char *text, const char *wanted)
{
    size_t count = 0;
    for (const char *at = text; (at = strstr(at, wanted)); at++)
        count++;
    return count;
}

static void refused_requests_are_answered_and_end_the_connection(void **state)
{
    (void)state;
    static const struct {
        const char *text, *status;
    } cases[] = {
        { "GET /\r\n", "HTTP/1.1 400 " },
        { "GET / HTTP/1.1\r\n\r\n", "HTTP/1.1 400 " },
        { "GET / HTTP/1.1\nHost: a\n\n", "HTTP/1.1 400 " },
        { "GET / HTTP/3.0\r\nHost: a\r\n\r\n", "HTTP/1.1 505 " },
        { "POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\nTransfer-Encoding: "
          "chunked\r\n\r\n0\r\n\r\nGET / HTTP/1.1\r\nHost: a\r\n\r\n",
            "HTTP/1.1 400 " },
        { "POST /echo HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: "
          "chunked\r\n\r\n+3\r\nabc\r\n0\r\n\r\nGET / HTTP/1.1\r\nHost: a\r\n\r\n",
            "HTTP/1.1 400 " },
        { "POST /echo HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: "
          "chunked\r\n\r\n3\r\nabcd\r\n0\r\n\r\n",
            "HTTP/1.1 400 " },
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        char *answer = talk(cases[i].text);
        if (!text_starts_with(answer, cases[i].status) || count_of(answer, "\r\nDate: ") != 1
            || !strstr(answer, "\r\nConnection: close\r\n") || !strstr(answer, "\"code\":"))
            fail_msg("%s\n%s", cases[i].text, answer);
        free(answer);
    }
}

static void pipelined_requests_are_answered_in_order(void **state)
{
    (void)state;
    char *answer = talk(
        "POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nfirst"
        "POST /echo HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: "
        "chunked\r\n\r\n6\r\nsecond\r\n0\r\n\r\n"
        "POST /none HTTP/1.1\r\nHost: a\r\nContent-Length: 7\r\n\r\ndropped"
        "GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\nGET / HTTP/1.1\r\nHost: a\r\n\r\n");
    const char *first = strstr(answer, "\r\n\r\nfirst");
    const char *second = strstr(answer, "\r\n\r\nsecond");
    const char *third = strstr(answer, "HTTP/1.1 404");
    const char *fourth = strstr(answer, "\r\n\r\nhello");
    assert_true(first && second > first && third > second && fourth > third);
    assert_int_equal(count_of(answer, "HTTP/1.1 "), 4);
    free(answer);
}

static void a_request_may_come_byte_by_byte(void **state)
{
    (void)state;
    static const char text[] = "POST /echo HTTP/1.1\r\nHost: a\r\nConnection: "
                               "close\r\nTransfer-Encoding: chunked\r\n\r\n"
                               "3\r\nabc\r\n2;x=y\r\nde\r\n0\r\nT: u\r\n\r\n";
    SSL *ssl = test_connect_tls(&test, "http/1.1");
    for (size_t i = 0; i < sizeof text - 1; i++)
        test_send(ssl, text + i, 1);
    char *answer = test_read_until(ssl, NULL);
    assert_non_null(strstr(answer, "\r\n\r\nabcde"));
    free(answer);
    test_close(ssl);
}

static void continue_is_said_when_the_body_is_wanted(void **state)
{
    (void)state;
    SSL *ssl = test_connect_tls(&test, "http/1.1");
    static const char head[]
        = "POST /echo HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 3\r\n\r\n";
    test_send(ssl, head, sizeof head - 1);
    char *answer = test_read_until(ssl, "\r\n\r\n");
    assert_string_equal(answer, "HTTP/1.1 100 Continue\r\n\r\n");
    free(answer);
    test_send(ssl, "abc", 3);
    answer = test_read_until(ssl, "abc");
    assert_true(text_starts_with(answer, "HTTP/1.1 200 OK\r\n"));
    free(answer);
    test_close(ssl);
    answer = talk(
        "POST /none HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 3\r\n\r\n");
    assert_true(text_starts_with(answer, "HTTP/1.1 404 "));
    assert_null(strstr(answer, "100 Continue"));
    free(answer);
}

static void old_http_is_answered_and_closed(void **state)
{
    (void)state;
    char *answer = talk("GET / HTTP/1.0\r\n\r\n");
    assert_non_null(strstr(answer, "Connection: close\r\n"));
    assert_non_null(strstr(answer, "\r\n\r\nhello"));
    free(answer);
}

static void slow_clients_meet_absolute_deadlines(void **state)
{
    (void)state;
    int64_t started_ms = clock_steady_ms();
    int fd = test_connect(server_port(test.server));
    char byte;
    assert_int_equal(read(fd, &byte, 1), 0); /* a handshake that never begins */
    (void)close(fd);
    int64_t handshake_ms = clock_steady_ms() - started_ms;
    assert_true(handshake_ms >= 300 && handshake_ms < 3000);

    /* A drip keeps the connection busy, but not alive. */
    SSL *ssl = test_connect_tls(&test, "http/1.1");
    started_ms = clock_steady_ms();
    static const char text[]
        = "GET / HTTP/1.1\r\nHost: a\r\nA: bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb";
    size_t sent = 0;
    while (sent < sizeof text - 1 && clock_steady_ms() - started_ms < 350) {
        test_send(ssl, text + sent++, 1);
        (void)usleep(20000);
    }
    char *answer = test_read_until(ssl, NULL);
    assert_true(text_starts_with(answer, "HTTP/1.1 408 "));
    assert_true(clock_steady_ms() - started_ms < 3000);
    free(answer);
    test_close(ssl);

    started_ms = clock_steady_ms();
    answer = talk(""); /* nothing at all after the handshake */
    assert_string_equal(answer, "");
    assert_true(clock_steady_ms() - started_ms < 3000);
    free(answer);

    started_ms = clock_steady_ms();
    answer = talk("GET / HTTP/1.1\r\nHost: a\r\n\r\n"); /* idle afterwards */
    assert_int_equal(count_of(answer, "HTTP/1.1 200"), 1);
    int64_t idle_ms = clock_steady_ms() - started_ms;
    assert_true(idle_ms >= 600 && idle_ms < 4000);
    free(answer);
    struct server_figures figures;
    server_read_figures(test.server, &figures);
    assert_true(figures.deadline_closes >= 4);
}

static void a_wrong_handshake_gets_an_alert(void **state)
{
    (void)state;
    int fd = test_connect(server_port(test.server));
    static const char hello[] = "\x16\x03\x01\x00\x04\x01\x00\x00\x00"; /* an empty ClientHello */
    unsigned char alert[64];
    assert_int_equal(write(fd, hello, sizeof hello - 1), sizeof hello - 1);
    ssize_t count = read(fd, alert, sizeof alert);
    assert_true(count >= 7 && alert[0] == 21);
    (void)close(fd);
}

/* HTTP/2 by hand */
#define PREFACE "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"
enum {
    FRAME_HEADERS = 1,
    FRAME_RST = 3,
    FRAME_SETTINGS = 4,
    FRAME_PING = 6,
    FRAME_GOAWAY = 7,
    FRAME_CONTINUATION = 9
};

static void append_frame(
    struct text *text, int type, int flags, uint32_t stream, const void *bytes, size_t count)
{
    const char head[9]
        = { (char)(count >> 16), (char)(count >> 8), (char)count, (char)type, (char)flags,
              (char)(stream >> 24), (char)(stream >> 16), (char)(stream >> 8), (char)stream };
    text_append(text, head, sizeof head);
    text_append(text, bytes, count);
}

/* GET / of "a" over https, by the static table. */
static const char get_root[] = { (char)0x82, (char)0x84, (char)0x87, 0x01, 0x01, 'a' };

/* The error code of the GOAWAY that ends the connection, or -1. */
static int error_after(const struct text *text)
{
    SSL *ssl = test_connect_tls(&test, "h2");
    test_send(ssl, text->bytes, text->length);
    int error = -1;
    unsigned char head[9], payload[16384] = { 0 };
    size_t count;
    for (;;) {
        size_t have = 0, length;
        while (have < sizeof head && SSL_read_ex(ssl, head + have, sizeof head - have, &count) == 1)
            have += count;
        if (have < sizeof head)
            break;
        length = (size_t)head[0] << 16 | (size_t)head[1] << 8 | head[2];
        have = 0;
        while (have < length && SSL_read_ex(ssl, payload + have, length - have, &count) == 1)
            have += count;
        if (have < length)
            break;
        if (head[3] == FRAME_GOAWAY)
            error = payload[4] << 24 | payload[5] << 16 | payload[6] << 8 | payload[7];
    }
    test_close(ssl);
    return error;
}

static void http2_floods_are_met_with_goaway(void **state)
{
    (void)state;
    enum { NO_ERROR = 0, ENHANCE_YOUR_CALM = 11 };
    static const struct {
        const char *story;
        int type, flags;
        size_t length, times;
        bool opens;
        int error;
    } cases[] = {
        { "some pings", FRAME_PING, 0, 8, 100, false, NO_ERROR },
        { "a flood of pings", FRAME_PING, 0, 8, 3000, false, ENHANCE_YOUR_CALM },
        { "a flood of settings", FRAME_SETTINGS, 0, 0, 3000, false, ENHANCE_YOUR_CALM },
        { "unknown frames are only dropped", 0x42, 0, 4, 3000, false, NO_ERROR },
        { "a flood of windows", 0x8, 0, 4, 3000, false, ENHANCE_YOUR_CALM },
        { "some resets", FRAME_RST, 0, 4, 50, true, NO_ERROR },
        { "a flood of resets", FRAME_RST, 0, 4, 1000, true, ENHANCE_YOUR_CALM },
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct text text;
        text_init(&text, 1 << 20);
        text_append_string(&text, PREFACE);
        append_frame(&text, FRAME_SETTINGS, 0, 0, "", 0);
        for (uint32_t j = 0; j < cases[i].times; j++) {
            uint32_t stream = cases[i].opens ? 2 * j + 1 : 0;
            if (cases[i].opens)
                append_frame(&text, FRAME_HEADERS, 0x4, stream, get_root, sizeof get_root);
            append_frame(&text, cases[i].type, cases[i].flags, stream, "\0\0\0\x08\0\0\0\0",
                cases[i].length);
        }
        int error = error_after(&text);
        if (error != cases[i].error)
            fail_msg("%s: error %d", cases[i].story, error);
        text_release(&text);
    }
}

static void endless_http2_headers_end_the_connection(void **state)
{
    (void)state;
    struct text text;
    text_init(&text, 1 << 24);
    text_append_string(&text, PREFACE);
    append_frame(&text, FRAME_SETTINGS, 0, 0, "", 0);
    append_frame(&text, FRAME_HEADERS, 0, 1, get_root, sizeof get_root);
    for (int i = 0; i < 10000; i++)
        append_frame(&text, FRAME_CONTINUATION, 0, 1,
            "\x40\x01"
            "a\x01"
            "b",
            5);
    assert_true(error_after(&text) > 0);
    text_release(&text);
}

static void http2_that_is_none_ends_the_connection(void **state)
{
    (void)state;
    struct text text;
    text_init(&text, 1000);
    text_append_string(&text, "GET / HTTP/1.1\r\nHost: a\r\n\r\n");
    (void)error_after(&text); /* returns, because the server has closed */
    text_release(&text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(refused_requests_are_answered_and_end_the_connection),
        cmocka_unit_test(pipelined_requests_are_answered_in_order),
        cmocka_unit_test(a_request_may_come_byte_by_byte),
        cmocka_unit_test(continue_is_said_when_the_body_is_wanted),
        cmocka_unit_test(old_http_is_answered_and_closed),
        cmocka_unit_test(slow_clients_meet_absolute_deadlines),
        cmocka_unit_test(a_wrong_handshake_gets_an_alert),
        cmocka_unit_test(http2_floods_are_met_with_goaway),
        cmocka_unit_test(endless_http2_headers_end_the_connection),
        cmocka_unit_test(http2_that_is_none_ends_the_connection),
    };
    return cmocka_run_group_tests(tests, start, stop);
}
