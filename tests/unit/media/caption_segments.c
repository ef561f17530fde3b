#include "media/caption_segments.h"

#include "../unit.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define HEAD "WEBVTT\nX-TIMESTAMP-MAP=MPEGTS:0,LOCAL:00:00:00.000\n\n"
#define EARLY "00:00:01.000 --> 00:00:02.000\nearly\n\n"
#define ACROSS "00:00:29.000 --> 00:00:31.000 align:start\nacross\n\n"
#define TO_CUT "00:00:29.500 --> 00:00:30.000\nto the cut\n\n"
#define FROM_CUT "00:00:30.000 --> 00:00:32.000\nfrom the cut\ntwo lines\n\n"
#define LATE "00:01:05.000 --> 00:01:10.000\nlate\n\n"

static void check(const char *vtt, int64_t duration_ms, size_t count, const char *const *expected)
{
    struct caption_segments segments;
    caption_segments_init(&segments, vtt, strlen(vtt), duration_ms);
    assert_int_equal(segments.count, count);
    for (size_t i = 0; i < count; i++) {
        struct text out;
        text_init(&out, 10000);
        caption_segment_write(&segments, i, &out);
        assert_string_equal(out.bytes, expected[i]);
        text_release(&out);
    }
    assert_int_equal(caption_segment_start_ms(&segments, 0), 0);
    assert_int_equal(caption_segment_end_ms(&segments, count - 1), duration_ms);
    caption_segments_release(&segments);
}

static void cues_stand_where_they_show(void **state)
{
    (void)state;
    static const char *const expected[]
        = { HEAD EARLY ACROSS TO_CUT, HEAD ACROSS FROM_CUT, HEAD LATE };
    check(HEAD EARLY ACROSS TO_CUT FROM_CUT LATE, 67000, 3, expected);
}

static void a_segment_may_be_empty(void **state)
{
    (void)state;
    static const char *const expected[] = { HEAD EARLY, HEAD, HEAD LATE };
    check(HEAD EARLY LATE, 90000, 3, expected);
    check("WEBVTT\n\n1\n\n" EARLY "NOTE x\n\n" LATE, 90000, 3, expected);
}

static void what_lies_behind_the_end_goes_with_the_last(void **state)
{
    (void)state;
    static const char *const expected[] = { HEAD EARLY, HEAD LATE };
    check(HEAD EARLY LATE, 31000, 2, expected);
}

/* Two hundred captions that show for ten hours would be told 1200 times each. */
static void captions_without_end_are_not_multiplied(void **state)
{
    (void)state;
    enum { CUES = 200, HOURS_MS = 36000000 };
    struct text vtt, out;
    struct caption_segments segments;
    text_init(&vtt, 100000);
    text_init(&out, 100000);
    text_append_string(&vtt, HEAD);
    for (int i = 0; i < CUES; i++)
        text_append_string(&vtt, "00:00:01.000 --> 10:00:00.000\nfor ever\n\n");
    caption_segments_init(&segments, vtt.bytes, vtt.length, HOURS_MS);
    assert_int_equal(segments.count, 1);
    assert_int_equal(caption_segment_end_ms(&segments, 0), HOURS_MS);
    caption_segment_write(&segments, 0, &out);
    assert_string_equal(out.bytes, vtt.bytes);
    caption_segments_release(&segments);
    text_release(&vtt);
    text_release(&out);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(cues_stand_where_they_show),
        cmocka_unit_test(a_segment_may_be_empty),
        cmocka_unit_test(what_lies_behind_the_end_goes_with_the_last),
        cmocka_unit_test(captions_without_end_are_not_multiplied),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
