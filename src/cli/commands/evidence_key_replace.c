/* A new key where the old one is gone, or known to somebody else: recorded, with the reason. */
#include "cli/output.h"
#include "cli/transaction.h"
#include "viewing/evidence_checkpoints.h"
#include "viewing/evidence_keys.h"

enum { REASON_BYTES_MAX = 500 };

static bool replace(struct command_context *context, const char *reason,
    char ret_key[NOTE_KEY_TEXT_SIZE], struct problem *problem)
{
    if (!text_is_line(reason, REASON_BYTES_MAX))
        return problem_set(problem, PROBLEM_SETTING, "--reason: a line of at most %d bytes",
            (int)REASON_BYTES_MAX);
    struct note_signer *signer
        = evidence_key_replace(context->db, context->settings, reason, problem);
    if (!signer)
        return false;
    const struct note_signer *const signers[] = { signer };
    note_key_write(note_signer_key(signer), ret_key);
    bool good = evidence_checkpoint_by(context->db, signers, 1, "key", NULL, problem);
    note_signer_free(signer);
    return good;
}

static int run(struct command_context *context, const struct command_line *line)
{
    struct problem problem = { 0 };
    char key[NOTE_KEY_TEXT_SIZE];
    if (!replace(context, command_option(line, "reason"), key, &problem))
        return command_problem(context, &problem);
    if (command_flag(line, "json"))
        command_print_json(context, json_pack("{s:s}", "key", key));
    else
        command_print(context, "%s\n", key);
    return COMMAND_DONE;
}

const struct command command_evidence_key_replace = {
    .name = "evidence key replace",
    .arguments = "",
    .summary = "Replace the evidence log's key where it is lost",
    .help = "The old key cannot sign the new one, so whoever trusted it must be told the new one, which is printed. "
            "Checkpoints that the old key signed go on to prove what they did. Where the old key is still there, rotate instead.",
    .options = {
        { "reason", "TEXT", "Why; it becomes a record that everybody sees. No names.", true },
        JSON_OPTION,
    },
    .place = COMMAND_STORE,
    .run = run,
};
