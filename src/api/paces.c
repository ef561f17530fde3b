#include "api/paces.h"

#include "base/memory.h"
#include "base/secure.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { WAYS = 8, SETS = PACES_MAX / WAYS };

struct entry {
    char participant_id[UUID_TEXT_SIZE];
    struct pace *pace; /* NULL: free */
    uint64_t used;     /* when it was last asked for, in questions */
};

struct paces {
    int64_t bytes_per_second;
    pthread_mutex_t lock; /* guards what follows */
    uint64_t questions;
    struct entry entries[SETS][WAYS];
};

struct paces *paces_create(int64_t bytes_per_second)
{
    if (bytes_per_second == 0)
        return NULL;
    struct paces *paces = memory_zeroed(1, sizeof *paces);
    paces->bytes_per_second = bytes_per_second;
    (void)pthread_mutex_init(&paces->lock, NULL);
    return paces;
}

void paces_free(struct paces *paces)
{
    if (!paces)
        return;
    for (size_t i = 0; i < SETS; i++)
        for (size_t j = 0; j < WAYS; j++)
            pace_release(paces->entries[i][j].pace);
    (void)pthread_mutex_destroy(&paces->lock);
    free(paces);
}

/* Ids are made here, and random in their last half. */
static struct entry *set_of(struct paces *paces, const char *participant_id)
{
    uint64_t hash = UINT64_C(14695981039346656037);
    for (const char *at = participant_id; *at; at++)
        hash = (hash ^ (unsigned char)*at) * UINT64_C(1099511628211);
    return paces->entries[(hash ^ hash >> 32) % SETS];
}

/* The participant's entry; else the one that may be given to them; NULL: all are at work. */
static struct entry *choose(struct entry *set, const char *participant_id)
{
    struct entry *chosen = NULL;
    for (size_t i = 0; i < WAYS; i++) {
        struct entry *entry = &set[i];
        if (entry->pace && strcmp(entry->participant_id, participant_id) == 0)
            return entry;
        if (entry->pace && !pace_is_spare(entry->pace))
            continue;
        if (!chosen || entry->used < chosen->used)
            chosen = entry;
    }
    return chosen;
}

struct pace *paces_find(struct paces *paces, const char *participant_id)
{
    struct pace *pace;
    (void)pthread_mutex_lock(&paces->lock);
    struct entry *entry = choose(set_of(paces, participant_id), participant_id);
    if (!entry) {
        pace = pace_create(paces->bytes_per_second);
    } else {
        if (!entry->pace || strcmp(entry->participant_id, participant_id) != 0) {
            pace_release(entry->pace);
            entry->pace = pace_create(paces->bytes_per_second);
            (void)snprintf(
                entry->participant_id, sizeof entry->participant_id, "%s", participant_id);
        }
        entry->used = ++paces->questions;
        pace = pace_hold(entry->pace);
    }
    (void)pthread_mutex_unlock(&paces->lock);
    return pace;
}
