/* Personal links.  A link is shown once: the store keeps only its digest. */
#include "access/invitation.h"

#include "base/text.h"
#include "catalog/audit.h"
#include "catalog/participant.h"
#include "cli/output.h"
#include "cli/transaction.h"

#include <stdio.h>

static json_t *issue_one(struct db_connection *connection, const struct settings *settings,
    const char *participant_id, const char *name, struct problem *problem)
{
    char secret[SECRET_TEXT_SIZE], link[1100];
    int64_t expires_at_ms;
    if (!invitation_issue(connection, settings, participant_id, secret, &expires_at_ms, problem)
        || !audit_add(connection, NULL, "invitation-issue", participant_id, "", problem))
        return NULL;
    (void)snprintf(link, sizeof link, "%s/j#%s", settings->public_url, secret);
    json_t *invitation = json_pack("{s:s, s:s*, s:s, s:I}", "participant", participant_id, "name",
        name, "link", link, "expires_at_ms", (json_int_t)expires_at_ms);
    secure_wipe(secret, sizeof secret);
    secure_wipe(link, sizeof link);
    return invitation;
}

static bool has_none(const json_t *person)
{
    const json_t *invitation = json_object_get(person, "invitation");
    return text_equal(json_string_value(json_object_get(invitation, "state")), "none");
}

static json_t *issue_for_cohort(struct db_connection *connection, const struct settings *settings,
    const char *cohort_id, struct problem *problem)
{
    json_t *people = participants_json(connection, cohort_id, problem);
    json_t *invitations = people ? json_array() : NULL;
    size_t index;
    json_t *person;
    json_array_foreach(people, index, person)
    {
        if (!has_none(person))
            continue;
        json_t *invitation
            = issue_one(connection, settings, json_string_value(json_object_get(person, "id")),
                json_string_value(json_object_get(person, "name")), problem);
        if (!invitation) {
            json_decref(invitations);
            invitations = NULL;
            break;
        }
        (void)json_array_append_new(invitations, invitation);
    }
    json_decref(people);
    return invitations;
}

static json_t *issue(struct db_connection *connection, struct command_context *context,
    const struct command_line *line, struct problem *problem)
{
    const char *cohort_id = command_option(line, "cohort");
    if (!cohort_id)
        return issue_one(connection, context->settings, command_argument(line, 0), NULL, problem);
    json_t *invitations = issue_for_cohort(connection, context->settings, cohort_id, problem);
    return invitations ? json_pack("{s:o}", "invitations", invitations) : NULL;
}

static void print(struct command_context *context, const json_t *outcome)
{
    static const char *const headings[] = { "LINK", "NAME" };
    const json_t *invitations = json_object_get(outcome, "invitations");
    if (!invitations) {
        command_print(context, "%s\n", json_string_value(json_object_get(outcome, "link")));
        return;
    }
    struct table table;
    table_init(&table, 2, headings);
    size_t index;
    json_t *invitation;
    json_array_foreach(invitations, index, invitation)
    {
        table_cell(&table, json_string_value(json_object_get(invitation, "link")));
        table_cell(&table, json_string_value(json_object_get(invitation, "name")));
    }
    table_print(&table, context, "Everybody in this cohort has had a link.");
}

static int run(struct command_context *context, const struct command_line *line)
{
    bool whole_cohort = command_flag(line, "cohort") && command_flag(line, "all");
    if (line->argument_count == 1 ? command_flag(line, "cohort") || command_flag(line, "all")
                                  : !whole_cohort) {
        struct problem problem = { 0 };
        problem_set(&problem, PROBLEM_SETTING,
            "invitation issue takes a participant's id, or --cohort COHORT --all.");
        return command_problem(context, &problem);
    }
    json_t *outcome = command_write(context, line, issue);
    if (!outcome)
        return COMMAND_FAILED;
    if (command_flag(line, "json")) {
        command_print_json(context, outcome);
        return COMMAND_DONE;
    }
    print(context, outcome);
    json_decref(outcome);
    return COMMAND_DONE;
}

const struct command command_invitation_issue = {
    .name = "invitation issue",
    .arguments = "[PARTICIPANT]",
    .arguments_most = 1,
    .summary = "Make personal links, which are shown once",
    .help = "A new link for a participant ends the earlier ones and what was signed in with them. For a cohort, "
            "links are made for everybody who has never had one.",
    .options = {
        { "cohort", "COHORT", "For the people of this cohort; with --all.", false },
        { "all", NULL, "Everybody in the cohort who has no link yet.", false },
        JSON_OPTION,
    },
    .place = COMMAND_STORE,
    .changes = CHANGES_ACCESS,
    .run = run,
};
