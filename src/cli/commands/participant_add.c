/* A person of a cohort.  They never make an account: 'invitation issue' gives their personal link. */
#include "catalog/audit.h"
#include "catalog/participant.h"
#include "cli/transaction.h"

static json_t *add(struct db_connection *connection, struct command_context *context,
    const struct command_line *line, struct problem *problem)
{
    (void)context;
    const struct participant_fields fields = {
        .name = command_option(line, "name"),
        .email = command_option(line, "email"),
        .country = command_option(line, "country"),
        .gender = command_option(line, "gender"),
        .group = command_option(line, "group"),
        .language = command_option(line, "language"),
    };
    char id[UUID_TEXT_SIZE];
    if (!participant_add(connection, command_argument(line, 0), &fields, id, problem)
        || !audit_add(connection, NULL, "participant-add", id, "", problem))
        return NULL;
    return json_pack("{s:s}", "id", id);
}

static int run(struct command_context *context, const struct command_line *line)
{
    return command_add(context, line, add);
}

const struct command command_participant_add = {
    .name = "participant add",
    .arguments = "COHORT",
    .arguments_least = 1,
    .arguments_most = 1,
    .summary = "Add a person to a cohort",
    .help = "Prints their id. 'lectern invitation issue' makes their link.",
    .options = {
        { "name", "TEXT", "As they write it.", true },
        { "language", "TAG", "The language they read, such as vi.", true },
        { "email", "ADDRESS", "Where invitations would go.", false },
        { "country", "CODE", "ISO 3166-1, such as VN; for the report.", false },
        { "gender", "WORD", "female, male or other; for the report.", false },
        { "group", "TEXT", "Such as their city or union.", false },
        JSON_OPTION,
    },
    .place = COMMAND_STORE,
    .changes = CHANGES_NOTHING,
    .run = run,
};
