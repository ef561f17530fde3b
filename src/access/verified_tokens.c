#include "access/verified_tokens.h"

#include "base/memory.h"

#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

struct place {
    atomic_bool taken; /* by the thread that is at it */
    size_t length;     /* 0: empty */
    char token[MEDIA_TOKEN_SIZE];
    struct media_claims claims;
};

struct verified_tokens {
    struct place places[VERIFIED_TOKENS_MAX];
};

struct verified_tokens *verified_tokens_create(void)
{
    return memory_zeroed(1, sizeof(struct verified_tokens));
}

void verified_tokens_free(struct verified_tokens *verified)
{
    if (!verified)
        return;
    for (size_t i = 0; i < VERIFIED_TOKENS_MAX; i++)
        if (verified->places[i].length > 0)
            secure_wipe(&verified->places[i], sizeof verified->places[i]);
    free(verified);
}

/* NULL: another thread is there. */
static struct place *take_place(struct verified_tokens *verified, const char *token, size_t length)
{
    const uint64_t odd = UINT64_C(0x9e3779b97f4a7c15); /* spreads six bits a byte over all */
    uint64_t end;
    memcpy(&end, token + length - sizeof end, sizeof end);
    struct place *place = &verified->places[(end * odd >> 32) % VERIFIED_TOKENS_MAX];
    return atomic_exchange_explicit(&place->taken, true, memory_order_acquire) ? NULL : place;
}

static void leave_place(struct place *place)
{
    atomic_store_explicit(&place->taken, false, memory_order_release);
}

/* In constant time, as the MAC is a secret, and by words: secure_equal() goes by bytes, which alone
 * would take as long as all the rest of a look-up. */
static bool is_same(const char *left, const char *right, size_t length)
{
    uint64_t difference = 0, left_word, right_word;
    const size_t last = length - sizeof left_word;
    for (size_t at = 0; at < length; at += sizeof left_word) {
        size_t start = at < last ? at : last;
        memcpy(&left_word, left + start, sizeof left_word);
        memcpy(&right_word, right + start, sizeof right_word);
        difference |= left_word ^ right_word;
    }
    return difference == 0;
}

bool verified_tokens_find(struct verified_tokens *verified, const char *token, size_t length,
    struct media_claims *ret_claims)
{
    struct place *place = take_place(verified, token, length);
    if (!place)
        return false;
    bool found = place->length == length && is_same(place->token, token, length);
    if (found)
        *ret_claims = place->claims;
    leave_place(place);
    return found;
}

void verified_tokens_add(struct verified_tokens *verified, const char *token, size_t length,
    const struct media_claims *claims)
{
    struct place *place = take_place(verified, token, length);
    if (!place)
        return;
    place->length = length;
    memcpy(place->token, token, length);
    place->claims = *claims;
    leave_place(place);
}
