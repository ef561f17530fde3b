#include "base/secure.h"

#include "base/clock.h"
#include "base/memory.h"
#include "base/text.h"

#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/params.h>
#include <openssl/rand.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static _Noreturn void fail(const char *what)
{
    (void)fprintf(stderr, "lectern: OpenSSL cannot do %s\n", what);
    abort();
}

/* None of these may fail, so what OpenSSL needs for them may come out of the reserve. */
static void make_room(const char *what)
{
    if (!memory_use_reserve())
        fail(what);
}

void secure_random(uint8_t *ret_bytes, size_t count)
{
    while (RAND_bytes(ret_bytes, (int)count) != 1)
        make_room("random bytes");
}

void secure_sha256(const void *bytes, size_t count, uint8_t ret_digest[SHA256_BYTES])
{
    while (EVP_Digest(bytes, count, ret_digest, NULL, EVP_sha256(), NULL) != 1)
        make_room("SHA-256");
}

/* The context and the key it was made for; one of each thread. */
struct keyed_mac {
    EVP_MAC_CTX *context;
    uint8_t key[SECRET_BYTES];
};
static pthread_key_t keyed_mac_key;
static pthread_once_t keyed_mac_once = PTHREAD_ONCE_INIT;

static void free_keyed_mac(void *memory)
{
    struct keyed_mac *mac = memory;
    EVP_MAC_CTX_free(mac->context);
    OPENSSL_cleanse(mac, sizeof *mac);
    free(mac);
}

static void make_keyed_mac_key(void)
{
    if (pthread_key_create(&keyed_mac_key, free_keyed_mac) != 0)
        fail("thread-local HMAC");
}

static struct keyed_mac *this_threads_mac(void)
{
    (void)pthread_once(&keyed_mac_once, make_keyed_mac_key);
    struct keyed_mac *mac = pthread_getspecific(keyed_mac_key);
    if (!mac) {
        mac = memory_zeroed(1, sizeof *mac);
        while (pthread_setspecific(keyed_mac_key, mac) != 0)
            make_room("thread-local HMAC");
    }
    return mac;
}

static bool key_mac(struct keyed_mac *mac, const uint8_t key[SECRET_BYTES])
{
    if (!mac->context) {
        EVP_MAC *algorithm = EVP_MAC_fetch(NULL, "HMAC", NULL);
        mac->context = algorithm ? EVP_MAC_CTX_new(algorithm) : NULL;
        EVP_MAC_free(algorithm);
    }
    char digest[] = "SHA256";
    OSSL_PARAM parameters[] = {
        OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, digest, 0),
        OSSL_PARAM_construct_end(),
    };
    if (!mac->context || EVP_MAC_init(mac->context, key, SECRET_BYTES, parameters) != 1)
        return false;
    memcpy(mac->key, key, SECRET_BYTES);
    return true;
}

static bool make_mac(struct keyed_mac *mac, const uint8_t key[SECRET_BYTES], const void *bytes,
    size_t count, uint8_t ret_mac[SHA256_BYTES])
{
    /* Keying costs more than the message does, so a context that has this key already is only
     * reset. */
    bool keyed = mac->context && memcmp(mac->key, key, SECRET_BYTES) == 0;
    size_t length = 0;
    return (keyed ? EVP_MAC_init(mac->context, NULL, 0, NULL) == 1 : key_mac(mac, key))
           && EVP_MAC_update(mac->context, bytes, count) == 1
           && EVP_MAC_final(mac->context, ret_mac, &length, SHA256_BYTES) == 1;
}

void secure_hmac(
    const uint8_t key[SECRET_BYTES], const void *bytes, size_t count, uint8_t ret_mac[SHA256_BYTES])
{
    struct keyed_mac *mac = this_threads_mac();
    while (!make_mac(mac, key, bytes, count, ret_mac)) {
        EVP_MAC_CTX_free(mac->context);
        mac->context = NULL;
        make_room("HMAC-SHA256");
    }
}

static uint64_t difference_at(const char *left, const char *right, size_t at)
{
    uint64_t left_word, right_word;
    memcpy(&left_word, left + at, sizeof left_word);
    memcpy(&right_word, right + at, sizeof right_word);
    return left_word ^ right_word;
}

/* By words, as CRYPTO_memcmp() goes by bytes: a media token is compared with every segment. */
bool secure_equal(const void *left, const void *right, size_t count)
{
    if (count < sizeof(uint64_t))
        return CRYPTO_memcmp(left, right, count) == 0;
    const size_t last = count - sizeof(uint64_t); /* overlaps the one before it */
    uint64_t difference = difference_at(left, right, last);
    for (size_t at = 0; at < last; at += sizeof(uint64_t))
        difference |= difference_at(left, right, at);
    return difference == 0;
}

void secure_wipe(void *memory, size_t count)
{
    OPENSSL_cleanse(memory, count);
}

void secure_make_secret(char ret_text[SECRET_TEXT_SIZE])
{
    uint8_t bytes[SECRET_BYTES];
    secure_random(bytes, sizeof bytes);
    text_base64url_encode(bytes, sizeof bytes, ret_text);
    secure_wipe(bytes, sizeof bytes);
}

void secure_make_uuid(char ret_text[UUID_TEXT_SIZE])
{
    uint8_t bytes[16];
    secure_random(bytes, sizeof bytes);
    uint64_t now = (uint64_t)clock_now_ms();
    for (int i = 0; i < 6; i++)
        bytes[i] = (uint8_t)(now >> (40 - 8 * i));
    bytes[6] = (uint8_t)(0x70 | (bytes[6] & 0x0f));
    bytes[8] = (uint8_t)(0x80 | (bytes[8] & 0x3f));
    char hex[33];
    text_hex_encode(bytes, sizeof bytes, hex);
    (void)snprintf(ret_text, UUID_TEXT_SIZE, "%.8s-%.4s-%.4s-%.4s-%.12s", hex, hex + 8, hex + 12,
        hex + 16, hex + 20);
}

bool secure_is_uuid(const char *text)
{
    return strnlen(text, UUID_TEXT_SIZE) == UUID_TEXT_SIZE - 1 && secure_begins_with_uuid(text);
}

bool secure_begins_with_uuid(const char *text)
{
    static const char shape[UUID_TEXT_SIZE] = "xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx";
    /* To the end, without a branch: tokens are full of them. */
    unsigned wrong = 0;
    for (int i = 0; i < UUID_TEXT_SIZE - 1; i++) {
        unsigned char c = (unsigned char)text[i];
        unsigned hex = (unsigned)((c >= '0') & (c <= '9')) | (unsigned)((c >= 'a') & (c <= 'f'));
        unsigned dash = c == '-';
        wrong |= shape[i] == '-' ? !dash : !hex;
    }
    return wrong == 0;
}

enum { SCRYPT_N = 1 << 15, SCRYPT_R = 8, SCRYPT_P = 1, SALT_BYTES = 16, KEY_BYTES = 32 };
static const uint64_t scrypt_memory_max_bytes = 128u << 20;

static bool derive(const char *password, const uint8_t *salt, size_t salt_bytes, uint64_t n,
    uint64_t r, uint64_t p, uint8_t ret_key[KEY_BYTES])
{
    return EVP_PBE_scrypt(password, strlen(password), salt, salt_bytes, n, r, p,
               scrypt_memory_max_bytes, ret_key, KEY_BYTES)
           == 1;
}

bool secure_hash_password(const char *password, char ret_hash[PASSWORD_HASH_SIZE])
{
    uint8_t salt[SALT_BYTES], key[KEY_BYTES];
    char salt_text[SALT_BYTES * 2], key_text[KEY_BYTES * 2];
    secure_random(salt, sizeof salt);
    if (!derive(password, salt, sizeof salt, SCRYPT_N, SCRYPT_R, SCRYPT_P, key))
        return false;
    text_base64url_encode(salt, sizeof salt, salt_text);
    text_base64url_encode(key, sizeof key, key_text);
    (void)snprintf(ret_hash, PASSWORD_HASH_SIZE, "scrypt$%d$%d$%d$%s$%s", SCRYPT_N, SCRYPT_R,
        SCRYPT_P, salt_text, key_text);
    return true;
}

struct scrypt_fields {
    int64_t n, r, p;
    uint8_t salt[64], key[KEY_BYTES];
    size_t salt_bytes, key_bytes;
};

static bool parse_hash(const char *hash, struct scrypt_fields *ret_fields)
{
    const char *starts[6];
    size_t lengths[6];
    const char *at = hash;
    for (int i = 0; i < 6; i++) {
        starts[i] = at;
        lengths[i] = strcspn(at, "$");
        at += lengths[i];
        if (i < 5 && *at++ != '$')
            return false;
    }
    struct scrypt_fields fields;
    if (*at != '\0' || lengths[0] != 6 || memcmp(starts[0], "scrypt", 6) != 0
        || !text_to_int64(starts[1], lengths[1], 2, 1 << 20, &fields.n)
        || !text_to_int64(starts[2], lengths[2], 1, 32, &fields.r)
        || !text_to_int64(starts[3], lengths[3], 1, 16, &fields.p)
        || !text_base64url_decode(
            starts[4], lengths[4], fields.salt, sizeof fields.salt, &fields.salt_bytes)
        || !text_base64url_decode(
            starts[5], lengths[5], fields.key, sizeof fields.key, &fields.key_bytes)
        || fields.key_bytes != KEY_BYTES)
        return false;
    *ret_fields = fields;
    return true;
}

bool secure_check_password(const char *password, const char *hash)
{
    struct scrypt_fields fields
        = { .n = SCRYPT_N, .r = SCRYPT_R, .p = SCRYPT_P, .salt_bytes = SALT_BYTES };
    bool known = hash && parse_hash(hash, &fields);
    uint8_t key[KEY_BYTES];
    bool derived = derive(password, fields.salt, fields.salt_bytes, (uint64_t)fields.n,
        (uint64_t)fields.r, (uint64_t)fields.p, key);
    bool equal = derived && secure_equal(key, fields.key, KEY_BYTES);
    secure_wipe(key, sizeof key);
    return known && equal;
}
