/*
 * What a courier reads and writes of the outbox's rows.  Private to mail/.
 */
#ifndef LECTERN_MAIL_OUTBOX_ROWS_H
#define LECTERN_MAIL_OUTBOX_ROWS_H

#include "mail/courier.h"

struct outbox_state {
    int64_t waiting, failed;
    int64_t due_at_ms;    /* of the first that is due; INT64_MAX: none waits */
    int64_t oldest_at_ms; /* when the oldest that waits was queued; INT64_MAX: none waits */
    int64_t taken_lately; /* in the last hour */
};

struct outbox_batch {
    struct courier_item items[COURIER_BATCH_MAX];
    size_t count;
    int64_t refused; /* or given up, by the last outbox_end() */
};

bool outbox_look(
    struct db *db, const char *channel, struct outbox_state *ret_state, struct problem *problem);
/* Claims what is due.  What is in the batch from before is released. */
bool outbox_claim(const struct courier_options *options, size_t most, struct outbox_batch *batch,
    struct problem *problem);
/* Writes the outcomes. */
bool outbox_end(
    const struct courier_options *options, struct outbox_batch *batch, struct problem *problem);
/* Removes rows that ended before outbox-keep-days. */
bool outbox_clear(const struct courier_options *options, struct problem *problem);
void outbox_batch_release(struct outbox_batch *batch);

#endif
