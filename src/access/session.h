/*
 * Sessions: an opaque 256-bit cookie "__Host-sid"; the store holds its SHA-256.  A sign-in always
 * makes a new one, so that nobody can prepare one for another (fixation).
 */
#ifndef LECTERN_ACCESS_SESSION_H
#define LECTERN_ACCESS_SESSION_H

#include "access/caller.h"
#include "base/settings.h"
#include "store/db.h"

#define SESSION_COOKIE "__Host-sid"

/* When a participant's access ends at the latest: cohort_grace_days after the cohort closes. */
int64_t session_latest_end_ms(const struct settings *settings, int64_t cohort_closes_at_ms);
/* Inside db_write.  Exactly one of participant_id and staff_id; invitation_id may be NULL.
 * expires_at_ms is the caller's to compute. */
bool session_create(struct db_connection *connection, const char *participant_id,
    const char *staff_id, const char *invitation_id, int64_t expires_at_ms,
    char ret_secret[SECRET_TEXT_SIZE], char ret_session_id[UUID_TEXT_SIZE],
    struct problem *problem);
/* Inside db_read or db_write.  PROBLEM_SIGN_IN_NEEDED for an unknown secret, PROBLEM_ACCESS_REVOKED
 * when the session was revoked or its staff account disabled, PROBLEM_SESSION_EXPIRED. */
bool session_find(struct db_connection *connection, const char *secret, struct caller *ret_caller,
    struct problem *problem);
/* Inside db_write.  One that is revoked already stays so.  The caller then calls
 * media_token_deny_revoked(). */
bool session_revoke(
    struct db_connection *connection, const char *session_id, struct problem *problem);
/* Inside db_write.  Of exactly one person; for invitations and staff accounts.  As session_revoke()
 * otherwise. */
bool session_revoke_all(struct db_connection *connection, const char *participant_id,
    const char *staff_id, struct problem *problem);
/* "__Host-sid=...; Secure; HttpOnly; SameSite=Lax; Path=/; Max-Age=..."; an empty secret deletes
 * it. */
enum { SESSION_SET_COOKIE_SIZE = 160 };
void session_set_cookie(
    const char *secret, int64_t expires_at_ms, char ret_value[SESSION_SET_COOKIE_SIZE]);

#endif
