/*
 * The keys that sign media tokens and offline grants: kept in the store, so that these outlive a
 * restart.  Private to access/.
 *
 * A row of `setting` ("media-token-keys", "offline-grant-keys") is "number:key" pairs with a space between, the newest last; a key is
 * 32 bytes as base64url.  A new one is appended, and an old one taken out once what it signed is over.
 */
#ifndef LECTERN_ACCESS_SIGNING_KEYS_H
#define LECTERN_ACCESS_SIGNING_KEYS_H

#include "base/secure.h"
#include "store/db.h"

enum { SIGNING_KEYS_MAX = 8 };

struct signing_key {
    int64_t number; /* 1 to 999999999 */
    uint8_t bytes[SECRET_BYTES];
};
struct signing_keys {
    size_t count;                              /* 1 at least once read */
    struct signing_key keys[SIGNING_KEYS_MAX]; /* the last signs */
};

/* Strict; false for anything else.  Pure. */
bool signing_keys_parse(const char *text, struct signing_keys *ret_keys);
/* Reads them, and makes the first at the first start.  PROBLEM_STORAGE when the setting is damaged:
 * a new key would end every viewing without a word. */
bool signing_keys_load(
    struct db *db, const char *name, struct signing_keys *ret_keys, struct problem *problem);

#endif
