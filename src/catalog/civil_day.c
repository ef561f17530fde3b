#include "catalog/civil_day.h"

#include "base/text.h"

#include <stdio.h>
#include <string.h>
#include <unicode/ucal.h>

enum { ZONE_SIZE = 64 };

static bool read_number(const char *text, size_t length, int *ret_number)
{
    int64_t number;
    if (!text_to_int64(text, length, 0, 9999, &number))
        return false;
    *ret_number = (int)number;
    return true;
}

static int days_of_month(int year, int month)
{
    static const int days[12] = { 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31 };
    bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
    return month == 2 && leap ? 29 : days[month - 1];
}

bool civil_day_read(const char *text, struct civil_day *ret_day)
{
    struct civil_day day;
    if (strlen(text) != 10 || text[4] != '-' || text[7] != '-')
        return false;
    if (!read_number(text, 4, &day.year) || !read_number(text + 5, 2, &day.month)
        || !read_number(text + 8, 2, &day.day))
        return false;
    if (day.year < 2000 || day.year > 2199 || day.month < 1 || day.month > 12 || day.day < 1
        || day.day > days_of_month(day.year, day.month))
        return false;
    *ret_day = day;
    return true;
}

int civil_day_compare(const struct civil_day *left, const struct civil_day *right)
{
    if (left->year != right->year)
        return left->year - right->year;
    if (left->month != right->month)
        return left->month - right->month;
    return left->day - right->day;
}

/* Zone names are ASCII. */
static bool widen(const char *zone, UChar ret_wide[ZONE_SIZE])
{
    size_t length = strlen(zone);
    if (length < 1 || length >= ZONE_SIZE)
        return false;
    for (size_t i = 0; i <= length; i++) {
        if ((unsigned char)zone[i] >= 0x80)
            return false;
        ret_wide[i] = (UChar)zone[i];
    }
    return true;
}

bool time_zone_is_known(const char *zone)
{
    UChar wide[ZONE_SIZE], canonical[ZONE_SIZE];
    if (!strchr(zone, '/') && strcmp(zone, "UTC") != 0)
        return false;
    if (text_starts_with(zone, "SystemV/") || !widen(zone, wide))
        return false;
    UBool of_system = false;
    UErrorCode status = U_ZERO_ERROR;
    (void)ucal_getCanonicalTimeZoneID(wide, -1, canonical, ZONE_SIZE, &of_system, &status);
    return U_SUCCESS(status) && of_system;
}

bool civil_day_begins(const struct civil_day *day, int days_later, const char *zone,
    int64_t *ret_instant_ms, struct problem *problem)
{
    UChar wide[ZONE_SIZE];
    if (!widen(zone, wide))
        return problem_set(problem, PROBLEM_INTERNAL, "time zone '%.64s'", zone);
    UErrorCode status = U_ZERO_ERROR;
    UCalendar *calendar = ucal_open(wide, -1, "en_US", UCAL_GREGORIAN, &status);
    double instant_ms = 0;
    if (U_SUCCESS(status)) {
        ucal_setAttribute(calendar, UCAL_SKIPPED_WALL_TIME, UCAL_WALLTIME_NEXT_VALID);
        ucal_setAttribute(calendar, UCAL_REPEATED_WALL_TIME, UCAL_WALLTIME_FIRST);
        ucal_clear(calendar);
        ucal_setDateTime(
            calendar, day->year, day->month - 1, day->day + days_later, 0, 0, 0, &status);
        instant_ms = ucal_getMillis(calendar, &status);
    }
    ucal_close(calendar);
    if (U_FAILURE(status))
        return problem_set(
            problem, PROBLEM_INTERNAL, "ICU, day in '%s': %s", zone, u_errorName(status));
    *ret_instant_ms = (int64_t)instant_ms;
    return true;
}

bool civil_day_at(int64_t instant_ms, const char *zone, char ret_text[CIVIL_DAY_TEXT_SIZE],
    struct problem *problem)
{
    UChar wide[ZONE_SIZE];
    if (!widen(zone, wide))
        return problem_set(problem, PROBLEM_INTERNAL, "time zone '%.64s'", zone);
    UErrorCode status = U_ZERO_ERROR;
    UCalendar *calendar = ucal_open(wide, -1, "en_US", UCAL_GREGORIAN, &status);
    int year = 0, month = 0, day = 0;
    if (U_SUCCESS(status)) {
        ucal_setMillis(calendar, (double)instant_ms, &status);
        year = ucal_get(calendar, UCAL_YEAR, &status);
        month = ucal_get(calendar, UCAL_MONTH, &status) + 1;
        day = ucal_get(calendar, UCAL_DATE, &status);
    }
    ucal_close(calendar);
    if (U_FAILURE(status))
        return problem_set(
            problem, PROBLEM_INTERNAL, "ICU, instant in '%s': %s", zone, u_errorName(status));
    /* The widest that the types allow; real years have four digits. */
    char text[40];
    (void)snprintf(text, sizeof text, "%04d-%02d-%02d", year, month, day);
    (void)snprintf(ret_text, CIVIL_DAY_TEXT_SIZE, "%.10s", text);
    return true;
}
