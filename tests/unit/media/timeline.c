/* What of a version is shown where in the next, and what goes along with it. */
#include "media/timeline.h"

#include "../unit.h"

#include <string.h>

enum { BEFORE_MS = 60000 };

static void only_pieces_in_order_are_taken(void **state)
{
    (void)state;
    static const struct {
        const char *story, *text;
        int count; /* -1: refused */
    } cases[] = {
        { "the same recording", "same", 1 },
        { "another one", "none", 0 },
        { "no piece is none", "[]", 0 },
        { "the beginning was cut", "[[10000,60000,0]]", 1 },
        { "a pause was cut", "[[0,20000,0],[30000,60000,20000]]", 2 },
        { "an opening was added", "[[0,60000,5000]]", 1 },
        { "a word that is none", "identical", -1 },
        { "nothing", "", -1 },
        { "no list", "[", -1 },
        { "behind the end", "[[0,60001,0]]", -1 },
        { "before the beginning", "[[-1,1000,0]]", -1 },
        { "at a time before 0", "[[0,1000,-1]]", -1 },
        { "without length", "[[1000,1000,0]]", -1 },
        { "backwards", "[[2000,1000,0]]", -1 },
        { "over each other before", "[[0,2000,0],[1000,3000,2000]]", -1 },
        { "over each other after", "[[0,2000,0],[3000,4000,1000]]", -1 },
        { "in another order", "[[3000,4000,0],[0,1000,1000]]", -1 },
        { "two numbers", "[[0,1000]]", -1 },
        { "four numbers", "[[0,1000,0,0]]", -1 },
        { "no whole number", "[[0,1000.5,0]]", -1 },
        { "beyond all numbers", "[[0,1000,9223372036854775807]]", -1 },
        { "an object", "{\"from_ms\":0}", -1 },
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct media_timeline timeline;
        struct problem problem = { 0 };
        bool read = media_timeline_read_text(cases[i].text, BEFORE_MS, &timeline, &problem);
        print_message("  %s\n", cases[i].story);
        assert_int_equal(read ? (int)timeline.count : -1, cases[i].count);
        if (!read)
            assert_string_equal(problem.field, "timeline");
    }
}

static struct media_timeline made(const char *text)
{
    struct media_timeline timeline;
    struct problem problem = { 0 };
    assert_true(media_timeline_read_text(text, BEFORE_MS, &timeline, &problem));
    return timeline;
}

static void what_lies_behind_the_new_end_is_left_out(void **state)
{
    (void)state;
    struct media_timeline timeline = made("[[0,20000,0],[30000,60000,20000]]");
    media_timeline_cut(&timeline, 25000);
    assert_int_equal(timeline.count, 2);
    assert_int_equal(timeline.pieces[1].to_ms, 35000);
    media_timeline_cut(&timeline, 20000);
    assert_int_equal(timeline.count, 1);
    media_timeline_cut(&timeline, 0);
    assert_int_equal(timeline.count, 0);
}

static void a_moment_goes_with_its_content(void **state)
{
    (void)state;
    struct media_timeline timeline = made("[[10000,20000,0],[30000,60000,15000]]");
    int64_t moment_ms = -1;
    assert_false(media_timeline_carry(&timeline, 9999, &moment_ms));
    assert_true(media_timeline_carry(&timeline, 10000, &moment_ms));
    assert_int_equal(moment_ms, 0);
    assert_false(media_timeline_carry(&timeline, 20000, &moment_ms));
    assert_true(media_timeline_carry(&timeline, 30500, &moment_ms));
    assert_int_equal(moment_ms, 15500);
}

static void captions_stay_in_step(void **state)
{
    (void)state;
    static const char before[] = "WEBVTT\nX-TIMESTAMP-MAP=MPEGTS:0,LOCAL:00:00:00.000\n\n"
                                 "00:00:01.000 --> 00:00:04.000\nBefore the cut\n\n"
                                 "00:00:08.000 --> 00:00:12.000 align:start\nOver the <i>cut</i>\n"
                                 "in two lines\n\n"
                                 "00:00:15.000 --> 00:00:17.500\nAfter it\n\n"
                                 "00:00:58.000 --> 00:01:00.000\nAt the end\n\n";
    static const char after[] = "WEBVTT\nX-TIMESTAMP-MAP=MPEGTS:0,LOCAL:00:00:00.000\n\n"
                                "00:00:00.000 --> 00:00:02.000 align:start\nOver the <i>cut</i>\n"
                                "in two lines\n\n"
                                "00:00:05.000 --> 00:00:07.500\nAfter it\n\n";
    struct media_timeline timeline = made("[[10000,58000,0]]");
    struct text text;
    size_t cue_count;
    text_init(&text, 10000);
    media_timeline_carry_captions(&timeline, before, sizeof before - 1, &text, &cue_count);
    assert_string_equal(text.bytes, after);
    assert_int_equal(cue_count, 2);
    text_release(&text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(only_pieces_in_order_are_taken),
        cmocka_unit_test(what_lies_behind_the_new_end_is_left_out),
        cmocka_unit_test(a_moment_goes_with_its_content),
        cmocka_unit_test(captions_stay_in_step),
    };
    return cmocka_run_group_tests_name("timeline", tests, NULL, NULL);
}
