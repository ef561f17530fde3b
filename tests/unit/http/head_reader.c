#include "http/head_reader.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static const struct request_limits limits
    = { .header_bytes_max = 1024, .header_count_max = 8, .target_bytes_max = 256 };

struct outcome {
    enum problem_kind kind;
    struct http_request request;
    struct request_framing framing;
    size_t head_bytes;
};

/* Feeds text in two pieces, cut at `cut`, as a socket may; every byte is in a block of its own
 * size, so that reading behind the end is seen by the sanitizer. */
static struct outcome read_in_two(const char *text, size_t length, size_t cut, struct arena *arena)
{
    struct outcome outcome = { 0 };
    struct problem problem = { 0 };
    struct head_reader reader;
    head_reader_init(&reader);
    enum head_step step = HEAD_MORE;
    size_t parts[] = { cut, length };
    for (size_t i = 0; i < 2 && step == HEAD_MORE; i++) {
        char *bytes = malloc(parts[i] + !parts[i]);
        memcpy(bytes, text, parts[i]);
        step = head_reader_scan(&reader, &limits, bytes, parts[i], &outcome.head_bytes, &problem);
        if (step == HEAD_WHOLE)
            (void)head_parse(bytes, outcome.head_bytes, &limits, &outcome.request, arena,
                &outcome.framing, &problem);
        free(bytes);
    }
    assert_true((step == HEAD_REFUSED) <= problem_is_set(&problem));
    outcome.kind = step == HEAD_MORE ? PROBLEM_KIND_COUNT : problem.kind;
    return outcome;
}

enum { INCOMPLETE = PROBLEM_KIND_COUNT };

struct story {
    const char *story;
    const char *text;
    size_t length; /* 0: strlen */
    int expected;  /* problem_kind, or INCOMPLETE */
};

static void check_stories(const struct story *stories, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        size_t length = stories[i].length ? stories[i].length : strlen(stories[i].text);
        for (size_t cut = 0; cut <= length; cut++) {
            struct arena arena;
            arena_init(&arena);
            struct outcome outcome = read_in_two(stories[i].text, length, cut, &arena);
            if ((int)outcome.kind != stories[i].expected)
                fail_msg("%s, cut at %zu: kind %d", stories[i].story, cut, (int)outcome.kind);
            arena_release(&arena);
        }
    }
}

#define CHECK(stories) check_stories(stories, sizeof(stories) / sizeof((stories)[0]))
#define H "Host: example.org\r\n"

static void honest_requests_are_read(void **state)
{
    (void)state;
    static const struct story stories[] = {
        { "the shortest", "GET / HTTP/1.1\r\n" H "\r\n", 0, PROBLEM_NONE },
        { "an empty line before", "\r\nGET / HTTP/1.1\r\n" H "\r\n", 0, PROBLEM_NONE },
        { "no space after the colon", "GET / HTTP/1.1\r\nHost:example.org\r\n\r\n", 0,
            PROBLEM_NONE },
        { "spaces around a value", "GET / HTTP/1.1\r\n" H "A: \t x \t\r\n\r\n", 0, PROBLEM_NONE },
        { "an empty value", "GET / HTTP/1.1\r\n" H "A:\r\n\r\n", 0, PROBLEM_NONE },
        { "a body with a length", "POST / HTTP/1.1\r\n" H "Content-Length: 5\r\n\r\n", 0,
            PROBLEM_NONE },
        { "a body in chunks", "POST / HTTP/1.1\r\n" H "Transfer-Encoding: chunked\r\n\r\n", 0,
            PROBLEM_NONE },
        { "chunked in capitals", "POST / HTTP/1.1\r\n" H "Transfer-Encoding: CHUNKED\r\n\r\n", 0,
            PROBLEM_NONE },
        { "absolute-form", "GET https://example.org/a HTTP/1.1\r\n" H "\r\n", 0, PROBLEM_NONE },
        { "absolute-form without a path", "GET http://example.org HTTP/1.1\r\n" H "\r\n", 0,
            PROBLEM_NONE },
        { "asterisk-form", "OPTIONS * HTTP/1.1\r\n" H "\r\n", 0, PROBLEM_NONE },
        { "HTTP/1.0 without Host", "GET / HTTP/1.0\r\n\r\n", 0, PROBLEM_NONE },
        { "a port", "GET / HTTP/1.1\r\nHost: example.org:8443\r\n\r\n", 0, PROBLEM_NONE },
        { "an IPv6 host", "GET / HTTP/1.1\r\nHost: [::1]:8443\r\n\r\n", 0, PROBLEM_NONE },
        { "old Latin-1 in a value", "GET / HTTP/1.1\r\n" H "User-Agent: caf\xe9\r\n\r\n", 0,
            PROBLEM_NONE },
        { "waiting for 100",
            "POST / HTTP/1.1\r\n" H "Expect: 100-Continue\r\nContent-Length: 1\r\n\r\n", 0,
            PROBLEM_NONE },
        { "not whole yet", "GET / HTTP/1.1\r\n" H, 0, INCOMPLETE },
        { "nothing yet", "", 0, INCOMPLETE },
    };
    CHECK(stories);
}

static void smuggling_forms_are_refused(void **state)
{
    (void)state;
    static const struct story stories[] = {
        { "CL.CL", "POST / HTTP/1.1\r\n" H "Content-Length: 5\r\nContent-Length: 6\r\n\r\n", 0,
            PROBLEM_BAD_REQUEST },
        { "CL.CL equal", "POST / HTTP/1.1\r\n" H "Content-Length: 5\r\nContent-Length: 5\r\n\r\n",
            0, PROBLEM_BAD_REQUEST },
        { "CL list", "POST / HTTP/1.1\r\n" H "Content-Length: 5, 5\r\n\r\n", 0,
            PROBLEM_BAD_REQUEST },
        { "CL plus", "POST / HTTP/1.1\r\n" H "Content-Length: +5\r\n\r\n", 0, PROBLEM_BAD_REQUEST },
        { "CL minus", "POST / HTTP/1.1\r\n" H "Content-Length: -5\r\n\r\n", 0,
            PROBLEM_BAD_REQUEST },
        { "CL hex", "POST / HTTP/1.1\r\n" H "Content-Length: 0x5\r\n\r\n", 0, PROBLEM_BAD_REQUEST },
        { "CL with a space within", "POST / HTTP/1.1\r\n" H "Content-Length: 5 5\r\n\r\n", 0,
            PROBLEM_BAD_REQUEST },
        { "CL empty", "POST / HTTP/1.1\r\n" H "Content-Length:\r\n\r\n", 0, PROBLEM_BAD_REQUEST },
        { "CL overflows", "POST / HTTP/1.1\r\n" H "Content-Length: 18446744073709551617\r\n\r\n", 0,
            PROBLEM_BAD_REQUEST },
        { "CL.TE",
            "POST / HTTP/1.1\r\n" H "Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n", 0,
            PROBLEM_BAD_REQUEST },
        { "TE.CL",
            "POST / HTTP/1.1\r\n" H "Transfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\n", 0,
            PROBLEM_BAD_REQUEST },
        { "TE.TE",
            "POST / HTTP/1.1\r\n" H
            "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n",
            0, PROBLEM_BAD_REQUEST },
        { "TE list", "POST / HTTP/1.1\r\n" H "Transfer-Encoding: gzip, chunked\r\n\r\n", 0,
            PROBLEM_NOT_IMPLEMENTED },
        { "TE in two fields",
            "POST / HTTP/1.1\r\n" H "Transfer-Encoding: gzip\r\nTransfer-Encoding: chunked\r\n\r\n",
            0, PROBLEM_NOT_IMPLEMENTED },
        { "TE with chunked not last",
            "POST / HTTP/1.1\r\n" H "Transfer-Encoding: chunked, gzip\r\n\r\n", 0,
            PROBLEM_BAD_REQUEST },
        { "TE with an empty member", "POST / HTTP/1.1\r\n" H "Transfer-Encoding: ,chunked\r\n\r\n",
            0, PROBLEM_BAD_REQUEST },
        { "TE of nothing", "POST / HTTP/1.1\r\n" H "Transfer-Encoding: ,\r\n\r\n", 0,
            PROBLEM_BAD_REQUEST },
        { "a range twice", "GET / HTTP/1.1\r\n" H "Range: bytes=0-0\r\nRange: bytes=1-1\r\n\r\n", 0,
            PROBLEM_BAD_REQUEST },
        { "an origin twice",
            "POST / HTTP/1.1\r\n" H "Origin: https://a\r\nORIGIN: https://b\r\n\r\n", 0,
            PROBLEM_BAD_REQUEST },
        { "TE identity", "POST / HTTP/1.1\r\n" H "Transfer-Encoding: identity\r\n\r\n", 0,
            PROBLEM_BAD_REQUEST },
        { "TE xchunked", "POST / HTTP/1.1\r\n" H "Transfer-Encoding: xchunked\r\n\r\n", 0,
            PROBLEM_BAD_REQUEST },
        { "TE with a vertical tab",
            "POST / HTTP/1.1\r\n" H "Transfer-Encoding: \x0b"
            "chunked\r\n\r\n",
            0, PROBLEM_BAD_REQUEST },
        { "TE in HTTP/1.0", "POST / HTTP/1.0\r\n" H "Transfer-Encoding: chunked\r\n\r\n", 0,
            PROBLEM_BAD_REQUEST },
        { "a space before the colon", "POST / HTTP/1.1\r\n" H "Transfer-Encoding : chunked\r\n\r\n",
            0, PROBLEM_BAD_REQUEST },
        { "a folded line", "GET / HTTP/1.1\r\n" H "A: b\r\n c\r\n\r\n", 0, PROBLEM_BAD_REQUEST },
        { "a folded line first", "GET / HTTP/1.1\r\n " H "\r\n", 0, PROBLEM_BAD_REQUEST },
        { "a bare LF", "GET / HTTP/1.1\n" H "\r\n", 0, PROBLEM_BAD_REQUEST },
        { "a bare LF at the end", "GET / HTTP/1.1\r\n" H "\n", 0, PROBLEM_BAD_REQUEST },
        { "a bare CR in a value", "GET / HTTP/1.1\r\n" H "A: b\rTransfer-Encoding: chunked\r\n\r\n",
            0, PROBLEM_BAD_REQUEST },
        { "a bare CR before a name", "GET / HTTP/1.1\r\n" H "\rA: b\r\nContent-Length: 5\r\n\r\n",
            0, PROBLEM_BAD_REQUEST },
        { "a bare CR in the request line", "GET /\rx HTTP/1.1\r\n" H "\r\n", 0,
            PROBLEM_BAD_REQUEST },
        { "NUL in a value", "GET / HTTP/1.1\r\nHost: example.org\r\nA: b\0c\r\n\r\n", 46,
            PROBLEM_BAD_REQUEST },
        { "NUL in a name", "GET / HTTP/1.1\r\nHost: example.org\r\nA\0: b\r\n\r\n", 45,
            PROBLEM_BAD_REQUEST },
        { "an empty name", "GET / HTTP/1.1\r\n" H ": b\r\n\r\n", 0, PROBLEM_BAD_REQUEST },
        { "no colon", "GET / HTTP/1.1\r\n" H "Ab\r\n\r\n", 0, PROBLEM_BAD_REQUEST },
        { "a name that is no token", "GET / HTTP/1.1\r\n" H "A(b): c\r\n\r\n", 0,
            PROBLEM_BAD_REQUEST },
        { "no Host", "GET / HTTP/1.1\r\nA: b\r\n\r\n", 0, PROBLEM_BAD_REQUEST },
        { "Host twice", "GET / HTTP/1.1\r\n" H H "\r\n", 0, PROBLEM_BAD_REQUEST },
        { "Host empty", "GET / HTTP/1.1\r\nHost:\r\n\r\n", 0, PROBLEM_BAD_REQUEST },
        { "Host with a user", "GET / HTTP/1.1\r\nHost: a@b\r\n\r\n", 0, PROBLEM_BAD_REQUEST },
        { "Host with a path", "GET / HTTP/1.1\r\nHost: a/b\r\n\r\n", 0, PROBLEM_BAD_REQUEST },
        { "Host of another than the target", "GET http://a/ HTTP/1.1\r\n" H "\r\n", 0,
            PROBLEM_BAD_REQUEST },
        { "two empty lines before", "\r\n\r\nGET / HTTP/1.1\r\n" H "\r\n", 0, PROBLEM_BAD_REQUEST },
    };
    CHECK(stories);
}

static void malformed_request_lines_are_refused(void **state)
{
    (void)state;
    static const struct story stories[] = {
        { "HTTP/0.9", "GET /\r\n", 0, PROBLEM_BAD_REQUEST },
        { "HTTP/0.9 in words", "GET / HTTP/0.9\r\n\r\n", 0, PROBLEM_HTTP_VERSION },
        { "HTTP/1.2", "GET / HTTP/1.2\r\n" H "\r\n", 0, PROBLEM_HTTP_VERSION },
        { "HTTP/2 in a line", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 0, PROBLEM_HTTP_VERSION },
        { "lower case", "GET / http/1.1\r\n" H "\r\n", 0, PROBLEM_BAD_REQUEST },
        { "another protocol", "GET / RTSP/1.0\r\n\r\n", 0, PROBLEM_BAD_REQUEST },
        { "two spaces", "GET  / HTTP/1.1\r\n" H "\r\n", 0, PROBLEM_BAD_REQUEST },
        { "a tab", "GET\t/ HTTP/1.1\r\n" H "\r\n", 0, PROBLEM_BAD_REQUEST },
        { "a space at the end", "GET / HTTP/1.1 \r\n" H "\r\n", 0, PROBLEM_BAD_REQUEST },
        { "a space in front", " GET / HTTP/1.1\r\n" H "\r\n", 0, PROBLEM_BAD_REQUEST },
        { "no target", "GET HTTP/1.1\r\n" H "\r\n", 0, PROBLEM_BAD_REQUEST },
        { "a method that is no token", "G(T / HTTP/1.1\r\n" H "\r\n", 0, PROBLEM_BAD_REQUEST },
        { "a method of lower case", "get / HTTP/1.1\r\n" H "\r\n", 0, PROBLEM_NOT_IMPLEMENTED },
        { "CONNECT", "CONNECT a:443 HTTP/1.1\r\n" H "\r\n", 0, PROBLEM_NOT_IMPLEMENTED },
        { "TRACE", "TRACE / HTTP/1.1\r\n" H "\r\n", 0, PROBLEM_NOT_IMPLEMENTED },
        { "an asterisk for GET", "GET * HTTP/1.1\r\n" H "\r\n", 0, PROBLEM_BAD_REQUEST },
        { "a relative path", "GET a HTTP/1.1\r\n" H "\r\n", 0, PROBLEM_BAD_REQUEST },
        { "another scheme", "GET ftp://example.org/ HTTP/1.1\r\n" H "\r\n", 0,
            PROBLEM_BAD_REQUEST },
        { "a fragment", "GET /a#b HTTP/1.1\r\n" H "\r\n", 0, PROBLEM_BAD_REQUEST },
        { "dots", "GET /a/../b HTTP/1.1\r\n" H "\r\n", 0, PROBLEM_BAD_REQUEST },
        { "an unknown expectation", "POST / HTTP/1.1\r\n" H "Expect: 200-ok\r\n\r\n", 0,
            PROBLEM_EXPECTATION_FAILED },
        { "TLS on a plain port", "\x16\x03\x01\x02\x00\n", 6, PROBLEM_BAD_REQUEST },
    };
    CHECK(stories);
}

static char *repeat(const char *start, const char *piece, size_t times, const char *end)
{
    size_t size = strlen(start) + strlen(piece) * times + strlen(end) + 1;
    char *text = malloc(size), *at = text;
    at += snprintf(at, size, "%s", start);
    for (size_t i = 0; i < times; i++)
        at += snprintf(at, size - (size_t)(at - text), "%s", piece);
    (void)snprintf(at, size - (size_t)(at - text), "%s", end);
    return text;
}

static void limits_hold_before_the_head_is_whole(void **state)
{
    (void)state;
    static const struct {
        const char *story, *start, *piece;
        size_t times;
        const char *end;
        int expected;
    } cases[] = {
        { "a target at the limit", "GET /", "a", 255, " HTTP/1.1\r\n" H "\r\n", PROBLEM_NONE },
        { "a target over it", "GET /", "a", 256, " HTTP/1.1\r\n" H "\r\n",
            PROBLEM_TARGET_TOO_LONG },
        { "a line that does not end", "GET /", "a", 400, "", PROBLEM_TARGET_TOO_LONG },
        { "many fields", "GET / HTTP/1.1\r\n" H, "A: b\r\n", 7, "\r\n", PROBLEM_NONE },
        { "too many fields", "GET / HTTP/1.1\r\n" H, "A: b\r\n", 8, "\r\n",
            PROBLEM_HEADERS_TOO_LARGE },
        { "too many, not ended", "GET / HTTP/1.1\r\n" H, "A: b\r\n", 9, "",
            PROBLEM_HEADERS_TOO_LARGE },
        { "a value over the limit", "GET / HTTP/1.1\r\n" H "A: ", "b", 1100, "",
            PROBLEM_HEADERS_TOO_LARGE },
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        char *text = repeat(cases[i].start, cases[i].piece, cases[i].times, cases[i].end);
        struct story story = { cases[i].story, text, 0, cases[i].expected };
        check_stories(&story, 1);
        free(text);
    }
}

static void the_request_says_what_was_sent(void **state)
{
    (void)state;
    static const char text[]
        = "POST https://Example.ORG:8443/a%20b?c=d%26 HTTP/1.1\r\nHOST: example.org:8443\r\n"
          "X-One:  1 \r\nCookie: a=1\r\ncookie: b=2\r\nConnection: keep-alive, Close\r\n"
          "Content-Length: 12\r\nExpect: 100-continue\r\n\r\nbody";
    struct arena arena;
    arena_init(&arena);
    struct outcome outcome = read_in_two(text, sizeof text - 1, 30, &arena);
    assert_int_equal(outcome.kind, PROBLEM_NONE);
    assert_int_equal(outcome.head_bytes, sizeof text - 1 - 4);
    assert_int_equal(outcome.request.method, HTTP_POST);
    assert_string_equal(outcome.request.path, "/a b");
    assert_string_equal(outcome.request.query, "c=d%26");
    assert_string_equal(outcome.request.authority, "example.org:8443");
    assert_string_equal(outcome.request.protocol, "HTTP/1.1");
    assert_int_equal(outcome.request.body_length, 12);
    assert_int_equal(outcome.request.field_count, 6);
    assert_string_equal(outcome.request.fields[1].name, "x-one");
    assert_string_equal(outcome.request.fields[1].value, "1");
    assert_string_equal(outcome.request.fields[5].name, "cookie");
    assert_string_equal(outcome.request.fields[5].value, "a=1; b=2");
    assert_true(outcome.framing.close && outcome.framing.expect_continue);
    assert_false(outcome.framing.chunked);
    arena_release(&arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(honest_requests_are_read),
        cmocka_unit_test(smuggling_forms_are_refused),
        cmocka_unit_test(malformed_request_lines_are_refused),
        cmocka_unit_test(limits_hold_before_the_head_is_whole),
        cmocka_unit_test(the_request_says_what_was_sent),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
