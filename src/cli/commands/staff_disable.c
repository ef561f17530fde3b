/* Somebody who has left: they cannot sign in any more, and what they are signed in with ends. */
#include "access/staff_login.h"
#include "cli/output.h"
#include "cli/transaction.h"

static int run(struct command_context *context, const struct command_line *line)
{
    struct problem problem = { 0 };
    if (!staff_disable(context->db, command_argument(line, 0), &problem))
        return command_problem(context, &problem);
    if (command_flag(line, "json"))
        command_print_json(
            context, json_pack("{s:s, s:b}", "email", command_argument(line, 0), "disabled", 1));
    else
        command_print(context, "They can no longer sign in.\n");
    return COMMAND_DONE;
}

const struct command command_staff_disable = {
    .name = "staff disable",
    .arguments = "EMAIL",
    .arguments_least = 1,
    .arguments_most = 1,
    .summary = "End the access of an admin or organizer",
    .options = { JSON_OPTION },
    .place = COMMAND_STORE,
    .changes = CHANGES_ACCESS,
    .run = run,
};
