/* A lecture is accepted or refused for a person by hand, or that is withdrawn. */
#include "access/permission.h"
#include "catalog/audit.h"
#include "cli/transaction.h"
#include "viewing/decision.h"

static bool may_decide(
    struct db_connection *connection, const char *participant_id, struct problem *problem)
{
    const struct caller operator_of_shell = { .role = CALLER_ADMIN };
    return permission_object(
        connection, &operator_of_shell, MAY_MANAGE, OBJECT_PARTICIPANT, participant_id, problem);
}

static json_t *decide(struct db_connection *connection, const struct command_line *line,
    enum verdict verdict, const char *word, struct problem *problem)
{
    const char *participant_id = command_argument(line, 0), *lecture_id = command_argument(line, 1);
    if (!may_decide(connection, participant_id, problem)
        || !decision_make(connection, participant_id, lecture_id, verdict,
            command_option(line, "reason"), NULL, problem)
        || !audit_add(connection, NULL, "decision-make", participant_id, word, problem))
        return NULL;
    return json_pack(
        "{s:s, s:s, s:s}", "participant", participant_id, "lecture", lecture_id, "verdict", word);
}

static json_t *accept_lecture(struct db_connection *connection, struct command_context *context,
    const struct command_line *line, struct problem *problem)
{
    (void)context;
    return decide(connection, line, VERDICT_ACCEPTED, "accepted", problem);
}

static json_t *refuse_lecture(struct db_connection *connection, struct command_context *context,
    const struct command_line *line, struct problem *problem)
{
    (void)context;
    return decide(connection, line, VERDICT_REFUSED, "refused", problem);
}

static json_t *withdraw(struct db_connection *connection, struct command_context *context,
    const struct command_line *line, struct problem *problem)
{
    (void)context;
    const char *participant_id = command_argument(line, 0), *lecture_id = command_argument(line, 1);
    if (!may_decide(connection, participant_id, problem)
        || !decision_withdraw(connection, participant_id, lecture_id, NULL, problem)
        || !audit_add(connection, NULL, "decision-withdraw", participant_id, "", problem))
        return NULL;
    return json_pack("{s:s, s:s}", "participant", participant_id, "lecture", lecture_id);
}

static int run_accept(struct command_context *context, const struct command_line *line)
{
    return command_change(context, line, accept_lecture, "The lecture counts as completed.");
}

static int run_refuse(struct command_context *context, const struct command_line *line)
{
    return command_change(
        context, line, refuse_lecture, "The lecture does not count as completed.");
}

static int run_withdraw(struct command_context *context, const struct command_line *line)
{
    return command_change(context, line, withdraw, "The rule alone decides again.");
}

#define PAIR .arguments = "PARTICIPANT LECTURE", .arguments_least = 2, .arguments_most = 2
#define REASON_OPTION                                                                              \
    {                                                                                              \
        "reason", "TEXT", "Why. The participant reads it.", true                                   \
    }

const struct command command_decision_accept = {
    .name = "decision accept",
    PAIR,
    .summary = "Count a lecture as completed for a participant",
    .help = "Reports show it apart from what the rule says. It stays on record, also once it is "
            "withdrawn.",
    .options = { REASON_OPTION, JSON_OPTION },
    .place = COMMAND_STORE,
    .run = run_accept,
};

const struct command command_decision_refuse = {
    .name = "decision refuse",
    PAIR,
    .summary = "Count a lecture as not completed for a participant",
    .help = "Whatever the rule says. Reports show it apart. It stays on record, also once it is "
            "withdrawn.",
    .options = { REASON_OPTION, JSON_OPTION },
    .place = COMMAND_STORE,
    .run = run_refuse,
};

const struct command command_decision_withdraw = {
    .name = "decision withdraw",
    PAIR,
    .summary = "Take back what was decided by hand",
    .options = { JSON_OPTION },
    .place = COMMAND_STORE,
    .run = run_withdraw,
};
