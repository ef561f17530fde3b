/*
 * The evidence record "heartbeats" of one batch: what was claimed, what was credited of it and why
 * not the rest (docs/evidence.md has its form).  Private to viewing/.
 *
 *   beats_evidence_init      empty
 *   beats_evidence_add       a beat that is new, and what it added
 *   beats_evidence_append    inside db_write; a batch without a new beat is no record
 */
#ifndef LECTERN_VIEWING_BEATS_EVIDENCE_H
#define LECTERN_VIEWING_BEATS_EVIDENCE_H

#include "viewing/contact.h"

struct beats_evidence {
    struct text beats, credited; /* members of JSON arrays */
};
void beats_evidence_init(struct beats_evidence *evidence);
void beats_evidence_release(struct beats_evidence *evidence);

/* reasons: the flags as words, parted by spaces. */
void beats_evidence_add(struct beats_evidence *evidence, const struct beat *beat,
    const struct credit_result *result, const char *reasons);
bool beats_evidence_append(struct db_connection *connection, const struct beats_evidence *evidence,
    const struct contact *contact, struct problem *problem);

#endif
