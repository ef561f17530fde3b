#include "access/deny_list.h"

#include "base/memory.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct entry {
    int64_t until_ms;
    char session_id[UUID_TEXT_SIZE]; /* "": free */
};

/* Open addressing, at most half full; entries are not removed one by one but by a rebuild. */
struct deny_list {
    atomic_size_t count;
    pthread_rwlock_t lock; /* guards what follows */
    size_t capacity;       /* a power of two */
    struct entry *entries;
};

enum { CAPACITY_LEAST = 64 };

static uint64_t hash(const char *session_id)
{
    uint64_t hash = UINT64_C(14695981039346656037); /* FNV-1a: session ids are ours and random */
    for (; *session_id; session_id++)
        hash = (hash ^ (unsigned char)*session_id) * UINT64_C(1099511628211);
    return hash ^ hash >> 32;
}

/* The session's entry, or the free one where it would be. */
static struct entry *find(const struct deny_list *list, const char *session_id)
{
    size_t at = (size_t)hash(session_id) & (list->capacity - 1);
    while (list->entries[at].session_id[0] != '\0'
           && strcmp(list->entries[at].session_id, session_id) != 0)
        at = (at + 1) & (list->capacity - 1);
    return &list->entries[at];
}

static size_t count_living(const struct deny_list *list, int64_t now_ms)
{
    size_t living = 0;
    for (size_t i = 0; i < list->capacity; i++)
        living += list->entries[i].session_id[0] != '\0' && list->entries[i].until_ms > now_ms;
    return living;
}

/* Drops what is over, and makes room for as much again as is left. */
static void rebuild(struct deny_list *list, int64_t now_ms)
{
    struct entry *old = list->entries;
    size_t old_capacity = list->capacity, living = count_living(list, now_ms);
    list->capacity = CAPACITY_LEAST;
    while (list->capacity < 4 * (living + 1))
        list->capacity *= 2;
    list->entries = memory_zeroed(list->capacity, sizeof *list->entries);
    for (size_t i = 0; i < old_capacity; i++)
        if (old[i].session_id[0] != '\0' && old[i].until_ms > now_ms)
            *find(list, old[i].session_id) = old[i];
    atomic_store(&list->count, living);
    free(old);
}

struct deny_list *deny_list_create(void)
{
    struct deny_list *list = memory_zeroed(1, sizeof *list);
    pthread_rwlockattr_t attributes;
    (void)pthread_rwlockattr_init(&attributes);
    (void)pthread_rwlockattr_setkind_np(&attributes, PTHREAD_RWLOCK_PREFER_WRITER_NONRECURSIVE_NP);
    (void)pthread_rwlock_init(&list->lock, &attributes);
    (void)pthread_rwlockattr_destroy(&attributes);
    list->capacity = CAPACITY_LEAST;
    list->entries = memory_zeroed(list->capacity, sizeof *list->entries);
    return list;
}

void deny_list_free(struct deny_list *list)
{
    if (!list)
        return;
    (void)pthread_rwlock_destroy(&list->lock);
    free(list->entries);
    free(list);
}

/* With the write lock. */
static bool add(struct deny_list *list, const char *session_id, int64_t now_ms, int64_t until_ms)
{
    struct entry *entry = find(list, session_id);
    if (entry->session_id[0] != '\0') {
        if (entry->until_ms < until_ms)
            entry->until_ms = until_ms;
        return true;
    }
    size_t count = atomic_load(&list->count);
    bool full = count == DENY_LIST_MAX && count_living(list, now_ms) == DENY_LIST_MAX;
    if (!full && (2 * (count + 1) > list->capacity || count == DENY_LIST_MAX)) {
        rebuild(list, now_ms);
        count = atomic_load(&list->count);
        entry = find(list, session_id);
    }
    if (full)
        return false;
    entry->until_ms = until_ms;
    (void)snprintf(entry->session_id, sizeof entry->session_id, "%s", session_id);
    /* Last: a reader that sees the count goes on to the lock, and finds the entry. */
    atomic_store(&list->count, count + 1);
    return true;
}

bool deny_add(struct deny_list *list, const char *session_id, int64_t now_ms, int64_t until_ms)
{
    (void)pthread_rwlock_wrlock(&list->lock);
    bool added = add(list, session_id, now_ms, until_ms);
    (void)pthread_rwlock_unlock(&list->lock);
    return added;
}

bool deny_contains(struct deny_list *list, const char *session_id, int64_t now_ms)
{
    if (atomic_load(&list->count) == 0)
        return false;
    (void)pthread_rwlock_rdlock(&list->lock);
    const struct entry *entry = find(list, session_id);
    bool denied = entry->session_id[0] != '\0' && entry->until_ms > now_ms;
    (void)pthread_rwlock_unlock(&list->lock);
    return denied;
}
