#include "viewing/cmcd.h"
#include "../unit.h"

#include <string.h>

/* The example of the specification with all of its keys. */
static void every_key_is_read_by_its_type(void **state)
{
    (void)state;
    struct cmcd cmcd;
    cmcd_init(&cmcd);
    assert_true(cmcd_read(&cmcd, "br=3200,bs,d=4004,mtp=25400,ot=av,tb=6000"));
    assert_true(cmcd_read(&cmcd, "bl=21300, dl=18500,nor=\"..%2F300kbps%2Fsegment35.m4v\",su"));
    assert_true(cmcd_read(&cmcd, "cid=\"faec\",pr=1.08,sf=h,sid=\"6e2fb550\",st=v,v=1"));
    assert_true(cmcd_read(&cmcd, "nrr=\"12323-48763\",rtp=15000"));
    assert_true(cmcd.given && cmcd.starved && cmcd.startup);
    assert_int_equal(cmcd.bitrate_kbps, 3200);
    assert_int_equal(cmcd.duration_ms, 4004);
    assert_int_equal(cmcd.throughput_kbps, 25400);
    assert_int_equal(cmcd.top_bitrate_kbps, 6000);
    assert_int_equal(cmcd.buffer_ms, 21300);
    assert_int_equal(cmcd.deadline_ms, 18500);
    assert_int_equal(cmcd.requested_kbps, 15000);
    assert_int_equal(cmcd.rate_percent, 108);
    assert_int_equal(cmcd.object, 'V');
    assert_int_equal(cmcd.format, 'h');
    assert_int_equal(cmcd.stream, 'v');
    assert_string_equal(cmcd.session, "6e2fb550");
}

static void what_was_not_told_is_absent(void **state)
{
    (void)state;
    struct cmcd cmcd;
    cmcd_init(&cmcd);
    assert_true(cmcd_read(&cmcd, "su=?0,bl=0"));
    assert_true(cmcd.given && !cmcd.startup && !cmcd.starved);
    assert_int_equal(cmcd.buffer_ms, 0);
    assert_int_equal(cmcd.throughput_kbps, CMCD_ABSENT);
    assert_int_equal(cmcd.rate_percent, CMCD_ABSENT);
    assert_int_equal(cmcd.object, 0);
    assert_string_equal(cmcd.session, "");
}

static void garbage_is_refused_as_a_whole(void **state)
{
    (void)state;
    static const struct {
        const char *story, *text;
        bool good;
    } cases[] = {
        { "another's key", "com.example-key=\"x\",bl=100", true },
        { "a key of a later version", "bl=100,ltc=500", true },
        { "space around commas", "bl=100 ,\tmtp=200", true },
        { "the most digits", "bl=999999999", true },
        { "a rate without a point", "pr=2", true },
        { "standing still", "pr=0", true },
        { "quotes within a string", "nor=\"a\\\"b\\\\\"", true },
        { "nothing", "", false },
        { "space alone", " ", false },
        { "a comma at the end", "bl=100,", false },
        { "a comma at the start", ",bl=100", false },
        { "two commas", "bl=100,,mtp=200", false },
        { "a key twice", "bl=100,bl=100", false },
        { "no value", "bl=", false },
        { "a flag with a number", "bs=1", false },
        { "a flag with a word", "su=true", false },
        { "a truth that is none", "su=?2", false },
        { "a number that is a flag", "bl", false },
        { "a negative number", "bl=-100", false },
        { "a sign", "bl=+100", false },
        { "a fraction", "bl=100.5", false },
        { "an exponent", "bl=1e5", false },
        { "hexadecimal", "bl=0x10", false },
        { "too many digits", "bl=1000000000", false },
        { "a number in quotes", "bl=\"100\"", false },
        { "a rate with two points", "pr=1.0.0", false },
        { "a rate that ends with its point", "pr=1.", false },
        { "a rate with too many digits", "pr=1.2345", false },
        { "a rate out of this world", "pr=100", false },
        { "an unknown object", "ot=x", false },
        { "a part of two objects", "ot=\"v\"", false },
        { "the space between two objects", "ot=a v", false },
        { "an object in capitals", "ot=V", false },
        { "a string without an end", "sid=\"abc", false },
        { "a string with a stray backslash", "nor=\"a\\b\"", false },
        { "a string with a line", "nor=\"a\nb\"", false },
        { "a string beyond ASCII", "nor=\"\xc4\x90\"", false },
        { "something behind a string", "sid=\"abc\"x", false },
        { "a session without quotes", "sid=abc", false },
        { "a session that is too long",
            "sid=\"0123456789012345678901234567890123456789012345678901234567890123x\"", false },
        { "a list of another version", "br=(100 200)", false },
        { "another version", "v=2", false },
        { "capitals", "BL=100", false },
        { "a name that begins with a digit", "1=2", false },
        { "a parameter", "bl=100;x=1", false },
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct cmcd cmcd;
        cmcd_init(&cmcd);
        if (cmcd_read(&cmcd, cases[i].text) != cases[i].good)
            fail_msg("%s: %s", cases[i].story, cases[i].text);
    }
}

static void a_key_is_taken_once_over_all_fields(void **state)
{
    (void)state;
    struct cmcd cmcd;
    cmcd_init(&cmcd);
    assert_true(cmcd_read(&cmcd, "bl=100"));
    assert_false(cmcd_read(&cmcd, "bl=200"));
}

static void length_is_bounded(void **state)
{
    (void)state;
    static char text[CMCD_BYTES_MAX + 2] = "nor=\"";
    struct cmcd cmcd;
    memset(text + 5, 'a', CMCD_BYTES_MAX - 6);
    text[CMCD_BYTES_MAX - 1] = '"';
    cmcd_init(&cmcd);
    assert_true(cmcd_read(&cmcd, text));
    memset(text + 5, 'a', CMCD_BYTES_MAX - 5);
    text[CMCD_BYTES_MAX] = '"';
    cmcd_init(&cmcd);
    assert_false(cmcd_read(&cmcd, text));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_key_is_read_by_its_type),
        cmocka_unit_test(what_was_not_told_is_absent),
        cmocka_unit_test(garbage_is_refused_as_a_whole),
        cmocka_unit_test(a_key_is_taken_once_over_all_fields),
        cmocka_unit_test(length_is_bounded),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
