/* A new password for somebody who has lost theirs. */
#include "access/staff_login.h"
#include "cli/output.h"
#include "cli/password.h"
#include "cli/transaction.h"

static void print(
    struct command_context *context, const struct command_line *line, const char *generated)
{
    if (command_flag(line, "json"))
        command_print_json(context,
            json_pack("{s:s, s:s*}", "email", command_argument(line, 0), "password", generated));
    else if (generated)
        command_print(context, "password %s\n", generated);
    else
        command_print(context, "The password is set.\n");
}

static int run(struct command_context *context, const struct command_line *line)
{
    struct problem problem = { 0 };
    char generated[PASSWORD_GENERATED_SIZE] = "";
    bool generates = command_flag(line, "generate-password");
    if (generates)
        password_generate(generated);
    const char *password = generates ? generated : context->password;
    if (!password)
        problem_set(&problem, PROBLEM_SETTING, "A password is needed.");
    bool done = password
                && staff_set_password(context->db, command_argument(line, 0), password, &problem);
    if (done)
        print(context, line, generates ? generated : NULL);
    secure_wipe(generated, sizeof generated);
    return done ? COMMAND_DONE : command_problem(context, &problem);
}

const struct command command_staff_password = {
    .name = "staff password",
    .arguments = "EMAIL",
    .arguments_least = 1,
    .arguments_most = 1,
    .takes_password = true,
    .summary = "Set the password of an admin or organizer",
    .help = "The password is asked for, unless an option says where it comes from.",
    .options = {
        { "password-stdin", NULL, "Read the password from standard input.", false },
        { "generate-password", NULL, "Make one up, and print it once.", false },
        JSON_OPTION,
    },
    .place = COMMAND_STORE,
    .changes = CHANGES_ACCESS,
    .run = run,
};
