/*
 * Media tokens: what a playlist, segment or caption asks for.  "v1.kid.exp.sid.scope.mac",
 * HMAC-SHA256, verified from memory on a loop in some 0.4 microseconds, and again in a tenth of
 * that (verified_tokens.h): no store, no lock that anybody holds for long.
 *
 *   kid    key number, decimal
 *   exp    seconds since 1970, decimal: media_token_seconds from now, and never after the
 *          session's end
 *   sid    session id
 *   scope  "participant~cohort~until", "staff~organizer~until" or "staff~until" (an admin), where
 *          until is the session's end in seconds: renewal asks no store, and may not pass it.  Never
 *          one lecture: tabs and downloads would overwrite it.
 *   mac    base64url of HMAC-SHA256 over all before its dot, compared as text: one spelling only
 *
 * Revocation a deny list of sids, see deny_list.h.  An entry stays for two token lives: one for
 *            tokens that are out, one for a request that looked its session up before the
 *            revocation and signs after it.  At start the list is filled from the sessions revoked
 *            lately.
 * Keys       made at first start, kept in the store (setting "media-token-keys"); the newest
 *            signs, all verify.
 * Threads    safe from any thread after media_tokens_open().
 */
#ifndef LECTERN_ACCESS_MEDIA_TOKEN_H
#define LECTERN_ACCESS_MEDIA_TOKEN_H

#include "access/caller.h"
#include "base/settings.h"
#include "store/db.h"

#define MEDIA_TOKEN_COOKIE "__Host-media"
enum { MEDIA_TOKEN_SIZE = 256, MEDIA_SET_COOKIE_SIZE = 360 };

struct media_claims {
    int64_t expires_at_ms;
    int64_t session_expires_at_ms; /* whole seconds */
    char session_id[UUID_TEXT_SIZE];
    bool staff;                        /* a preview: no delivery is logged to a participant */
    char organizer_id[UUID_TEXT_SIZE]; /* staff: "" for an admin, who may preview every lecture */
    char participant_id[UUID_TEXT_SIZE];
    char cohort_id[UUID_TEXT_SIZE];
};

struct media_tokens;
struct media_tokens *media_tokens_open(
    struct db *db, const struct settings *settings, struct problem *problem);
void media_tokens_free(struct media_tokens *tokens);

/* For a caller from session_find(); anybody else gets "", which does not verify. */
void media_token_sign(struct media_tokens *tokens, const struct caller *caller,
    char ret_token[MEDIA_TOKEN_SIZE], int64_t *ret_expires_at_ms);
/* PROBLEM_MEDIA_TOKEN_INVALID, _EXPIRED, PROBLEM_ACCESS_REVOKED.  Strict: one spelling only.
 * now_ms: server time, such as that of the request. */
bool media_token_verify(struct media_tokens *tokens, const char *token, int64_t now_ms,
    struct media_claims *ret_claims, struct problem *problem);
/* Past half of its life, a new one for the same claims; false when it is not needed or the session
 * ends first.  For claims that media_token_verify() gave just now. */
bool media_token_renew(struct media_tokens *tokens, const struct media_claims *claims,
    int64_t now_ms, char ret_token[MEDIA_TOKEN_SIZE]);
/* From the moment this returns, no token of the session passes.  For a session that is revoked in
 * the store. */
void media_token_deny(struct media_tokens *tokens, const char *session_id);
/* Whether tokens of the session would be refused for that: for what outlives the request that it was asked for.
 * Never blocks. */
bool media_token_is_denied(struct media_tokens *tokens, const char *session_id, int64_t now_ms);
/* "__Host-media=...; Secure; HttpOnly; SameSite=Lax; Path=/; Max-Age=..." */
void media_token_set_cookie(
    const struct media_tokens *tokens, const char *token, char ret_value[MEDIA_SET_COOKIE_SIZE]);

/* Denies the sessions revoked at or after an instant: the caller takes clock_now_ms() before the
 * transaction that revokes, and calls this once it is durable.  Blocks. */
bool media_token_deny_revoked(
    struct media_tokens *tokens, struct db *db, int64_t since_ms, struct problem *problem);

#endif
