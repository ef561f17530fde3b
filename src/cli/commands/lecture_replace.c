/* Another file for a lecture that is there: it keeps its link, and what people watched. */
#include "catalog/audit.h"
#include "catalog/ingest.h"
#include "cli/job_follow.h"
#include "cli/output.h"
#include "cli/transaction.h"

static bool note_replaced(
    struct db_connection *connection, void *data, const char *lecture_id, struct problem *problem)
{
    (void)data;
    return audit_add(connection, NULL, "lecture-replace", lecture_id, "", problem);
}

static int run(struct command_context *context, const struct command_line *line)
{
    const char *timeline = command_option(line, "timeline");
    const struct ingest_replacement replacement = {
        .lecture_id = command_argument(line, 0),
        .file_name = command_file_name(line, 1),
        .timeline = timeline ? timeline : "none",
    };
    const struct ingest_also note = { .run = note_replaced };
    char job_id[UUID_TEXT_SIZE];
    struct problem problem = { 0 };
    if (!ingest_replace(
            context->ingest, &replacement, context->input_fd, NULL, false, &note, job_id, &problem))
        return command_problem(context, &problem);
    return job_follow(context, line, replacement.lecture_id, job_id);
}

const struct command command_lecture_replace = {
    .name = "lecture replace",
    .arguments = "LECTURE FILE",
    .arguments_least = 2,
    .arguments_most = 2,
    .file_argument = 2,
    .summary = "Make a new version of a lecture from another file",
    .help = "The lecture keeps its link, titles and place in programs, and is watched as it was until the new version is "
            "ready. --timeline says what of it people have seen already: \"same\" when only picture or sound are better; "
            "\"none\" (as without it) for another recording; or pieces [[from_ms,to_ms,at_ms],...], each a stretch of "
            "the version before and where it begins in the new one. Along it go what was watched, captions and interpreters' sound. "
            "Exit codes as of 'lectern lecture add'.",
    .options = {
        { "timeline", "WHAT", "same, none, or pieces.", false },
        { "ready", NULL, "Come back when it can be watched, or was refused.", false },
        { "wait", NULL, "Come back when all of it is made, or it was refused.", false },
        JSON_OPTION,
    },
    .place = COMMAND_INGEST,
    .changes = CHANGES_LIBRARY,
    .run = run,
};
