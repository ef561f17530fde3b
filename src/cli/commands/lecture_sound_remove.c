/* Sound in another language goes; what people watched with it stays in their records. */
#include "catalog/audit.h"
#include "catalog/lecture_sound.h"
#include "cli/output.h"
#include "cli/transaction.h"

static bool note_removed(struct db_connection *connection, void *data, struct problem *problem)
{
    const struct command_line *line = data;
    return audit_add(connection, NULL, "sound-remove", command_argument(line, 0),
        command_option(line, "language"), problem);
}

static int run(struct command_context *context, const struct command_line *line)
{
    struct problem problem = { 0 };
    struct command_line noted = *line;
    if (!lecture_sound_remove(
            context->ingest, command_argument(line, 0), command_option(line, "language"), &problem)
        || !db_write(context->db, note_removed, &noted, &problem))
        return command_problem(context, &problem);
    if (command_flag(line, "json"))
        command_print_json(
            context, json_pack("{s:s}", "language", command_option(line, "language")));
    else
        command_print(context, "The sound is removed.\n");
    return COMMAND_DONE;
}

const struct command command_lecture_sound_remove = {
    .name = "lecture sound remove",
    .arguments = "LECTURE",
    .arguments_least = 1,
    .arguments_most = 1,
    .summary = "Remove a lecture's sound in another language",
    .options = {
        { "language", "TAG", "Which one.", true },
        JSON_OPTION,
    },
    .place = COMMAND_INGEST,
    .changes = CHANGES_LIBRARY,
    .run = run,
};
