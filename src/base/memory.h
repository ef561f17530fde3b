/*
 * malloc and its kin for a program whose sizes are bounded by settings, and what happens when
 * memory runs out.
 *
 * Reserve    a server keeps some memory back (memory_keep_reserve).  Where malloc fails, needs that
 *            cannot be refused half-way (a record of an open request, a block of its arena) are met
 *            from it, piece by piece.  As long as it is not whole again the process is short of
 *            memory: it takes no new work, what is open goes on, and what ends gives memory back.
 * The end    without a reserve, or once it is used up, the process ends with a message, and systemd
 *            starts it again on a store that lost nothing.
 * Strangers  sizes that a request chooses, within its limits, are asked for with memory_try_: they
 *            may fail, and leave the reserve alone.
 *
 * Ownership  memory from here is ended with free().
 * Threads    safe from any thread.
 */
#ifndef LECTERN_BASE_MEMORY_H
#define LECTERN_BASE_MEMORY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

void *memory_alloc(size_t size);                               /* not zeroed */
void *memory_zeroed(size_t count, size_t size);                /* checks count * size */
void *memory_resized(void *memory, size_t count, size_t size); /* checks count * size */
char *memory_strdup(const char *text);                         /* NULL gives NULL */
_Noreturn void memory_exhausted(size_t size);

/* NULL: there is no memory for this; what was given to be resized is as it was. */
void *memory_try_alloc(size_t size);
void *memory_try_zeroed(size_t count, size_t size);
void *memory_try_resized(void *memory, size_t count, size_t size);

/* In pieces of 16 KiB, as far as there is memory now; 0 gives it back. */
void memory_keep_reserve(size_t bytes);
/* Tries to make the reserve whole; true: it is not, so new work should be refused. */
bool memory_is_short(void);
/* Gives a piece back to the system, for a library's call that must not fail: make it again.
 * false: nothing is left. */
bool memory_use_reserve(void);
/* How often the reserve was broken into. */
uint64_t memory_shortages(void);

#endif
