/*
 * The keys that sign media tokens: kept in the store, so that tokens outlive a restart.  Private to
 * access/.
 *
 * Setting "media-token-keys" is "number:key" pairs with a space between, the newest last; a key is
 * 32 bytes as base64url.  A new one is appended, and an old one taken out once its tokens are over.
 */
#ifndef LECTERN_ACCESS_MEDIA_TOKEN_KEYS_H
#define LECTERN_ACCESS_MEDIA_TOKEN_KEYS_H

#include "base/secure.h"
#include "store/db.h"

enum { MEDIA_TOKEN_KEYS_MAX = 8 };

struct media_token_key {
    int64_t number; /* 1 to 999999999 */
    uint8_t bytes[SECRET_BYTES];
};
struct media_token_keys {
    size_t count;                                      /* 1 at least once read */
    struct media_token_key keys[MEDIA_TOKEN_KEYS_MAX]; /* the last signs */
};

/* Strict; false for anything else.  Pure. */
bool media_token_keys_parse(const char *text, struct media_token_keys *ret_keys);
/* Reads them, and makes the first at the first start.  PROBLEM_STORAGE when the setting is damaged:
 * a new key would end every viewing without a word. */
bool media_token_keys_load(
    struct db *db, struct media_token_keys *ret_keys, struct problem *problem);

#endif
