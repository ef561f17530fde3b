/* Ends a person's access: links, sessions and media tokens, within a second also in a running server. */
#include "access/invitation.h"

#include "access/permission.h"
#include "catalog/audit.h"
#include "cli/transaction.h"

static json_t *revoke(struct db_connection *connection, struct command_context *context,
    const struct command_line *line, struct problem *problem)
{
    (void)context;
    /* Revoking nobody would be said to have worked. */
    const struct caller operator_of_shell = { .role = CALLER_ADMIN };
    const char *participant_id = command_argument(line, 0);
    if (!permission_object(
            connection, &operator_of_shell, MAY_MANAGE, OBJECT_PARTICIPANT, participant_id, problem)
        || !invitation_revoke(connection, participant_id, problem)
        || !audit_add(connection, NULL, "invitation-revoke", participant_id, "", problem))
        return NULL;
    return json_pack("{s:s, s:b}", "participant", participant_id, "revoked", 1);
}

static int run(struct command_context *context, const struct command_line *line)
{
    return command_change(context, line, revoke, "Their links and sessions have ended.");
}

const struct command command_invitation_revoke = {
    .name = "invitation revoke",
    .arguments = "PARTICIPANT",
    .arguments_least = 1,
    .arguments_most = 1,
    .summary = "End a participant's links and sessions",
    .help = "'lectern invitation issue' lets them in again with a new link.",
    .options = { JSON_OPTION },
    .place = COMMAND_STORE,
    .changes = CHANGES_ACCESS,
    .run = run,
};
