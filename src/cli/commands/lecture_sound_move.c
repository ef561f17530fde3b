/* An interpreter's sound that is out of step: made anew from what was kept of it. */
#include "catalog/lecture_sound.h"
#include "cli/output.h"
#include "cli/sound_end.h"
#include "cli/transaction.h"

static int run(struct command_context *context, const struct command_line *line)
{
    struct problem problem = { 0 };
    int64_t offset_ms = 0;
    char job_id[UUID_TEXT_SIZE];
    if (!command_number(
            line, "offset-ms", -MEDIA_DURATION_MS_MAX, MEDIA_DURATION_MS_MAX, &offset_ms, &problem)
        || !lecture_sound_move(context->ingest, command_argument(line, 0),
            command_option(line, "language"), offset_ms, job_id, &problem))
        return command_problem(context, &problem);
    return sound_end(context, line, job_id);
}

const struct command command_lecture_sound_move = {
    .name = "lecture sound move",
    .arguments = "LECTURE",
    .arguments_least = 1,
    .arguments_most = 1,
    .summary = "Change when an interpreter's sound begins",
    .help = "It is made anew from the recording, which the server keeps (keep-originals).",
    .options = {
        { "language", "TAG", "Which one.", true },
        { "offset-ms", "NUMBER", "When it begins after the lecture does; below 0 where it began before.", true },
        { "wait", NULL, "Come back when it is made.", false },
        JSON_OPTION,
    },
    .place = COMMAND_INGEST,
    .changes = CHANGES_LIBRARY,
    .run = run,
};
