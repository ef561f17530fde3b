/* A new key before the old one is too old to be trusted, or because its file is lost or known to others. */
#include "certificate/badge_keys.h"
#include "cli/output.h"
#include "cli/transaction.h"

static int run(struct command_context *context, const struct command_line *line)
{
    struct problem problem = { 0 };
    char id[BADGE_KEY_ID_SIZE];
    if (!badge_key_rotate(context->db, context->settings, id, &problem))
        return command_problem(context, &problem);
    if (command_flag(line, "json"))
        command_print_json(context, json_pack("{s:s}", "key", id));
    else
        command_print(context, "%s\n", id);
    return COMMAND_DONE;
}

const struct command command_badge_key_rotate = {
    .name = "badge key rotate",
    .arguments = "",
    .summary = "Sign badges with a new key from now on",
    .help = "Prints the new key. Badges that are out there go on to verify, as old keys stay "
            "published; the old key's file "
            "may be deleted.",
    .options = { JSON_OPTION },
    .place = COMMAND_STORE,
    .run = run,
};
