/* How long a cohort's people are kept, where an agreement with a funder or a partner says so. */
#include "base/text.h"
#include "catalog/audit.h"
#include "cli/output.h"
#include "cli/transaction.h"
#include "privacy/retention.h"

#include <string.h>

static bool read_days(
    const char *word, int64_t *ret_days, const int64_t **ret_given, struct problem *problem)
{
    *ret_given = ret_days;
    if (text_equal(word, "default"))
        *ret_given = NULL;
    else if (text_equal(word, "never"))
        *ret_days = 0;
    else if (!text_to_int64(word, strlen(word), 1, RETENTION_DAYS_MAX, ret_days))
        return problem_set(problem, PROBLEM_SETTING,
            "DAYS is a number from 1 to %d, 'never', or 'default' for the server's setting.",
            RETENTION_DAYS_MAX);
    return true;
}

static json_t *set(struct db_connection *connection, struct command_context *context,
    const struct command_line *line, struct problem *problem)
{
    int64_t days;
    const int64_t *given;
    const char *cohort_id = command_argument(line, 0), *word = command_argument(line, 1);
    (void)context;
    if (!read_days(word, &days, &given, problem)
        || !retention_set(connection, cohort_id, given, problem)
        || !audit_add(connection, NULL, "cohort-retention", cohort_id, word, problem))
        return NULL;
    return json_pack(
        "{s:s, s:o}", "cohort", cohort_id, "days", given ? json_integer(days) : json_null());
}

static int run(struct command_context *context, const struct command_line *line)
{
    struct problem problem = { 0 };
    int64_t days;
    const int64_t *given;
    if (!read_days(command_argument(line, 1), &days, &given, &problem))
        return command_problem(context, &problem);
    return command_change(
        context, line, set, "Set. 'lectern privacy due' shows whose time is over.");
}

const struct command command_cohort_retention = {
    .name = "cohort retention",
    .arguments = "COHORT DAYS",
    .arguments_least = 2,
    .arguments_most = 2,
    .summary = "Say how long a cohort's people are kept",
    .help = "So many days after the cohort has closed, the server erases them. DAYS is a number, "
            "'never', or 'default' "
            "for the setting retention-days.",
    .options = { JSON_OPTION },
    .place = COMMAND_STORE,
    .run = run,
};
