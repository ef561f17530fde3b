/* Gives the room of a lecture's original back; what was made of it stays. */
#include "catalog/lecture_original.h"
#include "cli/output.h"
#include "cli/transaction.h"

static int run(struct command_context *context, const struct command_line *line)
{
    struct problem problem = { 0 };
    const char *lecture_id = command_argument(line, 0);
    int64_t bytes;
    if (!lecture_original_remove(
            context->db, context->settings, lecture_id, NULL, &bytes, &problem))
        return command_problem(context, &problem);
    if (command_flag(line, "json"))
        command_print_json(
            context, json_pack("{s:s, s:I}", "id", lecture_id, "bytes", (json_int_t)bytes));
    else
        command_print(context, "The original is removed: %lld bytes.\n", (long long)bytes);
    return COMMAND_DONE;
}

const struct command command_lecture_original_remove = {
    .name = "lecture original remove",
    .arguments = "LECTURE",
    .arguments_least = 1,
    .arguments_most = 1,
    .summary = "Remove the kept file that a lecture was made of",
    .help = "The lecture stays as it is. Without its original it cannot be trimmed.",
    .options = { JSON_OPTION },
    .place = COMMAND_STORE,
    .run = run,
};
