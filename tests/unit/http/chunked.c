#include "http/chunked.h"
#include "http/request_builder.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static const struct request_limits limits = {
    .chunk_extension_bytes_max = 256,
    .chunk_extensions_bytes_max = 16384,
    .trailer_bytes_max = 4096,
};

/* Decodes in two pieces cut at `cut`; the data goes to ret_data, the state is returned. */
static enum chunked_state decode(
    const char *text, size_t length, size_t cut, char *ret_data, size_t *ret_consumed)
{
    struct chunked chunked;
    chunked_init(&chunked, &limits);
    size_t at = 0, count = 0;
    while (at < length && chunked.state != CHUNKED_ENDED && chunked.state != CHUNKED_REFUSED) {
        size_t end = at < cut ? cut : length;
        char *copy = malloc(end - at);
        memcpy(copy, text + at, end - at);
        const char *data;
        size_t data_count;
        at += chunked_read(&chunked, copy, end - at, &data, &data_count);
        if (data)
            memcpy(ret_data + count, data, data_count);
        count += data_count;
        free(copy);
    }
    ret_data[count] = '\0';
    *ret_consumed = at;
    return chunked.state;
}

static void bodies_come_out_whole_however_they_are_cut(void **state)
{
    (void)state;
    static const struct {
        const char *story, *text, *data;
        size_t rest;
    } cases[] = {
        { "one chunk", "5\r\nhello\r\n0\r\n\r\n", "hello", 0 },
        { "two chunks", "3\r\nhel\r\n2\r\nlo\r\n0\r\n\r\n", "hello", 0 },
        { "nothing", "0\r\n\r\n", "", 0 },
        { "zeros in front", "0005\r\nhello\r\n000\r\n\r\n", "hello", 0 },
        { "hex in both cases", "A\r\n0123456789\r\na\r\n0123456789\r\n0\r\n\r\n",
            "01234567890123456789", 0 },
        { "an extension", "5;a=\"b;c\"\r\nhello\r\n0;last\r\n\r\n", "hello", 0 },
        { "trailers", "5\r\nhello\r\n0\r\nA: b\r\nC:\r\n\r\n", "hello", 0 },
        { "the next request behind", "5\r\nhello\r\n0\r\n\r\nGET / HTTP/1.1", "hello", 14 },
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        size_t length = strlen(cases[i].text);
        for (size_t cut = 0; cut <= length; cut++) {
            char data[64];
            size_t consumed;
            enum chunked_state end = decode(cases[i].text, length, cut, data, &consumed);
            if (end != CHUNKED_ENDED || strcmp(data, cases[i].data) != 0
                || consumed != length - cases[i].rest)
                fail_msg("%s, cut at %zu: '%s'", cases[i].story, cut, data);
        }
    }
}

static void smuggling_forms_are_refused(void **state)
{
    (void)state;
    static const struct {
        const char *story, *text;
    } cases[] = {
        { "no size", "\r\nhello\r\n" },
        { "plus", "+5\r\nhello\r\n" },
        { "minus", "-5\r\nhello\r\n" },
        { "0x", "0x5\r\nhello\r\n" },
        { "a space in front", " 5\r\nhello\r\n" },
        { "a space behind", "5 \r\nhello\r\n" },
        { "no hex", "g\r\nhello\r\n" },
        { "a size that overflows", "10000000000000005\r\nhello\r\n" },
        { "a bare LF after the size", "5\nhello\r\n0\r\n\r\n" },
        { "a bare CR after the size", "5\rhello" },
        { "a bare LF after the data", "5\r\nhello\n0\r\n\r\n" },
        { "data longer than its size", "5\r\nhello!\r\n" },
        { "a bare LF in an extension", "5;a\nhello\r\n0\r\n\r\n" },
        { "a control in an extension", "5;\x01\r\nhello\r\n" },
        { "a bare LF at the end", "0\r\n\n" },
        { "a trailer without a name", "0\r\n: x\r\n\r\n" },
        { "a trailer with a space before the colon", "0\r\nA : x\r\n\r\n" },
        { "a folded trailer", "0\r\nA: x\r\n y\r\n\r\n" },
        { "a trailer with a bare LF", "0\r\nA: x\ny: z\r\n\r\n" },
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        size_t length = strlen(cases[i].text);
        for (size_t cut = 0; cut <= length; cut++) {
            char data[64];
            size_t consumed;
            if (decode(cases[i].text, length, cut, data, &consumed) != CHUNKED_REFUSED)
                fail_msg("%s, cut at %zu was let through", cases[i].story, cut);
        }
    }
}

static enum chunked_state decode_long(
    const char *start, size_t padding, const char *end, size_t times)
{
    struct chunked chunked;
    chunked_init(&chunked, &limits);
    const char *data;
    size_t count;
    for (size_t i = 0; i < times; i++) {
        const char *parts[] = { start, end };
        for (int part = 0; part < 2; part++) {
            const char *at = parts[part], *stop = at + strlen(at);
            while (at < stop && chunked.state != CHUNKED_REFUSED && chunked.state != CHUNKED_ENDED)
                at += chunked_read(&chunked, at, (size_t)(stop - at), &data, &count);
            for (size_t byte = 0; part == 0 && byte < padding; byte++)
                (void)chunked_read(&chunked, "x", 1, &data, &count);
        }
    }
    return chunked.state;
}

static void extensions_and_trailers_are_bounded(void **state)
{
    (void)state;
    assert_int_equal(decode_long("1;", limits.chunk_extension_bytes_max, "\r\n", 1), CHUNKED_DATA);
    assert_int_equal(
        decode_long("1;", limits.chunk_extension_bytes_max + 1, "\r\n", 1), CHUNKED_REFUSED);
    assert_int_equal(decode_long("1;", 255, "\r\na\r\n", 64), CHUNKED_SIZE_FIRST);
    assert_int_equal(decode_long("1;", 255, "\r\na\r\n", 65), CHUNKED_REFUSED);
    assert_int_equal(
        decode_long("0\r\nA:", limits.trailer_bytes_max - 10, "\r\n\r\n", 1), CHUNKED_ENDED);
    assert_int_equal(
        decode_long("0\r\nA:", limits.trailer_bytes_max, "\r\n\r\n", 1), CHUNKED_REFUSED);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(bodies_come_out_whole_however_they_are_cut),
        cmocka_unit_test(smuggling_forms_are_refused),
        cmocka_unit_test(extensions_and_trailers_are_bounded),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
