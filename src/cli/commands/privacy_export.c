/* All that is stored about one person, for whoever answers their question. */
#include "privacy/record.h"

#include "catalog/audit.h"
#include "cli/output.h"
#include "cli/transaction.h"

/* Asked for by the operator: on record, like every look at a person that is not the person's own. */
static json_t *note(struct db_connection *connection, struct command_context *context,
    const struct command_line *line, struct problem *problem)
{
    (void)context;
    return audit_add(connection, NULL, "privacy-export", command_argument(line, 0), "", problem)
               ? json_true()
               : NULL;
}

static json_t *read_record(struct db_connection *connection, struct command_context *context,
    const struct command_line *line, struct problem *problem)
{
    (void)context;
    return record_json(connection, command_argument(line, 0), RECORD_WHOLE, problem);
}

static int run(struct command_context *context, const struct command_line *line)
{
    json_t *record = command_read(context, line, read_record);
    if (!record)
        return COMMAND_FAILED;
    json_t *noted = command_write(context, line, note);
    if (!noted) {
        json_decref(record);
        return COMMAND_FAILED;
    }
    if (command_flag(line, "json")) {
        command_print_json(context, record);
        return COMMAND_DONE;
    }
    struct text text;
    text_init(&text, RECORD_TEXT_BYTES_MAX);
    record_text(record, &text);
    command_print_bytes(context, text.bytes, text.length);
    text_release(&text);
    json_decref(record);
    return COMMAND_DONE;
}

const struct command command_privacy_export = {
    .name = "privacy export",
    .arguments = "PARTICIPANT",
    .arguments_least = 1,
    .arguments_most = 1,
    .summary = "Print all that is stored about a participant",
    .help = "With --json for programs, without for people. Digests of links and cookies, and who "
            "of the staff did "
            "something, are left out.",
    .options = { JSON_OPTION },
    .place = COMMAND_STORE,
    .run = run,
};
