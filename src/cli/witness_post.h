/*
 * Mails new checkpoints of the evidence log to its witnesses: through the outbox, in the transaction that notes it, under a
 * key of checkpoint and witness, so that each gets each of them once.
 */
#ifndef LECTERN_CLI_WITNESS_POST_H
#define LECTERN_CLI_WITNESS_POST_H

#include "base/settings.h"
#include "store/db.h"

/* Nothing is queued where no mail can be sent.  Blocks.  *ret_count: mails queued now. */
bool witness_post(
    struct db *db, const struct settings *settings, int64_t *ret_count, struct problem *problem);

#endif
