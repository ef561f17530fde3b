/* A person's proof: its checking. */
#include "viewing/evidence_proof.h"

#include "base/json.h"
#include "viewing/bundle_lines.h"
#include "viewing/evidence_refusal.h"
#include "viewing/evidence_succession.h"

#include <stdio.h>
#include <string.h>

struct proof_verifying {
    const struct bundle_check *check;
    struct bundle_lines lines;
    struct note note;
    char note_text[NOTE_SIZE_MAX];
    struct evidence_succession succession;
    int64_t last_seq, last_own_seq; /* -1: none yet */
    struct bundle_verdict *verdict;
};

/* Lower-case digits of exactly so many bytes. */
static bool read_hex(const char *digits, uint8_t *ret_bytes, size_t count)
{
    if (!digits || strlen(digits) != 2 * count || strspn(digits, "0123456789abcdef") != 2 * count)
        return false;
    for (size_t i = 0; i < count; i++)
        ret_bytes[i]
            = (uint8_t)(text_hex_value(digits[2 * i]) * 16 + text_hex_value(digits[2 * i + 1]));
    return true;
}

static bool read_path(const json_t *hashes, struct merkle_proof *ret_path)
{
    ret_path->count = json_array_size(hashes);
    if (!json_is_array(hashes) || ret_path->count > MERKLE_PROOF_MAX)
        return false;
    for (size_t i = 0; i < ret_path->count; i++)
        if (!read_hex(json_string_value(json_array_get(hashes, i)), ret_path->hashes[i].bytes,
                MERKLE_HASH_BYTES))
            return false;
    return true;
}

bool evidence_proof_record_read(const char *text, size_t length, struct proof_record *ret_record)
{
    struct problem problem = { 0 };
    json_t *object = ret_record->object = json_read_object(text, length, &problem);
    const char *line = json_string_value(json_object_get(object, "line"));
    ret_record->document = json_string_value(json_object_get(object, "document"));
    ret_record->length = json_string_length(json_object_get(object, "document"));
    if (!line || !ret_record->document || !evidence_line_read(line, strlen(line), &ret_record->line)
        || !read_hex(json_string_value(json_object_get(object, "salt")), ret_record->salt,
            EVIDENCE_SALT_BYTES)
        || !read_path(json_object_get(object, "path"), &ret_record->path))
        return false;
    ret_record->leaf = merkle_leaf(line, strlen(line));
    return true;
}

void evidence_proof_record_release(struct proof_record *record)
{
    json_decref(record->object);
    record->object = NULL;
}

/* The file's first line. */
static bool take_head(struct proof_verifying *verifying)
{
    size_t length = 0;
    struct problem problem = { 0 };
    const char *line = bundle_lines_next(&verifying->lines, &length);
    json_t *object = line ? json_read_object(line, length, &problem) : NULL;
    const char *note = json_string_value(json_object_get(object, "checkpoint"));
    const char *subject_id = json_string_value(json_object_get(object, "subject"));
    bool good = note && strlen(note) < sizeof verifying->note_text && subject_id
                && secure_is_uuid(subject_id) && note_read(note, strlen(note), &verifying->note);
    if (good) {
        (void)snprintf(verifying->note_text, sizeof verifying->note_text, "%s", note);
        (void)snprintf(verifying->verdict->subject_id, UUID_TEXT_SIZE, "%s", subject_id);
    }
    json_decref(object);
    return good || evidence_refuse(verifying->verdict, -1, "the first line is no checkpoint");
}

static bool take_key(struct proof_verifying *verifying, const struct evidence_line *line,
    const struct evidence_document *document)
{
    struct problem problem = { 0 };
    json_t *record = json_read_object(document->record, document->record_length, &problem);
    const char *fault = strcmp(line->kind, "key") != 0
                            ? "it is of somebody else"
                            : evidence_succession_take(&verifying->succession, record);
    json_decref(record);
    return !fault || evidence_refuse(verifying->verdict, line->seq, "%s", fault);
}

/* Each of the subject's names the one before. */
static bool take_own(struct proof_verifying *verifying, const struct evidence_line *line,
    const struct evidence_document *document)
{
    if (strcmp(document->subject_id, verifying->verdict->subject_id) != 0)
        return evidence_refuse(verifying->verdict, line->seq, "it is of somebody else");
    if (document->previous > verifying->last_own_seq)
        return evidence_refuse(verifying->verdict, document->previous, "it is missing");
    if (document->previous != verifying->last_own_seq)
        return evidence_refuse(verifying->verdict, line->seq, "it names another record before it");
    verifying->last_own_seq = line->seq;
    verifying->verdict->documents++;
    return true;
}

static bool take_record(struct proof_verifying *verifying, const struct proof_record *record)
{
    const struct checkpoint *checkpoint = &verifying->note.checkpoint;
    struct bundle_verdict *verdict = verifying->verdict;
    struct evidence_document document;
    uint8_t commitment[SHA256_BYTES];
    int64_t seq = record->line.seq;
    evidence_commit(record->salt, record->document, record->length, commitment);
    if (seq <= verifying->last_seq)
        return evidence_refuse(verdict, seq, "it is out of order");
    if (memcmp(commitment, record->line.commitment, sizeof commitment) != 0)
        return evidence_refuse(verdict, seq, "its document is not the one that was recorded");
    if (!merkle_included(
            &record->leaf, (uint64_t)seq, checkpoint->size, &record->path, &checkpoint->root))
        return evidence_refuse(verdict, seq, "its path does not lead to the checkpoint");
    if (!evidence_document_read(record->document, record->length, &document))
        return evidence_refuse(verdict, seq, "its document is not in the form of one");
    verifying->last_seq = seq;
    return document.subject_id[0] == '\0' ? take_key(verifying, &record->line, &document)
                                          : take_own(verifying, &record->line, &document);
}

static bool take_records(struct proof_verifying *verifying)
{
    size_t length;
    const char *line;
    while ((line = bundle_lines_next(&verifying->lines, &length))) {
        struct proof_record record;
        bool good = (evidence_proof_record_read(line, length, &record)
                        || evidence_refuse(verifying->verdict, -1,
                            "the line after record %lld is none", (long long)verifying->last_seq))
                    && take_record(verifying, &record);
        evidence_proof_record_release(&record);
        if (!good)
            return false;
    }
    return !verifying->lines.damaged
           || evidence_refuse(verifying->verdict, -1, "a line is too long, or does not end");
}

/* What the reader was sent before must be this very checkpoint: without the log, no other can be held against it. */
static bool agrees(struct proof_verifying *verifying)
{
    const struct bundle_check *check = verifying->check;
    const struct checkpoint *checkpoint = &verifying->note.checkpoint;
    struct note sent;
    if (!check->checkpoint)
        return true;
    if (!note_read(check->checkpoint, check->checkpoint_length, &sent))
        return evidence_refuse(verifying->verdict, -1, "what you have is no checkpoint");
    if (sent.checkpoint.size != checkpoint->size)
        return evidence_refuse(verifying->verdict, -1,
            "the checkpoint that you have is of %llu records, and this proof is of %llu: ask for "
            "one of the same",
            (unsigned long long)sent.checkpoint.size, (unsigned long long)checkpoint->size);
    return merkle_equal(&sent.checkpoint.root, &checkpoint->root)
           || evidence_refuse(
               verifying->verdict, -1, "the checkpoint that you have is of another log");
}

static bool conclude(struct proof_verifying *verifying)
{
    const struct evidence_succession *succession = &verifying->succession;
    const struct checkpoint *checkpoint = &verifying->note.checkpoint;
    if (!succession->has_key || strcmp(checkpoint->origin, succession->key.name) != 0
        || note_verify(&verifying->note, verifying->note_text, &succession->key) != NOTE_SIGNED)
        return evidence_refuse(
            verifying->verdict, -1, "the checkpoint is not signed by the key of its time");
    if (verifying->check->key && !succession->was_known)
        return evidence_refuse(
            verifying->verdict, -1, "the key that you know is none of this log's");
    if (verifying->verdict->documents == 0)
        return evidence_refuse(verifying->verdict, -1, "there is no record of the person in it");
    verifying->verdict->checkpoints = verifying->verdict->subjects = 1;
    verifying->verdict->records = (int64_t)checkpoint->size;
    verifying->verdict->replaced_keys = succession->replaced;
    verifying->verdict->head = *checkpoint;
    return agrees(verifying);
}

bool evidence_proof_verify(
    const struct bundle_check *check, struct bundle_verdict *ret_verdict, struct problem *problem)
{
    struct bundle_verdict verdict = { .seq = -1 };
    struct proof_verifying verifying
        = { .check = check, .last_seq = -1, .last_own_seq = -1, .verdict = &verdict };
    if (!bundle_lines_begin(&verifying.lines, check->fd, PROOF_TEXT_BYTES_MAX, problem))
        return false;
    evidence_succession_init(&verifying.succession, check->key);
    verdict.holds = take_head(&verifying) && take_records(&verifying) && conclude(&verifying);
    evidence_succession_release(&verifying.succession);
    bundle_lines_close(&verifying.lines);
    *ret_verdict = verdict;
    return true;
}
