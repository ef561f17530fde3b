/* All that somebody outside needs to check one cohort's figures without this server. */
#include "cli/output.h"
#include "cli/transaction.h"
#include "viewing/evidence_bundle.h"

static int run(struct command_context *context, const struct command_line *line)
{
    struct problem problem = { 0 };
    struct bundle_facts facts;
    if (!evidence_export(context->db, context->settings, command_option(line, "cohort"),
            context->input_fd, &facts, &problem))
        return command_problem(context, &problem);
    if (command_flag(line, "json"))
        command_print_json(
            context, json_pack("{s:I,s:I,s:s}", "records", (json_int_t)facts.records, "documents",
                         (json_int_t)facts.documents, "checkpoint", facts.head.note));
    else
        command_print(context,
            "%lld records, of these %lld with their documents. Check it: lectern evidence verify "
            "%s\n",
            (long long)facts.records, (long long)facts.documents, command_argument(line, 0));
    return COMMAND_DONE;
}

const struct command command_evidence_export = {
    .name = "evidence export",
    .arguments = "FOLDER",
    .arguments_least = 1,
    .arguments_most = 1,
    .file_argument = 1,
    .makes_folder = true,
    .summary = "Write a cohort's evidence for outsiders",
    .help = "Makes the folder, or takes an empty one, and signs a checkpoint first. People are named by their ids only. "
            "docs/evidence.md tells what is in it, and README.md there how to check it with other tools.",
    .options = {
        { "cohort", "COHORT", "Whose evidence.", true },
        JSON_OPTION,
    },
    .place = COMMAND_STORE,
    .run = run,
};
