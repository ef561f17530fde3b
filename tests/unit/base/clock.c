#include "base/clock.h"

#include "../unit.h"
#include <time.h>

static void instants_are_written_as_the_standards_say(void **state)
{
    (void)state;
    static const struct {
        int64_t instant_ms;
        const char *iso, *http;
    } cases[] = {
        { 0, "1970-01-01T00:00:00.000Z", "Thu, 01 Jan 1970 00:00:00 GMT" },
        { 1, "1970-01-01T00:00:00.001Z", "Thu, 01 Jan 1970 00:00:00 GMT" },
        { -1, "1969-12-31T23:59:59.999Z", "Wed, 31 Dec 1969 23:59:59 GMT" },
        { 784111777000, "1994-11-06T08:49:37.000Z", "Sun, 06 Nov 1994 08:49:37 GMT" },
        { 1709164800123, "2024-02-29T00:00:00.123Z", "Thu, 29 Feb 2024 00:00:00 GMT" },
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        char iso[CLOCK_ISO_SIZE], http[CLOCK_HTTP_SIZE];
        clock_format_iso(cases[i].instant_ms, iso);
        clock_format_http(cases[i].instant_ms, http);
        assert_string_equal(iso, cases[i].iso);
        assert_string_equal(http, cases[i].http);
    }
}

static void server_time_never_goes_back(void **state)
{
    (void)state;
    int64_t before = clock_now_ms();
    assert_true(before >= clock_wall_ms() - 1000);
    clock_not_before(before + 3600000);
    assert_true(clock_now_ms() >= before + 3600000);
    clock_not_before(before);
    assert_true(clock_now_ms() >= before + 3600000);
}

/* An hour ahead of the wall clock, as after somebody has set that back by an hour. */
static void server_time_goes_on_while_the_wall_clock_is_behind(void **state)
{
    (void)state;
    clock_not_before(clock_wall_ms() + 7200000);
    int64_t before = clock_now_ms();
    struct timespec wait = { .tv_nsec = 60000000 };
    (void)nanosleep(&wait, NULL);
    assert_true(clock_now_ms() >= before + 50);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(instants_are_written_as_the_standards_say),
        cmocka_unit_test(server_time_never_goes_back),
        cmocka_unit_test(server_time_goes_on_while_the_wall_clock_is_behind),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
