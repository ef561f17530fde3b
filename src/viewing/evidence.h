/*
 * The evidence log: what was recorded, in an order that nobody can change unseen (docs/evidence.md).
 *
 * Record     an event of one subject: a participant's or a cohort's id, or "" for the server itself.
 *            Its document is the text {"at_ms":...,"previous":...,"record":...,"subject":"..."} in
 *            canonical JSON (no spaces, keys in order of their bytes), where "record" is what the
 *            caller gave, and "previous" is the number of the same subject's record before, or null:
 *            so that nobody leaves one out of what they show.
 * Commitment SHA-256("rec-v1" NUL salt document), with 16 random bytes of salt a record, so that
 *            nobody guesses a document from it.
 * Line       {"seq":0,"day":"2026-11-22","kind":"rule","commit":"<64 hexadecimal digits>"}: all that
 *            the tree (merkle.h) knows of a record, and what is made public.  The days are UTC.
 * Erasure    deletes documents and salts of one participant and is a record itself; lines stay, so
 *            every proof goes on to hold.
 * Privacy    a document names people by their ids only, and is of one subject: what is said of two
 *            participants are two records.
 * Order      seq is 0, 1, 2 ... in the order of commits.
 */
#ifndef LECTERN_VIEWING_EVIDENCE_H
#define LECTERN_VIEWING_EVIDENCE_H

#include "base/secure.h"
#include "store/db.h"

#include <jansson.h>

enum {
    EVIDENCE_SALT_BYTES = 16,
    EVIDENCE_KIND_SIZE = 33,        /* lower-case letters and '-', with a NUL */
    EVIDENCE_DAY_SIZE = 11,         /* "2026-11-22" */
    EVIDENCE_LINE_SIZE = 192,       /* of a line, with a NUL */
    EVIDENCE_DOCUMENT_MAX = 1 << 20 /* bytes */
};

/*
 * Inside db_write, in the transaction of what it tells.  `record` is an object, lent, and becomes canonical
 * text here.  kind: a word of lower-case letters and '-'.  PROBLEM_INTERNAL for what is no record.
 * Kinds in use: heartbeats, deliveries, completion, rule, decision, group, certificate,
 * revocation, erasure, export, disclosure, server-gap, clock-jump, key, badge-key.
 */
bool evidence_append(struct db_connection *connection, const char *kind, const char *subject_id,
    const json_t *record, struct problem *problem);
/* The same for who has no time to build a tree: `record` is canonical JSON text already. */
bool evidence_append_text(struct db_connection *connection, const char *kind,
    const char *subject_id, const char *record, size_t length, struct problem *problem);

/*
 * Inside db_write.  Deletes what is known of a participant's records but their lines, and appends
 * the record "erasure" of the cohort, which names their numbers and the reason (a line; no name in
 * it).  ret_count, how many they were, may be NULL.  A participant without records is fine.
 */
bool evidence_erase(struct db_connection *connection, const char *participant_id,
    const char *cohort_id, const char *reason, int64_t *ret_count, struct problem *problem);

/* A record as the tree knows it. */
struct evidence_line {
    int64_t seq;
    char day[EVIDENCE_DAY_SIZE];
    char kind[EVIDENCE_KIND_SIZE];
    uint8_t commitment[SHA256_BYTES];
};
/* Returns its length; no line end.  Pure. */
size_t evidence_line_write(const struct evidence_line *line, char ret_text[EVIDENCE_LINE_SIZE]);
/* Takes only what evidence_line_write() writes.  Pure. */
bool evidence_line_read(const char *text, size_t length, struct evidence_line *ret_line);
/* Pure. */
void evidence_commit(const uint8_t salt[EVIDENCE_SALT_BYTES], const char *document, size_t length,
    uint8_t ret_commitment[SHA256_BYTES]);

#endif
