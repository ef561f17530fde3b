/* Who outside is sent checkpoints: with theirs in hand, nobody can make up another log. */
#include "viewing/evidence_witness.h"
#include "base/clock.h"
#include "catalog/audit.h"
#include "cli/output.h"
#include "cli/transaction.h"
#include "mail/message.h"
#include "mail/outbox.h"

static json_t *add(struct db_connection *connection, struct command_context *context,
    const struct command_line *line, struct problem *problem)
{
    const char *name = command_argument(line, 0), *address = command_argument(line, 1);
    (void)context;
    if (!mail_address_is_sound(address)) {
        problem_set_field(problem, "address", "'address' must be a plain mail address.");
        return NULL;
    }
    return evidence_witness_add(connection, name, address, problem)
                   && audit_add(connection, NULL, "witness-added", NULL, "", problem)
               ? json_pack("{s:s, s:s}", "name", name, "address", address)
               : NULL;
}

static int run_add(struct command_context *context, const struct command_line *line)
{
    return command_change(context, line, add,
        mail_is_set_up(context->settings)
            ? "The witness is sent the newest checkpoint now, and later ones as they come."
            : "The witness is in the list, but no mail can be sent yet: docs/mail.md.");
}

const struct command command_evidence_witness_add = {
    .name = "evidence witness add",
    .arguments = "NAME ADDRESS",
    .arguments_least = 2,
    .arguments_most = 2,
    .summary = "Mail checkpoints of the evidence log to somebody outside",
    .help = "The newest at once; later ones at each export, at a cohort's end, at a change of "
            "keys, and at least once in "
            "evidence-witness-hours while records come. Tell them beforehand.",
    .options = { JSON_OPTION },
    .place = COMMAND_STORE,
    .run = run_add,
};

static json_t *list(struct db_connection *connection, struct command_context *context,
    const struct command_line *line, struct problem *problem)
{
    (void)context;
    (void)line;
    json_t *witnesses = evidence_witnesses_json(connection, problem);
    return witnesses ? json_pack("{s:o}", "witnesses", witnesses) : NULL;
}

static void print(struct command_context *context, const json_t *witnesses)
{
    static const char *const headings[] = { "NAME", "ADDRESS", "SENT (UTC)", "RECORDS" };
    struct table table;
    table_init(&table, 4, headings);
    size_t index;
    json_t *witness;
    json_array_foreach(witnesses, index, witness)
    {
        const json_t *sent_at_ms = json_object_get(witness, "sent_at_ms");
        char at[CLOCK_ISO_SIZE] = "-";
        if (json_is_integer(sent_at_ms))
            clock_format_iso(json_integer_value(sent_at_ms), at);
        table_cell(&table, json_string_value(json_object_get(witness, "name")));
        table_cell(&table, json_string_value(json_object_get(witness, "address")));
        table_cell_format(&table, "%.16s", at);
        table_cell_format(
            &table, "%lld", (long long)json_integer_value(json_object_get(witness, "sent_size")));
    }
    table_print(&table, context, "There is no witness yet: 'lectern evidence witness add'.");
}

static int run_list(struct command_context *context, const struct command_line *line)
{
    return command_list(context, line, list, "witnesses", print);
}

const struct command command_evidence_witness_list = {
    .name = "evidence witness list",
    .arguments = "",
    .summary = "List who is mailed checkpoints of the evidence log",
    .help = "SENT and RECORDS are of the newest that was put into the outbox: 'lectern mail list' "
            "tells whether it left.",
    .options = { JSON_OPTION },
    .place = COMMAND_STORE,
    .run = run_list,
};

static json_t *remove_witness(struct db_connection *connection, struct command_context *context,
    const struct command_line *line, struct problem *problem)
{
    const char *name = command_argument(line, 0);
    (void)context;
    return evidence_witness_remove(connection, name, problem)
                   && audit_add(connection, NULL, "witness-removed", NULL, "", problem)
               ? json_pack("{s:s}", "name", name)
               : NULL;
}

static int run_remove(struct command_context *context, const struct command_line *line)
{
    return command_change(context, line, remove_witness, "The witness is sent nothing more.");
}

const struct command command_evidence_witness_remove = {
    .name = "evidence witness remove",
    .arguments = "NAME",
    .arguments_least = 1,
    .arguments_most = 1,
    .summary = "Mail no more checkpoints to a witness",
    .options = { JSON_OPTION },
    .place = COMMAND_STORE,
    .run = run_remove,
};
