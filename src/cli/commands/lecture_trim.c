/* The ends of a lecture are cut off: the minutes before somebody speaks, and after. */
#include "catalog/audit.h"
#include "catalog/ingest.h"
#include "cli/job_follow.h"
#include "cli/output.h"
#include "cli/transaction.h"
#include "media/caption_times.h"

#include <string.h>

static bool note_trimmed(
    struct db_connection *connection, void *data, const char *lecture_id, struct problem *problem)
{
    (void)data;
    return audit_add(connection, NULL, "lecture-trim", lecture_id, "", problem);
}

/* "1:05" or "1:02:03.5" */
static bool read_time(
    const struct command_line *line, const char *option, int64_t *ret_ms, struct problem *problem)
{
    const char *text = command_option(line, option);
    unsigned oddities = 0;
    return (text && caption_time_read(text, strlen(text), ret_ms, &oddities) == strlen(text))
           || problem_set(problem, PROBLEM_SETTING,
               "--%s must be a time such as 1:05 or 1:02:03.5, not '%.40s'.", option,
               text ? text : "");
}

static int run(struct command_context *context, const struct command_line *line)
{
    const char *lecture_id = command_argument(line, 0);
    const struct ingest_also note = { .run = note_trimmed };
    int64_t from_ms, to_ms;
    char job_id[UUID_TEXT_SIZE];
    struct problem problem = { 0 };
    if (!read_time(line, "from", &from_ms, &problem) || !read_time(line, "to", &to_ms, &problem)
        || !ingest_trim(context->ingest, lecture_id, from_ms, to_ms, &note, job_id, &problem))
        return command_problem(context, &problem);
    return job_follow(context, line, lecture_id, job_id);
}

const struct command command_lecture_trim = {
    .name = "lecture trim",
    .arguments = "LECTURE",
    .arguments_least = 1,
    .arguments_most = 1,
    .summary = "Make a new version of a lecture without its ends",
    .help = "What lies between --from and --to is kept, on the clock of the version that is watched now. What people "
            "have watched of it, captions and interpreters' sound go along. The whole file is kept (keep-originals), so a lecture can be "
            "trimmed again, but only ever shorter; to undo it, replace it by its file. Exit codes as of 'lectern "
            "lecture add'.",
    .options = {
        { "from", "TIME", "Where the lecture is to begin, such as 1:05.", true },
        { "to", "TIME", "Where it is to end, such as 58:30.", true },
        { "ready", NULL, "Come back when it can be watched.", false },
        { "wait", NULL, "Come back when all of it is made.", false },
        JSON_OPTION,
    },
    .place = COMMAND_INGEST,
    .changes = CHANGES_LIBRARY,
    .run = run,
};
