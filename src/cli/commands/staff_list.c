/* Who may sign in with a password. */
#include "access/staff_login.h"
#include "cli/output.h"
#include "cli/transaction.h"

#include <stdlib.h>

static const char *role_name(enum caller_role role)
{
    return role == CALLER_ADMIN ? "admin" : "organizer";
}

static json_t *to_json(const struct staff_row *rows, size_t count)
{
    json_t *staff = json_array();
    for (size_t i = 0; i < count; i++)
        (void)json_array_append_new(staff,
            json_pack("{s:s, s:s, s:s, s:s, s:b}", "id", rows[i].id, "email", rows[i].email, "name",
                rows[i].name, "role", role_name(rows[i].role), "disabled", rows[i].disabled));
    return json_pack("{s:o}", "staff", staff);
}

static void print(struct command_context *context, const struct staff_row *rows, size_t count)
{
    static const char *const headings[] = { "EMAIL", "ROLE", "STATE", "NAME" };
    struct table table;
    table_init(&table, 4, headings);
    for (size_t i = 0; i < count; i++) {
        table_cell(&table, rows[i].email);
        table_cell(&table, role_name(rows[i].role));
        table_cell(&table, rows[i].disabled ? "disabled" : "active");
        table_cell(&table, rows[i].name);
    }
    table_print(&table, context, "There is nobody yet. 'lectern staff add' adds an admin.");
}

static int run(struct command_context *context, const struct command_line *line)
{
    struct problem problem = { 0 };
    struct staff_row *rows = NULL;
    size_t count = 0;
    if (!staff_list(context->db, &rows, &count, &problem))
        return command_problem(context, &problem);
    if (command_flag(line, "json"))
        command_print_json(context, to_json(rows, count));
    else
        print(context, rows, count);
    free(rows);
    return COMMAND_DONE;
}

const struct command command_staff_list = {
    .name = "staff list",
    .arguments = "",
    .summary = "List admins and organizers",
    .options = { JSON_OPTION },
    .place = COMMAND_STORE,
    .run = run,
};
