/*
 * Secrets that a person holds (invitations, session cookies) and the digest that the store holds:
 * SHA-256 of the 32 bytes behind the text.  Nothing slower is needed, as 256 random bits cannot be
 * guessed; and whoever reads the store has no secret.  Private to access/.
 */
#ifndef LECTERN_ACCESS_SECRET_DIGEST_H
#define LECTERN_ACCESS_SECRET_DIGEST_H

#include "base/secure.h"

/* False when the text is not the one spelling of 32 bytes. */
bool secret_digest(const char *secret, uint8_t ret_digest[SHA256_BYTES]);
/* A new secret and its digest. */
void secret_make(char ret_secret[SECRET_TEXT_SIZE], uint8_t ret_digest[SHA256_BYTES]);

#endif
