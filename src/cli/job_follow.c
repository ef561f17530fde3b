#include "cli/job_follow.h"

#include "base/text.h"
#include "catalog/audit.h"
#include "catalog/ingest.h"
#include "cli/job_wait.h"
#include "cli/output.h"

#include <stdio.h>

static bool publish(struct db_connection *connection, void *data, struct problem *problem)
{
    return lecture_publish(connection, data, true, problem)
           && audit_add(connection, NULL, "lecture-publish", data, "", problem);
}

static int exit_code(const char *state)
{
    if (text_equal(state, "ready"))
        return COMMAND_DONE;
    return text_equal(state, "refused") ? COMMAND_REFUSED : COMMAND_FAILED;
}

static void print_ended(struct command_context *context, const json_t *outcome)
{
    const char *state = json_string_value(json_object_get(outcome, "state"));
    const char *reason = json_string_value(json_object_get(outcome, "reason"));
    struct arena arena;
    arena_init(&arena);
    command_print(context, "%s\n", json_string_value(json_object_get(outcome, "id")));
    if (text_equal(state, "ready") && reason)
        command_say(context, "The lecture can be watched, but not all of it was made: %s",
            printable(&arena, reason));
    else if (text_equal(state, "ready"))
        command_say(context, "The lecture is ready.");
    else
        command_say(context, "%s %s",
            text_equal(state, "refused") ? "The file was refused:"
                                         : "The lecture could not be prepared:",
            reason ? printable(&arena, reason) : "no reason was given.");
    arena_release(&arena);
}

static int end(struct command_context *context, const struct command_line *line, json_t *outcome)
{
    int code = exit_code(json_string_value(json_object_get(outcome, "state")));
    if (command_flag(line, "json"))
        command_print_json(context, json_incref(outcome));
    else
        print_ended(context, outcome);
    json_decref(outcome);
    return code;
}

/* Until that; a code other than COMMAND_DONE: it has been said why. */
static int wait_for_it(
    struct command_context *context, const char *job_id, enum job_until until, json_t **ret_outcome)
{
    struct problem problem = { 0 };
    switch (job_wait(context, job_id, until, ret_outcome, &problem)) {
    case JOB_ENDED:
        return COMMAND_DONE;
    case JOB_ABANDONED:
        command_say(context, "The server is stopping. The lecture goes on when it starts again.");
        return COMMAND_FAILED;
    case JOB_UNKNOWN:
        break;
    }
    return command_problem(context, &problem);
}

/* As soon as it can be watched. */
static int publish_early(struct command_context *context, const char *job_id)
{
    json_t *outcome = NULL;
    struct problem problem = { 0 };
    char lecture_id[UUID_TEXT_SIZE];
    int code = wait_for_it(context, job_id, UNTIL_WATCHABLE, &outcome);
    if (code != COMMAND_DONE)
        return code;
    bool ready = text_equal(json_string_value(json_object_get(outcome, "state")), "ready");
    (void)snprintf(
        lecture_id, sizeof lecture_id, "%s", json_string_value(json_object_get(outcome, "id")));
    json_decref(outcome);
    return !ready || db_write(context->db, publish, lecture_id, &problem)
               ? COMMAND_DONE
               : command_problem(context, &problem);
}

static int follow(struct command_context *context, const struct command_line *line,
    const char *job_id, enum job_until until)
{
    json_t *outcome = NULL;
    if (until == UNTIL_ENDED)
        ingest_make_rest(context->ingest);
    int code = command_flag(line, "publish") ? publish_early(context, job_id) : COMMAND_DONE;
    if (code == COMMAND_DONE)
        code = wait_for_it(context, job_id, until, &outcome);
    return code == COMMAND_DONE ? end(context, line, outcome) : code;
}

static void print_queued(struct command_context *context, const struct command_line *line,
    const char *lecture_id, const char *job_id)
{
    if (command_flag(line, "json"))
        command_print_json(context,
            json_pack("{s:s, s:s, s:s}", "id", lecture_id, "job", job_id, "state", "preparing"));
    else
        command_print(context, "%s\n", lecture_id);
    if (!command_flag(line, "json"))
        command_say(context,
            "The lecture is being prepared by job %s; 'lectern job list' shows how far it is.",
            job_id);
}

int job_follow(struct command_context *context, const struct command_line *line,
    const char *lecture_id, const char *job_id)
{
    bool in_server = context->library, waits = command_flag(line, "wait");
    bool watchable = command_flag(line, "ready") || (in_server && command_flag(line, "publish"));
    if (in_server && !waits && !watchable) {
        print_queued(context, line, lecture_id, job_id);
        return COMMAND_DONE;
    }
    if (!waits && !watchable)
        command_say(context, "No server is running, so this command prepares the lecture itself.");
    return follow(context, line, job_id, watchable && !waits ? UNTIL_WATCHABLE : UNTIL_ENDED);
}
