/*
 * A file becomes a lecture: the same job as an upload through the page.
 *
 * Scripts rely on --wait --json: one line {"id","state","reason","report"} at the job's end, and exit
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
    if (text_equal(state, "ready"))
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
    struct problem problem = { 0 };
    char lecture_id[UUID_TEXT_SIZE];
    (void)snprintf(
        lecture_id, sizeof lecture_id, "%s", json_string_value(json_object_get(outcome, "id")));
    if (code == COMMAND_DONE && command_flag(line, "publish")
        && !db_write(context->db, publish, lecture_id, &problem))
        code = command_problem(context, &problem);
    if (command_flag(line, "json"))
        command_print_json(context, json_incref(outcome));
    else
        print_ended(context, outcome);
    json_decref(outcome);
    return code;
}

static int wait_for_it(
    struct command_context *context, const struct command_line *line, const char *job_id)
{
    json_t *outcome = NULL;
    struct problem problem = { 0 };
    switch (job_wait(context, job_id, &outcome, &problem)) {
    case JOB_ENDED:
        return end(context, line, outcome);
    case JOB_ABANDONED:
        command_say(context, "The server is stopping. The lecture goes on when it starts again.");
        return COMMAND_FAILED;
    case JOB_UNKNOWN:
        break;
    }
    return command_problem(context, &problem);
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
    bool waits = command_flag(line, "wait") || command_flag(line, "publish");
    bool in_server = context->library;
    if (in_server && !waits) {
        print_queued(context, line, lecture_id, job_id);
        return COMMAND_DONE;
    }
    if (!waits)
        command_say(context, "No server is running, so this command prepares the lecture itself.");
    return wait_for_it(context, line, job_id);
}

const struct command command_lecture_add = {
    .name = "lecture add",
    .arguments = "FILE",
    .arguments_least = 1,
    .arguments_most = 1,
    .file_argument = 1,
    .summary = "Make a lecture of a video or sound file",
    .help = "Prints its id. With --wait it exits 0 when the lecture is ready, 2 when the file was refused, "
            "with the reason, and 1 for anything else. Without a running server it always waits.",
    .options = {
        { "title", "TEXT", "Its title.", true },
        { "language", "TAG", "Language of the sound and of the title, such as en; else that of your shell.", false },
        { "description", "TEXT", "A few sentences.", false },
        { "provider", "PROVIDER", "Id of the organisation that gives it.", false },
        { "wait", NULL, "Come back when it is ready or refused.", false },
        { "publish", NULL, "Wait, and let participants see it once it is ready.", false },
        JSON_OPTION,
    },
    .place = COMMAND_INGEST,
    .changes = CHANGES_LIBRARY,
    .run = run,
};
