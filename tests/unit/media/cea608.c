#include "media/cea608.h"

#include "../unit.h"

#include <string.h>

#define HEAD "\xb5\x00\x31GA94\x03"

static void caption_bytes_are_found_in_a_unit(void **state)
{
    (void)state;
    static const struct {
        const char *story;
        const char *unit;
        size_t count;
        const char *expected;
        size_t expected_count;
    } cases[] = {
        { "two of three",
            "\x06\x04\x10" HEAD "\xc2\xff"
            "\xfc\x94\x20"
            "\xfd\x80\x80"
            "\x80",
            20, "\xfc\x94\x20\xfd\x80\x80", 6 },
        { "behind another message",
            "\x06\x01\x01\xaa\x04\x0d" HEAD "\xc1\xff"
            "\xfc\x94\x20"
            "\x80",
            20, "\xfc\x94\x20", 3 },
        { "bytes that keep start codes out",
            "\x06\x04\x0d" HEAD "\xc1\xff"
            "\xfc\x00\x00\x03"
            "\x80",
            18, "\xfc\x00\x00", 3 },
        { "fewer than promised",
            "\x06\x04\x0e" HEAD "\xdf\xff"
            "\xfc\x94\x20"
            "\xfd",
            17, "\xfc\x94\x20", 3 },
        { "not to be shown",
            "\x06\x04\x0d" HEAD "\x81\xff"
            "\xfc\x94\x20",
            16, "", 0 },
        { "of somebody else",
            "\x06\x04\x0d"
            "\xb5\x00\x32GA94\x03\xc1\xff\xfc\x94\x20",
            16, "", 0 },
        { "longer than the unit", "\x06\x04\x7f" HEAD "\xc1\xff\xfc\x94\x20", 16, "", 0 },
        { "a size without end", "\x06\x04\xff\xff\xff", 5, "", 0 },
        { "nothing", "\x06", 1, "", 0 },
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        uint8_t bytes[CEA608_PICTURE_BYTES_MAX];
        size_t count = cea608_read_unit((const uint8_t *)cases[i].unit, cases[i].count, bytes);
        if (count != cases[i].expected_count || memcmp(bytes, cases[i].expected, count) != 0)
            fail_msg("%s: %zu bytes", cases[i].story, count);
    }
}

static void pictures_are_given_in_the_order_of_showing(void **state)
{
    (void)state;
    static uint8_t units[] = "\x00\x00\x01\x06\x04\x0d" HEAD "\xc1\xff"
                             "\xfc\x94\x20"
                             "\x80";
    static const int64_t times[] = { 0, 3000, 1000, 2000, AV_NOPTS_VALUE };
    struct cea608 data = { 0 };
    for (size_t i = 0; i < COUNT_OF(times); i++) {
        AVPacket packet = { .data = units, .size = sizeof units - 1, .pts = times[i] };
        cea608_put(&data, &packet, (struct h264_framing){ 0 });
    }
    assert_int_equal(data.count, 4);
    cea608_sort(&data);
    for (size_t i = 0; i < data.count; i++) {
        assert_int_equal(data.pictures[i].pts, i * 1000);
        assert_int_equal(data.pictures[i].count, 3);
    }
    cea608_release(&data);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(caption_bytes_are_found_in_a_unit),
        cmocka_unit_test(pictures_are_given_in_the_order_of_showing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
