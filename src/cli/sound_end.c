#include "cli/sound_end.h"

#include "base/text.h"
#include "cli/job_wait.h"
#include "cli/output.h"

struct look {
    const char *job_id;
    json_t *job;
};

static bool look_at_job(struct db_connection *connection, void *data, struct problem *problem)
{
    struct look *look = data;
    look->job = job_json(connection, look->job_id, problem);
    return look->job != NULL;
}

static void print(struct command_context *context, const json_t *job, const char *state)
{
    const char *reason = json_string_value(json_object_get(job, "reason"));
    struct arena arena;
    arena_init(&arena);
    if (text_equal(state, "done"))
        command_say(context, "The sound can be chosen now.");
    else
        command_say(context, "%s %s",
            text_equal(state, "refused") ? "The sound was refused:" : "The sound was not made:",
            reason ? printable(&arena, reason) : "no reason was given.");
    arena_release(&arena);
}

static int tell_end(
    struct command_context *context, const struct command_line *line, const char *job_id)
{
    struct look look = { .job_id = job_id };
    struct problem problem = { 0 };
    if (!db_read(context->db, look_at_job, &look, &problem))
        return command_problem(context, &problem);
    const char *state = json_string_value(json_object_get(look.job, "state"));
    int code = text_equal(state, "done")      ? COMMAND_DONE
               : text_equal(state, "refused") ? COMMAND_REFUSED
                                              : COMMAND_FAILED;
    if (command_flag(line, "json"))
        command_print_json(context, json_incref(look.job));
    else
        print(context, look.job, state);
    json_decref(look.job);
    return code;
}

int sound_end(struct command_context *context, const struct command_line *line, const char *job_id)
{
    json_t *outcome = NULL;
    struct problem problem = { 0 };
    if (context->library && !command_flag(line, "wait")) {
        if (command_flag(line, "json"))
            command_print_json(context, json_pack("{s:s, s:s}", "job", job_id, "state", "queued"));
        else
            command_print(context, "%s\n", job_id);
        return COMMAND_DONE;
    }
    switch (job_wait(context, job_id, UNTIL_ENDED, &outcome, &problem)) {
    case JOB_ENDED:
        json_decref(outcome);
        return tell_end(context, line, job_id);
    case JOB_ABANDONED:
        command_say(context, "The server is stopping. The sound goes on when it starts again.");
        return COMMAND_FAILED;
    case JOB_UNKNOWN:
        break;
    }
    return command_problem(context, &problem);
}
