/* A group that watched together is confirmed or refused, or that is withdrawn; and who was there. */
#include "catalog/audit.h"
#include "cli/transaction.h"
#include "viewing/group.h"

static json_t *outcome(const struct command_line *line, bool good, const char *state)
{
    return good ? json_pack("{s:s, s:s}", "group", command_argument(line, 0), "state", state)
                : NULL;
}

static bool decide(struct db_connection *connection, struct command_context *context,
    const struct command_line *line, const char *verdict, struct problem *problem)
{
    const char *group_id = command_argument(line, 0);
    char cohort_id[UUID_TEXT_SIZE];
    return group_cohort(connection, group_id, cohort_id, problem)
           && group_decide(connection, context->settings, group_id, verdict,
               command_option(line, "reason"), NULL, problem)
           && audit_add(connection, NULL, "group-decide", group_id, verdict, problem);
}

static json_t *confirm_group(struct db_connection *connection, struct command_context *context,
    const struct command_line *line, struct problem *problem)
{
    return outcome(line, decide(connection, context, line, "confirmed", problem), "confirmed");
}

static json_t *refuse_group(struct db_connection *connection, struct command_context *context,
    const struct command_line *line, struct problem *problem)
{
    return outcome(line, decide(connection, context, line, "refused", problem), "refused");
}

static json_t *withdraw(struct db_connection *connection, struct command_context *context,
    const struct command_line *line, struct problem *problem)
{
    const char *group_id = command_argument(line, 0);
    bool good = group_withdraw(connection, context->settings, group_id, NULL, problem)
                && audit_add(connection, NULL, "group-withdraw", group_id, "", problem);
    return outcome(line, good, "waiting");
}

static json_t *add_person(struct db_connection *connection, struct command_context *context,
    const struct command_line *line, struct problem *problem)
{
    const char *group_id = command_argument(line, 0), *participant_id = command_argument(line, 1);
    bool good
        = group_add_person(connection, context->settings, group_id, participant_id, NULL, problem)
          && audit_add(connection, NULL, "group-add", participant_id, group_id, problem);
    return outcome(line, good, "ended");
}

static json_t *remove_person(struct db_connection *connection, struct command_context *context,
    const struct command_line *line, struct problem *problem)
{
    const char *group_id = command_argument(line, 0), *participant_id = command_argument(line, 1);
    bool good = group_remove_person(
                    connection, context->settings, group_id, participant_id, NULL, problem)
                && audit_add(connection, NULL, "group-remove", participant_id, group_id, problem);
    return outcome(line, good, "ended");
}

static int run_confirm(struct command_context *context, const struct command_line *line)
{
    return command_change(
        context, line, confirm_group, "What the screen showed counts for all who were there.");
}

static int run_refuse(struct command_context *context, const struct command_line *line)
{
    return command_change(context, line, refuse_group,
        "It counts only for the one whose link played it. The others read why.");
}

static int run_withdraw(struct command_context *context, const struct command_line *line)
{
    return command_change(context, line, withdraw, "The group waits for a decision again.");
}

static int run_add(struct command_context *context, const struct command_line *line)
{
    return command_change(context, line, add_person, "Was there from the beginning to the end.");
}

static int run_remove(struct command_context *context, const struct command_line *line)
{
    return command_change(context, line, remove_person, "Was not there.");
}

#define GROUP .arguments = "GROUP", .arguments_least = 1, .arguments_most = 1
#define PERSON .arguments = "GROUP PARTICIPANT", .arguments_least = 2, .arguments_most = 2
#define REASON_OPTION(needed)                                                                      \
    {                                                                                              \
        "reason", "TEXT", "Why. Those who were there read it.", needed                             \
    }

const struct command command_group_confirm = {
    .name = "group confirm",
    GROUP,
    .summary = "Confirm that people watched together",
    .help = "What the screen showed is credited to each who was there, by the same rule as for "
            "everybody. "
            "A group that is open ends.",
    .options = { REASON_OPTION(false), JSON_OPTION },
    .place = COMMAND_STORE,
    .run = run_confirm,
};

const struct command command_group_refuse = {
    .name = "group refuse",
    GROUP,
    .summary = "Say that people did not watch together",
    .options = { REASON_OPTION(true), JSON_OPTION },
    .place = COMMAND_STORE,
    .run = run_refuse,
};

const struct command command_group_withdraw = {
    .name = "group withdraw",
    GROUP,
    .summary = "Take back what was said of a group",
    .help = "What it credited is taken away, with completions that do not hold without it. It "
            "stays on record.",
    .options = { JSON_OPTION },
    .place = COMMAND_STORE,
    .run = run_withdraw,
};

const struct command command_group_add = {
    .name = "group add",
    PERSON,
    .summary = "Add somebody who was there without a device",
    .options = { JSON_OPTION },
    .place = COMMAND_STORE,
    .run = run_add,
};

const struct command command_group_remove = {
    .name = "group remove",
    PERSON,
    .summary = "Take somebody out of a group who was not there",
    .options = { JSON_OPTION },
    .place = COMMAND_STORE,
    .run = run_remove,
};
