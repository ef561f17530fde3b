#include "http/response_fields.h"

#include "base/text.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

static void pages_get_a_strict_policy_and_others_do_not(void **state)
{
    (void)state;
    static const struct {
        const char *type, *policy_has, *opener;
        bool tls;
    } cases[] = {
        { "text/html; charset=utf-8", "script-src 'self';", "same-origin", true },
        { "TEXT/HTML", "frame-ancestors 'none'", "same-origin", false },
        { "image/svg+xml", "sandbox", NULL, true },
        { "application/json", NULL, NULL, true },
        { "video/mp4", NULL, NULL, true },
        { NULL, NULL, NULL, true },
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct arena arena;
        struct response_fields fields = { 0 };
        arena_init(&arena);
        if (cases[i].type)
            assert_true(response_fields_add(&fields, &arena, "Content-Type", cases[i].type));
        response_fields_secure(&fields, &arena, cases[i].tls);
        const char *policy = response_fields_find(&fields, "content-security-policy");
        assert_int_equal(policy != NULL, cases[i].policy_has != NULL);
        if (policy && cases[i].policy_has) {
            assert_non_null(strstr(policy, cases[i].policy_has));
            assert_null(strstr(policy, "unsafe-eval"));
        }
        assert_true(text_equal(
            response_fields_find(&fields, "Cross-Origin-Opener-Policy"), cases[i].opener));
        assert_string_equal(response_fields_find(&fields, "X-Content-Type-Options"), "nosniff");
        assert_string_equal(response_fields_find(&fields, "Referrer-Policy"), "no-referrer");
        assert_string_equal(
            response_fields_find(&fields, "Cross-Origin-Resource-Policy"), "same-origin");
        assert_int_equal(
            response_fields_find(&fields, "Strict-Transport-Security") != NULL, cases[i].tls);
        arena_release(&arena);
    }
}

static void a_handler_s_own_field_is_sent_instead(void **state)
{
    (void)state;
    struct arena arena;
    struct response_fields fields = { 0 };
    arena_init(&arena);
    (void)response_fields_add(&fields, &arena, "content-type", "text/html");
    (void)response_fields_add(&fields, &arena, "content-security-policy", "default-src 'self'");
    size_t policies = 0;
    response_fields_secure(&fields, &arena, true);
    for (size_t i = 0; i < fields.count; i++)
        policies += text_equal_ignoring_case(fields.fields[i].name, "content-security-policy");
    assert_int_equal(policies, 1);
    assert_string_equal(
        response_fields_find(&fields, "Content-Security-Policy"), "default-src 'self'");
    arena_release(&arena);
}

static void header_injection_is_refused(void **state)
{
    (void)state;
    struct arena arena;
    struct response_fields fields = { 0 };
    arena_init(&arena);
    assert_false(response_fields_add(&fields, &arena, "A", "b\r\nSet-Cookie: c"));
    assert_false(response_fields_add(&fields, &arena, "A", "b\n"));
    assert_false(response_fields_add(&fields, &arena, "A\r\nB", "c"));
    assert_false(response_fields_add(&fields, &arena, "A b", "c"));
    assert_false(response_fields_add(&fields, &arena, "", "c"));
    assert_int_equal(fields.count, 0);
    arena_release(&arena);
}

static void the_head_is_written_whole(void **state)
{
    (void)state;
    struct arena arena;
    struct response_fields fields = { 0 };
    arena_init(&arena);
    for (int i = 0; i < 40; i++)
        assert_true(response_fields_add(&fields, &arena, "A", "b"));
    struct response_head head = { .status = 206,
        .date = "D",
        .request_id = "R",
        .has_length = true,
        .length = UINT64_MAX,
        .close = true,
        .fields = &fields };
    size_t length;
    const char *text = response_head_write(&arena, &head, &length);
    assert_int_equal(length, strlen(text));
    assert_true(text_starts_with(text, "HTTP/1.1 206 Partial Content\r\nDate: D\r\nA: b\r\n"));
    assert_non_null(strstr(text,
        "\r\nContent-Length: 18446744073709551615\r\nConnection: close\r\nRequest-Id: R\r\n\r\n"));
    arena_release(&arena);
    assert_string_equal(status_phrase(431), "Request Header Fields Too Large");
    assert_string_equal(status_phrase(599), "");
    assert_false(status_has_body(204) || status_has_body(304) || status_has_body(100));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(pages_get_a_strict_policy_and_others_do_not),
        cmocka_unit_test(a_handler_s_own_field_is_sent_instead),
        cmocka_unit_test(header_injection_is_refused),
        cmocka_unit_test(the_head_is_written_whole),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
