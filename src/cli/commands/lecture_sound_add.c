/* An interpreter's recording beside a lecture: the same job as an upload through the page. */
#include "base/text.h"
#include "catalog/audit.h"
#include "catalog/lecture_sound.h"
#include "cli/output.h"
#include "cli/sound_end.h"
#include "cli/transaction.h"

#include <string.h>

static bool note_added(
    struct db_connection *connection, void *data, const char *lecture_id, struct problem *problem)
{
    return audit_add(connection, NULL, "sound-add", lecture_id, data, problem);
}

static int run(struct command_context *context, const struct command_line *line)
{
    struct problem problem = { 0 };
    const char *path = command_argument(line, 1), *slash = strrchr(path, '/');
    struct sound_wish wish = {
        .lecture_id = command_argument(line, 0),
        .language = command_option(line, "language"),
        .file_name = slash ? slash + 1 : path,
    };
    char language[64], job_id[UUID_TEXT_SIZE];
    (void)snprintf(language, sizeof language, "%s", wish.language);
    const struct ingest_also note = { .run = note_added, .data = language };
    if (!command_number(line, "offset-ms", -MEDIA_DURATION_MS_MAX, MEDIA_DURATION_MS_MAX,
            &wish.offset_ms, &problem)
        || !lecture_sound_add(
            context->ingest, &wish, context->input_fd, NULL, false, &note, job_id, &problem))
        return command_problem(context, &problem);
    return sound_end(context, line, job_id);
}

const struct command command_lecture_sound_add = {
    .name = "lecture sound add",
    .arguments = "LECTURE FILE",
    .arguments_least = 2,
    .arguments_most = 2,
    .file_argument = 2,
    .summary = "Add an interpreter's sound to a lecture",
    .help = "FILE is any sound or video file; of a video the sound is taken. It replaces sound of the same language. "
            "Prints the job's id. With --wait it exits 0 when the sound can be chosen, 2 when the file was refused, "
            "with the reason, and 1 for anything else. Without a running server it waits.",
    .options = {
        { "language", "TAG", "What is spoken in it, such as vi.", true },
        { "offset-ms", "NUMBER", "When it begins after the lecture does; below 0 where it began before. 0 otherwise.", false },
        { "wait", NULL, "Come back when it is made, or was refused.", false },
        JSON_OPTION,
    },
    .place = COMMAND_INGEST,
    .changes = CHANGES_LIBRARY,
    .run = run,
};
