/* Sets of stretches, beside a bitmap that does the same the slow way. */
#include "viewing/spans.h"
#include "../unit.h"

#include "chance.h"

#include <stdlib.h>
#include <string.h>

enum { LENGTH = 160, STEPS = 1000000 };

static char *written(const struct spans *spans)
{
    struct text text;
    text_init(&text, SPANS_TEXT_MAX);
    spans_write(spans, &text);
    return text_take(&text);
}

static void assert_spans(const struct spans *spans, const char *expected)
{
    char *text = written(spans);
    assert_string_equal(text, expected);
    free(text);
}

static void stretches_that_meet_become_one(void **state)
{
    (void)state;
    static const struct {
        const char *story;
        struct span added[4];
        int64_t close_gap;
        const char *expected;
    } cases[] = {
        { "apart", { { 0, 6000 }, { 12000, 18000 } }, 0, "[[0,6000],[12000,18000]]" },
        { "backwards", { { 12000, 18000 }, { 0, 6000 } }, 0, "[[0,6000],[12000,18000]]" },
        { "twice", { { 0, 6000 }, { 0, 6000 } }, 0, "[[0,6000]]" },
        { "touching", { { 0, 6000 }, { 6000, 9000 } }, 0, "[[0,9000]]" },
        { "touching from below", { { 6000, 9000 }, { 0, 6000 } }, 0, "[[0,9000]]" },
        { "one millisecond apart", { { 0, 6000 }, { 6001, 9000 } }, 0, "[[0,6000],[6001,9000]]" },
        { "over several", { { 0, 10 }, { 20, 30 }, { 40, 50 }, { 5, 45 } }, 0, "[[0,50]]" },
        { "inside", { { 0, 100 }, { 20, 30 } }, 0, "[[0,100]]" },
        { "around", { { 20, 30 }, { 0, 100 } }, 0, "[[0,100]]" },
        { "a bridge", { { 0, 10 }, { 20, 30 }, { 10, 20 } }, 0, "[[0,30]]" },
        { "empty", { { 5, 5 } }, 0, "[]" },
        { "reversed", { { 9, 5 } }, 0, "[]" },
        { "a gap of 499 closes", { { 0, 1000 }, { 1499, 2000 } }, 500, "[[0,2000]]" },
        { "a gap of 500 stays", { { 0, 1000 }, { 1500, 2000 } }, 500, "[[0,1000],[1500,2000]]" },
        { "gaps on both sides close", { { 0, 1000 }, { 2000, 3000 }, { 1400, 1600 } }, 500,
            "[[0,3000]]" },
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct spans spans = { 0 };
        struct problem problem = { 0 };
        for (size_t j = 0; j < 4; j++)
            assert_true(spans_add(&spans, cases[i].added[j].from, cases[i].added[j].to,
                cases[i].close_gap, &problem));
        print_message("  %s\n", cases[i].story);
        assert_spans(&spans, cases[i].expected);
        spans_release(&spans);
    }
}

static void assert_equals_bitmap(const struct spans *spans, const bool *bits, int64_t step)
{
    size_t count = 0;
    int64_t total = 0;
    for (int64_t i = 0; i < LENGTH; i++) {
        total += bits[i];
        if (!bits[i] || (i > 0 && bits[i - 1]))
            continue;
        int64_t end = i;
        while (end < LENGTH && bits[end])
            end++;
        if (count >= spans->count || spans->items[count].from != i || spans->items[count].to != end)
            fail_msg("step %lld: stretch %zu should be [%lld,%lld)", (long long)step, count,
                (long long)i, (long long)end);
        count++;
    }
    assert_int_equal(spans->count, count);
    assert_int_equal(spans_total(spans), total);
}

/* What spans_add() promises, a bit a unit: set the stretch, and all up to what lies nearer than
 * close_gap. */
static void add_to_bitmap(bool *bits, int64_t from, int64_t to, int64_t close_gap)
{
    int64_t first = from;
    int64_t end = to;
    for (int64_t i = 1; i <= close_gap; i++) {
        if (from - i >= 0 && bits[from - i])
            first = from - i;
        if (to + i - 1 < LENGTH && bits[to + i - 1])
            end = to + i;
    }
    for (int64_t i = first; i < end; i++)
        bits[i] = true;
}

static void assert_queries_equal_bitmap(
    const struct spans *spans, const bool *bits, struct chance *chance, int64_t step)
{
    int64_t from = chance_below(chance, LENGTH);
    int64_t to = from + chance_below(chance, LENGTH - from + 1);
    bool inside_bits[LENGTH] = { 0 }, outside_bits[LENGTH] = { 0 };
    bool all = true;
    for (int64_t i = from; i < to; i++) {
        inside_bits[i] = bits[i];
        outside_bits[i] = !bits[i];
        all = all && bits[i];
    }
    struct spans inside, outside;
    spans_intersect(spans, from, to, &inside);
    spans_subtract(spans, from, to, &outside);
    assert_equals_bitmap(&inside, inside_bits, step);
    assert_equals_bitmap(&outside, outside_bits, step);
    assert_int_equal(spans_contain(spans, from, to), all);
    spans_release(&inside);
    spans_release(&outside);
}

static void a_million_random_steps_equal_a_bitmap(void **state)
{
    (void)state;
    static const uint64_t seed = 20261122;
    struct chance chance = { seed };
    struct spans spans = { 0 };
    bool bits[LENGTH] = { 0 };
    struct problem problem = { 0 };
    print_message("  seed %llu\n", (unsigned long long)seed);
    for (int64_t step = 0; step < STEPS; step++) {
        if (chance_below(&chance, 12) == 0) {
            spans_release(&spans);
            memset(bits, 0, sizeof bits);
        }
        int64_t from = chance_below(&chance, LENGTH);
        int64_t longest = chance_below(&chance, 8) == 0 ? LENGTH - from : 6;
        int64_t to = from + chance_below(&chance, longest + 1);
        to = to > LENGTH ? LENGTH : to;
        int64_t close_gap = chance_below(&chance, 2) * chance_below(&chance, 6);
        assert_true(spans_add(&spans, from, to, close_gap, &problem));
        if (from < to)
            add_to_bitmap(bits, from, to, close_gap);
        assert_equals_bitmap(&spans, bits, step);
        assert_queries_equal_bitmap(&spans, bits, &chance, step);
    }
    spans_release(&spans);
}

static void what_is_written_is_read_again(void **state)
{
    (void)state;
    struct chance chance = { 7 };
    for (int round = 0; round < 20000; round++) {
        struct spans spans = { 0 }, again = { 0 };
        struct problem problem = { 0 };
        for (int64_t i = chance_below(&chance, 20); i > 0; i--) {
            int64_t from = chance_below(&chance, 1000000);
            assert_true(spans_add(&spans, from, from + chance_below(&chance, 30000), 0, &problem));
        }
        char *text = written(&spans);
        assert_true(spans_read(text, &again, &problem));
        assert_spans(&again, text);
        json_t *json = spans_to_json(&again);
        char *dumped = json_dumps(json, JSON_COMPACT);
        assert_string_equal(dumped, text);
        free(dumped);
        json_decref(json);
        free(text);
        spans_release(&spans);
        spans_release(&again);
    }
}

static void a_damaged_row_is_refused(void **state)
{
    (void)state;
    static const char *const texts[] = { "", "[", "]", "[]]", "[] ", " []", "[[0,1]", "[[0,1]]x",
        "[[0,1],]", "[,[0,1]]", "[[0 ,1]]", "[[0,1,2]]", "[[0]]", "[[,1]]", "[[0,]]", "[[-1,2]]",
        "[[+1,2]]", "[[00,2]]", "[[0,02]]", "[[1.5,2]]", "[[1e3,2000]]", "[[5,5]]", "[[6,5]]",
        "[[0,5],[5,9]]", "[[0,5],[3,9]]", "[[8,9],[0,5]]", "[[0,5][6,7]]", "null", "{}", "[0,1]",
        "[[0,99999999999999999999]]", "[[0,9223372036854775808]]", "[[\"0\",1]]" };
    for (size_t i = 0; i < COUNT_OF(texts); i++) {
        struct spans spans = { 0 };
        struct problem problem = { 0 };
        if (spans_read(texts[i], &spans, &problem))
            fail_msg("'%s' was read", texts[i]);
        assert_int_equal(problem.kind, PROBLEM_STORAGE);
        assert_null(spans.items);
    }
    struct spans spans = { 0 };
    struct problem problem = { 0 };
    assert_false(spans_read(NULL, &spans, &problem));
}

static void fill(struct spans *spans)
{
    struct problem problem = { 0 };
    for (int64_t i = 0; i < SPANS_MAX; i++)
        assert_true(spans_add(spans, i * 1000, i * 1000 + 100 - (i == 234 ? 0 : 1), 0, &problem));
}

static void a_full_set_refuses_where_gaps_may_not_close(void **state)
{
    (void)state;
    struct spans spans = { 0 };
    struct problem problem = { 0 };
    fill(&spans);
    assert_false(spans_add(&spans, 500, 501, 0, &problem));
    assert_int_equal(problem.kind, PROBLEM_CONFLICT);
    assert_int_equal(spans.count, SPANS_MAX);
    problem_clear(&problem);
    assert_true(spans_add(&spans, 99, 110, 0, &problem)); /* melts: no more stretches than before */
    char *text = written(&spans);
    struct spans again = { 0 };
    assert_true(spans_read(text, &again, &problem));
    assert_int_equal(again.count, SPANS_MAX);
    free(text);
    spans_release(&again);
    spans_release(&spans);
}

static void a_full_set_joins_the_nearest_where_gaps_may_close(void **state)
{
    (void)state;
    struct spans spans = { 0 };
    struct problem problem = { 0 };
    fill(&spans);
    int64_t total = spans_total(&spans);
    assert_true(spans_add(&spans, 2000500, 2000501, 10, &problem));
    assert_int_equal(spans.count, SPANS_MAX);
    /* The gap behind stretch 234 is the one of 900; all others are 901. */
    assert_true(spans_contain(&spans, 234000, 235099));
    assert_int_equal(spans_total(&spans), total + 1 + 900);
    spans_release(&spans);
}

static void a_text_of_too_many_stretches_is_refused(void **state)
{
    (void)state;
    struct text text;
    text_init(&text, 1 << 20);
    text_append_string(&text, "[");
    for (int i = 0; i <= SPANS_MAX; i++)
        text_printf(&text, "%s[%d,%d]", i > 0 ? "," : "", i * 2, i * 2 + 1);
    text_append_string(&text, "]");
    struct spans spans = { 0 };
    struct problem problem = { 0 };
    assert_false(spans_read(text.bytes, &spans, &problem));
    text_release(&text);
}

static void the_farthest_values_do_not_overflow(void **state)
{
    (void)state;
    struct spans spans = { 0 }, outside, copy;
    struct problem problem = { 0 };
    assert_true(spans_add(&spans, SPAN_VALUE_MAX - 5, SPAN_VALUE_MAX, 500, &problem));
    assert_true(spans_add(&spans, 0, 5, 500, &problem));
    assert_int_equal(spans_total(&spans), 10);
    spans_subtract(&spans, -SPAN_VALUE_MAX, SPAN_VALUE_MAX, &outside);
    assert_int_equal(outside.count, 2);
    spans_copy(&spans, &copy);
    assert_int_equal(copy.count, 2);
    assert_true(spans_contain(&copy, 3, 3));
    assert_true(spans_contain(&copy, 100, 100));
    assert_false(spans_contain(&copy, 3, 6));
    spans_release(&copy);
    spans_release(&outside);
    spans_release(&spans);
    spans_copy(&spans, &copy);
    assert_null(copy.items);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(stretches_that_meet_become_one),
        cmocka_unit_test(a_million_random_steps_equal_a_bitmap),
        cmocka_unit_test(what_is_written_is_read_again),
        cmocka_unit_test(a_damaged_row_is_refused),
        cmocka_unit_test(a_full_set_refuses_where_gaps_may_not_close),
        cmocka_unit_test(a_full_set_joins_the_nearest_where_gaps_may_close),
        cmocka_unit_test(a_text_of_too_many_stretches_is_refused),
        cmocka_unit_test(the_farthest_values_do_not_overflow),
    };
    return cmocka_run_group_tests_name("spans", tests, NULL, NULL);
}
