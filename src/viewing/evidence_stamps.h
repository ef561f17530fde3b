/* Which checkpoints have a time stamp of somebody else, and getting it: private to viewing/. */
#ifndef LECTERN_VIEWING_EVIDENCE_STAMPS_H
#define LECTERN_VIEWING_EVIDENCE_STAMPS_H

#include "base/settings.h"
#include "store/db.h"

/*
 * Asks the authority of evidence-timestamp-url for a stamp of the newest checkpoint, unless it has one
 * or there is no authority.  Earlier ones are covered by it: their records are in its tree.  Blocks for
 * as long as the authority takes.  *ret_stamped: whether one was got now.
 */
bool evidence_stamp_newest(
    struct db *db, const struct settings *settings, bool *ret_stamped, struct problem *problem);

#endif
