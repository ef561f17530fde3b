#include "http/precondition.h"

#include "http/http_date.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

static const int64_t changed_ms = INT64_C(784111777500); /* Sun, 06 Nov 1994 08:49:37.5 GMT */
#define SAME "Sun, 06 Nov 1994 08:49:37 GMT"
#define BEFORE "Sun, 06 Nov 1994 08:49:36 GMT"
#define AFTER "Sun, 06 Nov 1994 08:49:38 GMT"

static void conditions_are_weighed_in_order(void **state)
{
    (void)state;
    enum {
        HOLDS = PRECONDITION_HOLDS,
        UNCHANGED = PRECONDITION_NOT_MODIFIED,
        FAILED = PRECONDITION_FAILED
    };
    static const struct {
        const char *story;
        struct precondition given;
        int expected;
    } cases[] = {
        { "none", { .reads = true }, HOLDS },
        { "the tag it has", { .if_none_match = "\"v1\"", .reads = true }, UNCHANGED },
        { "the weak form of it", { .if_none_match = "W/\"v1\"", .reads = true }, UNCHANGED },
        { "one of several", { .if_none_match = "\"v0\", \"v1\"", .reads = true }, UNCHANGED },
        { "any", { .if_none_match = "*", .reads = true }, UNCHANGED },
        { "another tag", { .if_none_match = "\"v0\"", .reads = true }, HOLDS },
        { "without quotes", { .if_none_match = "v1", .reads = true }, HOLDS },
        { "a write that must be the first", { .if_none_match = "*" }, FAILED },
        { "unchanged since", { .if_modified_since = SAME, .reads = true }, UNCHANGED },
        { "unchanged since later", { .if_modified_since = AFTER, .reads = true }, UNCHANGED },
        { "changed since", { .if_modified_since = BEFORE, .reads = true }, HOLDS },
        { "the tag outweighs the date",
            { .if_none_match = "\"v0\"", .if_modified_since = SAME, .reads = true }, HOLDS },
        { "an obsolete date is left aside",
            { .if_modified_since = "Sunday, 06-Nov-94 08:49:37 GMT", .reads = true }, HOLDS },
        { "the version it wants", { .if_match = "\"v1\"" }, HOLDS },
        { "another version", { .if_match = "\"v0\"" }, FAILED },
        { "weak is not enough", { .if_match = "W/\"v1\"" }, FAILED },
        { "any version", { .if_match = "*" }, HOLDS },
        { "unmodified since", { .if_unmodified_since = SAME }, HOLDS },
        { "modified since", { .if_unmodified_since = BEFORE }, FAILED },
        { "no date is no condition", { .if_unmodified_since = "yesterday" }, HOLDS },
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        int answer = (int)precondition_check(&cases[i].given, "\"v1\"", changed_ms);
        if (answer != cases[i].expected)
            fail_msg("%s: %d", cases[i].story, answer);
    }
    struct precondition any
        = { .if_none_match = "\"v1\"", .if_modified_since = SAME, .reads = true };
    assert_int_equal(precondition_check(&any, NULL, -1), PRECONDITION_HOLDS);
}

static void if_range_wants_the_very_same(void **state)
{
    (void)state;
    assert_true(precondition_range_holds(NULL, "\"v1\"", -1));
    assert_true(precondition_range_holds("\"v1\"", "\"v1\"", -1));
    assert_false(precondition_range_holds("\"v0\"", "\"v1\"", -1));
    assert_false(precondition_range_holds("W/\"v1\"", "\"v1\"", -1));
    assert_false(precondition_range_holds("\"v1\"", NULL, -1));
    assert_true(precondition_range_holds(SAME, "\"v1\"", changed_ms));
    assert_false(precondition_range_holds(AFTER, "\"v1\"", changed_ms));
    assert_false(precondition_range_holds(SAME, "\"v1\"", -1));
    assert_false(precondition_range_holds("", "\"v1\"", changed_ms));
}

static void dates_are_read_strictly(void **state)
{
    (void)state;
    int64_t instant_ms = 0;
    assert_true(http_date_read(SAME, &instant_ms));
    assert_int_equal(instant_ms, INT64_C(784111777000));
    static const char *const bad[] = { "", "Sun, 06 Nov 1994 08:49:37",
        "Sun, 6 Nov 1994 08:49:37 GMT", "Sun, 06 nov 1994 08:49:37 GMT",
        "Sun, 06 Nov 1994 24:49:37 GMT", "Sun, 00 Nov 1994 08:49:37 GMT",
        "Sun, 06 Nov 1994 08:49:37 UTC", "Sun Nov  6 08:49:37 1994",
        "Sun, 06 Nov 1969 08:49:37 GMT", "Sun, 06 Nov 19-4 08:49:37 GMT" };
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
        if (http_date_read(bad[i], &instant_ms))
            fail_msg("'%s' was taken", bad[i]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(conditions_are_weighed_in_order),
        cmocka_unit_test(if_range_wants_the_very_same),
        cmocka_unit_test(dates_are_read_strictly),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
