/*
 * Civil days and IANA time zones, over ICU (glibc has no conversion of zones that is safe between
 * threads). Safe from any thread.
 */
#ifndef LECTERN_CATALOG_CIVIL_DAY_H
#define LECTERN_CATALOG_CIVIL_DAY_H

#include "base/problem.h"

#include <stdint.h>

struct civil_day {
    int year, month, day; /* of the Gregorian calendar; month and day from 1 */
};

/* "YYYY-MM-DD", a day that exists, 2000 to 2199. */
bool civil_day_read(const char *text, struct civil_day *ret_day);
/* Below, equal to or above 0, as with strcmp. */
int civil_day_compare(const struct civil_day *left, const struct civil_day *right);

/* A name of the IANA database such as "Asia/Tokyo", or "UTC".  Exact case.  ICU's own short names
 * ("JST") and offsets
 * ("GMT+9") are refused: browsers do not know them all. */
bool time_zone_is_known(const char *zone);

/*
 * When a day begins in a zone, `days_later` days after `day` (so 1 gives the end of `day`).  Where
 * the clock skips midnight (Cairo, Beirut) the day begins at its first instant; where midnight
 * comes twice (Havana), at the earlier.
 */
bool civil_day_begins(const struct civil_day *day, int days_later, const char *zone,
    int64_t *ret_instant_ms, struct problem *problem);

/* The day that it is in a zone at an instant, as "2026-11-22". */
enum { CIVIL_DAY_TEXT_SIZE = 11 };
bool civil_day_at(int64_t instant_ms, const char *zone, char ret_text[CIVIL_DAY_TEXT_SIZE],
    struct problem *problem);

#endif
