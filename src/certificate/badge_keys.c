#include "certificate/badge_keys.h"

#include "base/clock.h"
#include "base/files.h"
#include "base/memory.h"
#include "base/secure.h"
#include "viewing/evidence.h"

#include <limits.h>
#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { PEM_MAX = 8192, JWK_MAX = 2048, NUMBER_BYTES_MAX = 1024, SIGNATURE_BYTES_MAX = 1024 };

// clang-format off
static const char current_sql[] = "SELECT id FROM badge_key WHERE retired_at_ms IS NULL";
static const char all_sql[] =
    "SELECT id, jwk, made_at_ms, retired_at_ms FROM badge_key ORDER BY made_at_ms, id";
static const char newest_first_sql[] = "SELECT id, jwk FROM badge_key ORDER BY made_at_ms DESC, id";
static const char one_sql[] = "SELECT id, jwk FROM badge_key WHERE id = $1";
static const char retire_sql[] = "UPDATE badge_key SET retired_at_ms = $1 WHERE retired_at_ms IS NULL";
static const char insert_sql[] = "INSERT INTO badge_key (id, jwk, made_at_ms) VALUES ($1, $2, $3)";
// clang-format on

struct badge_signer {
    EVP_PKEY *key;
    char id[BADGE_KEY_ID_SIZE];
};

void badge_signer_free(struct badge_signer *signer)
{
    if (signer)
        EVP_PKEY_free(signer->key);
    free(signer);
}

/* --- the public half ---------------------------------------------------------------------- */

/* A number of the key in base64url, as JWKs have it (RFC 7518 section 6.3.1). */
static bool append_number(EVP_PKEY *key, const char *name, struct text *text)
{
    uint8_t bytes[NUMBER_BYTES_MAX];
    char encoded[2 * NUMBER_BYTES_MAX];
    BIGNUM *number = NULL;
    bool good = EVP_PKEY_get_bn_param(key, name, &number) == 1
                && BN_num_bytes(number) <= NUMBER_BYTES_MAX;
    if (good) {
        size_t count = (size_t)BN_bn2bin(number, bytes);
        text_base64url_encode(bytes, count, encoded);
        text_append_string(text, encoded);
    }
    BN_free(number);
    return good;
}

/* In the very form whose SHA-256 is the thumbprint (RFC 7638 section 3.2). */
static bool write_jwk(EVP_PKEY *key, struct text *text)
{
    text_append_string(text, "{\"e\":\"");
    bool good = append_number(key, OSSL_PKEY_PARAM_RSA_E, text);
    text_append_string(text, "\",\"kty\":\"RSA\",\"n\":\"");
    good = good && append_number(key, OSSL_PKEY_PARAM_RSA_N, text);
    text_append_string(text, "\"}");
    return good && !text->overflowed;
}

static bool set_id(struct badge_signer *signer, struct text *jwk)
{
    uint8_t digest[SHA256_BYTES];
    if (!write_jwk(signer->key, jwk))
        return false;
    secure_sha256(jwk->bytes, jwk->length, digest);
    text_base64url_encode(digest, sizeof digest, signer->id);
    return true;
}

void badge_kid(const struct settings *settings, const char *id, char ret_kid[BADGE_KID_SIZE])
{
    (void)snprintf(ret_kid, BADGE_KID_SIZE, "%.300s/badges/keys/%s", settings->public_url, id);
}

/* --- files -------------------------------------------------------------------------------- */

static bool path_of(const struct settings *settings, const char *id, char ret_path[PATH_MAX],
    struct problem *problem)
{
    return snprintf(ret_path, PATH_MAX, "%s/badge-keys/%s.pem", settings->data, id) < PATH_MAX
           || problem_set(problem, PROBLEM_SETTING, "the data folder's path is too long");
}

static EVP_PKEY *read_pem(const char *path)
{
    struct problem reading = { 0 };
    char *pem = NULL;
    size_t length = 0;
    EVP_PKEY *key = NULL;
    if (!file_read_whole(path, PEM_MAX, &pem, &length, &reading))
        return NULL;
    BIO *memory = BIO_new_mem_buf(pem, (int)length);
    if (memory)
        key = PEM_read_bio_PrivateKey(memory, NULL, NULL, NULL);
    BIO_free(memory);
    secure_wipe(pem, length);
    free(pem);
    return key;
}

static struct badge_signer *read_signer(
    const struct settings *settings, const char *id, struct problem *problem)
{
    char path[PATH_MAX];
    struct text jwk;
    if (!path_of(settings, id, path, problem))
        return NULL;
    struct badge_signer *signer = memory_zeroed(1, sizeof *signer);
    signer->key = read_pem(path);
    text_init(&jwk, JWK_MAX);
    bool good = signer->key && EVP_PKEY_is_a(signer->key, "RSA") && set_id(signer, &jwk)
                && strcmp(signer->id, id) == 0;
    text_release(&jwk);
    if (good)
        return signer;
    badge_signer_free(signer);
    problem_set(problem, PROBLEM_STORAGE,
        "the key that signs badges is not in '%.200s'; if it is lost, 'lectern badge key rotate' "
        "makes another",
        path);
    return NULL;
}

static bool write_pem(
    const struct settings *settings, const struct badge_signer *signer, struct problem *problem)
{
    char path[PATH_MAX], folder[PATH_MAX];
    char *bytes = NULL;
    if (!path_of(settings, signer->id, path, problem))
        return false;
    (void)snprintf(folder, sizeof folder, "%.*s", (int)(strrchr(path, '/') - path), path);
    BIO *memory = BIO_new(BIO_s_secmem());
    bool good
        = memory
          && PEM_write_bio_PKCS8PrivateKey(memory, signer->key, NULL, NULL, 0, NULL, NULL) == 1;
    long length = good ? BIO_get_mem_data(memory, &bytes) : 0;
    good = (good || problem_set(problem, PROBLEM_INTERNAL, "OpenSSL cannot write a key"))
           && folder_make(folder, 0700, problem)
           && file_write_whole(path, bytes, (size_t)length, 0600, problem);
    if (length > 0)
        secure_wipe(bytes, (size_t)length);
    BIO_free(memory);
    return good;
}

/* --- the store ---------------------------------------------------------------------------- */

struct changing {
    char old_id[BADGE_KEY_ID_SIZE]; /* "": there is none yet */
    const char *new_id, *jwk;
};

static bool find_current(struct db_connection *connection, void *data, struct problem *problem)
{
    char *id = data;
    struct db_rows *rows = db_query(connection, current_sql, "");
    (void)snprintf(id, BADGE_KEY_ID_SIZE, "%s", db_next(rows) ? db_text(rows, 0) : "");
    return db_end(rows, problem);
}

static bool change(struct db_connection *connection, void *data, struct problem *problem)
{
    const struct changing *changing = data;
    char current[BADGE_KEY_ID_SIZE];
    int64_t now_ms = clock_now_ms();
    if (!find_current(connection, current, problem))
        return false;
    if (strcmp(current, changing->old_id) != 0)
        return problem_set(problem, PROBLEM_CONFLICT, "The key of badges changed meanwhile.");
    json_t *record = json_pack("{s:s}", "jwk", changing->jwk);
    bool good = evidence_append(connection, "badge-key", "", record, problem)
                && db_exec(connection, NULL, problem, retire_sql, "i", now_ms)
                && db_exec(connection, NULL, problem, insert_sql, "tti", changing->new_id,
                    changing->jwk, now_ms);
    json_decref(record);
    return good;
}

/* The file is there before the store knows the key: after a crash in between, one file is too many. */
static struct badge_signer *make_key(
    struct db *db, const struct settings *settings, const char *old_id, struct problem *problem)
{
    struct badge_signer *signer = memory_zeroed(1, sizeof *signer);
    struct text jwk;
    text_init(&jwk, JWK_MAX);
    signer->key = EVP_RSA_gen(BADGE_KEY_BITS);
    bool good = (signer->key && set_id(signer, &jwk))
                || problem_set(problem, PROBLEM_INTERNAL, "OpenSSL cannot make an RSA key");
    if (good) {
        struct changing changing = { .new_id = signer->id, .jwk = jwk.bytes };
        (void)snprintf(changing.old_id, sizeof changing.old_id, "%s", old_id);
        good = write_pem(settings, signer, problem) && db_write(db, change, &changing, problem);
    }
    text_release(&jwk);
    if (good)
        return signer;
    badge_signer_free(signer);
    return NULL;
}

struct badge_signer *badge_signer_open(
    struct db *db, const struct settings *settings, struct problem *problem)
{
    char id[BADGE_KEY_ID_SIZE];
    struct problem making = { 0 };
    if (!db_read(db, find_current, id, problem))
        return NULL;
    if (id[0] != '\0')
        return read_signer(settings, id, problem);
    struct badge_signer *signer = make_key(db, settings, "", &making);
    /* Somebody else was first. */
    if (!signer && making.kind == PROBLEM_CONFLICT && db_read(db, find_current, id, problem))
        return read_signer(settings, id, problem);
    if (!signer)
        problem_set(problem, making.kind, "%s", making.detail);
    return signer;
}

bool badge_key_rotate(struct db *db, const struct settings *settings,
    char ret_id[BADGE_KEY_ID_SIZE], struct problem *problem)
{
    char old_id[BADGE_KEY_ID_SIZE];
    struct badge_signer *signer = NULL;
    if (db_read(db, find_current, old_id, problem))
        signer = make_key(db, settings, old_id, problem);
    if (!signer)
        return false;
    memcpy(ret_id, signer->id, sizeof signer->id);
    badge_signer_free(signer);
    return true;
}

/* --- what is published -------------------------------------------------------------------- */

static json_t *published(
    const struct settings *settings, const char *id, const char *text, struct problem *problem)
{
    char kid[BADGE_KID_SIZE];
    json_t *jwk = json_loads(text, JSON_REJECT_DUPLICATES, NULL);
    if (!jwk) {
        problem_set(problem, PROBLEM_STORAGE, "a damaged row of badge_key");
        return NULL;
    }
    badge_kid(settings, id, kid);
    (void)json_object_set_new(jwk, "alg", json_string("RS256"));
    (void)json_object_set_new(jwk, "use", json_string("sig"));
    (void)json_object_set_new(jwk, "kid", json_string(kid));
    return jwk;
}

json_t *badge_key_set_json(
    struct db_connection *connection, const struct settings *settings, struct problem *problem)
{
    json_t *keys = json_array();
    struct db_rows *rows = db_query(connection, newest_first_sql, "");
    bool good = true;
    while (good && db_next(rows)) {
        json_t *jwk = published(settings, db_text(rows, 0), db_text(rows, 1), problem);
        good = jwk && json_array_append_new(keys, jwk) == 0;
    }
    if (db_end(rows, problem) && good)
        return json_pack("{s:o}", "keys", keys);
    json_decref(keys);
    return NULL;
}

json_t *badge_key_json(struct db_connection *connection, const struct settings *settings,
    const char *id, struct problem *problem)
{
    struct db_rows *rows = db_query(connection, one_sql, "t", id);
    json_t *jwk = NULL;
    bool found = db_next(rows);
    if (found)
        jwk = published(settings, db_text(rows, 0), db_text(rows, 1), problem);
    if (db_end(rows, problem) && !found)
        problem_set(problem, PROBLEM_NOT_FOUND, "no badge key '%.60s'", id);
    return jwk;
}

json_t *badge_keys_json(struct db_connection *connection, struct problem *problem)
{
    json_t *keys = json_array();
    struct db_rows *rows = db_query(connection, all_sql, "");
    while (db_next(rows))
        (void)json_array_append_new(
            keys, json_pack("{s:s, s:I, s:o}", "id", db_text(rows, 0), "made_at_ms",
                      (json_int_t)db_int(rows, 2), "retired_at_ms",
                      db_is_null(rows, 3) ? json_null() : json_integer(db_int(rows, 3))));
    if (db_end(rows, problem))
        return keys;
    json_decref(keys);
    return NULL;
}

/* --- signing ------------------------------------------------------------------------------ */

static void append_encoded(struct text *text, const uint8_t *bytes, size_t count)
{
    char *encoded = memory_alloc((count * 4 + 2) / 3 + 1);
    text_base64url_encode(bytes, count, encoded);
    text_append_string(text, encoded);
    free(encoded);
}

static void append_part(struct text *text, const json_t *json)
{
    char *dumped = json_dumps(json, JSON_COMPACT);
    append_encoded(text, (const uint8_t *)dumped, strlen(dumped));
    free(dumped);
}

bool badge_signer_sign(const struct badge_signer *signer, const struct settings *settings,
    const json_t *payload, struct text *jwt, struct problem *problem)
{
    uint8_t signature[SIGNATURE_BYTES_MAX];
    size_t length = sizeof signature, begin = jwt->length;
    char kid[BADGE_KID_SIZE];
    badge_kid(settings, signer->id, kid);
    json_t *header = json_pack("{s:s, s:s, s:s}", "alg", "RS256", "kid", kid, "typ", "JWT");
    append_part(jwt, header);
    json_decref(header);
    text_append_string(jwt, ".");
    append_part(jwt, payload);
    EVP_MD_CTX *context = EVP_MD_CTX_new();
    bool good = context && !jwt->overflowed
                && EVP_DigestSignInit(context, NULL, EVP_sha256(), NULL, signer->key) == 1
                && EVP_DigestSign(context, signature, &length, (const uint8_t *)jwt->bytes + begin,
                       jwt->length - begin)
                       == 1;
    EVP_MD_CTX_free(context);
    if (!good)
        return problem_set(problem, PROBLEM_INTERNAL, "OpenSSL cannot sign a badge");
    text_append_string(jwt, ".");
    append_encoded(jwt, signature, length);
    return !jwt->overflowed || problem_set(problem, PROBLEM_INTERNAL, "a badge is too long");
}
