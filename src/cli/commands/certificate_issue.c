/* Certificates for who has completed a program: for a cohort at once, or for one person. */
#include "access/permission.h"
#include "catalog/audit.h"
#include "certificate/certificate.h"
#include "cli/output.h"
#include "cli/transaction.h"

static json_t *issue_one(struct db_connection *connection, const struct settings *settings,
    const char *cohort_id, const char *participant_id, struct problem *problem)
{
    const struct certificate_order order = { .again = true };
    char id[CERTIFICATE_ID_SIZE];
    struct certificate certificate;
    if (!certificate_issue(connection, settings, participant_id, &order, id, problem)
        || !certificate_find(connection, id, &certificate, problem))
        return NULL;
    if (!text_equal(certificate.cohort_id, cohort_id)) {
        problem_set(problem, PROBLEM_NOT_FOUND, "The participant is not in this cohort.");
        return NULL;
    }
    return audit_add(connection, NULL, "certificate-issue", participant_id, "", problem)
               ? json_pack("{s:i, s:s}", "issued", 1, "certificate", id)
               : NULL;
}

static json_t *issue(struct db_connection *connection, struct command_context *context,
    const struct command_line *line, struct problem *problem)
{
    const struct caller operator_of_shell = { .role = CALLER_ADMIN };
    const char *cohort_id = command_argument(line, 0);
    const char *participant_id = command_option(line, "participant");
    int64_t count;
    if (!permission_object(
            connection, &operator_of_shell, MAY_MANAGE, OBJECT_COHORT, cohort_id, problem))
        return NULL;
    if (participant_id)
        return issue_one(connection, context->settings, cohort_id, participant_id, problem);
    return certificate_issue_cohort(connection, context->settings, cohort_id, NULL, &count, problem)
                   && audit_add(connection, NULL, "certificate-issue", cohort_id, "", problem)
               ? json_pack("{s:I}", "issued", (json_int_t)count)
               : NULL;
}

static int run(struct command_context *context, const struct command_line *line)
{
    json_t *issued = command_write(context, line, issue);
    if (!issued)
        return COMMAND_FAILED;
    const char *id = json_string_value(json_object_get(issued, "certificate"));
    if (command_flag(line, "json"))
        command_print_json(context, json_incref(issued));
    else if (id)
        command_print(context, "%s\n", id);
    else
        command_print(context, "Certificates issued: %lld.\n",
            json_integer_value(json_object_get(issued, "issued")));
    json_decref(issued);
    return COMMAND_DONE;
}

const struct command command_certificate_issue = {
    .name = "certificate issue",
    .arguments = "COHORT",
    .arguments_least = 1,
    .arguments_most = 1,
    .summary = "Issue certificates to everybody in a cohort who has earned one",
    .help = "Earned is what the report counts as having completed all. Who has one already keeps "
            "it; who had one that was revoked gets another only by --participant.",
    .options = {
        { "participant", "ID", "Only to this one, also after a revocation. Prints the number.", false },
        JSON_OPTION,
    },
    .place = COMMAND_STORE,
    .run = run,
};
