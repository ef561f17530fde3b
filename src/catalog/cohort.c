#include "catalog/program.h"

#include "base/clock.h"
#include "catalog/civil_day.h"
#include "catalog/fields.h"
#include "catalog/rows.h"

#include <string.h>

enum { DAY_MS = 24 * 60 * 60 * 1000 };

static bool read_day(
    const char *field, const char *value, struct civil_day *ret_day, struct problem *problem)
{
    return (value && civil_day_read(value, ret_day))
           || problem_set_field(problem, field,
               "'%s' must be a day of the calendar, written as year-month-day: '2026-11-22'.",
               field);
}

static bool check_rule(const struct cohort_fields *fields, struct problem *problem)
{
    return field_range("threshold_percent", fields->threshold_percent, 1, 100, problem)
           && field_range("gap_ms_max", fields->gap_ms_max, 0, DAY_MS, problem)
           && field_range("rate_cap_percent", fields->rate_cap_percent, 100, 400, problem);
}

/* The instants between which the cohort's days lie. */
static bool read_window(const struct cohort_fields *fields, int64_t *ret_opens_at_ms,
    int64_t *ret_closes_at_ms, struct problem *problem)
{
    struct civil_day first, last;
    if (!read_day("first_day", fields->first_day, &first, problem)
        || !read_day("last_day", fields->last_day, &last, problem))
        return false;
    if (civil_day_compare(&last, &first) < 0)
        return problem_set_field(problem, "last_day", "'last_day' must not be before 'first_day'.");
    if (!fields->time_zone || !time_zone_is_known(fields->time_zone))
        return problem_set_field(problem, "time_zone",
            "'time_zone' must be a name of the IANA time zone database such as "
            "'Asia/Ho_Chi_Minh'.");
    return civil_day_begins(&first, 0, fields->time_zone, ret_opens_at_ms, problem)
           && civil_day_begins(&last, 1, fields->time_zone, ret_closes_at_ms, problem);
}

bool cohort_add(struct db_connection *connection, const char *program_id,
    const struct cohort_fields *fields, char ret_id[UUID_TEXT_SIZE], struct problem *problem)
{
    int64_t opens_at_ms = 0, closes_at_ms = 0, now_ms = clock_now_ms();
    char id[UUID_TEXT_SIZE];
    if (!field_line("name", fields->name, NAME_BYTES_MAX, problem)
        || !read_window(fields, &opens_at_ms, &closes_at_ms, problem)
        || !check_rule(fields, problem) || !program_require(connection, program_id, problem))
        return false;
    secure_make_uuid(id);
    if (!db_exec(connection, NULL, problem,
            "INSERT INTO cohort (id, program_id, name, time_zone, first_day, last_day,"
            "  opens_at_ms, closes_at_ms, created_at_ms)"
            " VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
            "ttttttiii", id, program_id, fields->name, fields->time_zone, fields->first_day,
            fields->last_day, opens_at_ms, closes_at_ms, now_ms)
        || !db_exec(connection, NULL, problem,
            "INSERT INTO completion_rule (cohort_id, version, threshold_percent, gap_ms_max,"
            "  rate_cap_percent, created_at_ms)"
            " VALUES ($1, 1, $2, $3, $4, $5)",
            "tiiii", id, fields->threshold_percent, fields->gap_ms_max, fields->rate_cap_percent,
            now_ms))
        return false;
    memcpy(ret_id, id, sizeof id);
    return true;
}

int64_t cohort_open_until_ms(const struct settings *settings, int64_t closes_at_ms)
{
    return closes_at_ms + settings->cohort_grace_days * DAY_MS;
}
