/*
 * One person's own proof: their records, each with the path by which it lies in the log that a signed checkpoint
 * tells of, so that a file alone can be checked, without the log and without this server (docs/evidence.md).
 *
 *   {"checkpoint":"<signed note>","subject":"<id>"}
 *   {"document":"...","line":"{\"seq\":...}","path":["<64 hexadecimal digits>"...],"salt":"<32 of them>"}
 *
 * Records    a line each, ascending: the log's keys, which tell who may sign, and all of the subject's below the checkpoint,
 *            from their first on.  path is that of RFC 6962 section 2.1.1 for the leaf `line`.
 * Pages      made piece by piece in bounded memory; the pieces in a row are the file.
 * Shows      that these records were there then, unchanged, and that none between them was left out.  That
 *            nothing came after the last one, only a bundle shows.
 */
#ifndef LECTERN_VIEWING_EVIDENCE_PROOF_H
#define LECTERN_VIEWING_EVIDENCE_PROOF_H

#include "viewing/evidence_bundle.h"

enum {
    PROOF_PAGE_BYTES = 1 << 20,
    PROOF_TEXT_BYTES_MAX = 8 << 20 /* of a page with its last line */
};

struct proof_page {
    const char *subject_id; /* lent */
    int64_t
        size; /* records of the checkpoint; 0: the newest, and which one that is after the call */
    int64_t after;     /* the page is of the records after this one; -1: the first, with the head */
    int64_t own_count; /* records of the subject so far */
    bool is_last;
};
/* Appends the next page and moves on.  PROBLEM_NOT_FOUND where there is no such checkpoint; a subject
 * without records has the head and the keys.  Blocks. */
bool evidence_proof_next(
    struct db *db, struct proof_page *page, struct text *text, struct problem *problem);

/* A line of the file but the first.  Owns what its document is lent from: evidence_proof_record_release() ends
 * it, whatever was answered.  Pure. */
struct proof_record {
    struct evidence_line line;
    struct merkle_hash leaf;
    uint8_t salt[EVIDENCE_SALT_BYTES];
    const char *document;
    size_t length;
    struct merkle_proof path;
    json_t *object;
};
bool evidence_proof_record_read(const char *text, size_t length, struct proof_record *ret_record);
void evidence_proof_record_release(struct proof_record *record);

/* Reads the file check->fd once, line by line.  False only where it could not be read at all. */
bool evidence_proof_verify(
    const struct bundle_check *check, struct bundle_verdict *ret_verdict, struct problem *problem);

#endif
