#include "http/field_rules.h"

#include "base/text.h"
#include "http/cookie.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

static void lists_are_parted_at_commas_outside_quotes(void **state)
{
    (void)state;
    static const struct {
        const char *value, *members;
    } cases[] = {
        { "a,b", "a|b|" },
        { " a , ,b ,", "a|b|" },
        { "", "" },
        { ",,", "" },
        { "\"a,b\",c", "\"a,b\"|c|" },
        { "\"a\\\",b\",c", "\"a\\\",b\"|c|" },
        { "\"a,b", "\"a,b|" },
        { "\"a\\", "\"a\\|" },
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        char text[64];
        size_t at = 0, length;
        const char *cursor = cases[i].value, *member;
        text[0] = '\0';
        while (field_list_next(&cursor, &member, &length))
            at += (size_t)snprintf(text + at, sizeof text - at, "%.*s|", (int)length, member);
        assert_string_equal(text, cases[i].members);
    }
    assert_true(field_list_has("keep-alive, Close", "close"));
    assert_false(field_list_has("closed", "close"));
    assert_false(field_list_has(NULL, "close"));
}

static void accept_encoding_is_understood(void **state)
{
    (void)state;
    static const struct {
        const char *value;
        bool br, gzip;
    } cases[] = {
        { NULL, false, false },
        { "", false, false },
        { "gzip, deflate, br", true, true },
        { "GZIP", false, true },
        { "gzip;q=0", false, false },
        { "gzip;q=0.000, br;q=0.1", true, false },
        { "gzip ; q=0.5", false, true },
        { "*", true, true },
        { "*;q=0, br", true, false },
        { "br;q=0, *", false, true },
        { "identity", false, false },
        { "gzip;level=1", false, false },
        { "xgzip", false, false },
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        if (field_accepts_coding(cases[i].value, "br") != cases[i].br
            || field_accepts_coding(cases[i].value, "gzip") != cases[i].gzip)
            fail_msg("'%s'", cases[i].value ? cases[i].value : "(none)");
    }
}

static void the_first_cookie_of_a_name_counts(void **state)
{
    (void)state;
    static const struct {
        const char *field, *name, *expected;
    } cases[] = {
        { "a=1; b=2", "b", "2" },
        { "a=1;b=2", "b", "2" },
        { "a=1; a=2", "a", "1" },
        { "a=1=2", "a", "1=2" },
        { "a=", "a", "" },
        { "a=\"q\"", "a", "\"q\"" },
        { "xa=1; a=2", "a", "2" },
        { "__Host-sid=x", "__Host-sid", "x" },
        { "a", "a", NULL },
        { ";;=;", "a", NULL },
        { "A=1", "a", NULL },
        { "", "a", NULL },
    };
    struct arena arena;
    arena_init(&arena);
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
        if (!text_equal(cookie_value(&arena, cases[i].field, cases[i].name), cases[i].expected))
            fail_msg("'%s' of '%s'", cases[i].name, cases[i].field);
    arena_release(&arena);
}

static void names_and_values_have_no_controls(void **state)
{
    (void)state;
    for (int byte = 0; byte < 256; byte++) {
        char c = (char)byte;
        bool control = (byte < 0x20 && byte != '\t') || byte == 0x7f;
        assert_int_equal(field_is_value(&c, 1), !control);
        bool separator = byte != 0 && strchr("\"(),/:;<=>?@[\\]{} \t", byte);
        assert_int_equal(
            field_is_token(&c, 1), !control && !separator && byte < 0x80 && byte > 0x20);
    }
    assert_false(field_is_token("", 0));
    assert_true(field_is_value("", 0));
}

static void a_preferred_type_is_told_by_weight(void **state)
{
    (void)state;
    static const struct {
        const char *story, *accept;
        bool prefers;
    } cases[] = {
        { "Firefox", "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8", true },
        { "by name", "text/html", true },
        { "any letters", "Text/HTML", true },
        { "any text", "text/*", true },
        { "a parameter before the weight", "text/html;level=1;q=0.5, */*;q=0.4", true },
        { "space around", " text/html ; q=0.5 , application/json;q=0.4", true },
        { "the closest range counts", "text/*;q=0.1, text/html, application/json;q=0.5", true },
        { "thousandths", "text/html;q=0.002,application/json;q=0.001", true },
        { "no field", NULL, false },
        { "an empty field", "", false },
        { "curl", "*/*", false },
        { "fetch for JSON", "application/json", false },
        { "JSON first", "application/json, text/html;q=0.9", false },
        { "alike", "text/html, application/json", false },
        { "not at all", "text/html;q=0", false },
        { "not that text", "text/plain", false },
        { "a longer name", "text/html5", false },
        { "a shorter name", "text/htm", false },
        { "a weight above one", "text/html;q=1.5", false },
        { "a weight that is none", "text/html;q=high", false },
        { "an empty weight", "text/html;q=", false },
        { "a weight of four digits", "text/html;q=0.0001", false },
        { "only a semicolon", ";", false },
        { "only commas", ",,,", false },
        { "half a range", "text/", false },
        { "a picture", "image/avif,image/webp,image/svg+xml,*/*;q=0.8", false },
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
        if (field_prefers_type(cases[i].accept, "text/html", "application/json")
            != cases[i].prefers)
            fail_msg("%s", cases[i].story);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(lists_are_parted_at_commas_outside_quotes),
        cmocka_unit_test(accept_encoding_is_understood),
        cmocka_unit_test(a_preferred_type_is_told_by_weight),
        cmocka_unit_test(the_first_cookie_of_a_name_counts),
        cmocka_unit_test(names_and_values_have_no_controls),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
