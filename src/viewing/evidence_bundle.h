/*
 * A bundle: a folder with all that somebody outside needs to check the evidence of one cohort, without
 * this server and without trusting it.  docs/evidence.md describes the files; README.md in each bundle
 * does so for whoever receives one.
 *
 *   log.jsonl           the public line of every record of the log (evidence.h), in their order
 *   leaves              the hash of each line's leaf, 32 bytes each: names the record that was changed
 *   records.tsv         of the cohort's records, and the server's own: number, salt in hexadecimal and
 *                       document, with tabs between; ascending
 *   checkpoints.jsonl   {"note":"..."}: every signed head, by size
 *   checkpoint          the newest of these, as it is: a signed note
 *   checkpoint.tsr      where there is one, its time stamp (RFC 3161)
 *   keys                the keys that signed them, oldest first, a verifier key a line
 *   README.md           how to check it with other tools
 *
 * Complete   a record "export" of the cohort names the last record of each of its subjects, and each
 *            document names the one before; so a document that is left out is missed.
 * Privacy    people are named by their ids only.
 */
#ifndef LECTERN_VIEWING_EVIDENCE_BUNDLE_H
#define LECTERN_VIEWING_EVIDENCE_BUNDLE_H

#include "base/settings.h"
#include "viewing/evidence.h"
#include "viewing/evidence_checkpoints.h"

#define BUNDLE_LOG "log.jsonl"
#define BUNDLE_LEAVES "leaves"
#define BUNDLE_RECORDS "records.tsv"
#define BUNDLE_CHECKPOINTS "checkpoints.jsonl"
#define BUNDLE_CHECKPOINT "checkpoint"
#define BUNDLE_STAMP "checkpoint.tsr"
#define BUNDLE_KEYS "keys"
#define BUNDLE_README "README.md"

struct bundle_facts {
    int64_t records;   /* lines of the log */
    int64_t documents; /* of these, with the document */
    struct evidence_head head;
};
/* Into an empty folder, lent; files are 0600 and synced.  Makes a record and a checkpoint first.  PROBLEM_NOT_FOUND where
 * there is no such cohort, PROBLEM_BUSY where people of it were erased meanwhile.  Blocks for long where the log is long. */
bool evidence_export(struct db *db, const struct settings *settings, const char *cohort_id,
    int folder_fd, struct bundle_facts *ret_facts, struct problem *problem);

/* A document's parts, lent from its text. */
struct evidence_document {
    int64_t at_ms;
    int64_t previous; /* -1: none */
    const char *record;
    size_t record_length;
    char subject_id[UUID_TEXT_SIZE];
};
/* Only what evidence_append() writes; `record` itself is not looked at.  Pure. */
bool evidence_document_read(
    const char *text, size_t length, struct evidence_document *ret_document);
/* A line of records.tsv, its document lent.  Pure. */
struct bundle_record {
    int64_t seq;
    uint8_t salt[EVIDENCE_SALT_BYTES];
    const char *document;
    size_t length;
};
bool bundle_record_read(const char *line, size_t length, struct bundle_record *ret_record);

struct bundle_check {
    int fd;                     /* the folder, or the file of a person's proof; lent */
    const struct note_key *key; /* that the reader knows: must be one of the log's; NULL: none */
    const char *checkpoint;     /* a signed note that the reader was sent before; NULL: none */
    size_t checkpoint_length;
};
struct bundle_verdict {
    bool holds;
    int64_t seq;    /* the first record that does not hold; -1: the fault is of no single record */
    char what[300]; /* a sentence that says so */
    int64_t records, documents, subjects, checkpoints;
    int64_t replaced_keys; /* keys that the one before did not sign: for the reader to judge */
    struct checkpoint head;
    char subject_id[UUID_TEXT_SIZE]; /* whose proof it is (evidence_proof.h); "" for a bundle */
};
/* Reads the bundle once, in memory that does not grow with it but for its subjects.  False only where it
 * could not be read at all. */
bool bundle_verify(
    const struct bundle_check *check, struct bundle_verdict *ret_verdict, struct problem *problem);

#endif
