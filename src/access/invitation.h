/*
 * Invitations: the personal link of a participant.  32 random bytes as base64url in the URL's
 * fragment; only their SHA-256 is stored.  Since the secret is shown once, sending a link again
 * means issuing a new one: that revokes the old ones, and revoking ends the sessions that came from
 * them.
 *
 * All functions run inside db_write.  A person's email, when there is one, plays no part: whoever
 * holds the link is the participant.
 */
#ifndef LECTERN_ACCESS_INVITATION_H
#define LECTERN_ACCESS_INVITATION_H

#include "access/caller.h"
#include "base/settings.h"
#include "store/db.h"

/* Writes the secret: the link is public_url + "/j#" + secret.  It lives for invitation_days, and
 * not longer than the cohort is open (session_latest_end_ms).  PROBLEM_NOT_FOUND; PROBLEM_CONFLICT
 * when the cohort is over.  The caller then calls media_token_deny_revoked(). */
bool invitation_issue(struct db_connection *connection, const struct settings *settings,
    const char *participant_id, char ret_secret[SECRET_TEXT_SIZE], int64_t *ret_expires_at_ms,
    struct problem *problem);
/* Revokes every invitation and session of the participant; a participant without any is fine.  The
 * caller then calls media_token_deny_revoked(), so that their media tokens end too. */
bool invitation_revoke(
    struct db_connection *connection, const char *participant_id, struct problem *problem);
/* The POST of the link's page: a new session, as often as the link is opened.
 * PROBLEM_INVITATION_UNKNOWN, also for what is no secret at all; _EXPIRED, also when the cohort is
 * over; _REVOKED. */
bool invitation_activate(struct db_connection *connection, const struct settings *settings,
    const char *secret, char ret_session_secret[SECRET_TEXT_SIZE], struct caller *ret_caller,
    struct problem *problem);

#endif
