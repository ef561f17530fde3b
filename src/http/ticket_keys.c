#include "http/ticket_keys.h"

#include "base/memory.h"
#include "base/secure.h"

#include <fcntl.h>
#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { NAME_BYTES = 16, CIPHER_KEY_BYTES = 32, MAC_KEY_BYTES = 32, IV_BYTES = 16, KEYS = 2 };
/* What OpenSSL wants to hear. */
enum { CALL_FAILED = -1, TICKET_UNKNOWN = 0, TICKET_GOOD = 1, TICKET_TO_RENEW = 2 };

struct ticket_key {
    uint8_t name[NAME_BYTES]; /* in clear at the head of the ticket: which key it is */
    uint8_t cipher[CIPHER_KEY_BYTES];
    uint8_t mac[MAC_KEY_BYTES];
};

struct ticket_keys {
    pthread_mutex_t lock;
    struct ticket_key keys[KEYS]; /* the newest first */
    size_t count;
    int64_t made_ms; /* the newest */
    EVP_CIPHER *cipher;
};

/* What goes through the pipe, between two processes of one machine.  Who changes it, or the keys,
 * changes SHARED_LAYOUT too. */
enum { SHARED_LAYOUT = 1 };
struct shared_keys {
    uint32_t layout, count;
    int64_t age_ms; /* of the newest */
    struct ticket_key keys[KEYS];
};

static int attached_index = -1;
static pthread_once_t attached_once = PTHREAD_ONCE_INIT;

static void make_index(void)
{
    attached_index = SSL_CTX_get_ex_new_index(0, NULL, NULL, NULL, NULL);
}

struct ticket_keys *ticket_keys_create(int64_t now_ms)
{
    struct ticket_keys *keys = memory_zeroed(1, sizeof *keys);
    (void)pthread_mutex_init(&keys->lock, NULL);
    keys->cipher = EVP_CIPHER_fetch(NULL, "AES-256-CBC", NULL);
    if (!keys->cipher) {
        ticket_keys_free(keys);
        return NULL;
    }
    secure_random((uint8_t *)&keys->keys[0], sizeof keys->keys[0]);
    keys->count = 1;
    keys->made_ms = now_ms;
    return keys;
}

void ticket_keys_free(struct ticket_keys *keys)
{
    if (!keys)
        return;
    secure_wipe(keys->keys, sizeof keys->keys);
    (void)pthread_mutex_destroy(&keys->lock);
    EVP_CIPHER_free(keys->cipher);
    free(keys);
}

void ticket_keys_renew(struct ticket_keys *keys, int64_t now_ms)
{
    (void)pthread_mutex_lock(&keys->lock);
    int64_t age_ms = now_ms - keys->made_ms;
    if (age_ms >= TICKET_KEY_LIFE_MS) {
        keys->keys[1] = keys->keys[0];
        secure_random((uint8_t *)&keys->keys[0], sizeof keys->keys[0]);
        keys->count = KEYS;
        keys->made_ms = now_ms;
    }
    if (age_ms >= 2 * (int64_t)TICKET_KEY_LIFE_MS) { /* nobody had asked for a day */
        secure_wipe(&keys->keys[1], sizeof keys->keys[1]);
        keys->count = 1;
    }
    (void)pthread_mutex_unlock(&keys->lock);
}

/* The pipe takes it whole: it is shorter than PIPE_BUF. */
static bool fill_pipe(int fd, const struct shared_keys *shared)
{
    return write(fd, shared, sizeof *shared) == (ssize_t)sizeof *shared;
}

int ticket_keys_share(struct ticket_keys *keys, int64_t now_ms)
{
    int ends[2];
    struct shared_keys shared = { .layout = SHARED_LAYOUT };
    if (pipe2(ends, O_CLOEXEC | O_NONBLOCK) != 0)
        return -1;
    (void)pthread_mutex_lock(&keys->lock);
    shared.count = (uint32_t)keys->count;
    shared.age_ms = now_ms - keys->made_ms;
    memcpy(shared.keys, keys->keys, sizeof shared.keys);
    (void)pthread_mutex_unlock(&keys->lock);
    bool filled = fill_pipe(ends[1], &shared);
    secure_wipe(&shared, sizeof shared);
    (void)close(ends[1]);
    if (filled)
        return ends[0];
    (void)close(ends[0]);
    return -1;
}

static bool is_sound(const struct shared_keys *shared)
{
    return shared->layout == SHARED_LAYOUT && shared->count >= 1 && shared->count <= KEYS
           && shared->age_ms >= 0 && shared->age_ms < 2 * (int64_t)TICKET_KEY_LIFE_MS;
}

bool ticket_keys_take(struct ticket_keys *keys, int fd, int64_t now_ms)
{
    struct shared_keys shared;
    char behind;
    bool taken = read(fd, &shared, sizeof shared) == (ssize_t)sizeof shared
                 && read(fd, &behind, 1) == 0 && is_sound(&shared);
    if (taken) {
        (void)pthread_mutex_lock(&keys->lock);
        memcpy(keys->keys, shared.keys, sizeof keys->keys);
        keys->count = shared.count;
        keys->made_ms = now_ms - shared.age_ms;
        (void)pthread_mutex_unlock(&keys->lock);
    }
    secure_wipe(&shared, sizeof shared);
    return taken;
}

/* name NULL: the newest. */
static bool copy_key(
    struct ticket_keys *keys, const uint8_t *name, struct ticket_key *ret_key, bool *ret_newest)
{
    bool found = false;
    (void)pthread_mutex_lock(&keys->lock);
    for (size_t i = 0; i < keys->count && !found; i++) {
        found = !name || memcmp(keys->keys[i].name, name, NAME_BYTES) == 0;
        if (found) {
            *ret_key = keys->keys[i];
            *ret_newest = i == 0;
        }
    }
    (void)pthread_mutex_unlock(&keys->lock);
    return found;
}

static bool set_mac_key(EVP_MAC_CTX *mac, struct ticket_key *key)
{
    char digest[] = "SHA256";
    const OSSL_PARAM parameters[] = {
        OSSL_PARAM_construct_octet_string(OSSL_MAC_PARAM_KEY, key->mac, sizeof key->mac),
        OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, digest, 0),
        OSSL_PARAM_construct_end(),
    };
    return EVP_MAC_CTX_set_params(mac, parameters) == 1;
}

static int prepare(SSL *ssl, unsigned char *name, unsigned char *iv, EVP_CIPHER_CTX *cipher,
    EVP_MAC_CTX *mac, int sealing)
{
    struct ticket_keys *keys = SSL_CTX_get_ex_data(SSL_get_SSL_CTX(ssl), attached_index);
    struct ticket_key key;
    bool newest = true;
    if (!copy_key(keys, sealing ? NULL : name, &key, &newest))
        return TICKET_UNKNOWN;
    if (sealing) {
        memcpy(name, key.name, NAME_BYTES);
        secure_random(iv, IV_BYTES);
    }
    bool ready = EVP_CipherInit_ex(cipher, keys->cipher, NULL, key.cipher, iv, sealing) == 1
                 && set_mac_key(mac, &key);
    secure_wipe(&key, sizeof key);
    if (!ready)
        return CALL_FAILED;
    /* A client may use a TLS 1.3 ticket but once (RFC 8446 appendix C.4): it needs the next one. */
    bool keeps = newest && SSL_version(ssl) < TLS1_3_VERSION;
    return sealing || keeps ? TICKET_GOOD : TICKET_TO_RENEW;
}

bool ticket_keys_attach(struct ticket_keys *keys, SSL_CTX *tls)
{
    (void)pthread_once(&attached_once, make_index);
    return attached_index >= 0 && SSL_CTX_set_ex_data(tls, attached_index, keys) == 1
           && SSL_CTX_set_tlsext_ticket_key_evp_cb(tls, prepare) == 1;
}
