/* An organisation that gives lectures, and is credited for them. */
#include "catalog/audit.h"
#include "catalog/participant.h"
#include "cli/transaction.h"

static json_t *add(struct db_connection *connection, struct command_context *context,
    const struct command_line *line, struct problem *problem)
{
    (void)context;
    const char *name = command_option(line, "name");
    char id[UUID_TEXT_SIZE];
    if (!provider_add(connection, name, command_option(line, "country"), id, problem)
        || !audit_add(connection, NULL, "provider-add", id, name, problem))
        return NULL;
    return json_pack("{s:s}", "id", id);
}

static int run(struct command_context *context, const struct command_line *line)
{
    return command_add(context, line, add);
}

const struct command command_provider_add = {
    .name = "provider add",
    .arguments = "",
    .summary = "Add an organisation that gives lectures",
    .help = "Prints its id.",
    .options = {
        { "name", "TEXT", "Its name, as it is credited.", true },
        { "country", "CODE", "ISO 3166-1, such as JP.", false },
        JSON_OPTION,
    },
    .place = COMMAND_STORE,
    .changes = CHANGES_LIBRARY,
    .run = run,
};
