/*
 * Signed heads of the evidence log: how large it is and what its tree's root is, so that what was there
 * then cannot be changed unseen afterwards (docs/evidence.md).
 *
 * Making     reads the records since the last checkpoint, whose row keeps what the tree needs to grow,
 *            so it costs what is new.  The pages of records are read in short transactions, beside all else.
 * Sizes      grow: where nothing was recorded since the last checkpoint, that one is the answer; but where
 *            two sign, as after a rotation, theirs takes its place, without a time stamp yet.
 * Keys       a checkpoint is signed by the key of its time: by one that retired meanwhile, none is made.
 * Threads    all of it blocks: never on a loop.  Two at once, or two processes, do no harm.
 */
#ifndef LECTERN_VIEWING_EVIDENCE_CHECKPOINTS_H
#define LECTERN_VIEWING_EVIDENCE_CHECKPOINTS_H

#include "base/settings.h"
#include "store/db.h"
#include "viewing/signed_note.h"

#include <jansson.h>

struct evidence_head {
    int64_t size, at_ms;
    struct merkle_hash root;
    char note[NOTE_SIZE_MAX];
};
/* Begins once more where the key changed meanwhile.  cause: a short word, such as "interval", "cohort-end", "export", "proof", "asked", "key". */
bool evidence_checkpoint(struct db *db, const struct settings *settings, const char *cause,
    struct evidence_head *ret_head, struct problem *problem);
/* The same with signers that are at hand, such as a rotation's two; the newest is the last.
 * PROBLEM_CONFLICT where that is not the log's key any more. */
bool evidence_checkpoint_by(struct db *db, const struct note_signer *const *signers,
    size_t signer_count, const char *cause, struct evidence_head *ret_head,
    struct problem *problem);

/* The newest; size 0 where there is none yet. */
bool evidence_head_read(
    struct db_connection *connection, struct evidence_head *ret_head, struct problem *problem);
/* [{"size","at_ms","cause","root","stamped"}...], newest first, at most `most`; NULL means *problem is
 * set. */
json_t *evidence_checkpoints_json(
    struct db_connection *connection, int64_t most, struct problem *problem);

/* Whether a cohort ended since the newest checkpoint, or that one is older than so long and records came
 * since. */
bool evidence_checkpoint_due(struct db_connection *connection, int64_t now_ms, int64_t every_ms,
    const char **ret_cause, struct problem *problem);

#endif
