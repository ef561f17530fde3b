/* One job: how far it is, or how it ended. */
#include "catalog/ingest.h"
#include "cli/output.h"
#include "cli/transaction.h"

static json_t *show(struct db_connection *connection, struct command_context *context,
    const struct command_line *line, struct problem *problem)
{
    (void)context;
    return job_json(connection, command_argument(line, 0), problem);
}

static void print_pace(struct command_context *context, const json_t *job)
{
    const json_t *speed = json_object_get(job, "speed_percent");
    const json_t *left = json_object_get(job, "left_ms");
    long long percent = json_integer_value(speed), seconds = json_integer_value(left) / 1000;
    if (json_is_integer(speed))
        command_print(context, "%-12s %lld.%02lld times as fast as it plays\n", "speed",
            percent / 100, percent % 100);
    if (json_is_integer(left))
        command_print(context, "%-12s %lld min %02lld s\n", "left", seconds / 60, seconds % 60);
}

static int run(struct command_context *context, const struct command_line *line)
{
    json_t *job = command_read(context, line, show);
    if (!job)
        return COMMAND_FAILED;
    if (command_flag(line, "json")) {
        command_print_json(context, job);
        return COMMAND_DONE;
    }
    const char *reason = json_string_value(json_object_get(job, "reason"));
    long long permille = json_integer_value(json_object_get(job, "permille"));
    struct arena arena;
    arena_init(&arena);
    command_print(context, "%-12s %s\n%-12s %s\n%-12s %s\n%-12s %lld.%lld %%\n", "lecture",
        json_string_value(json_object_get(job, "lecture_id")), "state",
        json_string_value(json_object_get(job, "state")), "pass",
        json_string_value(json_object_get(job, "pass")), "done", permille / 10, permille % 10);
    print_pace(context, job);
    if (reason)
        command_print(context, "%-12s %s\n", "reason", printable(&arena, reason));
    arena_release(&arena);
    json_decref(job);
    return COMMAND_DONE;
}

const struct command command_job_show = {
    .name = "job show",
    .arguments = "JOB",
    .arguments_least = 1,
    .arguments_most = 1,
    .summary = "Show how far a job is",
    .options = { JSON_OPTION },
    .place = COMMAND_STORE,
    .run = run,
};
