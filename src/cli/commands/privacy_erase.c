/* Forgets a person, down to the bytes of the store's files.  There is no way back, so it must be said twice. */
#include "privacy/erasure.h"

#include "cli/output.h"
#include "cli/transaction.h"

static int run(struct command_context *context, const struct command_line *line)
{
    struct problem problem = { 0 };
    struct erasure_facts facts;
    const char *participant_id = command_argument(line, 0);
    if (!command_flag(line, "yes")) {
        problem_set(&problem, PROBLEM_SETTING,
            "An erasure cannot be taken back. 'lectern privacy export' shows what there is; add "
            "--yes to erase it.");
        return command_problem(context, &problem);
    }
    if (!erasure_run(
            context->db, participant_id, NULL, command_option(line, "reason"), &facts, &problem))
        return command_problem(context, &problem);
    bool finished = facts.unfinished.kind == PROBLEM_NONE;
    if (command_flag(line, "json"))
        command_print_json(
            context, json_pack("{s:s, s:b, s:b, s:I, s:b}", "participant", participant_id, "erased",
                         1, "finished", finished, "rows_removed", (json_int_t)facts.rows_removed,
                         "store_written_anew", facts.written_anew));
    else if (!finished)
        command_print(context,
            "The person is gone for everybody. What is left to do in the store's files is done by "
            "the server within the hour, or by this command again: %s\n",
            facts.unfinished.detail);
    else
        command_print(context,
            "Erased. %lld records of viewing were removed; nothing of the person is left in the "
            "store's files%s.\n"
            "Backups made before this still hold them.\n",
            (long long)facts.rows_removed, facts.written_anew ? ", which were written anew" : "");
    return COMMAND_DONE;
}

const struct command command_privacy_erase = {
    .name = "privacy erase",
    .arguments = "PARTICIPANT",
    .arguments_least = 1,
    .arguments_most = 1,
    .summary = "Erase a participant",
    .help = "Name, mail address, country, gender, group, links, and each message and delivery go, from the store, its "
            "log and every backup made later. Sums and completions stay under the id, which then leads to nobody.",
    .options = {
        { "reason", "TEXT", "Why; it is kept, so it must not name the person.", true },
        { "yes", NULL, "Say that it is meant.", false },
        JSON_OPTION,
    },
    .place = COMMAND_STORE,
    .changes = CHANGES_ACCESS,
    .run = run,
};
