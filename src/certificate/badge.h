/*
 * The same certificate as an Open Badge, for programs: 1EdTech Open Badges 3.0, a verifiable credential (W3C, version 2.0)
 * signed as a VC-JWT with RS256, alone or baked into a picture.
 *
 *   credential   an OpenBadgeCredential of the achievement of having completed the program; its id, and the JWT's "jti", is
 *                the address of the page that says whether it is valid
 *   issuer       {public-url}/badges/issuer, a Profile; keys: badge_keys.h
 *   status       {public-url}/badges/revocations, a 1EdTechRevocationList: whatever was revoked stands there
 *   picture      a PNG with one chunk iTXt before its pixels, keyword "openbadgecredential", not compressed: the JWT
 *
 * Threads    safe from any thread; blocks, so never on a loop.
 */
#ifndef LECTERN_CERTIFICATE_BADGE_H
#define LECTERN_CERTIFICATE_BADGE_H

#include "certificate/badge_keys.h"
#include "certificate/certificate.h"

enum { BADGE_JWT_BYTES_MAX = 32 << 10, BADGE_PICTURE_BYTES_MAX = 2 << 20 };

/* The credential, with the JWT's claims beside it; for the caller to end. */
json_t *badge_payload(const struct certificate *certificate, const struct settings *settings);
/* Appends the JWT. */
bool badge_jwt(struct db *db, const struct settings *settings,
    const struct certificate *certificate, struct text *jwt, struct problem *problem);
/* Appends the picture with the JWT baked in. */
bool badge_picture(const struct certificate *certificate, const char *jwt, struct text *png,
    struct problem *problem);

/* The issuer's Profile. */
json_t *badge_issuer_json(const struct settings *settings);
/* Inside db_read.  Of everything that was revoked, by the addresses that are the credentials' ids. */
json_t *badge_revocations_json(
    struct db_connection *connection, const struct settings *settings, struct problem *problem);

/* Puts text into a PNG (ISO/IEC 15948), after its first chunk.  False: `png` is none.  Pure. */
bool badge_bake(
    const void *png, size_t count, const char *keyword, const char *content, struct text *baked);

#endif
