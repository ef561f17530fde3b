/* A bundle's reading: every file once, side by side, by the order of records. */
#include "viewing/evidence_bundle.h"

#include "base/json.h"
#include "base/memory.h"
#include "viewing/bundle_lines.h"
#include "viewing/evidence_chains.h"
#include "viewing/evidence_refusal.h"
#include "viewing/evidence_succession.h"

#include <stdlib.h>
#include <string.h>

enum { CHECKPOINT_LINE_MAX = 4 * NOTE_SIZE_MAX };

struct verifying {
    const struct bundle_check *check;
    struct bundle_lines log, leaves, records, checkpoints;
    struct merkle_frontier frontier;
    struct evidence_chains chains;
    struct evidence_succession succession;
    bool was_sent; /* the reader's own checkpoint lies on the way */
    struct note sent;
    /* What comes next in its file. */
    struct bundle_record record;
    bool has_record;
    struct note note;
    char note_text[NOTE_SIZE_MAX];
    size_t note_length;
    bool has_note;
    int64_t checked_size; /* of the last checkpoint that held */
    /* The last line of an "export", and the last document of one; and the first document that this one
     * names and that is not there.  -1: none. */
    int64_t export_line_seq, export_seq, withheld_seq;
    struct bundle_verdict *verdict;
};

/* The next line of records.tsv. */
static bool next_record(struct verifying *verifying)
{
    size_t length;
    const char *line = bundle_lines_next(&verifying->records, &length);
    int64_t before = verifying->has_record ? verifying->record.seq : -1;
    verifying->has_record = line;
    if (!line)
        return !verifying->records.damaged
               || evidence_refuse(verifying->verdict, -1, "%s: a line is too long, or does not end",
                   BUNDLE_RECORDS);
    if (!bundle_record_read(line, length, &verifying->record))
        return evidence_refuse(verifying->verdict, -1, "%s: the line after record %lld is none",
            BUNDLE_RECORDS, (long long)before);
    return verifying->record.seq > before
           || evidence_refuse(
               verifying->verdict, verifying->record.seq, "its document is out of order");
}

/* The next line of checkpoints.jsonl. */
static bool next_note(struct verifying *verifying)
{
    size_t length;
    struct problem problem = { 0 };
    const char *line = bundle_lines_next(&verifying->checkpoints, &length), *text;
    verifying->has_note = line;
    if (!line)
        return !verifying->checkpoints.damaged
               || evidence_refuse(verifying->verdict, -1, "%s: a line is too long, or does not end",
                   BUNDLE_CHECKPOINTS);
    json_t *object = json_read_object(line, length, &problem);
    text = json_string_value(json_object_get(object, "note"));
    bool good = text && strlen(text) < sizeof verifying->note_text
                && note_read(text, strlen(text), &verifying->note);
    if (good) {
        verifying->note_length = strlen(text);
        memcpy(verifying->note_text, text, verifying->note_length + 1);
    }
    json_decref(object);
    return good
           || evidence_refuse(verifying->verdict, -1,
               "%s: the checkpoint after that of %lld records is none", BUNDLE_CHECKPOINTS,
               (long long)verifying->checked_size);
}

/* A record "key": the next in the succession of keys. */
static bool take_key(struct verifying *verifying, int64_t seq, const json_t *record)
{
    const char *fault = evidence_succession_take(&verifying->succession, record);
    return !fault || evidence_refuse(verifying->verdict, seq, "%s", fault);
}

/* A record "export": each subject's documents must be there up to the one that it names. */
static void take_export(struct verifying *verifying, int64_t export_seq, const json_t *record)
{
    const char *subject_id;
    json_t *last;
    verifying->export_seq = export_seq;
    verifying->withheld_seq = -1;
    json_object_foreach((json_t *)(uintptr_t)json_object_get(record, "subjects"), subject_id, last)
    {
        int64_t seq = json_integer_value(last);
        if (strlen(subject_id) >= UUID_TEXT_SIZE
            || evidence_chains_of(&verifying->chains, subject_id)->last_seq == seq)
            continue;
        if (verifying->withheld_seq < 0 || seq < verifying->withheld_seq)
            verifying->withheld_seq = seq;
    }
}

/* What some kinds of records say of the log itself. */
static bool take_meaning(struct verifying *verifying, const struct evidence_line *line,
    const struct evidence_document *document)
{
    bool is_key = strcmp(line->kind, "key") == 0, is_export = strcmp(line->kind, "export") == 0;
    if (!is_key && !is_export)
        return true;
    struct problem problem = { 0 };
    json_t *record = json_read_object(document->record, document->record_length, &problem);
    bool good = record || evidence_refuse(verifying->verdict, line->seq, "its document is no JSON");
    if (good && is_key)
        good = take_key(verifying, line->seq, record);
    else if (good)
        take_export(verifying, line->seq, record);
    json_decref(record);
    return good;
}

/* The document of this line, which is the next in records.tsv. */
static bool take_document(struct verifying *verifying, const struct evidence_line *line)
{
    const struct bundle_record *record = &verifying->record;
    struct evidence_document document;
    uint8_t commitment[SHA256_BYTES];
    evidence_commit(record->salt, record->document, record->length, commitment);
    if (memcmp(commitment, line->commitment, sizeof commitment) != 0)
        return evidence_refuse(
            verifying->verdict, line->seq, "its document is not the one that was recorded");
    if (!evidence_document_read(record->document, record->length, &document))
        return evidence_refuse(
            verifying->verdict, line->seq, "its document is not in the form of one");
    struct evidence_chain *chain = evidence_chains_of(&verifying->chains, document.subject_id);
    if (document.previous > chain->last_seq)
        return evidence_refuse(verifying->verdict, document.previous, "its document is missing");
    if (document.previous != chain->last_seq)
        return evidence_refuse(verifying->verdict, line->seq, "it names another record before it");
    if (!take_meaning(verifying, line, &document))
        return false;
    evidence_chains_of(&verifying->chains, document.subject_id)->last_seq = line->seq;
    verifying->verdict->documents++;
    return next_record(verifying);
}

static bool root_is(
    struct verifying *verifying, const struct checkpoint *checkpoint, const char *whose)
{
    struct merkle_hash root = merkle_root(&verifying->frontier);
    if (merkle_equal(&root, &checkpoint->root))
        return true;
    if (verifying->checked_size + 1 == (int64_t)checkpoint->size)
        return evidence_refuse(
            verifying->verdict, verifying->checked_size, "it is not the one that %s has", whose);
    return evidence_refuse(verifying->verdict, -1,
        "one of the records %lld to %llu is not the one that %s has",
        (long long)verifying->checked_size, (unsigned long long)checkpoint->size - 1, whose);
}

/* The checkpoint of exactly the lines so far. */
static bool take_checkpoint(struct verifying *verifying)
{
    const struct checkpoint *checkpoint = &verifying->note.checkpoint;
    unsigned long long size = checkpoint->size;
    if (!verifying->succession.has_key
        || strcmp(checkpoint->origin, verifying->succession.key.name) != 0
        || note_verify(&verifying->note, verifying->note_text, &verifying->succession.key)
               != NOTE_SIGNED)
        return evidence_refuse(verifying->verdict, -1,
            "the checkpoint of %llu records is not signed by the key of its time", size);
    if (!root_is(verifying, checkpoint, "the signed checkpoint"))
        return false;
    verifying->checked_size = (int64_t)size;
    verifying->verdict->checkpoints++;
    verifying->verdict->head = *checkpoint;
    return next_note(verifying);
}

static bool take_line(struct verifying *verifying, const char *text, size_t length)
{
    int64_t seq = (int64_t)verifying->frontier.size;
    struct evidence_line line;
    if (!evidence_line_read(text, length, &line))
        return evidence_refuse(verifying->verdict, seq, "its line is not in the form of one");
    if (line.seq != seq)
        return evidence_refuse(verifying->verdict, seq, "its line is missing, or out of order");
    if (strcmp(line.kind, "export") == 0)
        verifying->export_line_seq = seq;
    struct merkle_hash leaf = merkle_leaf(text, length);
    const char *expected = bundle_lines_block(&verifying->leaves, MERKLE_HASH_BYTES);
    /* A document tells more of what is wrong, so it comes first.  Keys' are in every bundle. */
    bool has_document = verifying->has_record && verifying->record.seq == seq;
    if (has_document ? !take_document(verifying, &line)
                     : strcmp(line.kind, "key") == 0
                           && !evidence_refuse(verifying->verdict, seq, "its document is missing"))
        return false;
    if (!expected || memcmp(expected, leaf.bytes, MERKLE_HASH_BYTES) != 0)
        return evidence_refuse(
            verifying->verdict, seq, "its line is not the one that was recorded");
    merkle_add(&verifying->frontier, &leaf);
    if (verifying->check->checkpoint
        && verifying->sent.checkpoint.size == verifying->frontier.size) {
        verifying->was_sent = true;
        if (!root_is(verifying, &verifying->sent.checkpoint, "the checkpoint that you have"))
            return false;
    }
    return !verifying->has_note || verifying->note.checkpoint.size != verifying->frontier.size
           || take_checkpoint(verifying);
}

static bool take_lines(struct verifying *verifying)
{
    size_t length;
    const char *line;
    while ((line = bundle_lines_next(&verifying->log, &length)))
        if (!take_line(verifying, line, length))
            return false;
    return !verifying->log.damaged
           || evidence_refuse(verifying->verdict, (int64_t)verifying->frontier.size,
               "its line is too long, or does not end");
}

/* A small file that says what was found anyway, for other tools. */
static bool file_says(
    struct verifying *verifying, const char *name, const char *expected, size_t length)
{
    struct bundle_lines file;
    struct problem problem = { 0 };
    const char *bytes = NULL;
    bool whole = false;
    if (bundle_lines_open(&file, verifying->check->fd, name, length + 1, &problem)) {
        bytes = bundle_lines_block(&file, length);
        whole = bytes && memcmp(bytes, expected, length) == 0 && !bundle_lines_block(&file, 1);
        bundle_lines_close(&file);
    }
    return whole
           || evidence_refuse(
               verifying->verdict, -1, "the file '%s' says something else than the log", name);
}

/* What must be true at the end. */
static bool conclude(struct verifying *verifying)
{
    int64_t size = (int64_t)verifying->frontier.size;
    if (verifying->has_record)
        return evidence_refuse(verifying->verdict, verifying->record.seq, "its line is missing");
    if (verifying->has_note)
        return verifying->note.checkpoint.size > (uint64_t)size
                   ? evidence_refuse(verifying->verdict, size, "its line is missing")
                   : evidence_refuse(
                       verifying->verdict, -1, "the checkpoints are not in their order");
    if (size == 0 || verifying->checked_size != size)
        return evidence_refuse(
            verifying->verdict, verifying->checked_size, "no signed checkpoint has it");
    if (verifying->export_line_seq < 0)
        return evidence_refuse(
            verifying->verdict, -1, "no record says what belongs to this bundle");
    if (verifying->export_line_seq != verifying->export_seq)
        return evidence_refuse(
            verifying->verdict, verifying->export_line_seq, "its document is missing");
    if (verifying->withheld_seq >= 0)
        return evidence_refuse(
            verifying->verdict, verifying->withheld_seq, "its document is missing");
    if (verifying->check->key && !verifying->succession.was_known)
        return evidence_refuse(
            verifying->verdict, -1, "the key that you know is none of this log's");
    if (verifying->check->checkpoint && !verifying->was_sent)
        return evidence_refuse(verifying->verdict, size,
            "its line is missing, and the checkpoint that you have counts it");
    return file_says(verifying, BUNDLE_CHECKPOINT, verifying->note_text, verifying->note_length)
           && file_says(verifying, BUNDLE_KEYS, verifying->succession.keys.bytes,
               verifying->succession.keys.length);
}

/* Reads the checkpoint that the reader brought.  Its signature is not asked: the reader trusts it. */
static bool read_sent(struct verifying *verifying)
{
    const struct bundle_check *check = verifying->check;
    return !check->checkpoint
           || (note_read(check->checkpoint, check->checkpoint_length, &verifying->sent)
               && verifying->sent.checkpoint.size > 0)
           || evidence_refuse(verifying->verdict, -1, "what you have is no checkpoint");
}

static bool open_all(struct verifying *verifying, struct problem *problem)
{
    int folder_fd = verifying->check->fd;
    return bundle_lines_open(&verifying->log, folder_fd, BUNDLE_LOG, EVIDENCE_LINE_SIZE, problem)
           && bundle_lines_open(
               &verifying->leaves, folder_fd, BUNDLE_LEAVES, MERKLE_HASH_BYTES, problem)
           && bundle_lines_open(
               &verifying->records, folder_fd, BUNDLE_RECORDS, EVIDENCE_DOCUMENT_MAX + 128, problem)
           && bundle_lines_open(&verifying->checkpoints, folder_fd, BUNDLE_CHECKPOINTS,
               CHECKPOINT_LINE_MAX, problem);
}

static void close_all(struct verifying *verifying)
{
    bundle_lines_close(&verifying->log);
    bundle_lines_close(&verifying->leaves);
    bundle_lines_close(&verifying->records);
    bundle_lines_close(&verifying->checkpoints);
    evidence_chains_release(&verifying->chains);
    evidence_succession_release(&verifying->succession);
}

bool bundle_verify(
    const struct bundle_check *check, struct bundle_verdict *ret_verdict, struct problem *problem)
{
    struct bundle_verdict verdict = { .seq = -1 };
    struct verifying *verifying = memory_zeroed(1, sizeof *verifying);
    verifying->check = check;
    verifying->verdict = &verdict;
    verifying->export_line_seq = verifying->export_seq = verifying->withheld_seq = -1;
    evidence_succession_init(&verifying->succession, check->key);
    bool opened = open_all(verifying, problem);
    if (opened) {
        verdict.holds = read_sent(verifying) && next_record(verifying) && next_note(verifying)
                        && take_lines(verifying) && conclude(verifying);
        verdict.records = (int64_t)verifying->frontier.size;
        verdict.subjects = (int64_t)verifying->chains.count;
        verdict.replaced_keys = verifying->succession.replaced;
        *ret_verdict = verdict;
    }
    close_all(verifying);
    free(verifying);
    return opened;
}
