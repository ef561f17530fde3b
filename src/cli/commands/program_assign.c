/* An organizer sees and manages the programs that are assigned to them, and no others. */
#include "access/staff_login.h"
#include "cli/output.h"
#include "cli/transaction.h"

static int run(struct command_context *context, const struct command_line *line)
{
    struct problem problem = { 0 };
    bool assigned = !command_flag(line, "remove");
    if (!staff_assign_program(
            context->db, command_argument(line, 1), command_argument(line, 0), assigned, &problem))
        return command_problem(context, &problem);
    if (command_flag(line, "json"))
        command_print_json(context, json_pack("{s:b}", "assigned", assigned));
    else
        command_print(context, "%s\n",
            assigned ? "The program is assigned." : "The program is no longer assigned.");
    return COMMAND_DONE;
}

const struct command command_program_assign = {
    .name = "program assign",
    .arguments = "PROGRAM EMAIL",
    .arguments_least = 2,
    .arguments_most = 2,
    .summary = "Give a program to an organizer",
    .help = "Admins see every program and need no assignment.",
    .options = {
        { "remove", NULL, "Take it away again.", false },
        JSON_OPTION,
    },
    .place = COMMAND_STORE,
    .changes = CHANGES_LIBRARY,
    .run = run,
};
