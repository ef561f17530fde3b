#include "base/arena.h"

#include "base/memory.h"

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct arena_block {
    struct arena_block *next;
    size_t used;
    size_t size;
    max_align_t bytes[];
};

void arena_init(struct arena *arena)
{
    arena->blocks = NULL;
    arena->used_bytes = 0;
}

void arena_release(struct arena *arena)
{
    while (arena->blocks) {
        struct arena_block *next = arena->blocks->next;
        free(arena->blocks);
        arena->blocks = next;
    }
    arena->used_bytes = 0;
}

static bool add_block(struct arena *arena, size_t least, void *(*allocate)(size_t size))
{
    /* Most requests fit one block, so most requests cost one malloc. */
    size_t size = least > ARENA_BLOCK_BYTES ? least : ARENA_BLOCK_BYTES;
    struct arena_block *block = allocate(sizeof *block + size);
    if (!block)
        return false;
    block->used = 0;
    block->size = size;
    block->next = arena->blocks;
    arena->blocks = block;
    return true;
}

static void *take_piece(struct arena *arena, size_t size, void *(*allocate)(size_t size))
{
    const size_t align = sizeof(max_align_t);
    size_t rounded = (size + align - 1) / align * align;
    if ((!arena->blocks || arena->blocks->size - arena->blocks->used < rounded)
        && !add_block(arena, rounded, allocate))
        return NULL;
    struct arena_block *block = arena->blocks;
    void *piece = (char *)block->bytes + block->used;
    block->used += rounded;
    arena->used_bytes += rounded;
    return memset(piece, 0, size);
}

void *arena_alloc(struct arena *arena, size_t size)
{
    if (size > SIZE_MAX / 2)
        memory_exhausted(size);
    return take_piece(arena, size, memory_alloc);
}

void *arena_try_alloc(struct arena *arena, size_t size)
{
    if (size > SIZE_MAX / 2)
        return NULL;
    return take_piece(arena, size, size > ARENA_BLOCK_BYTES ? memory_try_alloc : memory_alloc);
}

char *arena_strndup(struct arena *arena, const char *text, size_t length)
{
    char *copy = arena_alloc(arena, length + 1);
    if (length > 0)
        memcpy(copy, text, length);
    return copy;
}

char *arena_strdup(struct arena *arena, const char *text)
{
    return arena_strndup(arena, text, strlen(text));
}

char *arena_printf(struct arena *arena, const char *format, ...)
{
    va_list arguments, again;
    va_start(arguments, format);
    va_copy(again, arguments);
    int length = vsnprintf(NULL, 0, format, arguments);
    va_end(arguments);
    size_t size = length < 0 ? 1 : (size_t)length + 1;
    char *text = arena_alloc(arena, size);
    (void)vsnprintf(text, size, format, again);
    va_end(again);
    return text;
}
