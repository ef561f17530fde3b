/*
 * Witnesses: people outside who are sent checkpoints of the evidence log while a course runs, so that nobody can
 * make up another log later (docs/evidence.md).  Who sends is not this layer's: see cli/witness_post.h.
 *
 * Where      inside db_write (adding, removing, noting) or db_read (looking).
 */
#ifndef LECTERN_VIEWING_EVIDENCE_WITNESS_H
#define LECTERN_VIEWING_EVIDENCE_WITNESS_H

#include "viewing/evidence_checkpoints.h"

enum { WITNESS_NAME_MAX = 200, WITNESS_DUE_MAX = 100 };

/* name: a line, its own among witnesses (PROBLEM_CONFLICT); the address is held to be one by the caller. */
bool evidence_witness_add(struct db_connection *connection, const char *name, const char *address,
    struct problem *problem);
/* PROBLEM_NOT_FOUND. */
bool evidence_witness_remove(
    struct db_connection *connection, const char *name, struct problem *problem);
/* [{"name","address","added_at_ms","sent_size","sent_at_ms"|null}...] by name; NULL means *problem is set. */
json_t *evidence_witnesses_json(struct db_connection *connection, struct problem *problem);

/*
 * Who should be sent the newest checkpoint, which is *ret_head: those who have an older one, when one came since that is
 * more than the interval's (an export, a cohort's end, a new key, one that was asked for), or when theirs was sent so
 * long ago.  [{"id","name","address"}...], at most WITNESS_DUE_MAX.
 */
json_t *evidence_witnesses_due(struct db_connection *connection, int64_t now_ms, int64_t every_ms,
    struct evidence_head *ret_head, struct problem *problem);
bool evidence_witness_note_sent(struct db_connection *connection, int64_t id, int64_t size,
    int64_t now_ms, struct problem *problem);

#endif
