#include "viewing/evidence_chains.h"

#include "base/memory.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* FNV-1a, 64 bits. */
static size_t hash_of(const char *text)
{
    uint64_t hash = UINT64_C(14695981039346656037);
    for (; *text; text++)
        hash = (hash ^ (unsigned char)*text) * UINT64_C(1099511628211);
    return (size_t)(hash ^ hash >> 32);
}

static struct evidence_chain *place_of(struct evidence_chains *chains, const char *subject_id)
{
    size_t mask = chains->capacity - 1, at = hash_of(subject_id) & mask;
    while (chains->items[at].used && strcmp(chains->items[at].subject_id, subject_id) != 0)
        at = (at + 1) & mask;
    return &chains->items[at];
}

static void grow(struct evidence_chains *chains)
{
    struct evidence_chains larger = { .capacity = chains->capacity ? chains->capacity * 2 : 256 };
    larger.items = memory_zeroed(larger.capacity, sizeof *larger.items);
    larger.count = chains->count;
    for (size_t i = 0; i < chains->capacity; i++)
        if (chains->items[i].used)
            *place_of(&larger, chains->items[i].subject_id) = chains->items[i];
    free(chains->items);
    *chains = larger;
}

struct evidence_chain *evidence_chains_of(struct evidence_chains *chains, const char *subject_id)
{
    if (chains->count * 2 >= chains->capacity)
        grow(chains);
    struct evidence_chain *chain = place_of(chains, subject_id);
    if (!chain->used) {
        *chain = (struct evidence_chain){ .used = true, .last_seq = -1 };
        (void)snprintf(chain->subject_id, sizeof chain->subject_id, "%s", subject_id);
        chains->count++;
    }
    return chain;
}

void evidence_chains_release(struct evidence_chains *chains)
{
    free(chains->items);
    *chains = (struct evidence_chains){ 0 };
}
