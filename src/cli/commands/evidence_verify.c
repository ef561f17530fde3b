/* Does a bundle hold, or a person's proof?  For outsiders: needs no server, no settings and no data folder. */
#include "base/files.h"
#include "cli/output.h"
#include "cli/transaction.h"
#include "viewing/evidence_proof.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

static bool read_key(
    const struct command_line *line, struct note_key *key, bool *ret_given, struct problem *problem)
{
    const char *text = command_option(line, "key");
    *ret_given = text;
    return !text || note_key_read(text, strlen(text), key)
           || problem_set(problem, PROBLEM_SETTING,
               "--key: a verifier key, as 'lectern evidence key list' prints it");
}

static void print_good(struct command_context *context, const struct bundle_verdict *verdict)
{
    if (verdict->subject_id[0])
        command_print(context,
            "It holds: %lld records of %s are in the log '%s' of %lld records, and none between "
            "them is left out.\n",
            (long long)verdict->documents, verdict->subject_id, verdict->head.origin,
            (long long)verdict->records);
    else
        command_print(context,
            "It holds: %lld records, %lld documents of %lld subjects, %lld checkpoints of '%s'.\n",
            (long long)verdict->records, (long long)verdict->documents,
            (long long)verdict->subjects, (long long)verdict->checkpoints, verdict->head.origin);
    if (verdict->replaced_keys > 0)
        command_print(context,
            "%lld keys were not signed by the one before: see the records of kind 'key'.\n",
            (long long)verdict->replaced_keys);
}

static int tell(struct command_context *context, const struct command_line *line,
    const struct bundle_verdict *verdict)
{
    if (command_flag(line, "json")) {
        json_t *answer = json_pack("{s:b,s:I,s:I,s:I,s:I,s:I}", "holds", (int)verdict->holds,
            "records", (json_int_t)verdict->records, "documents", (json_int_t)verdict->documents,
            "subjects", (json_int_t)verdict->subjects, "checkpoints",
            (json_int_t)verdict->checkpoints, "replaced_keys", (json_int_t)verdict->replaced_keys);
        if (verdict->subject_id[0])
            (void)json_object_set_new(answer, "subject", json_string(verdict->subject_id));
        if (!verdict->holds)
            (void)json_object_set_new(answer, "what", json_string(verdict->what));
        if (verdict->seq >= 0)
            (void)json_object_set_new(answer, "record", json_integer(verdict->seq));
        command_print_json(context, answer);
    } else if (verdict->holds) {
        print_good(context, verdict);
    } else {
        command_say(context, "It does not hold: %s.", verdict->what);
    }
    return verdict->holds ? COMMAND_DONE : COMMAND_FAILED;
}

/* A folder is a bundle, a file is a person's proof. */
static bool verify(
    const struct bundle_check *check, struct bundle_verdict *ret_verdict, struct problem *problem)
{
    struct stat facts;
    return fstat(check->fd, &facts) == 0 && S_ISDIR(facts.st_mode)
               ? bundle_verify(check, ret_verdict, problem)
               : evidence_proof_verify(check, ret_verdict, problem);
}

static int run(struct command_context *context, const struct command_line *line)
{
    struct problem problem = { 0 };
    struct note_key key;
    struct bundle_verdict verdict;
    struct bundle_check check = { .fd = context->input_fd };
    bool has_key;
    char *note = NULL;
    const char *path = command_option(line, "checkpoint");
    bool good
        = read_key(line, &key, &has_key, &problem)
          && (!path
              || file_read_whole(path, NOTE_SIZE_MAX, &note, &check.checkpoint_length, &problem));
    check.key = has_key ? &key : NULL;
    check.checkpoint = note;
    good = good && verify(&check, &verdict, &problem);
    free(note);
    return good ? tell(context, line, &verdict) : command_problem(context, &problem);
}

const struct command command_evidence_verify = {
    .name = "evidence verify",
    .arguments = "PATH",
    .arguments_least = 1,
    .arguments_most = 1,
    .file_argument = 1,
    .summary = "Check a bundle of evidence, or one person's proof",
    .help = "PATH is the folder that 'evidence export' wrote, or a file of 'evidence proof'. Needs nothing else. Exits 0 only if all of it holds; else it names the first record that does not. "
            "That the log is the one that was shown to others is told by what you kept from then: --checkpoint, --key.",
    .options = {
        { "checkpoint", "FILE", "A signed checkpoint that you were sent before, in a file: PATH must agree with it.", false },
        { "key", "KEY", "A key that you know: it must be one of those that signed the log.", false },
        JSON_OPTION,
    },
    .place = COMMAND_ALONE,
    .run = run,
};
