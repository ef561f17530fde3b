/* One run of a program for one team, with its own days. */
#include "catalog/audit.h"
#include "catalog/program.h"
#include "cli/output.h"
#include "cli/transaction.h"
#include "viewing/rule.h"

static const int64_t day_ms = 86400000;

static bool read_rule(const struct command_context *context, const struct command_line *line,
    struct cohort_fields *ret_fields, struct problem *problem)
{
    ret_fields->threshold_percent = context->settings->completion_threshold_percent;
    ret_fields->gap_ms_max = context->settings->completion_gap_ms_max;
    ret_fields->rate_cap_percent = context->settings->rate_cap_percent;
    return command_number(
               line, "threshold-percent", 1, 100, &ret_fields->threshold_percent, problem)
           && command_number(line, "gap-ms-max", 0, day_ms, &ret_fields->gap_ms_max, problem)
           && command_number(
               line, "rate-cap-percent", 100, 400, &ret_fields->rate_cap_percent, problem);
}

static json_t *add(struct db_connection *connection, struct command_context *context,
    const struct command_line *line, struct problem *problem)
{
    struct cohort_fields fields = {
        .name = command_option(line, "name"),
        .time_zone = command_option(line, "time-zone"),
        .first_day = command_option(line, "first-day"),
        .last_day = command_option(line, "last-day"),
    };
    char id[UUID_TEXT_SIZE];
    if (!read_rule(context, line, &fields, problem)
        || !cohort_add(connection, command_argument(line, 0), &fields, id, problem)
        || !rule_record(connection, context->settings, id, NULL, problem)
        || !audit_add(connection, NULL, "cohort-add", id, fields.name, problem))
        return NULL;
    return json_pack("{s:s}", "id", id);
}

static int run(struct command_context *context, const struct command_line *line)
{
    struct problem problem = { 0 };
    struct cohort_fields rule;
    if (!read_rule(context, line, &rule, &problem))
        return command_problem(context, &problem);
    return command_add(context, line, add);
}

const struct command command_cohort_add = {
    .name = "cohort add",
    .arguments = "PROGRAM",
    .arguments_least = 1,
    .arguments_most = 1,
    .summary = "Make a cohort: one run of a program for one team",
    .help = "Prints its id. Lectures open with its first day and close some days after its last "
            "(setting cohort-grace-days).",
    .options = {
        { "name", "TEXT", "Such as 'Vietnam team'.", true },
        { "time-zone", "ZONE", "The team's IANA zone, such as Asia/Ho_Chi_Minh.", true },
        { "first-day", "YYYY-MM-DD", "In that zone.", true },
        { "last-day", "YYYY-MM-DD", "In that zone.", true },
        { "threshold-percent", "N", "Part of a lecture that completes it.", false },
        { "gap-ms-max", "N", "Longest stretch that may be missing; 0 allows any.", false },
        { "rate-cap-percent", "N", "Fastest credit against real time; 200 is twice.", false },
        JSON_OPTION,
    },
    .place = COMMAND_STORE,
    .changes = CHANGES_LIBRARY,
    .run = run,
};
