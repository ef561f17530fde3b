/*
 * Which record of each subject a bundle's reader saw last; private to viewing/.
 *
 * Ownership  evidence_chains_release() ends the memory; {0} is empty.
 */
#ifndef LECTERN_VIEWING_EVIDENCE_CHAINS_H
#define LECTERN_VIEWING_EVIDENCE_CHAINS_H

#include "base/secure.h"

struct evidence_chain {
    char subject_id[UUID_TEXT_SIZE];
    bool used;
    int64_t last_seq; /* -1: none yet */
};
struct evidence_chains {
    struct evidence_chain *items;
    size_t count, capacity; /* a power of two */
};
/* The subject's, made where it is new; lent until the next call. */
struct evidence_chain *evidence_chains_of(struct evidence_chains *chains, const char *subject_id);
void evidence_chains_release(struct evidence_chains *chains);

#endif
