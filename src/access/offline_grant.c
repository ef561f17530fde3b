#include "access/offline_grant.h"

#include "access/signing_keys.h"
#include "base/memory.h"
#include "base/text.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const int64_t at_ms_most = INT64_C(99999999999999);
static const int64_t version_most = 999999999;

struct offline_grants {
    struct signing_keys keys;
};

struct offline_grants *offline_grants_open(struct db *db, struct problem *problem)
{
    struct offline_grants *grants = memory_zeroed(1, sizeof *grants);
    if (signing_keys_load(db, "offline-grant-keys", &grants->keys, problem))
        return grants;
    offline_grants_free(grants);
    return NULL;
}

void offline_grants_free(struct offline_grants *grants)
{
    if (!grants)
        return;
    secure_wipe(grants, sizeof *grants);
    free(grants);
}

static void write_mac(
    const struct signing_key *key, const char *text, size_t length, char ret_mac[SECRET_TEXT_SIZE])
{
    uint8_t mac[SHA256_BYTES];
    secure_hmac(key->bytes, text, length, mac);
    text_base64url_encode(mac, sizeof mac, ret_mac);
}

void offline_grant_sign(const struct offline_grants *grants, const struct offline_grant *grant,
    char ret_text[OFFLINE_GRANT_SIZE])
{
    const struct signing_key *key = &grants->keys.keys[grants->keys.count - 1];
    /* At most 2+1+9+1+14+3*(1+36)+1+9 characters, a dot, and the mac. */
    int length
        = snprintf(ret_text, OFFLINE_GRANT_SIZE - SECRET_TEXT_SIZE, "g1.%lld.%lld.%s.%s.%s.%lld",
            (long long)key->number, (long long)grant->at_ms, grant->play_session_id,
            grant->participant_id, grant->lecture_id, (long long)grant->version);
    ret_text[length] = '.';
    write_mac(key, ret_text, (size_t)length, ret_text + length + 1);
}

/* A field up to the next dot, which *place passes. */
static bool read_number(const char **place, int64_t most, int64_t *ret_number)
{
    size_t length = strcspn(*place, ".");
    bool plain = **place != '0' && (*place)[length] == '.';
    if (!plain || !text_to_int64(*place, length, 1, most, ret_number))
        return false;
    *place += length + 1;
    return true;
}

static bool read_id(const char **place, char ret_id[UUID_TEXT_SIZE])
{
    if (strnlen(*place, UUID_TEXT_SIZE) < UUID_TEXT_SIZE || !secure_begins_with_uuid(*place)
        || (*place)[UUID_TEXT_SIZE - 1] != '.')
        return false;
    memcpy(ret_id, *place, UUID_TEXT_SIZE - 1);
    ret_id[UUID_TEXT_SIZE - 1] = '\0';
    *place += UUID_TEXT_SIZE;
    return true;
}

static bool is_signed(const struct offline_grants *grants, int64_t key_number, const char *text,
    const char *found_mac)
{
    char mac[SECRET_TEXT_SIZE];
    if (strlen(found_mac) != TEXT_BASE64URL_32)
        return false;
    for (size_t i = 0; i < grants->keys.count; i++) {
        if (grants->keys.keys[i].number != key_number)
            continue;
        write_mac(&grants->keys.keys[i], text, (size_t)(found_mac - 1 - text), mac);
        return secure_equal(mac, found_mac, TEXT_BASE64URL_32);
    }
    return false;
}

bool offline_grant_read(
    const struct offline_grants *grants, const char *text, struct offline_grant *ret_grant)
{
    static const char kind[] = "g1.";
    struct offline_grant grant;
    int64_t key_number;
    const char *place = text + strlen(kind);
    if (strnlen(text, OFFLINE_GRANT_SIZE) == OFFLINE_GRANT_SIZE
        || strncmp(text, kind, strlen(kind)) != 0 || !read_number(&place, INT32_MAX, &key_number)
        || !read_number(&place, at_ms_most, &grant.at_ms) || !read_id(&place, grant.play_session_id)
        || !read_id(&place, grant.participant_id) || !read_id(&place, grant.lecture_id)
        || !read_number(&place, version_most, &grant.version)
        || !is_signed(grants, key_number, text, place))
        return false;
    *ret_grant = grant;
    return true;
}
