/* A file becomes a lecture: the same job as an upload through the page. */
#include "catalog/audit.h"
#include "catalog/ingest.h"

#include "cli/job_follow.h"
#include "cli/output.h"
#include "cli/transaction.h"

static bool note_added(
    struct db_connection *connection, void *data, const char *lecture_id, struct problem *problem)
{
    (void)data;
    return audit_add(connection, NULL, "lecture-add", lecture_id, "", problem);
}

static int run(struct command_context *context, const struct command_line *line)
{
    const char *description = command_option(line, "description");
    struct lecture_fields fields = {
        .language = command_language(context, line),
        .title = command_option(line, "title"),
        .description = description ? description : "",
        .provider_id = command_option(line, "provider"),
        .file_name = command_file_name(line, 0),
    };
    char lecture_id[UUID_TEXT_SIZE], job_id[UUID_TEXT_SIZE];
    struct problem problem = { 0 };
    const struct ingest_also note = { .run = note_added };
    if (!ingest_add_file(context->ingest, &fields, context->input_fd, NULL, false, &note,
            lecture_id, job_id, &problem))
        return command_problem(context, &problem);
    return job_follow(context, line, lecture_id, job_id);
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
