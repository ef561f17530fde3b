/*
 * Offline grants: this server's word that a person began a play session at a moment of its own time.  A
 * player that loses its line keeps the grant with what it played, and brings both back together; the
 * device's clock proves nothing, this does.  "g1.kid.at.play.participant.lecture.version.mac":
 *
 *   kid          key number, decimal
 *   at           milliseconds since 1970, decimal
 *   play, participant, lecture    their ids
 *   version      of the lecture, decimal
 *   mac          base64url of HMAC-SHA256 over all before its dot: one spelling only
 *
 * A grant opens nothing and is no secret to its owner; the session says who asks.
 *
 * Keys       setting "offline-grant-keys" in the store (signing_keys.h): the newest signs, all verify.
 * Threads    safe from any thread after offline_grants_open().
 */
#ifndef LECTERN_ACCESS_OFFLINE_GRANT_H
#define LECTERN_ACCESS_OFFLINE_GRANT_H

#include "base/secure.h"
#include "store/db.h"

enum { OFFLINE_GRANT_SIZE = 224 };

struct offline_grant {
    int64_t at_ms;
    char play_session_id[UUID_TEXT_SIZE];
    char participant_id[UUID_TEXT_SIZE];
    char lecture_id[UUID_TEXT_SIZE];
    int64_t version;
};

struct offline_grants;
struct offline_grants *offline_grants_open(struct db *db, struct problem *problem);
/* Accepts NULL. */
void offline_grants_free(struct offline_grants *grants);

void offline_grant_sign(const struct offline_grants *grants, const struct offline_grant *grant,
    char ret_text[OFFLINE_GRANT_SIZE]);
/* Strict; false for anything that was not signed here. */
bool offline_grant_read(
    const struct offline_grants *grants, const char *text, struct offline_grant *ret_grant);

#endif
