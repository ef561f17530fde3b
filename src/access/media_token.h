/*
 * Media tokens: what a playlist, segment or caption asks for.  "v1.kid.exp.sid.scope.mac", HMAC-SHA256, verified from memory
 * on a loop: no store, no lock that anybody holds for long.
 *
 *   kid    key number      exp    seconds since 1970, decimal      sid    session id
 *   scope  participant id and cohort id, or "staff"; never one lecture (tabs and downloads would overwrite it)
 *
 * Revocation a deny list of sids, kept for one token life after the revocation: no older token lives longer, and none is
 *            renewed for a denied sid.  At start it is filled from the sessions revoked lately.
 * Keys       made at first start, kept in the store (setting "media-token-keys"); the newest signs, all verify.
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
    char session_id[UUID_TEXT_SIZE];
    bool staff;                          /* a preview: every lecture, and no delivery is logged to a participant */
    char participant_id[UUID_TEXT_SIZE];
    char cohort_id[UUID_TEXT_SIZE];
};

struct media_tokens;
struct media_tokens *media_tokens_open(struct db *db, const struct settings *settings, struct problem *problem);
void media_tokens_free(struct media_tokens *tokens);

void media_token_sign(struct media_tokens *tokens, const struct caller *caller, char ret_token[MEDIA_TOKEN_SIZE],
    int64_t *ret_expires_at_ms);
/* PROBLEM_MEDIA_TOKEN_INVALID, _EXPIRED, PROBLEM_ACCESS_REVOKED.  Strict: one spelling only. */
bool media_token_verify(struct media_tokens *tokens, const char *token, struct media_claims *ret_claims,
    struct problem *problem);
/* Past half of its life, a new one for the same claims; false when not needed. */
bool media_token_renew(struct media_tokens *tokens, const struct media_claims *claims,
    char ret_token[MEDIA_TOKEN_SIZE]);
/* From the moment this returns, no token of the session passes. */
void media_token_deny(struct media_tokens *tokens, const char *session_id);
void media_token_set_cookie(const struct media_tokens *tokens, const char *token, char ret_value[MEDIA_SET_COOKIE_SIZE]);

/* The sessions revoked since an instant, for the caller to deny after its transaction is durable. */
bool media_token_deny_revoked(struct media_tokens *tokens, struct db *db, int64_t since_ms, struct problem *problem);

#endif
