/*
 * The keys that sign checkpoints of the evidence log (docs/evidence.md).
 *
 * Files      evidence-keys/ID.pem below the data folder, 0600, ID being the key's id in hexadecimal:
 *            all that is secret.  Old ones stay; nothing needs them any more.
 * Records    each key is a record "key" of the log: "first"; "rotated", with the old key's signature
 *            over the new one's text; or "replaced", with a reason instead, where the old one is lost.
 *            So whoever trusts one key finds all later ones, and old proofs need no secret.
 * Name       of all keys, and the origin of all checkpoints, is fixed by the first: the host of
 *            public-url, and "/evidence".
 * Threads    all of it blocks: never on a loop.
 */
#ifndef LECTERN_VIEWING_EVIDENCE_KEYS_H
#define LECTERN_VIEWING_EVIDENCE_KEYS_H

#include "base/settings.h"
#include "store/db.h"
#include "viewing/signed_note.h"

#include <jansson.h>

/* The key that signs now; makes the first where there is none.  PROBLEM_STORAGE where its file is
 * missing or not its own.  NULL means *problem is set. */
struct note_signer *evidence_signer_open(
    struct db *db, const struct settings *settings, struct problem *problem);
/* Whether it signs now. */
bool evidence_key_is_current(struct db_connection *connection, const struct note_key *key,
    bool *ret_current, struct problem *problem);
/* A new key, which the old one signs.  Then a checkpoint should follow that both sign: they are
 * the caller's, to be ended with note_signer_free(). */
bool evidence_key_rotate(struct db *db, const struct settings *settings,
    struct note_signer **ret_old, struct note_signer **ret_new, struct problem *problem);
/* A new key where the old one is lost, or known to others; reason: a line, which becomes public. */
struct note_signer *evidence_key_replace(
    struct db *db, const struct settings *settings, const char *reason, struct problem *problem);

/* [{"key","record","made_at_ms","retired_at_ms"}...], oldest first; NULL means *problem is set. */
json_t *evidence_keys_json(struct db_connection *connection, struct problem *problem);

/* What an old key signs of a new one's text: "lectern evidence key\n", the text, and "\n".  Pure. */
void evidence_key_message(const char *key_text, struct text *text);

#endif
