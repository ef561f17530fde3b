/*
 * The RSA keys that sign badges, and what of them is published.
 *
 * Files      badge-keys/ID.pem below the data folder, 0600: all that is secret.  ID is the thumbprint of the public half
 *            (RFC 7638), in base64url.
 * Public     every key that ever signed stays in the store and is published, so that old badges go on to verify when the
 *            keys rotate, and when a secret is lost.  Each is a record "badge-key" of the evidence log.
 * Key id     a "kid" is the address of the key's JWK, as Open Badges asks: {public-url}/badges/keys/{ID}.
 * Threads    all of it blocks: never on a loop.  A signer is read-only.
 */
#ifndef LECTERN_CERTIFICATE_BADGE_KEYS_H
#define LECTERN_CERTIFICATE_BADGE_KEYS_H

#include "base/settings.h"
#include "base/text.h"
#include "store/db.h"

#include <jansson.h>

enum { BADGE_KEY_BITS = 3072, BADGE_KEY_ID_SIZE = 44, BADGE_KID_SIZE = 400 };

struct badge_signer;
/* With the key that signs now; makes the first where there is none.  PROBLEM_STORAGE where its file is missing or not its
 * own.  The caller ends it with badge_signer_free(), which accepts NULL.  NULL means *problem is set. */
struct badge_signer *badge_signer_open(
    struct db *db, const struct settings *settings, struct problem *problem);
/* A new key, which signs from now on; also where the old one's file is lost. */
bool badge_key_rotate(struct db *db, const struct settings *settings,
    char ret_id[BADGE_KEY_ID_SIZE], struct problem *problem);
/* Appends header.payload.signature (RFC 7515, RS256), base64url each. */
bool badge_signer_sign(const struct badge_signer *signer, const struct settings *settings,
    const json_t *payload, struct text *jwt, struct problem *problem);
void badge_signer_free(struct badge_signer *signer);

void badge_kid(const struct settings *settings, const char *id, char ret_kid[BADGE_KID_SIZE]);
/* Inside db_read.  {"keys":[{"kty","n","e","alg","use","kid"}...]} (RFC 7517), newest first. */
json_t *badge_key_set_json(
    struct db_connection *connection, const struct settings *settings, struct problem *problem);
/* One of them; PROBLEM_NOT_FOUND. */
json_t *badge_key_json(struct db_connection *connection, const struct settings *settings,
    const char *id, struct problem *problem);
/* [{"id","made_at_ms","retired_at_ms":int|null}...], oldest first. */
json_t *badge_keys_json(struct db_connection *connection, struct problem *problem);

#endif
