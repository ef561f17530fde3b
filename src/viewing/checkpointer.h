/*
 * A thread that signs the evidence log without anybody's asking: at an interval
 * (evidence-checkpoint-minutes) while records come, and when a cohort has ended.
 *
 * Tree       what paths are found by (evidence_tree.h) grows along.
 * Stamps     of the newest checkpoint are asked for where there is an authority (evidence-timestamp-url).
 * First      the log's first key is made at the start.
 * Failures   stop nothing: the next look tries again, for a stamp after a growing while.  checkpointer_figures() counts them, and `tell` hears
 *            of the first of a row, on the thread.
 * Threads    figures from any thread.
 */
#ifndef LECTERN_VIEWING_CHECKPOINTER_H
#define LECTERN_VIEWING_CHECKPOINTER_H

#include "base/settings.h"
#include "store/db.h"

struct checkpointer;
struct checkpointer_figures {
    uint64_t made, stamped, failures;
    int64_t size, at_ms; /* of the newest that this thread saw; 0: none */
};

/* db and settings must outlive it. */
struct checkpointer *checkpointer_start(struct db *db, const struct settings *settings,
    void (*tell)(const struct problem *problem), struct problem *problem);
void checkpointer_read_figures(
    struct checkpointer *checkpointer, struct checkpointer_figures *ret_figures);
void checkpointer_stop(struct checkpointer *checkpointer); /* accepts NULL */

#endif
