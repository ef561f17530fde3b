#include "media/h264.h"

#include "../unit.h"

#include <string.h>

/* avcC of a 640x360 High 4.0 stream made by x264 */
static const uint8_t avcc[] = { 0x01, 0x64, 0x00, 0x28, 0xff, 0xe1, 0x00, 0x1a, 0x67, 0x64, 0x00,
    0x28, 0xac, 0xd9, 0x40, 0xa0, 0x2f, 0xf9, 0x70, 0x11, 0x00, 0x00, 0x03, 0x00, 0x01, 0x00, 0x00,
    0x03, 0x00, 0x3c, 0x0f, 0x18, 0x31, 0x96, 0x01, 0x00, 0x06, 0x68, 0xeb, 0xe3, 0xcb, 0x22, 0xc0,
    0xfd, 0xf8, 0xf8, 0x00 };

static void extradata_tells_what_the_stream_is(void **state)
{
    (void)state;
    struct h264_framing framing;
    struct h264_parameters parameters;
    char codecs[H264_CODECS_SIZE];
    assert_true(h264_read_extradata(avcc, sizeof avcc, &framing, &parameters));
    assert_int_equal(framing.length_bytes, 4);
    assert_int_equal(parameters.profile, 100);
    assert_int_equal(parameters.level, 40);
    assert_int_equal(parameters.chroma_format, 1);
    assert_int_equal(parameters.bit_depth, 8);
    assert_true(parameters.frames_only);
    h264_codecs(&parameters, codecs);
    assert_string_equal(codecs, "avc1.640028");
    uint8_t annex_b[64] = { 0, 0, 0, 1 };
    memcpy(annex_b + 4, avcc + 8, 26);
    assert_true(h264_read_extradata(annex_b, 30, &framing, &parameters));
    assert_int_equal(framing.length_bytes, 0);
    assert_int_equal(parameters.level, 40);
}

static void extradata_that_is_cut_anywhere_is_refused(void **state)
{
    (void)state;
    for (size_t count = 0; count < 34; count++) {
        uint8_t copy[sizeof avcc];
        struct h264_framing framing;
        struct h264_parameters parameters;
        memcpy(copy, avcc, count);
        if (h264_read_extradata(copy, count, &framing, &parameters))
            fail_msg("taken: the first %zu bytes", count);
    }
}

/* units of types, each of three bytes, by lengths of 4 bytes */
static size_t by_lengths(const int *types, size_t count, uint8_t *ret_bytes)
{
    size_t at = 0;
    for (size_t i = 0; i < count; i++) {
        const uint8_t unit[] = { 0, 0, 0, 3, (uint8_t)(0x60 | types[i]), 0x88, (uint8_t)i };
        memcpy(ret_bytes + at, unit, sizeof unit);
        at += sizeof unit;
    }
    return at;
}

static size_t by_start_codes(const int *types, size_t count, uint8_t *ret_bytes)
{
    size_t at = 0;
    for (size_t i = 0; i < count; i++) {
        const uint8_t unit[] = { 0, 0, 0, 1, (uint8_t)(0x60 | types[i]), 0x88, (uint8_t)i };
        memcpy(ret_bytes + at, unit, sizeof unit);
        at += sizeof unit;
    }
    return at;
}

static void only_idr_pictures_are_places_to_cut(void **state)
{
    (void)state;
    static const struct {
        const char *story;
        int types[4];
        size_t count;
        bool idr, sets;
    } cases[] = {
        { "IDR", { 5 }, 1, true, false },
        { "parameter sets, SEI, IDR", { 7, 8, 6, 5 }, 4, true, true },
        { "a key picture that is not IDR", { 9, 6, 1 }, 3, false, false },
        { "data partition", { 2, 5 }, 2, false, false },
        { "nothing but SEI", { 6 }, 1, false, false },
    };
    static const struct h264_framing lengths = { 4 }, start_codes = { 0 };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        uint8_t bytes[64];
        size_t count = by_lengths(cases[i].types, cases[i].count, bytes);
        struct h264_picture picture = h264_read_picture(bytes, count, lengths);
        if (picture.idr != cases[i].idr || (picture.parameters_digest != 0) != cases[i].sets)
            fail_msg("by lengths: %s", cases[i].story);
        count = by_start_codes(cases[i].types, cases[i].count, bytes);
        picture = h264_read_picture(bytes, count, start_codes);
        if (picture.idr != cases[i].idr || (picture.parameters_digest != 0) != cases[i].sets)
            fail_msg("by start codes: %s", cases[i].story);
    }
}

static void changed_parameter_sets_are_noticed(void **state)
{
    (void)state;
    static const int types[] = { 7, 8, 5 };
    static const struct h264_framing lengths = { 4 };
    uint8_t bytes[64];
    size_t count = by_lengths(types, 3, bytes);
    uint64_t first = h264_read_picture(bytes, count, lengths).parameters_digest;
    assert_int_equal(h264_read_picture(bytes, count, lengths).parameters_digest, first);
    bytes[6] ^= 1;
    assert_int_not_equal(h264_read_picture(bytes, count, lengths).parameters_digest, first);
}

static void a_unit_beyond_the_end_is_read_as_far_as_it_goes(void **state)
{
    (void)state;
    static const uint8_t bytes[] = { 0, 0, 0xff, 0xff, 0x65, 0x88 };
    static const struct h264_framing lengths = { 4 };
    assert_true(h264_read_picture(bytes, sizeof bytes, lengths).idr);
    assert_false(h264_read_picture(bytes, 4, lengths).idr);
    assert_false(h264_read_picture(bytes, 0, lengths).idr);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(extradata_tells_what_the_stream_is),
        cmocka_unit_test(extradata_that_is_cut_anywhere_is_refused),
        cmocka_unit_test(only_idr_pictures_are_places_to_cut),
        cmocka_unit_test(changed_parameter_sets_are_noticed),
        cmocka_unit_test(a_unit_beyond_the_end_is_read_as_far_as_it_goes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
