#include "http/tls_context.h"

#include "base/clock.h"
#include "base/memory.h"
#include "base/text.h"
#include "http/ocsp_staple.h"
#include "http/vaes_gcm.h"

#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <openssl/err.h>
#include <openssl/ocsp.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum { TICKET_LIFE_S = TICKET_KEY_LIFE_MS / 1000 };

// clang-format off
static const char tls12_ciphers[] =
    "ECDHE-ECDSA-AES128-GCM-SHA256:ECDHE-RSA-AES128-GCM-SHA256:"
    "ECDHE-ECDSA-AES256-GCM-SHA384:ECDHE-RSA-AES256-GCM-SHA384:"
    "ECDHE-ECDSA-CHACHA20-POLY1305:ECDHE-RSA-CHACHA20-POLY1305";
static const char tls13_ciphers[] =
    "TLS_AES_128_GCM_SHA256:TLS_AES_256_GCM_SHA384:TLS_CHACHA20_POLY1305_SHA256";
// clang-format on

static int choose_protocol(SSL *ssl, const unsigned char **ret_name, unsigned char *ret_length,
    const unsigned char *offered, unsigned offered_length, void *data)
{
    (void)ssl;
    (void)data;
    static const char *const wanted[] = { "h2", "http/1.1" };
    for (size_t i = 0; i < sizeof wanted / sizeof wanted[0]; i++) {
        size_t length = strlen(wanted[i]);
        for (unsigned at = 0; at < offered_length; at += 1u + offered[at]) {
            if (offered[at] != length || at + 1 + length > offered_length
                || memcmp(offered + at + 1, wanted[i], length) != 0)
                continue;
            *ret_name = offered + at + 1;
            *ret_length = (unsigned char)length;
            return SSL_TLSEXT_ERR_OK;
        }
    }
    return SSL_TLSEXT_ERR_ALERT_FATAL; /* no_application_protocol (RFC 7301 section 3.2) */
}

static bool apply_rules(SSL_CTX *tls)
{
    static const unsigned char session_context[] = "lectern";
    char groups[] = "X25519:P-256:P-384"; /* the macro below casts const away */
    (void)SSL_CTX_set_options(
        tls, SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION | SSL_OP_CIPHER_SERVER_PREFERENCE);
    (void)SSL_CTX_set_mode(tls, SSL_MODE_RELEASE_BUFFERS);
    SSL_CTX_set_read_ahead(tls, 1);
    (void)SSL_CTX_set_session_cache_mode(tls, SSL_SESS_CACHE_OFF);
    (void)SSL_CTX_set_timeout(tls, TICKET_LIFE_S);
    SSL_CTX_set_alpn_select_cb(tls, choose_protocol, NULL);
    return SSL_CTX_set_min_proto_version(tls, TLS1_2_VERSION) == 1
           && SSL_CTX_set_session_id_context(tls, session_context, sizeof session_context - 1) == 1
           && SSL_CTX_set_num_tickets(tls, 1) == 1 && SSL_CTX_set_max_early_data(tls, 0) == 1
           && SSL_CTX_set_cipher_list(tls, tls12_ciphers) == 1
           && SSL_CTX_set_ciphersuites(tls, tls13_ciphers) == 1
           && SSL_CTX_set1_groups_list(tls, groups) == 1;
}

/* The paths of one certificate. */
struct tls_files {
    const char *setting;              /* the name of the first, for problems */
    char *certificate, *key, *staple; /* the last may be "" */
};

/* What a context hands out beside its certificates; ends with it. */
struct staples {
    size_t count;
    struct {
        X509 *certificate; /* counted */
        struct ocsp_staple staple;
    } of[TLS_CERTIFICATES_MAX];
};

static int staples_index = -1;
static pthread_once_t staples_once = PTHREAD_ONCE_INIT;

static void free_staples(
    void *parent, void *data, CRYPTO_EX_DATA *all, int index, long number, void *pointer)
{
    (void)parent;
    (void)all;
    (void)index;
    (void)number;
    (void)pointer;
    struct staples *staples = data;
    for (size_t i = 0; staples && i < staples->count; i++) {
        X509_free(staples->of[i].certificate);
        ocsp_staple_release(&staples->of[i].staple);
    }
    free(staples);
}

static void make_index(void)
{
    staples_index = SSL_CTX_get_ex_new_index(0, NULL, NULL, NULL, free_staples);
}

/* The client has asked for a staple, and the certificate is chosen. */
static int add_staple(SSL *ssl, void *data)
{
    const struct staples *staples = data;
    const X509 *chosen = SSL_get_certificate(ssl);
    for (size_t i = 0; i < staples->count; i++) {
        const struct ocsp_staple *staple = &staples->of[i].staple;
        if (staples->of[i].certificate != chosen || !staple->bytes
            || staple->ends_at_ms <= clock_wall_ms())
            continue;
        void *copy = OPENSSL_memdup(staple->bytes, staple->length);
        if (!copy || SSL_set_tlsext_status_ocsp_resp(ssl, copy, (long)staple->length) != 1)
            return SSL_TLSEXT_ERR_NOACK;
        return SSL_TLSEXT_ERR_OK;
    }
    return SSL_TLSEXT_ERR_NOACK;
}

static bool prepare_staples(SSL_CTX *tls, struct staples **ret_staples)
{
    (void)pthread_once(&staples_once, make_index);
    struct staples *staples = memory_zeroed(1, sizeof *staples);
    if (staples_index < 0 || SSL_CTX_set_ex_data(tls, staples_index, staples) != 1) {
        free(staples);
        return false;
    }
    *ret_staples = staples;
    return SSL_CTX_set_tlsext_status_cb(tls, add_staple) == 1
           && SSL_CTX_set_tlsext_status_arg(tls, staples) == 1;
}

static bool refuse(struct problem *problem, const char *setting, const char *path)
{
    /* The first error is the cause; those behind it tell who passed it on. */
    unsigned long error = ERR_get_error();
    const char *reason = ERR_SYSTEM_ERROR(error) ? strerror(ERR_GET_REASON(error))
                                                 : ERR_reason_error_string(error);
    ERR_clear_error();
    return problem_set(problem, PROBLEM_SETTING, "%s '%s': %s", setting, path,
        reason ? reason : "OpenSSL says no reason");
}

static bool is_named(const struct tls_files *files)
{
    return files->certificate[0] != '\0' || files->key[0] != '\0';
}

/* The issuer, where the file of the chain holds it. */
static X509 *find_issuer(SSL_CTX *tls, X509 *certificate)
{
    STACK_OF(X509) *chain = NULL;
    if (X509_check_issued(certificate, certificate) == X509_V_OK)
        return certificate;
    (void)SSL_CTX_get0_chain_certs(tls, &chain);
    for (int i = 0; i < sk_X509_num(chain); i++)
        if (X509_check_issued(sk_X509_value(chain, i), certificate) == X509_V_OK)
            return sk_X509_value(chain, i);
    return NULL;
}

static void take_staple(SSL_CTX *tls, const struct tls_files *files, struct staples *staples,
    struct tls_certificate_facts *facts)
{
    X509 *certificate = SSL_CTX_get0_certificate(tls);
    struct ocsp_staple staple = { 0 };
    if (files->staple[0] == '\0'
        || !ocsp_staple_load(files->staple, certificate, find_issuer(tls, certificate),
            clock_wall_ms(), &staple, &facts->staple_problem))
        return;
    (void)X509_up_ref(certificate);
    staples->of[staples->count].certificate = certificate;
    staples->of[staples->count++].staple = staple;
    facts->stapled = true;
    facts->staple_ends_at_ms = staple.ends_at_ms;
}

static bool load_pair(SSL_CTX *tls, const struct tls_files *files, struct problem *problem)
{
    if (files->certificate[0] == '\0' || files->key[0] == '\0')
        return problem_set(problem, PROBLEM_SETTING,
            "'tls-second-certificate' and 'tls-second-key' need each other.");
    if (SSL_CTX_use_certificate_chain_file(tls, files->certificate) != 1)
        return refuse(problem, files->setting, files->certificate);
    /* A key of another kind goes to another certificate's place, and would seem to fit there. */
    const X509 *certificate = SSL_CTX_get0_certificate(tls);
    if (SSL_CTX_use_PrivateKey_file(tls, files->key, SSL_FILETYPE_PEM) != 1)
        return refuse(problem, "the key of a certificate,", files->key);
    if (SSL_CTX_get0_certificate(tls) != certificate || SSL_CTX_check_private_key(tls) != 1)
        return problem_set(problem, PROBLEM_SETTING,
            "The key '%s' does not fit the certificate '%s'.", files->key, files->certificate);
    return true;
}

static bool load_certificates(SSL_CTX *tls, const struct tls_files *files, size_t count,
    struct tls_facts *facts, struct problem *problem)
{
    int kinds[TLS_CERTIFICATES_MAX] = { 0 };
    struct staples *staples;
    if (!prepare_staples(tls, &staples))
        return refuse(problem, "OCSP", "");
    for (size_t i = 0; i < count && is_named(&files[i]); i++) {
        if (!load_pair(tls, &files[i], problem))
            return false;
        X509 *certificate = SSL_CTX_get0_certificate(tls);
        kinds[i] = EVP_PKEY_get_base_id(X509_get0_pubkey(certificate));
        if (i > 0 && kinds[i] == kinds[0])
            return problem_set(problem, PROBLEM_SETTING,
                "'tls-second-certificate' must have a key of another kind than 'tls-certificate': "
                "one ECDSA, one RSA.");
        facts->certificates[i].ends_at_ms = asn1_time_to_ms(X509_get0_notAfter(certificate));
        take_staple(tls, &files[i], staples, &facts->certificates[i]);
        facts->count++;
    }
    return true;
}

static char *below_data(const struct settings *settings, const char *path)
{
    if (path[0] == '/' || path[0] == '\0')
        return memory_strdup(path);
    char *joined = NULL;
    if (asprintf(&joined, "%s/%s", settings->data, path) < 0)
        memory_exhausted(0);
    return joined;
}

void tls_context_paths(const struct settings *settings, char *ret_paths[TLS_FILES_MAX])
{
    const char *const named[TLS_FILES_MAX] = { settings->tls_certificate, settings->tls_key,
        settings->tls_staple, settings->tls_second_certificate, settings->tls_second_key,
        settings->tls_second_staple };
    for (size_t i = 0; i < TLS_FILES_MAX; i++)
        ret_paths[i] = below_data(settings, named[i]);
}

bool tls_kernel_offers(void)
{
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    static const char name[] = "tls";
    /* Of one that is not connected the kernel says so, if it knows the name at all. */
    bool offers = fd >= 0 && setsockopt(fd, IPPROTO_TCP, TCP_ULP, name, sizeof name) != 0
                  && errno == ENOTCONN;
    if (fd >= 0)
        (void)close(fd);
    return offers;
}

static bool read_choice(
    const char *name, const char *setting, bool *ret_auto, struct problem *problem)
{
    *ret_auto = text_equal(setting, "auto");
    return *ret_auto || text_equal(setting, "off")
           || problem_set(
               problem, PROBLEM_SETTING, "'%s' must be off or auto, not '%.40s'.", name, setting);
}

/* Who makes the records. */
static bool read_choices(
    const struct settings *settings, struct tls_facts *facts, struct problem *problem)
{
    bool vaes_wanted;
    if (!read_choice("tls-kernel", settings->tls_kernel, &facts->kernel_wanted, problem)
        || !read_choice("tls-vaes", settings->tls_vaes, &vaes_wanted, problem))
        return false;
    facts->vaes = vaes_wanted && vaes_gcm_offer();
    return true;
}

static SSL_CTX *create_by_rules(const struct tls_facts *facts, struct ticket_keys *tickets)
{
    SSL_CTX *tls = SSL_CTX_new_ex(NULL, facts->vaes ? VAES_GCM_QUERY : NULL, TLS_server_method());
    if (!tls || !apply_rules(tls) || !ticket_keys_attach(tickets, tls)) {
        SSL_CTX_free(tls);
        return NULL;
    }
    if (facts->kernel_wanted)
        (void)SSL_CTX_set_options(tls, SSL_OP_ENABLE_KTLS);
    return tls;
}

SSL_CTX *tls_context_create(const struct settings *settings, struct ticket_keys *tickets,
    struct tls_facts *ret_facts, struct problem *problem)
{
    char *paths[TLS_FILES_MAX];
    struct tls_facts facts = { 0 };
    ERR_clear_error();
    tls_context_paths(settings, paths);
    const struct tls_files files[TLS_CERTIFICATES_MAX] = {
        { "tls-certificate", paths[0], paths[1], paths[2] },
        { "tls-second-certificate", paths[3], paths[4], paths[5] },
    };
    SSL_CTX *tls = NULL;
    bool done = read_choices(settings, &facts, problem)
                && ((tls = create_by_rules(&facts, tickets)) || refuse(problem, "TLS rules", ""))
                && load_certificates(tls, files, TLS_CERTIFICATES_MAX, &facts, problem);
    for (size_t i = 0; i < TLS_FILES_MAX; i++)
        free(paths[i]);
    if (!done) {
        SSL_CTX_free(tls);
        return NULL;
    }
    *ret_facts = facts;
    return tls;
}
