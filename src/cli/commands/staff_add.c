/* Admins prepare lectures and see everything; organizers manage the programs assigned to them. */
#include "access/staff_login.h"
#include "base/text.h"
#include "cli/output.h"
#include "cli/password.h"
#include "cli/transaction.h"

static bool read_role(
    const struct command_line *line, enum caller_role *ret_role, struct problem *problem)
{
    const char *role = command_option(line, "role");
    if (!text_equal(role, "admin") && !text_equal(role, "organizer"))
        return problem_set(
            problem, PROBLEM_SETTING, "--role must be admin or organizer, not '%.40s'.", role);
    *ret_role = text_equal(role, "admin") ? CALLER_ADMIN : CALLER_ORGANIZER;
    return true;
}

static void print(struct command_context *context, const struct command_line *line, const char *id,
    const char *generated)
{
    if (command_flag(line, "json")) {
        command_print_json(context, json_pack("{s:s, s:s, s:s*}", "id", id, "email",
                                        command_argument(line, 0), "password", generated));
        return;
    }
    command_print(context, "%s\n", id);
    if (generated)
        command_print(context, "password %s\n", generated);
}

static int run(struct command_context *context, const struct command_line *line)
{
    struct problem problem = { 0 };
    enum caller_role role = CALLER_ANYONE;
    char id[UUID_TEXT_SIZE], generated[PASSWORD_GENERATED_SIZE] = "";
    bool generates = command_flag(line, "generate-password");
    if (generates)
        password_generate(generated);
    const char *password = generates ? generated : context->password;
    if (!password)
        problem_set(&problem, PROBLEM_SETTING, "A password is needed.");
    bool done = password && read_role(line, &role, &problem)
                && staff_add(context->db, command_argument(line, 0), command_option(line, "name"),
                    role, password, id, &problem);
    if (done)
        print(context, line, id, generates ? generated : NULL);
    secure_wipe(generated, sizeof generated);
    return done ? COMMAND_DONE : command_problem(context, &problem);
}

const struct command command_staff_add = {
    .name = "staff add",
    .arguments = "EMAIL",
    .arguments_least = 1,
    .arguments_most = 1,
    .takes_password = true,
    .summary = "Add an admin or organizer",
    .help = "Prints their id. The password is asked for, unless an option says where it comes from.",
    .options = {
        { "name", "TEXT", "Their name.", true },
        { "role", "ROLE", "admin or organizer.", true },
        { "password-stdin", NULL, "Read the password from standard input.", false },
        { "generate-password", NULL, "Make one up, and print it once.", false },
        JSON_OPTION,
    },
    .place = COMMAND_STORE,
    .changes = CHANGES_ACCESS,
    .run = run,
};
