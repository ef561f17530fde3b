/* Languages, countries, addresses, days and zones as a stranger types them: one canonical spelling,
 * or a sentence. */
#include "base/text.h"
#include "catalog/civil_day.h"
#include "catalog/fields.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t count);

static void must(bool holds)
{
    if (!holds)
        abort();
}

static void check(const char *value)
{
    char tag[LANGUAGE_TAG_SIZE], again[LANGUAGE_TAG_SIZE], country[COUNTRY_SIZE];
    struct problem problem = { 0 };
    struct civil_day day;
    int64_t begins_ms, ends_ms;
    if (field_language("language", value, tag, &problem)) {
        must(strspn(tag, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-")
             == strlen(tag));
        must(text_equal_ignoring_case(tag, value));
        must(language_tag_canonical(tag, again) && text_equal(tag, again));
    }
    problem_clear(&problem);
    if (field_country("country", value, country, &problem))
        must(text_equal_ignoring_case(country, value));
    problem_clear(&problem);
    if (field_mail_address("email", value, &problem))
        must(text_is_line(value, 254) && !strpbrk(value, " \r\n,<>"));
    problem_clear(&problem);
    if (time_zone_is_known(value)) {
        static const struct civil_day new_year = { 2026, 1, 1 };
        must(civil_day_begins(&new_year, 0, value, &begins_ms, &problem));
    }
    if (civil_day_read(value, &day)) {
        must(civil_day_begins(&day, 0, "Europe/Berlin", &begins_ms, &problem));
        must(civil_day_begins(&day, 1, "Europe/Berlin", &ends_ms, &problem));
        must(ends_ms - begins_ms >= 23 * 3600000 && ends_ms - begins_ms <= 25 * 3600000);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t count)
{
    char *value = malloc(count + 1);
    if (!value)
        return 0;
    memcpy(value, bytes, count);
    value[count] = '\0';
    check(value);
    free(value);
    return 0;
}
