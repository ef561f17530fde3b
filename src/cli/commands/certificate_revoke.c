/* A certificate that should not have been issued, or says what is not so. */
#include "catalog/audit.h"
#include "certificate/certificate.h"
#include "cli/transaction.h"

static json_t *revoke(struct db_connection *connection, struct command_context *context,
    const struct command_line *line, struct problem *problem)
{
    (void)context;
    char id[CERTIFICATE_ID_SIZE];
    struct certificate certificate;
    if (!certificate_id_read(command_argument(line, 0), id)) {
        problem_set(problem, PROBLEM_NOT_FOUND, "That is no certificate's number.");
        return NULL;
    }
    if (!certificate_find(connection, id, &certificate, problem)
        || !certificate_revoke(connection, id, command_option(line, "reason"), NULL, problem)
        || !audit_add(
            connection, NULL, "certificate-revoke", certificate.participant_id, "", problem))
        return NULL;
    return json_pack("{s:s, s:b}", "certificate", id, "revoked", 1);
}

static int run(struct command_context *context, const struct command_line *line)
{
    return command_change(context, line, revoke,
        "The certificate is revoked; whoever looks at its page or its badge sees that.");
}

const struct command command_certificate_revoke = {
    .name = "certificate revoke",
    .arguments = "CERTIFICATE",
    .arguments_least = 1,
    .arguments_most = 1,
    .summary = "Revoke a certificate",
    .help = "For good: 'lectern certificate issue --participant' issues another one.",
    .options = {
        { "reason", "TEXT", "Why. The participant reads it; the public page does not show it.", true },
        JSON_OPTION,
    },
    .place = COMMAND_STORE,
    .run = run,
};
