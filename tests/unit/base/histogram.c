#include "base/histogram.h"
#include "../unit.h"

static const struct histogram_bounds bounds = { 3, { 10, 100, 1000 } };

static void each_value_falls_into_the_bucket_that_still_holds_it(void **state)
{
    (void)state;
    static const struct {
        const char *story;
        int64_t value_us;
        size_t bucket;
    } cases[] = {
        { "nothing", 0, 0 },
        { "a clock that went back", -5, 0 },
        { "a bound belongs to its bucket", 10, 0 },
        { "just over it", 11, 1 },
        { "the last bound", 1000, 2 },
        { "over all bounds", 1001, 3 },
        { "as large as it gets", INT64_MAX, 3 },
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct histogram histogram;
        struct histogram_figures figures = { 0 };
        histogram_init(&histogram, &bounds);
        histogram_note(&histogram, cases[i].value_us);
        histogram_add_to(&histogram, &figures);
        for (size_t bucket = 0; bucket <= bounds.count; bucket++)
            if (figures.counts[bucket] != (bucket == cases[i].bucket))
                fail_msg("%s: bucket %zu", cases[i].story, bucket);
    }
}

static void several_add_up(void **state)
{
    (void)state;
    struct histogram first, second;
    struct histogram_figures figures = { 0 };
    histogram_init(&first, &bounds);
    histogram_init(&second, &bounds);
    histogram_note(&first, 7);
    histogram_note(&second, 8);
    histogram_note(&second, 5000);
    histogram_add_to(&first, &figures);
    histogram_add_to(&second, &figures);
    assert_ptr_equal(figures.bounds, &bounds);
    assert_int_equal(figures.counts[0], 2);
    assert_int_equal(figures.counts[3], 1);
    assert_int_equal(figures.sum_us, 5015);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_value_falls_into_the_bucket_that_still_holds_it),
        cmocka_unit_test(several_add_up),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
