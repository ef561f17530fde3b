/*
 * Media tokens whose MAC was found right, so that the next segment of the same viewer costs a
 * comparison in the place of an HMAC.  Private to access/.
 *
 * Holds    what a token says, and no verdict: whether it has expired or is denied is asked at each
 *          use.
 * Places   VERIFIED_TOKENS_MAX, in sets; a token's set follows from the end of its MAC, which nobody
 *          can choose.  In a full set the older one makes room.
 * Secrets  a MAC is compared in constant time, as when it is computed.
 * Threads  safe from any thread, and none waits: a place that another thread is at just now counts
 *          as empty.
 */
#ifndef LECTERN_ACCESS_VERIFIED_TOKENS_H
#define LECTERN_ACCESS_VERIFIED_TOKENS_H

#include "access/media_token.h"

enum { VERIFIED_TOKENS_MAX = 16384 }; /* a power of two; 4 MiB once all are in use */

/* What a token says; where it names somebody, the name's place in it, and 0 where it names nobody. */
struct token_parts {
    int64_t expires_at_s;
    int64_t session_expires_at_s;
    bool staff;
    uint8_t session_at, organizer_at, participant_at, cohort_at;
};

struct verified_tokens;

struct verified_tokens *verified_tokens_create(void);
void verified_tokens_free(struct verified_tokens *verified); /* wipes; accepts NULL */
/* length: of the token, below MEDIA_TOKEN_SIZE and above that of a MAC. */
bool verified_tokens_find(struct verified_tokens *verified, const char *token, size_t length,
    struct token_parts *ret_parts);
void verified_tokens_add(struct verified_tokens *verified, const char *token, size_t length,
    const struct token_parts *parts);

#endif
