#include "http/vaes_gcm.h"

#include "base/secure.h"

#include <intel-ipsec-mb.h>
#include <openssl/core_dispatch.h>
#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/params.h>
#include <openssl/provider.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

enum {
    LINE_BYTES = 64,
    NONCE_BYTES = 12,
    TAG_BYTES = 16,
    /* TLS 1.2 (RFC 5288 section 3): a nonce is a part of the key block, and a part of the record */
    FIXED_BYTES = 4,
    EXPLICIT_BYTES = NONCE_BYTES - FIXED_BYTES,
    ADDED_MAX = 16, /* of additional data: 5 bytes in TLS 1.3, in 1.2 these: */
    ADDED_BYTES = EVP_AEAD_TLS1_AAD_LEN,
};

enum kind { AES_128, AES_256, KIND_COUNT };

/* The library's functions for this processor; set once. */
static struct functions {
    aes_gcm_pre_t expand;
    aes_gcm_init_t begin;
    aes_gcm_enc_dec_update_t seal, open;
    aes_gcm_enc_dec_finalize_t seal_end, open_end;
} functions[KIND_COUNT];

static const size_t key_bytes_of[KIND_COUNT] = { [AES_128] = 16, [AES_256] = 32 };

enum phase { PHASE_WITHOUT_NONCE, PHASE_READY, PHASE_RUNNING };

/* One direction of one connection. */
struct gcm {
    enum kind kind;
    enum phase phase; /* of a record: no nonce seals two */
    bool sealing, keyed, tag_known, tls12_record;
    uint8_t nonce[NONCE_BYTES], tag[TAG_BYTES], added[ADDED_MAX];
    size_t added_count;
    _Alignas(LINE_BYTES) struct gcm_context_data run;
    _Alignas(LINE_BYTES) struct gcm_key_data key;
};

/* The library may use stores that ask for a whole line of the cache. */
static void *create(enum kind kind)
{
    struct gcm *gcm = aligned_alloc(LINE_BYTES, sizeof *gcm);
    if (gcm)
        *gcm = (struct gcm){ .kind = kind };
    return gcm;
}

static void *create_128(void *provider)
{
    (void)provider;
    return create(AES_128);
}

static void *create_256(void *provider)
{
    (void)provider;
    return create(AES_256);
}

static void destroy(void *context)
{
    if (context)
        secure_wipe(context, sizeof(struct gcm));
    free(context);
}

/* ---- Parameters ---- */

/* A length that cannot be chosen. */
static bool length_is(const OSSL_PARAM *parameter, size_t only)
{
    size_t length;
    return !parameter || (OSSL_PARAM_get_size_t(parameter, &length) == 1 && length == only);
}

static bool take_tag(struct gcm *gcm, const OSSL_PARAM *parameter)
{
    if (!parameter)
        return true;
    if (gcm->sealing || parameter->data_size != TAG_BYTES || !parameter->data)
        return false;
    memcpy(gcm->tag, parameter->data, TAG_BYTES);
    gcm->tag_known = true;
    return true;
}

static bool take_fixed_part(struct gcm *gcm, const OSSL_PARAM *parameter)
{
    if (!parameter)
        return true;
    if (parameter->data_size != FIXED_BYTES || !parameter->data)
        return false;
    memcpy(gcm->nonce, parameter->data, FIXED_BYTES);
    if (gcm->sealing) /* counted from here on */
        secure_random(gcm->nonce + FIXED_BYTES, EXPLICIT_BYTES);
    return true;
}

/* Of a record of TLS 1.2, which follows whole.  Its length is told as it is on the wire, and
 * authenticated as that of the content. */
static bool take_record_header(struct gcm *gcm, const OSSL_PARAM *parameter)
{
    if (!parameter)
        return true;
    if (parameter->data_size != ADDED_BYTES || !parameter->data)
        return false;
    memcpy(gcm->added, parameter->data, ADDED_BYTES);
    uint8_t *length = gcm->added + ADDED_BYTES - 2;
    unsigned on_wire = (unsigned)length[0] << 8 | length[1];
    unsigned around = EXPLICIT_BYTES + (gcm->sealing ? 0 : TAG_BYTES);
    if (on_wire < around)
        return false;
    length[0] = (uint8_t)((on_wire - around) >> 8);
    length[1] = (uint8_t)((on_wire - around) & 0xff);
    gcm->added_count = ADDED_BYTES;
    gcm->tls12_record = true;
    return true;
}

static int set_parameters(void *context, const OSSL_PARAM parameters[])
{
    struct gcm *gcm = context;
    return !parameters
           || (length_is(OSSL_PARAM_locate_const(parameters, OSSL_CIPHER_PARAM_KEYLEN),
                   key_bytes_of[gcm->kind])
               && length_is(
                   OSSL_PARAM_locate_const(parameters, OSSL_CIPHER_PARAM_IVLEN), NONCE_BYTES)
               && take_tag(gcm, OSSL_PARAM_locate_const(parameters, OSSL_CIPHER_PARAM_AEAD_TAG))
               && take_fixed_part(
                   gcm, OSSL_PARAM_locate_const(parameters, OSSL_CIPHER_PARAM_AEAD_TLS1_IV_FIXED))
               && take_record_header(
                   gcm, OSSL_PARAM_locate_const(parameters, OSSL_CIPHER_PARAM_AEAD_TLS1_AAD)));
}

static bool give_size(OSSL_PARAM *parameter, size_t size)
{
    return !parameter || OSSL_PARAM_set_size_t(parameter, size) == 1;
}

static bool give_tag(const struct gcm *gcm, OSSL_PARAM *parameter)
{
    if (!parameter)
        return true;
    return gcm->sealing && gcm->tag_known && parameter->data_size == TAG_BYTES
           && OSSL_PARAM_set_octet_string(parameter, gcm->tag, TAG_BYTES) == 1;
}

/* The next one of TLS 1.2: OpenSSL hands it to a kernel that is to make the records. */
static bool give_nonce(const struct gcm *gcm, OSSL_PARAM *parameter)
{
    return !parameter || OSSL_PARAM_set_octet_string(parameter, gcm->nonce, NONCE_BYTES) == 1;
}

static int get_parameters(void *context, OSSL_PARAM parameters[])
{
    const struct gcm *gcm = context;
    return give_size(
               OSSL_PARAM_locate(parameters, OSSL_CIPHER_PARAM_KEYLEN), key_bytes_of[gcm->kind])
           && give_size(OSSL_PARAM_locate(parameters, OSSL_CIPHER_PARAM_IVLEN), NONCE_BYTES)
           && give_size(OSSL_PARAM_locate(parameters, OSSL_CIPHER_PARAM_AEAD_TAGLEN), TAG_BYTES)
           && give_size(
               OSSL_PARAM_locate(parameters, OSSL_CIPHER_PARAM_AEAD_TLS1_AAD_PAD), TAG_BYTES)
           && give_nonce(gcm, OSSL_PARAM_locate(parameters, OSSL_CIPHER_PARAM_UPDATED_IV))
           && give_tag(gcm, OSSL_PARAM_locate(parameters, OSSL_CIPHER_PARAM_AEAD_TAG));
}

/* What is true of the cipher, whatever the key. */
static int get_facts(OSSL_PARAM facts[], enum kind kind)
{
    OSSL_PARAM *mode = OSSL_PARAM_locate(facts, OSSL_CIPHER_PARAM_MODE);
    OSSL_PARAM *aead = OSSL_PARAM_locate(facts, OSSL_CIPHER_PARAM_AEAD);
    OSSL_PARAM *own_nonces = OSSL_PARAM_locate(facts, OSSL_CIPHER_PARAM_CUSTOM_IV);
    return (!mode || OSSL_PARAM_set_uint(mode, EVP_CIPH_GCM_MODE) == 1)
           && (!aead || OSSL_PARAM_set_int(aead, 1) == 1)
           && (!own_nonces || OSSL_PARAM_set_int(own_nonces, 1) == 1)
           && give_size(OSSL_PARAM_locate(facts, OSSL_CIPHER_PARAM_KEYLEN), key_bytes_of[kind])
           && give_size(OSSL_PARAM_locate(facts, OSSL_CIPHER_PARAM_IVLEN), NONCE_BYTES)
           && give_size(OSSL_PARAM_locate(facts, OSSL_CIPHER_PARAM_BLOCK_SIZE), 1);
}

static int get_facts_128(OSSL_PARAM facts[])
{
    return get_facts(facts, AES_128);
}

static int get_facts_256(OSSL_PARAM facts[])
{
    return get_facts(facts, AES_256);
}

/* ---- Records ---- */

static int start(struct gcm *gcm, bool sealing, const uint8_t *key, size_t key_bytes,
    const uint8_t *nonce, size_t nonce_bytes, const OSSL_PARAM parameters[])
{
    if ((key && key_bytes != key_bytes_of[gcm->kind]) || (nonce && nonce_bytes != NONCE_BYTES))
        return 0;
    gcm->sealing = sealing;
    if (key) {
        functions[gcm->kind].expand(key, &gcm->key);
        gcm->keyed = true;
    }
    if (nonce) {
        memcpy(gcm->nonce, nonce, NONCE_BYTES);
        gcm->phase = PHASE_READY;
        gcm->added_count = 0;
        gcm->tag_known = false;
    }
    return set_parameters(gcm, parameters);
}

static int start_sealing(void *context, const unsigned char *key, size_t key_bytes,
    const unsigned char *nonce, size_t nonce_bytes, const OSSL_PARAM parameters[])
{
    return start(context, true, key, key_bytes, nonce, nonce_bytes, parameters);
}

static int start_opening(void *context, const unsigned char *key, size_t key_bytes,
    const unsigned char *nonce, size_t nonce_bytes, const OSSL_PARAM parameters[])
{
    return start(context, false, key, key_bytes, nonce, nonce_bytes, parameters);
}

static bool begin(struct gcm *gcm)
{
    if (gcm->phase == PHASE_READY && gcm->keyed) {
        functions[gcm->kind].begin(&gcm->key, &gcm->run, gcm->nonce, gcm->added, gcm->added_count);
        gcm->phase = PHASE_RUNNING;
    }
    return gcm->phase == PHASE_RUNNING;
}

static void go_on(struct gcm *gcm, uint8_t *out, const uint8_t *in, size_t count)
{
    const struct functions *does = &functions[gcm->kind];
    (gcm->sealing ? does->seal : does->open)(&gcm->key, &gcm->run, out, in, count);
}

static void end(struct gcm *gcm, uint8_t ret_tag[TAG_BYTES])
{
    const struct functions *does = &functions[gcm->kind];
    (gcm->sealing ? does->seal_end : does->open_end)(&gcm->key, &gcm->run, ret_tag, TAG_BYTES);
    gcm->phase = PHASE_WITHOUT_NONCE;
    gcm->added_count = 0;
}

/* The next nonce of TLS 1.2: big endian, so that it reads as a number on the wire. */
static void count_on(uint8_t explicit_part[EXPLICIT_BYTES])
{
    for (size_t i = EXPLICIT_BYTES; i-- > 0 && ++explicit_part[i] == 0;)
        ;
}

/* All of a record of TLS 1.2, where it lies: nonce, content, tag. */
static int run_tls12_record(struct gcm *gcm, uint8_t *record, size_t *ret_count, size_t count)
{
    uint8_t tag[TAG_BYTES], *explicit_part = gcm->nonce + FIXED_BYTES;
    gcm->tls12_record = false;
    if (count < EXPLICIT_BYTES + TAG_BYTES)
        return 0;
    uint8_t *content = record + EXPLICIT_BYTES;
    size_t content_count = count - EXPLICIT_BYTES - TAG_BYTES;
    if (gcm->sealing)
        memcpy(record, explicit_part, EXPLICIT_BYTES);
    else
        memcpy(explicit_part, record, EXPLICIT_BYTES);
    gcm->phase = PHASE_READY;
    if (!begin(gcm))
        return 0;
    go_on(gcm, content, content, content_count);
    end(gcm, tag);
    if (gcm->sealing) {
        memcpy(content + content_count, tag, TAG_BYTES);
        count_on(explicit_part);
        *ret_count = count;
        return 1;
    }
    if (CRYPTO_memcmp(tag, content + content_count, TAG_BYTES) != 0) {
        secure_wipe(content, content_count);
        return 0;
    }
    *ret_count = content_count;
    return 1;
}

static int take_added(struct gcm *gcm, const uint8_t *bytes, size_t count)
{
    if (gcm->phase != PHASE_READY || count > ADDED_MAX - gcm->added_count)
        return 0;
    memcpy(gcm->added + gcm->added_count, bytes, count);
    gcm->added_count += count;
    return 1;
}

static int update(void *context, unsigned char *out, size_t *ret_count, size_t size,
    const unsigned char *in, size_t count)
{
    struct gcm *gcm = context;
    if (out && size < count)
        return 0;
    if (gcm->tls12_record)
        return out == in ? run_tls12_record(gcm, out, ret_count, count) : 0;
    *ret_count = count;
    if (!out)
        return take_added(gcm, in, count);
    if (!begin(gcm))
        return 0;
    go_on(gcm, out, in, count);
    return 1;
}

static int finish(void *context, unsigned char *out, size_t *ret_count, size_t size)
{
    (void)out;
    (void)size;
    struct gcm *gcm = context;
    uint8_t tag[TAG_BYTES];
    *ret_count = 0;
    if (!begin(gcm))
        return 0;
    end(gcm, tag);
    if (gcm->sealing) {
        memcpy(gcm->tag, tag, TAG_BYTES);
        gcm->tag_known = true;
        return 1;
    }
    return gcm->tag_known && CRYPTO_memcmp(tag, gcm->tag, TAG_BYTES) == 0;
}

/* ---- The provider ---- */

typedef void (*any_function)(void);

// clang-format off
#define SHARED_BY_BOTH \
    { OSSL_FUNC_CIPHER_FREECTX, (any_function)destroy }, \
    { OSSL_FUNC_CIPHER_ENCRYPT_INIT, (any_function)start_sealing }, \
    { OSSL_FUNC_CIPHER_DECRYPT_INIT, (any_function)start_opening }, \
    { OSSL_FUNC_CIPHER_UPDATE, (any_function)update }, \
    { OSSL_FUNC_CIPHER_FINAL, (any_function)finish }, \
    { OSSL_FUNC_CIPHER_GET_CTX_PARAMS, (any_function)get_parameters }, \
    { OSSL_FUNC_CIPHER_SET_CTX_PARAMS, (any_function)set_parameters }, \
    { 0, NULL }
static const OSSL_DISPATCH functions_128[] = {
    { OSSL_FUNC_CIPHER_NEWCTX, (any_function)create_128 },
    { OSSL_FUNC_CIPHER_GET_PARAMS, (any_function)get_facts_128 },
    SHARED_BY_BOTH
};
static const OSSL_DISPATCH functions_256[] = {
    { OSSL_FUNC_CIPHER_NEWCTX, (any_function)create_256 },
    { OSSL_FUNC_CIPHER_GET_PARAMS, (any_function)get_facts_256 },
    SHARED_BY_BOTH
};
static const char properties[] = "provider=lectern-vaes,lectern.vaes=yes";
static const OSSL_ALGORITHM ciphers[] = {
    { "AES-128-GCM:id-aes128-GCM:2.16.840.1.101.3.4.1.6", properties, functions_128, "AES-128-GCM, VAES" },
    { "AES-256-GCM:id-aes256-GCM:2.16.840.1.101.3.4.1.46", properties, functions_256, "AES-256-GCM, VAES" },
    { NULL, NULL, NULL, NULL },
};
// clang-format on

static const OSSL_ALGORITHM *query(void *provider, int operation, int *ret_not_to_cache)
{
    (void)provider;
    *ret_not_to_cache = 0;
    return operation == OSSL_OP_CIPHER ? ciphers : NULL;
}

static int provide(const OSSL_CORE_HANDLE *handle, const OSSL_DISPATCH *offered,
    const OSSL_DISPATCH **ret_functions, void **ret_provider)
{
    static const OSSL_DISPATCH provider[]
        = { { OSSL_FUNC_PROVIDER_QUERY_OPERATION, (any_function)query }, { 0, NULL } };
    (void)handle;
    (void)offered;
    *ret_functions = provider;
    *ret_provider = NULL; /* has no state */
    return 1;
}

static void take_functions(const IMB_MGR *library)
{
    functions[AES_128] = (struct functions){ library->gcm128_pre, library->gcm128_init,
        library->gcm128_enc_update, library->gcm128_dec_update, library->gcm128_enc_finalize,
        library->gcm128_dec_finalize };
    functions[AES_256] = (struct functions){ library->gcm256_pre, library->gcm256_init,
        library->gcm256_enc_update, library->gcm256_dec_update, library->gcm256_enc_finalize,
        library->gcm256_dec_finalize };
}

/* The library looks at the processor, and tries itself with known answers. */
static bool processor_has_it(void)
{
    const uint64_t needed = IMB_FEATURE_AVX512_SKX | IMB_FEATURE_VAES | IMB_FEATURE_VPCLMULQDQ
                            | IMB_FEATURE_SELF_TEST_PASS;
    IMB_MGR *library = alloc_mb_mgr(0);
    if (!library)
        return false;
    init_mb_mgr_auto(library, NULL);
    bool has = (library->features & needed) == needed;
    if (has)
        take_functions(library);
    free_mb_mgr(library);
    return has;
}

/* Held as long as the process lives; both or none.  OpenSSL's own is there by itself only while no
 * other is loaded. */
static OSSL_PROVIDER *openssl_own, *ours;

static void offer(void)
{
    bool unknown_to_openssl = OPENSSL_version_major() == 3 && OPENSSL_version_minor() == 0;
    if (!unknown_to_openssl || !processor_has_it()
        || OSSL_PROVIDER_add_builtin(NULL, "lectern-vaes", provide) != 1)
        return;
    openssl_own = OSSL_PROVIDER_load(NULL, "default");
    ours = openssl_own ? OSSL_PROVIDER_load(NULL, "lectern-vaes") : NULL;
}

bool vaes_gcm_offer(void)
{
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    (void)pthread_once(&once, offer);
    return openssl_own && ours;
}
