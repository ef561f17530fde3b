/*
 * How fast bytes may go out, shared by all responses that are given the same pace, on whichever
 * connections and loops.
 *
 * Bucket     PACE_BURST_MS' worth may go at once, so that a player fills its buffer quickly.  A batch
 *            is sent whole and paid afterwards: who is in debt waits until it is paid.  Two loops that
 *            look at the same moment both send, and both pay.
 * Ownership  pace_create() gives one reference; pace_release() ends one, and accepts NULL.
 * Threads    any; atomic, without a lock.
 */
#ifndef LECTERN_HTTP_PACE_H
#define LECTERN_HTTP_PACE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { PACE_BURST_MS = 1000 };

struct pace;

struct pace *pace_create(int64_t bytes_per_second);
struct pace *pace_hold(struct pace *pace);
void pace_release(struct pace *pace);
/* Nobody but the caller holds it; for who keeps them in a table under a lock of its own. */
bool pace_is_spare(const struct pace *pace);

/* Until the debt is paid, from now_us of the steady clock on; 0: send. */
int64_t pace_wait_us(const struct pace *pace, int64_t now_us);
void pace_charge(struct pace *pace, uint64_t bytes, int64_t now_us);
/* Of this much room, what may go in one batch: a tenth of a second's worth, 16 KiB at least. */
size_t pace_batch(const struct pace *pace, size_t room);

#endif
