/* How a reader of evidence says what does not hold; private to viewing/. */
#ifndef LECTERN_VIEWING_EVIDENCE_REFUSAL_H
#define LECTERN_VIEWING_EVIDENCE_REFUSAL_H

#include "viewing/evidence_bundle.h"

/* The first fault is the one that counts.  seq: the record's; -1: of none.  Returns false. */
bool evidence_refuse(struct bundle_verdict *verdict, int64_t seq, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

#endif
