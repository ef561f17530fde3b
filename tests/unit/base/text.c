#include "base/text.h"
#include "../unit.h"

#include <string.h>

static void text_grows_to_its_maximum_and_no_further(void **state)
{
    (void)state;
    struct text text;
    text_init(&text, 10);
    text_append_string(&text, "12345");
    text_printf(&text, "%d", 67890);
    assert_string_equal(text.bytes, "1234567890");
    assert_false(text.overflowed);
    text_append_string(&text, "x");
    assert_true(text.overflowed);
    text_printf(&text, "%s", "");
    assert_true(text.overflowed);
    assert_string_equal(text.bytes, "1234567890");
    text_clear(&text);
    text_append_string(&text, "again");
    assert_string_equal(text.bytes, "again");
    text_release(&text);
}

static void numbers_are_read_strictly(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        int64_t least, most;
        bool good;
        int64_t value;
    } cases[] = {
        { "0", 0, 10, true, 0 },
        { "10", 0, 10, true, 10 },
        { "11", 0, 10, false, 0 },
        { "007", 0, 10, true, 7 },
        { "-5", -10, 10, true, -5 },
        { "-5", 0, 10, false, 0 },
        { "-", -10, 10, false, 0 },
        { "", 0, 10, false, 0 },
        { "+5", 0, 10, false, 0 },
        { " 5", 0, 10, false, 0 },
        { "5 ", 0, 10, false, 0 },
        { "0x5", 0, 10, false, 0 },
        { "5e1", 0, 100, false, 0 },
        { "999999999999999999", 0, INT64_MAX, true, 999999999999999999 },
        { "9999999999999999999", 0, INT64_MAX, false, 0 },
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        int64_t value = 0;
        bool good = text_to_int64(
            cases[i].text, strlen(cases[i].text), cases[i].least, cases[i].most, &value);
        if (good != cases[i].good || value != cases[i].value)
            fail_msg("'%s' gave %d, %lld", cases[i].text, good, (long long)value);
    }
}

static void only_well_formed_utf8_is_utf8(void **state)
{
    (void)state;
    static const struct {
        const char *story, *bytes;
        bool good;
    } cases[] = {
        { "ASCII", "lecture", true },
        { "Mongolian", "\xd0\xa5\xd3\xa9\xd0\xb4", true },
        { "Japanese", "\xe5\x8a\xb4\xe5\x83\x8d", true },
        { "beyond the basic plane", "\xf0\x9f\x98\x80", true },
        { "overlong slash", "\xc0\xaf", false },
        { "overlong in three", "\xe0\x80\xaf", false },
        { "a surrogate", "\xed\xa0\x80", false },
        { "beyond U+10FFFF", "\xf4\x90\x80\x80", false },
        { "cut off", "\xe5\x8a", false },
        { "a lone continuation", "\x80", false },
        { "Latin-1", "caf\xe9", false },
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++)
        if (text_is_utf8(cases[i].bytes, strlen(cases[i].bytes)) != cases[i].good)
            fail_msg("%s", cases[i].story);
    assert_false(text_is_utf8("a\0b", 3));
    for (size_t at = 0; at < 20; at++) {
        char long_text[] = "twenty letters of it";
        assert_true(text_is_utf8(long_text, 20));
        long_text[at] = '\0';
        assert_false(text_is_utf8(long_text, 20));
        long_text[at] = (char)0x80;
        assert_false(text_is_utf8(long_text, 20));
        long_text[at] = 0x7f;
        assert_true(text_is_utf8(long_text, 20));
    }
}

static void a_line_is_what_a_person_typed_on_one_line(void **state)
{
    (void)state;
    assert_true(text_is_line("Nguy\xe1\xbb\x85n V\xc4\x83n A", 100));
    assert_false(text_is_line("", 100));
    assert_false(text_is_line("   ", 100));
    assert_false(text_is_line("two\r\nlines", 100));
    assert_false(text_is_line("tab\there", 100));
    assert_false(text_is_line("next\xc2\x85line", 100));
    assert_false(text_is_line("too long", 7));
    assert_true(text_is_line("too long", 8));
}

static void base64url_has_one_spelling_a_value(void **state)
{
    (void)state;
    for (size_t count = 0; count <= 33; count++) {
        uint8_t bytes[33], back[33];
        char string[64];
        size_t back_count = 99;
        for (size_t i = 0; i < count; i++)
            bytes[i] = (uint8_t)(i * 37 + count);
        text_base64url_encode(bytes, count, string);
        assert_int_equal(strlen(string), (count * 4 + 2) / 3);
        assert_true(text_base64url_decode(string, strlen(string), back, sizeof back, &back_count));
        assert_int_equal(back_count, count);
        assert_memory_equal(back, bytes, count);
    }
    uint8_t bytes[8];
    size_t count;
    assert_true(text_base64url_decode("Zg", 2, bytes, sizeof bytes, &count));
    assert_false(text_base64url_decode("Zh", 2, bytes, sizeof bytes, &count)); /* unused bits set */
    assert_false(text_base64url_decode("Z", 1, bytes, sizeof bytes, &count));
    assert_false(text_base64url_decode("Zg==", 4, bytes, sizeof bytes, &count));
    assert_false(text_base64url_decode("Z+", 2, bytes, sizeof bytes, &count));
    assert_false(
        text_base64url_decode("Zm9vYmFyYmF6", 12, bytes, sizeof bytes, &count)); /* no room */
}

static void base64_needs_its_padding(void **state)
{
    (void)state;
    uint8_t bytes[16];
    size_t count;
    assert_true(text_base64_decode("bGVjdHVyZQ==", 12, bytes, sizeof bytes, &count));
    assert_int_equal(count, 7);
    assert_memory_equal(bytes, "lecture", 7);
    assert_true(text_base64_decode("", 0, bytes, sizeof bytes, &count));
    assert_int_equal(count, 0);
    assert_false(text_base64_decode("bGVjdHVyZQ", 10, bytes, sizeof bytes, &count));
    assert_false(text_base64_decode("====", 4, bytes, sizeof bytes, &count));
    assert_false(text_base64_decode("bG=j", 4, bytes, sizeof bytes, &count));
    assert_false(text_base64_decode("bG-_", 4, bytes, sizeof bytes, &count));
}

static void every_byte_is_a_hex_digit_or_none(void **state)
{
    (void)state;
    static const char digits[] = "0123456789abcdefABCDEF";
    for (int byte = 0; byte < 256; byte++) {
        const char *place = byte == 0 ? NULL : strchr(digits, byte);
        ptrdiff_t at = place ? place - digits : -1;
        assert_int_equal(text_hex_value((char)byte), at < 16 ? at : at - 6);
    }
}

static void letters_are_those_of_ascii(void **state)
{
    (void)state;
    for (int c = -128; c < 128; c++) {
        bool upper = c >= 'A' && c <= 'Z', lower = c >= 'a' && c <= 'z';
        assert_int_equal(text_is_letter((char)c), upper || lower);
        assert_int_equal(text_lower((char)c), upper ? c + 32 : (char)c);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(letters_are_those_of_ascii),
        cmocka_unit_test(text_grows_to_its_maximum_and_no_further),
        cmocka_unit_test(numbers_are_read_strictly),
        cmocka_unit_test(only_well_formed_utf8_is_utf8),
        cmocka_unit_test(a_line_is_what_a_person_typed_on_one_line),
        cmocka_unit_test(base64url_has_one_spelling_a_value),
        cmocka_unit_test(base64_needs_its_padding),
        cmocka_unit_test(every_byte_is_a_hex_digit_or_none),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
