/*
 * How the keys of the evidence log follow each other, as its records of kind "key" tell; private to viewing/.
 *
 * Ownership  evidence_succession_init() begins, evidence_succession_release() ends.
 */
#ifndef LECTERN_VIEWING_EVIDENCE_SUCCESSION_H
#define LECTERN_VIEWING_EVIDENCE_SUCCESSION_H

#include "viewing/evidence.h"
#include "viewing/signed_note.h"

struct evidence_succession {
    struct note_key key; /* that signs now */
    bool has_key;
    const struct note_key *known; /* the reader's own, lent; NULL: none */
    bool was_known;               /* it is one of them */
    int64_t replaced;             /* keys that the one before did not sign */
    struct text keys;             /* all, a line each */
};
void evidence_succession_init(struct evidence_succession *succession, const struct note_key *known);
/* The next record "key".  NULL: it follows; else why it does not. */
const char *evidence_succession_take(struct evidence_succession *succession, const json_t *record);
void evidence_succession_release(struct evidence_succession *succession);

#endif
