#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "catalog/fields.h"

/* expected NULL: refused */
static void a_language_tag_is_read_strictly_and_put_in_canonical_case(void **state)
{
    (void)state;
    static const struct {
        const char *story, *tag, *expected;
    } cases[] = {
        { "two letters", "en", "en" },
        { "three letters", "khm", "khm" },
        { "upper case", "EN", "en" },
        { "region", "pt-br", "pt-BR" },
        { "region of digits", "es-419", "es-419" },
        { "script", "ZH-hANT", "zh-Hant" },
        { "script and region", "mn-cyrl-mn", "mn-Cyrl-MN" },
        { "extended language", "zh-yue-hk", "zh-yue-HK" },
        { "three extended languages", "zh-aaa-bbb-ccc", "zh-aaa-bbb-ccc" },
        { "variant of letters", "sl-ROZAJ", "sl-rozaj" },
        { "variant of a digit and three", "de-1901", "de-1901" },
        { "two variants", "sl-rozaj-biske", "sl-rozaj-biske" },
        { "extension", "ar-u-NU-latn", "ar-u-nu-latn" },
        { "two extensions", "en-a-bbb-u-ccc", "en-a-bbb-u-ccc" },
        { "private use", "en-x-Tutor", "en-x-tutor" },
        { "private use of one character", "en-x-a-b", "en-x-a-b" },
        { "undetermined", "und", "und" },
        { "35 characters", "de-x-aaaaaaaa-bbbbbbbb-cccccccc-ddd",
            "de-x-aaaaaaaa-bbbbbbbb-cccccccc-ddd" },

        { "nothing", "", NULL },
        { "one letter", "e", NULL },
        { "four letters are reserved", "engl", NULL },
        { "a language's name", "english", NULL },
        { "digits first", "12", NULL },
        { "underscore", "en_US", NULL },
        { "hyphen at the end", "en-", NULL },
        { "hyphen at the start", "-en", NULL },
        { "two hyphens", "en--US", NULL },
        { "nine letters in a part", "en-abcdefghi", NULL },
        { "four extended languages", "zh-aaa-bbb-ccc-ddd", NULL },
        { "region before script", "zh-TW-Hant", NULL },
        { "two regions", "en-US-GB", NULL },
        { "a variant twice", "sl-rozaj-rozaj", NULL },
        { "an extension twice", "en-a-bbb-a-ccc", NULL },
        { "an extension without a value", "en-u", NULL },
        { "an extension with a value of one", "en-u-a", NULL },
        { "private use without a value", "en-x", NULL },
        { "private use alone", "x-tutor", NULL },
        { "grandfathered", "i-klingon", NULL },
        { "a path", "../../etc", NULL },
        { "a space", "en ", NULL },
        { "a wildcard", "*", NULL },
        { "not ASCII", "\xc3\xa9n", NULL },
        { "36 characters", "de-x-aaaaaaaa-bbbbbbbb-cccccccc-dddd", NULL },
        { "many parts", "a-b-c-d-e-f-g-h-i-j-k-l-m-n-o-p-q", NULL },
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        char tag[LANGUAGE_TAG_SIZE] = "untouched";
        bool read = language_tag_canonical(cases[i].tag, tag);
        const char *expected = cases[i].expected ? cases[i].expected : "untouched";
        if (read != (cases[i].expected != NULL) || strcmp(tag, expected) != 0)
            fail_msg("%s: '%s' gave %d '%s'", cases[i].story, cases[i].tag, read, tag);
    }
}

static void a_country_is_one_of_iso_3166(void **state)
{
    (void)state;
    static const struct {
        const char *country, *expected;
    } cases[] = {
        { "VN", "VN" },
        { "mn", "MN" },
        { "Kh", "KH" },
        { "JP", "JP" },
        { "", NULL },
        { "V", NULL },
        { "VNM", NULL },
        { "UK", NULL },
        { "ZZ", NULL },
        { "EU", NULL },
        { "1A", NULL },
        { "V\n", NULL },
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        char country[COUNTRY_SIZE] = "";
        struct problem problem = { 0 };
        bool good = field_country("country", cases[i].country, country, &problem);
        assert_int_equal(good, cases[i].expected != NULL);
        assert_string_equal(country, cases[i].expected ? cases[i].expected : "");
        if (!good) {
            assert_int_equal(problem.kind, PROBLEM_INVALID_FIELD);
            assert_string_equal(problem.field, "country");
        }
    }
}

static void a_mail_address_cannot_carry_a_header(void **state)
{
    (void)state;
    static const struct {
        const char *story, *address;
        bool good;
    } cases[] = {
        { "plain", "lan.nguyen@example.org", true },
        { "plus", "a+b@example.org", true },
        { "not ASCII", "\xc3\xa9@example.org", true },
        { "one label", "root@localhost", true },
        { "line break", "a@example.org\r\nBcc: all@example.org", false },
        { "two addresses", "a@example.org,b@example.org", false },
        { "two at signs", "a@b@example.org", false },
        { "angle brackets", "<a@example.org>", false },
        { "nothing before", "@example.org", false },
        { "nothing after", "a@", false },
        { "no at sign", "example.org", false },
        { "dot at the end", "a@example.org.", false },
        { "space", "a b@example.org", false },
        { "long before the at sign",
            "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa@example.org",
            false },
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct problem problem = { 0 };
        if (field_mail_address("email", cases[i].address, &problem) != cases[i].good)
            fail_msg("%s", cases[i].story);
    }
}

static void texts_and_lines_hold_no_control_characters(void **state)
{
    (void)state;
    static const struct {
        const char *story, *value;
        bool line, text;
    } cases[] = {
        { "plain", "Luật lao động", true, true },
        { "empty", "", false, true },
        { "spaces", "  ", false, true },
        { "line break", "one\ntwo", false, true },
        { "carriage return", "one\r\ntwo", false, true },
        { "tab", "one\ttwo", false, true },
        { "escape", "\x1b[31m", false, false },
        { "delete", "a\x7f", false, false },
        { "C1 control", "a\xc2\x85", false, false },
        { "no-break space", "a\xc2\xa0z", true, true },
        { "broken UTF-8", "a\xff", false, false },
        { "cut UTF-8", "a\xc3", false, false },
        { "ten bytes", "0123456789", true, true },
        { "too long", "0123456789012345678901234567890", false, false },
        { "right to left", "عائشہ خان", true, true },
        { "left-to-right mark", "A\u200eB", true, true },
        { "right-to-left mark", "A\u200fB", true, true },
        { "the character before the embeddings", "A\u2029B", true, true },
        { "left-to-right embedding", "A\u202aB", false, true },
        { "right-to-left override", "A\u202eB", false, true },
        { "the character behind the overrides", "A\u202fB", true, true },
        { "the character before the isolates", "A\u2065B", true, true },
        { "left-to-right isolate at the start", "\u2066A", false, true },
        { "pop of an isolate at the end", "A\u2069", false, true },
        { "the character behind the isolates", "A\u206aB", true, true },
        { "an override behind other signs", "“A” … \u202eB", false, true },
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct problem problem = { 0 };
        if (field_line("title", cases[i].value, 30, &problem) != cases[i].line)
            fail_msg("%s as a line", cases[i].story);
        problem_clear(&problem);
        if (field_text("description", cases[i].value, 30, &problem) != cases[i].text)
            fail_msg("%s as a text", cases[i].story);
    }
}

static void a_refused_line_says_why(void **state)
{
    (void)state;
    static const struct {
        const char *value, *expected;
    } cases[] = {
        { "", "'title' must not be empty." },
        { "   ", "'title' must not be empty." },
        { "0123456789", "'title' must be one line of text of at most 9 bytes." },
        { "A\u202eB", "'title' must not hold characters that change the direction of writing"
                      " (U+202A to U+202E, U+2066 to U+2069). Type it again by hand." },
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct problem problem = { 0 };
        assert_false(field_line("title", cases[i].value, 9, &problem));
        assert_string_equal(problem_sentence(&problem), cases[i].expected);
    }
}

static void what_is_missing_is_named(void **state)
{
    (void)state;
    char tag[LANGUAGE_TAG_SIZE];
    struct problem problem = { 0 };
    assert_false(field_line("title", NULL, 30, &problem));
    assert_string_equal(problem.field, "title");
    assert_string_equal(problem_sentence(&problem), "'title' is missing.");
    problem_clear(&problem);
    assert_false(field_language("language", NULL, tag, &problem));
    assert_string_equal(problem.field, "language");
    problem_clear(&problem);
    assert_false(field_mail_address("email", NULL, &problem));
    problem_clear(&problem);
    assert_false(field_range("threshold_percent", 101, 1, 100, &problem));
    assert_string_equal(
        problem_sentence(&problem), "'threshold_percent' must be a whole number from 1 to 100.");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_language_tag_is_read_strictly_and_put_in_canonical_case),
        cmocka_unit_test(a_country_is_one_of_iso_3166),
        cmocka_unit_test(a_mail_address_cannot_carry_a_header),
        cmocka_unit_test(texts_and_lines_hold_no_control_characters),
        cmocka_unit_test(a_refused_line_says_why),
        cmocka_unit_test(what_is_missing_is_named),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
