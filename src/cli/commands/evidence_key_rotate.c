/* A new key before the old one is too old to be trusted, or because somebody left who had it. */
#include "cli/output.h"
#include "cli/transaction.h"
#include "viewing/evidence_checkpoints.h"
#include "viewing/evidence_keys.h"

/* Both sign the log as it is now, so that it hangs together for who knows only one of them. */
static bool rotate(
    struct command_context *context, char ret_key[NOTE_KEY_TEXT_SIZE], struct problem *problem)
{
    struct note_signer *signers[2];
    if (!evidence_key_rotate(context->db, context->settings, &signers[0], &signers[1], problem))
        return false;
    note_key_write(note_signer_key(signers[1]), ret_key);
    bool good = evidence_checkpoint_by(
        context->db, (const struct note_signer *const *)signers, 2, "key", NULL, problem);
    note_signer_free(signers[0]);
    note_signer_free(signers[1]);
    return good;
}

static int run(struct command_context *context, const struct command_line *line)
{
    struct problem problem = { 0 };
    char key[NOTE_KEY_TEXT_SIZE];
    if (!rotate(context, key, &problem))
        return command_problem(context, &problem);
    if (command_flag(line, "json"))
        command_print_json(context, json_pack("{s:s}", "key", key));
    else
        command_print(context, "%s\n", key);
    return COMMAND_DONE;
}

const struct command command_evidence_key_rotate = {
    .name = "evidence key rotate",
    .arguments = "",
    .summary = "Sign the evidence log with a new key from now on",
    .help = "The old key signs the new one into the log, and both sign a checkpoint; who trusts "
            "the old one can follow. "
            "Prints the new key. Old proofs need no secret, so the old key's file may be deleted.",
    .options = { JSON_OPTION },
    .place = COMMAND_STORE,
    .run = run,
};
