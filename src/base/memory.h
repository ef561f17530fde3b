/*
 * malloc and its kin for a program whose sizes are bounded by settings: running out ends the
 * process with a message, and systemd starts it again on a store that lost nothing.
 * Memory from here is ended with free().  For sizes that a stranger chooses, check the limit first.
 */
#ifndef LECTERN_BASE_MEMORY_H
#define LECTERN_BASE_MEMORY_H

#include <stddef.h>

void *memory_alloc(size_t size);                               /* not zeroed */
void *memory_zeroed(size_t count, size_t size);                /* checks count * size */
void *memory_resized(void *memory, size_t count, size_t size); /* checks count * size */
char *memory_strdup(const char *text);                         /* NULL gives NULL */
_Noreturn void memory_exhausted(size_t size);

#endif
