/* Does a bundle hold?  For outsiders: needs no server, no settings and no data folder. */
#include "base/files.h"
#include "cli/output.h"
#include "cli/transaction.h"
#include "viewing/evidence_bundle.h"

#include <stdlib.h>
#include <string.h>

static bool read_key(
    const struct command_line *line, struct note_key *key, bool *ret_given, struct problem *problem)
{
    const char *text = command_option(line, "key");
    *ret_given = text;
    return !text || note_key_read(text, strlen(text), key)
           || problem_set(problem, PROBLEM_SETTING,
               "--key: a verifier key, as 'lectern evidence key list' prints it");
}

static int tell(struct command_context *context, const struct command_line *line,
    const struct bundle_verdict *verdict)
{
    if (command_flag(line, "json")) {
        json_t *answer = json_pack("{s:b,s:I,s:I,s:I,s:I,s:I}", "holds", (int)verdict->holds,
            "records", (json_int_t)verdict->records, "documents", (json_int_t)verdict->documents,
            "subjects", (json_int_t)verdict->subjects, "checkpoints",
            (json_int_t)verdict->checkpoints, "replaced_keys", (json_int_t)verdict->replaced_keys);
        if (!verdict->holds)
            (void)json_object_set_new(answer, "what", json_string(verdict->what));
        if (verdict->seq >= 0)
            (void)json_object_set_new(answer, "record", json_integer(verdict->seq));
        command_print_json(context, answer);
    } else if (verdict->holds) {
        command_print(context,
            "It holds: %lld records, %lld documents of %lld subjects, %lld checkpoints of '%s'.\n",
            (long long)verdict->records, (long long)verdict->documents,
            (long long)verdict->subjects, (long long)verdict->checkpoints, verdict->head.origin);
        if (verdict->replaced_keys > 0)
            command_print(context,
                "%lld keys were not signed by the one before: see the records of kind 'key'.\n",
                (long long)verdict->replaced_keys);
    } else {
        command_say(context, "It does not hold: %s.", verdict->what);
    }
    return verdict->holds ? COMMAND_DONE : COMMAND_FAILED;
}

static int run(struct command_context *context, const struct command_line *line)
{
    struct problem problem = { 0 };
    struct note_key key;
    struct bundle_verdict verdict;
    struct bundle_check check = { .folder_fd = context->input_fd };
    bool has_key;
    char *note = NULL;
    const char *path = command_option(line, "checkpoint");
    bool good
        = read_key(line, &key, &has_key, &problem)
          && (!path
              || file_read_whole(path, NOTE_SIZE_MAX, &note, &check.checkpoint_length, &problem));
    check.key = has_key ? &key : NULL;
    check.checkpoint = note;
    good = good && bundle_verify(&check, &verdict, &problem);
    free(note);
    return good ? tell(context, line, &verdict) : command_problem(context, &problem);
}

const struct command command_evidence_verify = {
    .name = "evidence verify",
    .arguments = "FOLDER",
    .arguments_least = 1,
    .arguments_most = 1,
    .file_argument = 1,
    .summary = "Check a bundle of evidence",
    .help = "Needs nothing but the folder. Exits 0 only if all of it holds; else it names the first record that does not. "
            "That the log is the one that was shown to others is told by what you kept from then: --checkpoint, --key.",
    .options = {
        { "checkpoint", "FILE", "A signed checkpoint that you were sent before: the bundle must agree with it.", false },
        { "key", "KEY", "A key that you know: it must be one of those that signed the log.", false },
        JSON_OPTION,
    },
    .place = COMMAND_ALONE,
    .run = run,
};
