/*
 * How fast a bundle of evidence is checked: makes one of so many records (ten million unless told),
 * each tenth with its document, in a folder, and verifies it.  Prints a JSON line.
 *
 *     evidence FOLDER [RECORDS]
 */
#include "base/clock.h"
#include "base/files.h"
#include "base/text.h"
#include "viewing/evidence_bundle.h"

#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { RECORDS = 10000000, EACH = 10, PEOPLE = 2000 };

struct making {
    FILE *log, *leaves, *records;
    struct merkle_frontier frontier;
    char people[PEOPLE][UUID_TEXT_SIZE];
    int64_t last[PEOPLE];
    int64_t documents;
};

static _Noreturn void fail(const char *what)
{
    (void)fprintf(stderr, "evidence: %s\n", what);
    exit(1);
}

static FILE *make_file(const char *folder, const char *name)
{
    char path[4096];
    (void)snprintf(path, sizeof path, "%s/%s", folder, name);
    FILE *file = fopen(path, "w");
    if (!file)
        fail("a file cannot be made");
    return file;
}

static void write_file(const char *folder, const char *name, const char *text)
{
    FILE *file = make_file(folder, name);
    (void)fputs(text, file);
    (void)fclose(file);
}

static void add(struct making *making, const char *kind, const char *document)
{
    struct evidence_line line = { .seq = (int64_t)making->frontier.size, .day = "2026-11-22" };
    uint8_t salt[EVIDENCE_SALT_BYTES];
    char text[EVIDENCE_LINE_SIZE], salt_text[2 * EVIDENCE_SALT_BYTES + 1];
    secure_random(salt, sizeof salt);
    text_hex_encode(salt, sizeof salt, salt_text);
    (void)snprintf(line.kind, sizeof line.kind, "%s", kind);
    evidence_commit(
        salt, document ? document : "", document ? strlen(document) : 0, line.commitment);
    size_t length = evidence_line_write(&line, text);
    struct merkle_hash leaf = merkle_leaf(text, length);
    merkle_add(&making->frontier, &leaf);
    (void)fprintf(making->log, "%s\n", text);
    (void)fwrite(leaf.bytes, 1, sizeof leaf.bytes, making->leaves);
    if (document)
        (void)fprintf(making->records, "%" PRId64 "\t%s\t%s\n", line.seq, salt_text, document);
    making->documents += document != NULL;
}

/* A batch of ten beats of one person. */
static void add_heartbeats(struct making *making)
{
    static char document[4096];
    size_t person = (size_t)(making->documents % PEOPLE);
    char previous[24] = "null";
    if (making->last[person] >= 0)
        (void)snprintf(previous, sizeof previous, "%" PRId64, making->last[person]);
    int length = snprintf(document, sizeof document,
        "{\"at_ms\":1795339551123,\"previous\":%s,\"record\":{\"beats\":[", previous);
    for (int beat = 0; beat < 10; beat++)
        length += snprintf(document + length, sizeof document - (size_t)length,
            "%s[%d,%d,%d,100,1,0,1795339551123,1000,\"\"]", beat > 0 ? "," : "", beat, beat * 1000,
            beat * 1000 + 1000);
    (void)snprintf(document + length, sizeof document - (size_t)length,
        "],\"credited\":[[0,10000,\"delivered\"]],\"lecture\":\"%s\",\"play_session\":\"%s\","
        "\"version\":1},\"subject\":\"%s\"}",
        making->people[0], making->people[0], making->people[person]);
    making->last[person] = (int64_t)making->frontier.size;
    add(making, "heartbeats", document);
}

static void add_key(struct making *making, const char *key)
{
    char document[512];
    (void)snprintf(document, sizeof document,
        "{\"at_ms\":1,\"previous\":null,\"record\":{\"event\":\"first\",\"key\":\"%s\"},"
        "\"subject\":\"\"}",
        key);
    add(making, "key", document);
}

static void add_export(struct making *making)
{
    struct text document;
    char cohort[UUID_TEXT_SIZE];
    text_init(&document, EVIDENCE_DOCUMENT_MAX);
    secure_make_uuid(cohort);
    text_append_string(
        &document, "{\"at_ms\":1,\"previous\":null,\"record\":{\"subjects\":{\"\":0");
    for (size_t i = 0; i < PEOPLE; i++)
        if (making->last[i] >= 0)
            text_printf(&document, ",\"%s\":%" PRId64, making->people[i], making->last[i]);
    text_printf(&document, "}},\"subject\":\"%s\"}", cohort);
    add(making, "export", document.bytes);
    text_release(&document);
}

static void make(const char *folder, int64_t records)
{
    struct making *making = calloc(1, sizeof *making);
    struct note_signer *signer = note_signer_make("bench/evidence");
    char key[NOTE_KEY_TEXT_SIZE];
    if (!making || !signer)
        fail("no memory or no key");
    note_key_write(note_signer_key(signer), key);
    for (size_t i = 0; i < PEOPLE; i++) {
        secure_make_uuid(making->people[i]);
        making->last[i] = -1;
    }
    making->log = make_file(folder, BUNDLE_LOG);
    making->leaves = make_file(folder, BUNDLE_LEAVES);
    making->records = make_file(folder, BUNDLE_RECORDS);
    add_key(making, key);
    while ((int64_t)making->frontier.size < records - 1)
        if (making->frontier.size % EACH == 0)
            add_heartbeats(making);
        else
            add(making, "deliveries", NULL);
    add_export(making);
    (void)fclose(making->log);
    (void)fclose(making->leaves);
    (void)fclose(making->records);
    struct text note, line;
    struct merkle_hash root = merkle_root(&making->frontier);
    text_init(&note, NOTE_SIZE_MAX);
    text_init(&line, NOTE_SIZE_MAX);
    const struct note_signer *const signers[] = { signer };
    if (!checkpoint_write(making->frontier.size, &root, signers, 1, &note))
        fail("no signature");
    write_file(folder, BUNDLE_CHECKPOINT, note.bytes);
    json_t *object = json_pack("{s:s}", "note", note.bytes);
    char *object_text = json_dumps(object, JSON_COMPACT);
    text_printf(&line, "%s\n", object_text);
    write_file(folder, BUNDLE_CHECKPOINTS, line.bytes);
    text_clear(&line);
    text_printf(&line, "%s\n", key);
    write_file(folder, BUNDLE_KEYS, line.bytes);
    free(object_text);
    json_decref(object);
    text_release(&note);
    text_release(&line);
    note_signer_free(signer);
    free(making);
}

int main(int argc, char **argv)
{
    struct problem problem = { 0 };
    struct bundle_verdict verdict;
    if (argc < 2)
        fail("which folder?");
    int64_t records = argc > 2 ? strtoll(argv[2], NULL, 10) : RECORDS;
    if (!folder_make(argv[1], 0700, &problem))
        fail(problem.detail);
    make(argv[1], records);
    struct bundle_check check = { .fd = open(argv[1], O_RDONLY | O_DIRECTORY) };
    int64_t begun_ms = clock_steady_ms();
    if (!bundle_verify(&check, &verdict, &problem))
        fail(problem.detail);
    int64_t took_ms = clock_steady_ms() - begun_ms;
    if (!verdict.holds)
        fail(verdict.what);
    (void)printf("{\"measure\":\"evidence-verify\",\"records\":%" PRId64 ",\"documents\":%" PRId64
                 ",\"seconds\":%.3f}\n",
        verdict.records, verdict.documents, (double)took_ms / 1000.0);
    (void)close(check.fd);
    return 0;
}
