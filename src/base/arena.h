/*
 * Memory of one lifetime (a request, a command): given out piece by piece, ended at once.
 *
 * Ownership  arena_init() makes an empty arena; arena_release() ends all that it gave.
 *            Nothing from an arena is ever freed alone.
 * Errors     an arena never returns NULL, but for arena_try_alloc(): small pieces come out of the
 *            reserve (memory.h) where there is no other memory.
 * Threads    one thread at a time.
 */
#ifndef LECTERN_BASE_ARENA_H
#define LECTERN_BASE_ARENA_H

#include <stdarg.h>
#include <stddef.h>

struct arena_block;

struct arena {
    struct arena_block *blocks; /* newest first */
    size_t used_bytes;          /* given out in all, for limits and tests */
};

void arena_init(struct arena *arena);
void arena_release(struct arena *arena);

/* Zeroed, aligned for any type. */
void *arena_alloc(struct arena *arena, size_t size);
/* For sizes that a request chooses: NULL when there is no memory for more than one block. */
enum { ARENA_BLOCK_BYTES = 4096 };
void *arena_try_alloc(struct arena *arena, size_t size);
char *arena_strdup(struct arena *arena, const char *text);
/* Copies exactly length bytes and adds a NUL. */
char *arena_strndup(struct arena *arena, const char *text, size_t length);
char *arena_printf(struct arena *arena, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

#endif
