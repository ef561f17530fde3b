#include "http/http_date.h"

#include "base/text.h"

#include <string.h>
#include <time.h>

/* Digits at text[0..count) within the bounds. */
static bool read_digits(const char *text, size_t count, int least, int most, int *ret_value)
{
    int64_t value;
    if (!text_to_int64(text, count, least, most, &value))
        return false;
    *ret_value = (int)value;
    return true;
}

static bool read_month(const char *text, int *ret_month)
{
    static const char months[] = "JanFebMarAprMayJunJulAugSepOctNovDec";
    for (size_t i = 0; i < 12; i++) {
        if (memcmp(text, months + i * 3, 3) == 0) {
            *ret_month = (int)i;
            return true;
        }
    }
    return false;
}

bool http_date_read(const char *text, int64_t *ret_instant_ms)
{
    /* 0123456789012345678901234567 8
     * Sun, 06 Nov 1994 08:49:37 GMT */
    if (strlen(text) != 29 || memcmp(text + 3, ", ", 2) != 0 || text[7] != ' ' || text[11] != ' '
        || text[16] != ' ' || text[19] != ':' || text[22] != ':'
        || memcmp(text + 25, " GMT", 4) != 0)
        return false;
    struct tm parts = { 0 };
    int year;
    if (!read_digits(text + 5, 2, 1, 31, &parts.tm_mday) || !read_month(text + 8, &parts.tm_mon)
        || !read_digits(text + 12, 4, 1970, 9999, &year)
        || !read_digits(text + 17, 2, 0, 23, &parts.tm_hour)
        || !read_digits(text + 20, 2, 0, 59, &parts.tm_min)
        || !read_digits(text + 23, 2, 0, 60, &parts.tm_sec))
        return false;
    parts.tm_year = year - 1900;
    *ret_instant_ms = (int64_t)timegm(&parts) * 1000;
    return true;
}
