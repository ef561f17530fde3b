/*
 * Invitations: the personal link of a participant.  32 random bytes as base64url in the URL's fragment; only their
 * SHA-256 is stored.  Issuing a new one revokes the old ones; revoking ends the sessions that came from them.
 * All functions run inside db_write.
 */
#ifndef LECTERN_ACCESS_INVITATION_H
#define LECTERN_ACCESS_INVITATION_H

#include "access/caller.h"
#include "base/settings.h"
#include "store/db.h"

/* Writes the secret, which is shown once: the link is public_url + "/j#" + secret. */
bool invitation_issue(struct db_connection *connection, const struct settings *settings, const char *participant_id,
    char ret_secret[SECRET_TEXT_SIZE], struct problem *problem);
/* Revokes every invitation and session of the participant.  The caller then calls media_token_deny_revoked(), so that their
 * media tokens end too. */
bool invitation_revoke(struct db_connection *connection, const char *participant_id, struct problem *problem);
/* The POST of the link's page: a new session.  PROBLEM_INVITATION_UNKNOWN, _EXPIRED, _REVOKED. */
bool invitation_activate(struct db_connection *connection, const struct settings *settings, const char *secret,
    char ret_session_secret[SECRET_TEXT_SIZE], struct caller *ret_caller, struct problem *problem);

#endif
