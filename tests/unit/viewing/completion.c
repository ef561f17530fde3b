/* When a lecture is complete, and what is still missing. */
#include "viewing/completion.h"
#include "../unit.h"

#include "chance.h"

#include <stdlib.h>

static void set_spans(struct spans *spans, const char *text)
{
    struct problem problem = { 0 };
    assert_true(spans_read(text, spans, &problem));
}

static void a_lecture_is_complete_by_content_gap_and_time(void **state)
{
    (void)state;
    static const struct {
        const char *story;
        const char *credited;
        int64_t real_ms, gap_ms_max;
        bool expected;
    } cases[] = {
        { "all of it, in real time", "[[0,600000]]", 600000, 30000, true },
        { "all of it, at twice the speed", "[[0,600000]]", 300000, 30000, true },
        { "rounding by less than the free two seconds", "[[0,600000]]", 299000, 30000, true },
        { "faster than anybody can", "[[0,600000]]", 298999, 30000, false },
        { "no time at all", "[[0,600000]]", 0, 30000, false },
        { "exactly nine tenths", "[[0,300000],[330000,540000],[570000,600000]]", 600000, 30000,
            true },
        { "a millisecond less than nine tenths", "[[0,300000],[330000,539999],[570000,600000]]",
            600000, 60000, false },
        { "nine tenths, but a minute missing", "[[0,540000]]", 600000, 30000, false },
        { "a minute missing where any gap is fine", "[[0,540000]]", 600000, 0, true },
        { "the beginning missing", "[[30001,600000]]", 600000, 30000, false },
        { "the last half minute missing", "[[0,570000]]", 600000, 30000, true },
        { "sought to the end", "[[599000,600000]]", 600000, 0, false },
        { "nothing", "[]", 600000, 0, false },
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct completion_rule rule = { 1, 90, cases[i].gap_ms_max, 200, .real_time = true };
        struct spans credited;
        set_spans(&credited, cases[i].credited);
        if (completion_reached(&rule, &credited, 600000, cases[i].real_ms) != cases[i].expected)
            fail_msg("%s", cases[i].story);
        spans_release(&credited);
    }
}

static void a_rule_may_do_without_real_time(void **state)
{
    (void)state;
    struct completion_rule rule = { 1, 90, 0, 200, .real_time = false };
    struct spans credited;
    set_spans(&credited, "[[0,600000]]");
    assert_true(completion_reached(&rule, &credited, 600000, 0));
    spans_release(&credited);
}

static void a_lecture_without_length_is_never_complete(void **state)
{
    (void)state;
    struct completion_rule rule = { 1, 1, 0, 200, .real_time = true };
    struct spans credited;
    set_spans(&credited, "[[0,1000]]");
    assert_false(completion_reached(&rule, &credited, 0, 1000000));
    assert_true(coverage_ratio(&credited, 0) == 0);
    spans_release(&credited);
}

static void content_beyond_the_length_does_not_count(void **state)
{
    (void)state;
    struct completion_rule rule = { 1, 90, 0, 200, .real_time = true };
    struct spans credited;
    set_spans(&credited, "[[0,5000],[10000,20000]]");
    assert_false(completion_reached(&rule, &credited, 10000, 1000000));
    assert_true(coverage_ratio(&credited, 10000) == 0.5);
    spans_release(&credited);
}

static void the_missing_leaves_out_what_rounding_made(void **state)
{
    (void)state;
    static const struct {
        const char *credited, *expected;
    } cases[] = {
        { "[]", "[[0,60000]]" },
        { "[[0,60000]]", "[]" },
        { "[[499,59501]]", "[]" },
        { "[[500,59500]]", "[[0,500],[59500,60000]]" },
        { "[[0,10000],[10499,20000],[20500,60000]]", "[[20000,20500]]" },
        { "[[0,70000]]", "[]" },
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct spans credited, missing;
        struct text text;
        set_spans(&credited, cases[i].credited);
        coverage_missing(&credited, 60000, &missing);
        text_init(&text, 1000);
        spans_write(&missing, &text);
        assert_string_equal(text.bytes, cases[i].expected);
        text_release(&text);
        spans_release(&credited);
        spans_release(&missing);
    }
}

static void what_was_added_never_ends_a_completion(void **state)
{
    (void)state;
    struct chance chance = { 99 };
    for (int round = 0; round < 20000; round++) {
        struct completion_rule rule = { 1, 1 + chance_below(&chance, 100),
            chance_below(&chance, 2) * 5000, 200, .real_time = true };
        struct spans credited = { 0 };
        struct problem problem = { 0 };
        bool reached = false;
        for (int step = 0; step < 12; step++) {
            int64_t from = chance_below(&chance, 60000);
            assert_true(
                spans_add(&credited, from, from + chance_below(&chance, 20000), 0, &problem));
            bool now = completion_reached(&rule, &credited, 60000, 100000);
            assert_true(now || !reached);
            reached = now;
        }
        spans_release(&credited);
    }
}

static void silence_at_the_end_need_not_be_watched(void **state)
{
    (void)state;
    assert_int_equal(completion_needed_ms(60000, 0), 60000);
    assert_int_equal(completion_needed_ms(60000, 12000), 48000);
    assert_int_equal(completion_needed_ms(60000, 30000), 30000);
    assert_int_equal(completion_needed_ms(60000, 30001), 60000); /* pictures are the lecture */
    assert_int_equal(completion_needed_ms(60000, -5), 60000);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(silence_at_the_end_need_not_be_watched),
        cmocka_unit_test(a_lecture_is_complete_by_content_gap_and_time),
        cmocka_unit_test(a_rule_may_do_without_real_time),
        cmocka_unit_test(a_lecture_without_length_is_never_complete),
        cmocka_unit_test(content_beyond_the_length_does_not_count),
        cmocka_unit_test(the_missing_leaves_out_what_rounding_made),
        cmocka_unit_test(what_was_added_never_ends_a_completion),
    };
    return cmocka_run_group_tests_name("completion", tests, NULL, NULL);
}
