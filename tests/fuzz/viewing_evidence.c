/* What a bundle holds, read line by line: what is taken is written again as the same bytes. */
#include "viewing/evidence_proof.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void try_line(const char *text, size_t length)
{
    struct evidence_line line;
    char again[EVIDENCE_LINE_SIZE];
    if (evidence_line_read(text, length, &line)
        && (evidence_line_write(&line, again) != length || memcmp(again, text, length) != 0))
        abort();
}

static void try_key(const char *text, size_t length)
{
    struct note_key key;
    char again[NOTE_KEY_TEXT_SIZE];
    if (!note_key_read(text, length, &key))
        return;
    note_key_write(&key, again);
    if (strlen(again) != length || memcmp(again, text, length) != 0)
        abort();
}

static void try_record(const char *text, size_t length)
{
    struct bundle_record record;
    struct evidence_document document;
    if (bundle_record_read(text, length, &record)
        && evidence_document_read(record.document, record.length, &document)
        && (document.record < text || document.record + document.record_length > text + length))
        abort();
}

static void try_note(const char *text, size_t length)
{
    struct note note;
    if (!note_read(text, length, &note))
        return;
    if (note.signed_length >= length || !note_name_is_good(note.checkpoint.origin))
        abort();
    struct note_key key = { .public_key = { 1 } };
    memcpy(key.name, note.checkpoint.origin, sizeof key.name);
    (void)note_verify(&note, text, &key);
}

static void try_proof(const char *text, size_t length)
{
    struct proof_record record;
    if (evidence_proof_record_read(text, length, &record)
        && (record.path.count > MERKLE_PROOF_MAX || strlen(record.document) != record.length))
        abort();
    evidence_proof_record_release(&record);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const char *text = (const char *)data;
    try_line(text, size);
    try_key(text, size);
    try_record(text, size);
    try_note(text, size);
    try_proof(text, size);
    return 0;
}
