#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/clock.h"
#include "catalog/civil_day.h"

static void only_days_that_exist_are_read(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        bool good;
    } cases[] = {
        { "2026-11-22", true },
        { "2000-01-01", true },
        { "2199-12-31", true },
        { "2028-02-29", true },
        { "2000-02-29", true },
        { "2026-02-29", false },
        { "2100-02-29", false },
        { "2026-04-31", false },
        { "2026-00-10", false },
        { "2026-13-10", false },
        { "2026-10-00", false },
        { "2026-10-32", false },
        { "1999-12-31", false },
        { "2200-01-01", false },
        { "2026-1-22", false },
        { "2026/11/22", false },
        { "22-11-2026", false },
        { "2026-11-22 ", false },
        { " 2026-11-22", false },
        { "", false },
        { "2026-+1-22", false },
        { "2026-11-2x", false },
        { "20261122", false },
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct civil_day day;
        if (civil_day_read(cases[i].text, &day) != cases[i].good)
            fail_msg("'%s'", cases[i].text);
    }
}

static void days_are_ordered(void **state)
{
    (void)state;
    static const char *const ascending[]
        = { "2025-12-31", "2026-01-01", "2026-01-31", "2026-02-01", "2027-01-01" };
    for (size_t i = 0; i < 5; i++)
        for (size_t j = 0; j < 5; j++) {
            struct civil_day left, right;
            assert_true(
                civil_day_read(ascending[i], &left) && civil_day_read(ascending[j], &right));
            int order = civil_day_compare(&left, &right);
            assert_true(i < j ? order < 0 : i > j ? order > 0 : order == 0);
        }
}

static void zones_are_names_of_the_iana_database(void **state)
{
    (void)state;
    static const struct {
        const char *zone;
        bool known;
    } cases[] = {
        { "Asia/Ho_Chi_Minh", true },
        { "Asia/Saigon", true },
        { "Asia/Ulaanbaatar", true },
        { "America/Argentina/Buenos_Aires", true },
        { "UTC", true },
        { "Etc/UTC", true },
        { "Europe/Kyiv", true },
        { "", false },
        { "JST", false },
        { "EST", false },
        { "GMT+9", false },
        { "Etc/Unknown", false },
        { "asia/tokyo", false },
        { "Asia/Tokyo ", false },
        { "Mars/Base", false },
        { "SystemV/EST5", false },
        { "Asia/T\xc5\x8dkyo", false },
        { "+09:00", false },
        { "../../etc/localtime", false },
        { "Asia/aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
            false },
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
        if (time_zone_is_known(cases[i].zone) != cases[i].known)
            fail_msg("'%s'", cases[i].zone);
}

/* Expected instants are from the zones' published rules, not from ICU. */
static void a_day_begins_by_the_clock_on_the_wall(void **state)
{
    (void)state;
    static const struct {
        const char *story, *day;
        int later;
        const char *zone, *expected;
    } cases[] = {
        { "east of Greenwich", "2026-11-23", 0, "Asia/Ho_Chi_Minh", "2026-11-22T17:00:00.000Z" },
        { "its end", "2026-11-23", 1, "Asia/Ho_Chi_Minh", "2026-11-23T17:00:00.000Z" },
        { "west of Greenwich", "2026-11-23", 0, "America/Lima", "2026-11-23T05:00:00.000Z" },
        { "UTC", "2026-11-23", 0, "UTC", "2026-11-23T00:00:00.000Z" },
        { "45 minutes", "2026-11-23", 0, "Asia/Kathmandu", "2026-11-22T18:15:00.000Z" },
        { "end of a month", "2026-11-30", 1, "Asia/Tokyo", "2026-11-30T15:00:00.000Z" },
        { "end of a year", "2026-12-31", 1, "Asia/Tokyo", "2026-12-31T15:00:00.000Z" },
        { "a leap day", "2028-02-28", 1, "UTC", "2028-02-29T00:00:00.000Z" },
        { "winter in Berlin", "2026-03-29", 0, "Europe/Berlin", "2026-03-28T23:00:00.000Z" },
        { "23 hours later it is summer", "2026-03-29", 1, "Europe/Berlin",
            "2026-03-29T22:00:00.000Z" },
        { "summer in Berlin", "2026-10-25", 0, "Europe/Berlin", "2026-10-24T22:00:00.000Z" },
        { "25 hours later it is winter", "2026-10-25", 1, "Europe/Berlin",
            "2026-10-25T23:00:00.000Z" },
        { "the clock went from 0:00 to 1:00", "2018-11-04", 0, "America/Sao_Paulo",
            "2018-11-04T03:00:00.000Z" },
        { "the evening before came twice", "2018-02-18", 0, "America/Sao_Paulo",
            "2018-02-18T03:00:00.000Z" },
        { "midnight came twice", "2018-11-04", 0, "America/Havana", "2018-11-04T04:00:00.000Z" },
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct civil_day day;
        struct problem problem = { 0 };
        int64_t instant_ms;
        char text[CLOCK_ISO_SIZE];
        assert_true(civil_day_read(cases[i].day, &day));
        assert_true(civil_day_begins(&day, cases[i].later, cases[i].zone, &instant_ms, &problem));
        clock_format_iso(instant_ms, text);
        if (strcmp(text, cases[i].expected) != 0)
            fail_msg("%s: %s, not %s", cases[i].story, text, cases[i].expected);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(only_days_that_exist_are_read),
        cmocka_unit_test(days_are_ordered),
        cmocka_unit_test(zones_are_names_of_the_iana_database),
        cmocka_unit_test(a_day_begins_by_the_clock_on_the_wall),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
