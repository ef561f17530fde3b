/* One person's records with the paths that prove them: for the person, or whoever they show it to. */
#include "viewing/evidence_proof.h"
#include "catalog/audit.h"
#include "cli/output.h"
#include "cli/transaction.h"

/* Given to somebody else by the operator: on record, like every look at a person. */
static json_t *note(struct db_connection *connection, struct command_context *context,
    const struct command_line *line, struct problem *problem)
{
    (void)context;
    return audit_add(connection, NULL, "evidence-proof", command_argument(line, 0), "", problem)
               ? json_true()
               : NULL;
}

static bool print_pages(
    struct command_context *context, struct proof_page *page, struct problem *problem)
{
    bool good = true;
    struct text text;
    text_init(&text, PROOF_TEXT_BYTES_MAX);
    while (good && !page->is_last && !command_abandoned(context)) {
        text_clear(&text);
        good = evidence_proof_next(context->db, page, &text, problem);
        if (good)
            command_print_bytes(context, text.bytes, text.length);
    }
    text_release(&text);
    return good
           && (page->own_count > 0
               || problem_set(problem, PROBLEM_NOT_FOUND, "the checkpoint has no record of '%.40s'",
                   page->subject_id));
}

static int run(struct command_context *context, const struct command_line *line)
{
    struct problem problem = { 0 };
    struct proof_page page = { .subject_id = command_argument(line, 0), .after = -1 };
    if (!command_number(line, "size", 1, INT64_MAX, &page.size, &problem))
        return command_problem(context, &problem);
    json_t *noted = command_write(context, line, note);
    if (!noted)
        return COMMAND_FAILED;
    json_decref(noted);
    if ((page.size > 0
            || evidence_checkpoint(context->db, context->settings, "proof", NULL, &problem))
        && print_pages(context, &page, &problem))
        return COMMAND_DONE;
    return command_problem(context, &problem);
}

const struct command command_evidence_proof = {
    .name = "evidence proof",
    .arguments = "PARTICIPANT",
    .arguments_least = 1,
    .arguments_most = 1,
    .summary = "Print one person's records and the proof of them",
    .help = "Signs a checkpoint first. Keep it in a file: 'lectern evidence verify FILE' checks it without the log and without "
            "the server. Participants get their own from their program's page.",
    .options = {
        { "size", "RECORDS", "Prove to the checkpoint of so many records, which somebody has from before; makes none.", false },
    },
    .place = COMMAND_STORE,
    .run = run,
};
