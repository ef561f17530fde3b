#include "access/media_token.h"

#include "access/deny_list.h"
#include "access/signing_keys.h"
#include "access/verified_tokens.h"
#include "base/clock.h"
#include "base/memory.h"
#include "base/text.h"

#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const int64_t seconds_most = 99999999999; /* year 5138 */

struct media_tokens {
    struct signing_keys keys;
    int64_t life_s;
    struct deny_list *denied;
    struct verified_tokens *verified;
    /* When the deny list overflows: tokens that expire no later than this are taken for expired. */
    _Atomic int64_t distrusted_until_s;
};

struct media_tokens *media_tokens_open(
    struct db *db, const struct settings *settings, struct problem *problem)
{
    struct media_tokens *tokens = memory_zeroed(1, sizeof *tokens);
    tokens->life_s = settings->media_token_seconds;
    tokens->denied = deny_list_create();
    tokens->verified = verified_tokens_create();
    int64_t since_ms = clock_now_ms() - 2 * tokens->life_s * 1000;
    if (signing_keys_load(db, "media-token-keys", &tokens->keys, problem)
        && media_token_deny_revoked(tokens, db, since_ms, problem))
        return tokens;
    media_tokens_free(tokens);
    return NULL;
}

void media_tokens_free(struct media_tokens *tokens)
{
    if (!tokens)
        return;
    deny_list_free(tokens->denied);
    verified_tokens_free(tokens->verified);
    secure_wipe(tokens, sizeof *tokens);
    free(tokens);
}

/* ---- writing ---- */

static void write_mac(
    const struct signing_key *key, const char *text, size_t length, char ret_mac[SECRET_TEXT_SIZE])
{
    uint8_t mac[SHA256_BYTES];
    secure_hmac(key->bytes, text, length, mac);
    text_base64url_encode(mac, sizeof mac, ret_mac);
}

static void write_token(const struct media_tokens *tokens, const struct media_claims *claims,
    char ret_token[MEDIA_TOKEN_SIZE])
{
    const struct signing_key *key = &tokens->keys.keys[tokens->keys.count - 1];
    char scope[2 * UUID_TEXT_SIZE];
    if (claims->staff && claims->organizer_id[0] == '\0')
        (void)snprintf(scope, sizeof scope, "staff");
    else if (claims->staff)
        (void)snprintf(scope, sizeof scope, "staff~%s", claims->organizer_id);
    else
        (void)snprintf(scope, sizeof scope, "%s~%s", claims->participant_id, claims->cohort_id);
    /* At most 2+1+9+1+11+1+36+1+84+1+43 characters. */
    int length = snprintf(ret_token, MEDIA_TOKEN_SIZE - SECRET_TEXT_SIZE, "v1.%lld.%lld.%s.%s~%lld",
        (long long)key->number, (long long)(claims->expires_at_ms / 1000), claims->session_id,
        scope, (long long)(claims->session_expires_at_ms / 1000));
    ret_token[length] = '.';
    write_mac(key, ret_token, (size_t)length, ret_token + length + 1);
}

/* From now on, in whole seconds. */
static int64_t end_of_life_ms(
    const struct media_tokens *tokens, int64_t now_ms, int64_t session_expires_at_ms)
{
    int64_t end_s = now_ms / 1000 + tokens->life_s;
    int64_t session_end_s = session_expires_at_ms / 1000;
    return (session_end_s < end_s ? session_end_s : end_s) * 1000;
}

void media_token_sign(struct media_tokens *tokens, const struct caller *caller,
    char ret_token[MEDIA_TOKEN_SIZE], int64_t *ret_expires_at_ms)
{
    if (caller->role == CALLER_ANYONE) {
        ret_token[0] = '\0';
        *ret_expires_at_ms = 0;
        return;
    }
    struct media_claims claims = {
        .expires_at_ms = end_of_life_ms(tokens, clock_now_ms(), caller->session_expires_at_ms),
        .session_expires_at_ms = caller->session_expires_at_ms,
        .staff = caller->role != CALLER_PARTICIPANT,
    };
    memcpy(claims.session_id, caller->session_id, UUID_TEXT_SIZE);
    if (caller->role == CALLER_ORGANIZER)
        memcpy(claims.organizer_id, caller->staff_id, UUID_TEXT_SIZE);
    memcpy(claims.participant_id, caller->participant_id, UUID_TEXT_SIZE);
    memcpy(claims.cohort_id, caller->cohort_id, UUID_TEXT_SIZE);
    write_token(tokens, &claims, ret_token);
    *ret_expires_at_ms = claims.expires_at_ms;
}

bool media_token_renew(struct media_tokens *tokens, const struct media_claims *claims,
    int64_t now_ms, char ret_token[MEDIA_TOKEN_SIZE])
{
    if (claims->expires_at_ms - now_ms > tokens->life_s * 500)
        return false;
    struct media_claims renewed = *claims;
    renewed.expires_at_ms = end_of_life_ms(tokens, now_ms, claims->session_expires_at_ms);
    if (renewed.expires_at_ms <= claims->expires_at_ms
        || deny_contains(tokens->denied, claims->session_id, now_ms))
        return false;
    write_token(tokens, &renewed, ret_token);
    return true;
}

/* ---- reading ---- */

/* Where a reading of a token stands. */
struct reading {
    const char *token;
    size_t at, end;
};

/* Up to the mark, which is left behind. */
static bool read_number(struct reading *reading, char mark, int64_t *ret_number)
{
    const char *number = reading->token + reading->at;
    const char *found = memchr(number, mark, reading->end - reading->at);
    if (!found || !text_to_int64(number, (size_t)(found - number), 1, seconds_most, ret_number))
        return false;
    reading->at = (size_t)(found + 1 - reading->token);
    return true;
}

static bool read_id(struct reading *reading, char mark, uint8_t *ret_at)
{
    const char *id = reading->token + reading->at;
    if (reading->end - reading->at < UUID_TEXT_SIZE || id[UUID_TEXT_SIZE - 1] != mark
        || !secure_begins_with_uuid(id))
        return false;
    *ret_at = (uint8_t)reading->at;
    reading->at += UUID_TEXT_SIZE;
    return true;
}

/* "participant~cohort~until", "staff~organizer~until" or "staff~until" */
static bool read_scope(struct reading *reading, struct token_parts *parts)
{
    static const char staff[] = "staff~";
    size_t left = reading->end - reading->at;
    parts->staff
        = left > strlen(staff) && memcmp(reading->token + reading->at, staff, strlen(staff)) == 0;
    if (parts->staff) {
        reading->at += strlen(staff);
        left -= strlen(staff);
        if (left > UUID_TEXT_SIZE && !read_id(reading, '~', &parts->organizer_at))
            return false;
    } else if (!read_id(reading, '~', &parts->participant_at)
               || !read_id(reading, '~', &parts->cohort_at)) {
        return false;
    }
    return read_number(reading, '.', &parts->session_expires_at_s);
}

static const struct signing_key *find_key(const struct media_tokens *tokens, int64_t number)
{
    for (size_t i = tokens->keys.count; i-- > 0;)
        if (tokens->keys.keys[i].number == number)
            return &tokens->keys.keys[i];
    return NULL;
}

/* The mac is compared as text, so a token has one spelling: whatever else decodes to the same bytes
 * is not equal. */
static bool mac_is_right(
    const struct signing_key *key, const char *token, size_t signed_length, const char *mac)
{
    char expected[SECRET_TEXT_SIZE];
    write_mac(key, token, signed_length, expected);
    return secure_equal(expected, mac, TEXT_BASE64URL_32);
}

static const char version[] = "v1.";

static bool read_token(const struct media_tokens *tokens, const char *token, size_t length,
    struct token_parts *ret_parts)
{
    if (memcmp(token, version, strlen(version)) != 0)
        return false;
    size_t signed_length = length - TEXT_BASE64URL_32 - 1;
    struct reading reading = { token, strlen(version), signed_length + 1 };
    int64_t key_number;
    struct token_parts parts = { 0 };
    const struct signing_key *key;
    if (token[signed_length] != '.' || !read_number(&reading, '.', &key_number)
        || !(key = find_key(tokens, key_number))
        || !mac_is_right(key, token, signed_length, token + signed_length + 1))
        return false;
    /* What follows was written here; it is read as strictly all the same. */
    if (!read_number(&reading, '.', &parts.expires_at_s)
        || !read_id(&reading, '.', &parts.session_at) || !read_scope(&reading, &parts)
        || reading.at != reading.end)
        return false;
    *ret_parts = parts;
    return true;
}

static bool read_or_recall(const struct media_tokens *tokens, const char *token, size_t length,
    struct token_parts *ret_parts)
{
    if (length >= MEDIA_TOKEN_SIZE || length < strlen(version) + 1 + TEXT_BASE64URL_32)
        return false;
    if (verified_tokens_find(tokens->verified, token, length, ret_parts))
        return true;
    if (!read_token(tokens, token, length, ret_parts))
        return false;
    verified_tokens_add(tokens->verified, token, length, ret_parts);
    return true;
}

static void copy_id(const char *token, uint8_t at, char ret_id[UUID_TEXT_SIZE])
{
    size_t length = at > 0 ? UUID_TEXT_SIZE - 1 : 0;
    memcpy(ret_id, token + at, length);
    memset(ret_id + length, 0, UUID_TEXT_SIZE - length);
}

static void write_claims(
    const char *token, const struct token_parts *parts, struct media_claims *ret_claims)
{
    ret_claims->expires_at_ms = parts->expires_at_s * 1000;
    ret_claims->session_expires_at_ms = parts->session_expires_at_s * 1000;
    ret_claims->staff = parts->staff;
    copy_id(token, parts->session_at, ret_claims->session_id);
    copy_id(token, parts->organizer_at, ret_claims->organizer_id);
    copy_id(token, parts->participant_at, ret_claims->participant_id);
    copy_id(token, parts->cohort_at, ret_claims->cohort_id);
}

bool media_token_verify(struct media_tokens *tokens, const char *token, int64_t now_ms,
    struct media_claims *ret_claims, struct problem *problem)
{
    struct token_parts parts;
    char session_id[UUID_TEXT_SIZE];
    if (!read_or_recall(tokens, token, strnlen(token, MEDIA_TOKEN_SIZE), &parts))
        return problem_set(problem, PROBLEM_MEDIA_TOKEN_INVALID, "not a token of ours");
    copy_id(token, parts.session_at, session_id);
    if (parts.expires_at_s * 1000 <= now_ms
        || parts.expires_at_s <= atomic_load(&tokens->distrusted_until_s))
        return problem_set(
            problem, PROBLEM_MEDIA_TOKEN_EXPIRED, "token of session %s expired", session_id);
    if (deny_contains(tokens->denied, session_id, now_ms))
        return problem_set(problem, PROBLEM_ACCESS_REVOKED, "session %s is revoked", session_id);
    write_claims(token, &parts, ret_claims);
    return true;
}

/* ---- revocation ---- */

void media_token_deny(struct media_tokens *tokens, const char *session_id)
{
    int64_t now_ms = clock_now_ms(), life_ms = tokens->life_s * 1000;
    if (deny_add(tokens->denied, session_id, now_ms, now_ms + 2 * life_ms))
        return;
    /* No room: every token that is out now goes.  A session that stands earns a new one. */
    int64_t newest_s = now_ms / 1000 + tokens->life_s;
    int64_t distrusted_s = atomic_load(&tokens->distrusted_until_s);
    while (distrusted_s < newest_s
           && !atomic_compare_exchange_weak(&tokens->distrusted_until_s, &distrusted_s, newest_s))
        ;
}

bool media_token_is_denied(struct media_tokens *tokens, const char *session_id, int64_t now_ms)
{
    return deny_contains(tokens->denied, session_id, now_ms)
           || now_ms / 1000 < atomic_load(&tokens->distrusted_until_s);
}

struct revoked {
    struct media_tokens *tokens;
    int64_t since_ms;
};

static bool deny_each(struct db_connection *connection, void *data, struct problem *problem)
{
    const struct revoked *revoked = data;
    struct db_rows *rows = db_query(connection,
        "SELECT id FROM session WHERE revoked_at_ms IS NOT NULL AND revoked_at_ms >= $1", "i",
        revoked->since_ms);
    while (db_next(rows))
        media_token_deny(revoked->tokens, db_text(rows, 0));
    return db_end(rows, problem);
}

bool media_token_deny_revoked(
    struct media_tokens *tokens, struct db *db, int64_t since_ms, struct problem *problem)
{
    struct revoked revoked = { tokens, since_ms };
    return db_read(db, deny_each, &revoked, problem);
}

void media_token_set_cookie(
    const struct media_tokens *tokens, const char *token, char ret_value[MEDIA_SET_COOKIE_SIZE])
{
    (void)snprintf(ret_value, MEDIA_SET_COOKIE_SIZE,
        MEDIA_TOKEN_COOKIE "=%.*s; Secure; HttpOnly; SameSite=Lax; Path=/; Max-Age=%lld",
        MEDIA_TOKEN_SIZE - 1, token, (long long)tokens->life_s);
}
