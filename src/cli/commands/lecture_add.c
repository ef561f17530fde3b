/*
 * A file becomes a lecture: the same job as an upload through the page.
 *
 * Scripts rely on --wait --json: one line {"id","state","reason","report"} when all passes have ended, and exit
 * code 0 ready, 2 refused (the sentence for a person is the reason), 1 anything else.
 */
#include "base/text.h"
#include "catalog/audit.h"
#include "catalog/ingest.h"
#include "cli/job_wait.h"
#include "cli/output.h"
#include "cli/transaction.h"

#include <stdio.h>
#include <string.h>

static const char *file_name(const char *path)
{
    const char *slash = strrchr(path, '/');
    return slash ? slash + 1 : path;
}

static bool note_added(
    struct db_connection *connection, void *data, const char *lecture_id, struct problem *problem)
{
    (void)data;
    return audit_add(connection, NULL, "lecture-add", lecture_id, "", problem);
}

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

static int run(struct command_context *context, const struct command_line *line)
{
    const char *description = command_option(line, "description");
    struct lecture_fields fields = {
        .language = command_language(context, line),
        .title = command_option(line, "title"),
        .description = description ? description : "",
        .provider_id = command_option(line, "provider"),
        .file_name = file_name(command_argument(line, 0)),
    };
    char lecture_id[UUID_TEXT_SIZE], job_id[UUID_TEXT_SIZE];
    struct problem problem = { 0 };
    const struct ingest_also note = { .run = note_added };
    if (!ingest_add_file_also(context->ingest, &fields, context->input_fd, NULL, false, &note,
            lecture_id, job_id, &problem))
        return command_problem(context, &problem);
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

const struct command command_lecture_add = {
    .name = "lecture add",
    .arguments = "FILE",
    .arguments_least = 1,
    .arguments_most = 1,
    .file_argument = 1,
    .summary = "Make a lecture of a video or sound file",
    .help = "Prints its id. A lecture can be watched once its first pass has ended; further passes add sharper "
            "pictures. With --wait or --ready it exits 0 when the lecture is ready, 2 when the file was refused, "
            "with the reason, and 1 for anything else. Without a running server it waits, unless --ready leaves "
            "the rest to the next one.",
    .options = {
        { "title", "TEXT", "Its title.", true },
        { "language", "TAG", "Language of the sound and of the title, such as en; else that of your shell.", false },
        { "description", "TEXT", "A few sentences.", false },
        { "provider", "PROVIDER", "Id of the organisation that gives it.", false },
        { "ready", NULL, "Come back when it can be watched, or was refused.", false },
        { "wait", NULL, "Come back when all of it is made, or it was refused.", false },
        { "publish", NULL, "Let participants see it as soon as it can be watched, and come back then.", false },
        JSON_OPTION,
    },
    .place = COMMAND_INGEST,
    .changes = CHANGES_LIBRARY,
    .run = run,
};
