#include "access/verified_tokens.h"

#include "base/memory.h"

#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

enum { WAYS = 2, SET_BITS = 13, SETS = 1 << SET_BITS, LINE_BYTES = 64 };
_Static_assert(SETS *WAYS == VERIFIED_TOKENS_MAX, "every place is in a set");

struct place {
    atomic_bool taken; /* by the thread that is at it */
    uint8_t length;    /* 0: empty */
    struct token_parts parts;
    char token[224]; /* room for any that is signed here */
};

_Static_assert(sizeof(struct place) == 4 * LINE_BYTES, "a place is whole lines");

/* Marks lie apart from the places, close together: a token that was never seen is known from them
 * alone, while its place, which is seldom in a cache, is still on its way.
 * A mark is an age above 32 bits of the MAC: the newest in a set has the highest, empty is 0. */
struct verified_tokens {
    _Atomic uint64_t marks[SETS][WAYS];
    struct place places[SETS][WAYS];
};

struct verified_tokens *verified_tokens_create(void)
{
    return memory_zeroed(1, sizeof(struct verified_tokens));
}

void verified_tokens_free(struct verified_tokens *verified)
{
    if (!verified)
        return;
    for (size_t set = 0; set < SETS; set++)
        for (size_t way = 0; way < WAYS; way++)
            if (verified->places[set][way].length > 0)
                secure_wipe(&verified->places[set][way], sizeof(struct place));
    free(verified);
}

static uint64_t hash_mac(const char *token, size_t length)
{
    const uint64_t odd = UINT64_C(0x9e3779b97f4a7c15); /* spreads six bits a byte over all */
    uint64_t end;
    memcpy(&end, token + length - sizeof end, sizeof end);
    return end * odd;
}

static size_t set_of(uint64_t hash)
{
    return (size_t)(hash >> (64 - SET_BITS));
}

static uint32_t mark_of(uint64_t hash)
{
    return (uint32_t)(hash >> (32 - SET_BITS));
}

static uint64_t mark_at(struct verified_tokens *verified, size_t set, size_t way)
{
    return atomic_load_explicit(&verified->marks[set][way], memory_order_relaxed);
}

static size_t older_way(struct verified_tokens *verified, size_t set)
{
    return mark_at(verified, set, 0) <= mark_at(verified, set, 1) ? 0 : 1;
}

/* false: another thread is there. */
static bool take_place(struct place *place)
{
    return !atomic_exchange_explicit(&place->taken, true, memory_order_acquire);
}

static void leave_place(struct place *place)
{
    atomic_store_explicit(&place->taken, false, memory_order_release);
}

/* Brings all of a place nearer at once. */
static void fetch(const struct place *place)
{
    for (size_t at = 0; at < sizeof *place; at += LINE_BYTES)
        __builtin_prefetch((const char *)place + at, 1);
}

static bool look(
    struct place *place, const char *token, size_t length, struct token_parts *ret_parts)
{
    fetch(place);
    if (!take_place(place))
        return false;
    bool found = place->length == length && secure_equal(place->token, token, length);
    if (found)
        *ret_parts = place->parts;
    leave_place(place);
    return found;
}

bool verified_tokens_find(struct verified_tokens *verified, const char *token, size_t length,
    struct token_parts *ret_parts)
{
    uint64_t hash = hash_mac(token, length);
    size_t set = set_of(hash);
    for (size_t way = 0; way < WAYS; way++)
        if ((uint32_t)mark_at(verified, set, way) == mark_of(hash)
            && look(&verified->places[set][way], token, length, ret_parts))
            return true;
    /* It will be verified and added: the place is here by then. */
    fetch(&verified->places[set][older_way(verified, set)]);
    return false;
}

void verified_tokens_add(struct verified_tokens *verified, const char *token, size_t length,
    const struct token_parts *parts)
{
    uint64_t hash = hash_mac(token, length);
    size_t set = set_of(hash), way = older_way(verified, set);
    struct place *place = &verified->places[set][way];
    if (length > sizeof place->token || !take_place(place))
        return;
    place->length = (uint8_t)length;
    place->parts = *parts;
    memcpy(place->token, token, length);
    uint64_t newest = mark_at(verified, set, 1 - way) >> 32;
    atomic_store_explicit(
        &verified->marks[set][way], (newest + 1) << 32 | mark_of(hash), memory_order_relaxed);
    leave_place(place);
}
