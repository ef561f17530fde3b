/* What the evidence log is at this moment, signed: to be sent to whoever should be able to tell later. */
#include "cli/output.h"
#include "cli/transaction.h"
#include "viewing/evidence_checkpoints.h"

static int run(struct command_context *context, const struct command_line *line)
{
    struct problem problem = { 0 };
    struct evidence_head head;
    if (!evidence_checkpoint(context->db, context->settings, "asked", &head, &problem))
        return command_problem(context, &problem);
    if (command_flag(line, "json"))
        command_print_json(context, json_pack("{s:I,s:I,s:s}", "size", (json_int_t)head.size,
                                        "at_ms", (json_int_t)head.at_ms, "note", head.note));
    else
        command_print(context, "%s", head.note);
    return COMMAND_DONE;
}

const struct command command_evidence_checkpoint = {
    .name = "evidence checkpoint",
    .arguments = "",
    .summary = "Sign what the evidence log is now",
    .help = "Prints the signed note (c2sp.org/tlog-checkpoint): name, number of records, root, "
            "signature. Whoever "
            "keeps it can tell later whether anything before it was changed: 'lectern evidence "
            "verify --checkpoint'.",
    .options = { JSON_OPTION },
    .place = COMMAND_STORE,
    .run = run,
};
