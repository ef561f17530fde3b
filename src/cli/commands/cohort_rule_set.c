/* Makes the next version of a cohort's rule.  What was completed stays complete. */
#include "access/permission.h"
#include "catalog/audit.h"
#include "cli/output.h"
#include "cli/transaction.h"
#include "viewing/rule.h"

#include <string.h>

/* Each option, and the member of the rule that it is; the API's words are these with '_'. */
static const char *const numbers[] = { "threshold-percent", "gap-ms-max", "rate-cap-percent" };
static const char *const answers[]
    = { "real-time", "hidden-counts", "muted-counts", "silence-left-out" };
static const char *const words[] = { "seeking", "offline" };

static void set(json_t *body, const char *option, json_t *value)
{
    char member[40];
    size_t length = 0;
    for (; option[length] != '\0' && length < sizeof member - 1; length++)
        member[length] = option[length] == '-' ? '_' : option[length];
    member[length] = '\0';
    (void)json_object_set_new(body, member, value);
}

static bool add_answer(
    const struct command_line *line, const char *option, json_t *body, struct problem *problem)
{
    const char *said = command_option(line, option);
    if (!said)
        return true;
    if (strcmp(said, "yes") != 0 && strcmp(said, "no") != 0)
        return problem_set(problem, PROBLEM_SETTING, "--%s takes yes or no.", option);
    set(body, option, json_boolean(strcmp(said, "yes") == 0));
    return true;
}

/* What was typed, as the body of the API's PUT; NULL: *problem is set. */
static json_t *body_of(const struct command_line *line, struct problem *problem)
{
    json_t *body = json_object();
    bool good = true;
    for (size_t i = 0; good && i < sizeof numbers / sizeof *numbers; i++) {
        int64_t number = -1;
        good = command_number(line, numbers[i], 0, INT64_C(86400000), &number, problem);
        if (good && number >= 0)
            set(body, numbers[i], json_integer(number));
    }
    for (size_t i = 0; good && i < sizeof answers / sizeof *answers; i++)
        good = add_answer(line, answers[i], body, problem);
    for (size_t i = 0; good && i < sizeof words / sizeof *words; i++)
        if (command_option(line, words[i]))
            set(body, words[i], json_string(command_option(line, words[i])));
    if (good)
        return body;
    json_decref(body);
    return NULL;
}

static json_t *change(struct db_connection *connection, struct command_context *context,
    const struct command_line *line, struct problem *problem)
{
    const struct caller operator_of_shell = { .role = CALLER_ADMIN };
    const struct settings *settings = context->settings;
    const char *cohort_id = command_argument(line, 0);
    struct completion_rule rule;
    json_t *body = body_of(line, problem), *history = NULL;
    if (body
        && permission_object(
            connection, &operator_of_shell, MAY_MANAGE, OBJECT_COHORT, cohort_id, problem)
        && rule_of_cohort(connection, settings, cohort_id, &rule, problem)
        && rule_read_json(body, &rule, problem)
        && rule_change(connection, settings, cohort_id, &rule, 0, NULL, problem)
        && audit_add(connection, NULL, "cohort-rule", cohort_id, "", problem))
        history = rule_history_json(connection, settings, cohort_id, problem);
    json_decref(body);
    return history;
}

static int run(struct command_context *context, const struct command_line *line)
{
    return command_change(context, line, change, "The rule holds from now on.");
}

const struct command command_cohort_rule_set = {
    .name = "cohort rule set",
    .arguments = "COHORT",
    .arguments_least = 1,
    .arguments_most = 1,
    .summary = "Change what completes a lecture in a cohort",
    .help = "Makes a new version of the rule, with the time and, on the page, the person. What is not given stays as it is, "
            "and who has completed a lecture stays complete.",
    .options = {
        { "threshold-percent", "N", "Part of a lecture that completes it.", false },
        { "gap-ms-max", "N", "Longest stretch that may be missing; 0 allows any.", false },
        { "rate-cap-percent", "N", "Fastest credit against real time; 200 is twice.", false },
        { "real-time", "yes|no", "Ask for as much time as playing takes.", false },
        { "seeking", "free|watched", "Anywhere, or no further than what was watched so far.", false },
        { "offline", "credit|hold", "What was played without a line counts, or is held.", false },
        { "hidden-counts", "yes|no", "What was played in a hidden window.", false },
        { "muted-counts", "yes|no", "What was played without sound.", false },
        { "silence-left-out", "yes|no", "Silence at the end need not be watched.", false },
        JSON_OPTION,
    },
    .place = COMMAND_STORE,
    .run = run,
};
