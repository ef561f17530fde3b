#include "base/memory.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Below malloc's threshold for mmap(): a piece that is given back serves many small needs. */
enum { PIECE_BYTES = 16 * 1024 };

struct piece {
    struct piece *next;
    char rest[PIECE_BYTES - sizeof(struct piece *)];
};

static struct {
    pthread_mutex_t lock;
    struct piece *first;
    size_t kept, wanted;
    atomic_bool broken; /* kept < wanted; read without the lock */
    atomic_uint_fast64_t shortages;
} reserve = { .lock = PTHREAD_MUTEX_INITIALIZER };

/* Both under the lock. */
static bool drop_piece(void)
{
    struct piece *piece = reserve.first;
    if (!piece)
        return false;
    reserve.first = piece->next;
    reserve.kept--;
    free(piece);
    return true;
}

static void fill(void)
{
    while (reserve.kept < reserve.wanted) {
        struct piece *piece = malloc(sizeof *piece);
        if (!piece)
            break;
        piece->next = reserve.first;
        reserve.first = piece;
        reserve.kept++;
    }
    atomic_store(&reserve.broken, reserve.kept < reserve.wanted);
}

void memory_keep_reserve(size_t bytes)
{
    (void)pthread_mutex_lock(&reserve.lock);
    reserve.wanted = bytes / PIECE_BYTES;
    while (reserve.kept > reserve.wanted)
        (void)drop_piece();
    fill();
    (void)pthread_mutex_unlock(&reserve.lock);
}

bool memory_is_short(void)
{
    if (!atomic_load_explicit(&reserve.broken, memory_order_relaxed))
        return false;
    (void)pthread_mutex_lock(&reserve.lock);
    fill();
    bool is_short = reserve.kept < reserve.wanted;
    (void)pthread_mutex_unlock(&reserve.lock);
    return is_short;
}

bool memory_use_reserve(void)
{
    (void)pthread_mutex_lock(&reserve.lock);
    bool dropped = drop_piece();
    if (dropped && !atomic_exchange(&reserve.broken, true))
        atomic_fetch_add(&reserve.shortages, 1);
    (void)pthread_mutex_unlock(&reserve.lock);
    return dropped;
}

uint64_t memory_shortages(void)
{
    return atomic_load(&reserve.shortages);
}

void memory_exhausted(size_t size)
{
    (void)fprintf(stderr,
        "lectern: out of memory: %zu bytes were asked for and nothing is left in reserve\n", size);
    abort();
}

void *memory_try_alloc(size_t size)
{
    return malloc(size > 0 ? size : 1);
}

void *memory_try_zeroed(size_t count, size_t size)
{
    return calloc(count > 0 ? count : 1, size > 0 ? size : 1);
}

void *memory_try_resized(void *memory, size_t count, size_t size)
{
    return reallocarray(memory, count > 0 ? count : 1, size > 0 ? size : 1);
}

void *memory_alloc(size_t size)
{
    void *memory;
    while (!(memory = memory_try_alloc(size)))
        if (!memory_use_reserve())
            memory_exhausted(size);
    return memory;
}

void *memory_zeroed(size_t count, size_t size)
{
    void *memory;
    while (!(memory = memory_try_zeroed(count, size)))
        if (!memory_use_reserve())
            memory_exhausted(count * size);
    return memory;
}

void *memory_resized(void *memory, size_t count, size_t size)
{
    void *resized;
    while (!(resized = memory_try_resized(memory, count, size)))
        if (!memory_use_reserve())
            memory_exhausted(count * size);
    return resized;
}

char *memory_strdup(const char *text)
{
    if (!text)
        return NULL;
    size_t size = strlen(text) + 1;
    return memcpy(memory_alloc(size), text, size);
}
