/* Who of a cohort has earned a certificate, and who has one. */
#include "access/permission.h"
#include "certificate/certificate.h"
#include "cli/output.h"
#include "cli/transaction.h"

static json_t *list(struct db_connection *connection, struct command_context *context,
    const struct command_line *line, struct problem *problem)
{
    (void)context;
    const struct caller operator_of_shell = { .role = CALLER_ADMIN };
    const char *cohort_id = command_argument(line, 0);
    json_t *people = permission_object(connection, &operator_of_shell, MAY_VIEW, OBJECT_COHORT,
                         cohort_id, problem)
                         ? certificates_of_cohort_json(connection, cohort_id, problem)
                         : NULL;
    return people ? json_pack("{s:o}", "participants", people) : NULL;
}

/* A line a certificate, and one for who has none. */
static void add_person(struct table *table, json_t *person)
{
    const json_t *certificates = json_object_get(person, "certificates");
    const char *name = json_string_value(json_object_get(person, "name"));
    bool earned = json_is_true(json_object_get(person, "earned"));
    size_t count = json_array_size(certificates);
    for (size_t i = 0; i == 0 || i < count; i++) {
        const json_t *certificate = json_array_get(certificates, i);
        table_cell(table, earned ? "yes" : "no");
        table_cell(table, json_string_value(json_object_get(certificate, "state")));
        table_cell(table, json_string_value(json_object_get(certificate, "issued_on")));
        table_cell(table, json_string_value(json_object_get(certificate, "id")));
        table_cell(table, json_string_value(json_object_get(person, "participant")));
        table_cell(table, name);
    }
}

static void print(struct command_context *context, const json_t *people)
{
    static const char *const headings[]
        = { "EARNED", "STATE", "ISSUED", "CERTIFICATE", "PARTICIPANT", "NAME" };
    struct table table;
    table_init(&table, 6, headings);
    size_t index;
    json_t *person;
    json_array_foreach(people, index, person) add_person(&table, person);
    table_print(&table, context, "Nobody is in this cohort yet.");
}

static int run(struct command_context *context, const struct command_line *line)
{
    return command_list(context, line, list, "participants", print);
}

const struct command command_certificate_list = {
    .name = "certificate list",
    .arguments = "COHORT",
    .arguments_least = 1,
    .arguments_most = 1,
    .summary = "List who of a cohort has earned a certificate, and who has one",
    .options = { JSON_OPTION },
    .place = COMMAND_STORE,
    .run = run,
};
