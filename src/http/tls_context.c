#include "http/tls_context.h"

#include <openssl/err.h>
#include <string.h>

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
    char groups[] = "X25519:P-256:P-384"; /* the macro below casts const away */
    (void)SSL_CTX_set_options(
        tls, SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION | SSL_OP_CIPHER_SERVER_PREFERENCE);
    (void)SSL_CTX_set_mode(tls, SSL_MODE_RELEASE_BUFFERS);
    SSL_CTX_set_read_ahead(tls, 1);
    (void)SSL_CTX_set_session_cache_mode(tls, SSL_SESS_CACHE_OFF);
    SSL_CTX_set_alpn_select_cb(tls, choose_protocol, NULL);
    return SSL_CTX_set_min_proto_version(tls, TLS1_2_VERSION) == 1
           && SSL_CTX_set_num_tickets(tls, 1) == 1 && SSL_CTX_set_max_early_data(tls, 0) == 1
           && SSL_CTX_set_cipher_list(tls, tls12_ciphers) == 1
           && SSL_CTX_set_ciphersuites(tls, tls13_ciphers) == 1
           && SSL_CTX_set1_groups_list(tls, groups) == 1;
}

static bool refuse(SSL_CTX *tls, struct problem *problem, const char *what, const char *path)
{
    char reason[160];
    ERR_error_string_n(ERR_get_error(), reason, sizeof reason);
    ERR_clear_error();
    SSL_CTX_free(tls);
    return problem_set(problem, PROBLEM_SETTING, "%s '%s': %s", what, path, reason);
}

SSL_CTX *tls_context_create(
    const char *certificate_path, const char *key_path, struct problem *problem)
{
    ERR_clear_error();
    SSL_CTX *tls = SSL_CTX_new(TLS_server_method());
    if (!tls || !apply_rules(tls)) {
        refuse(tls, problem, "TLS rules", "");
        return NULL;
    }
    if (SSL_CTX_use_certificate_chain_file(tls, certificate_path) != 1) {
        refuse(tls, problem, "tls-certificate", certificate_path);
        return NULL;
    }
    if (SSL_CTX_use_PrivateKey_file(tls, key_path, SSL_FILETYPE_PEM) != 1
        || SSL_CTX_check_private_key(tls) != 1) {
        refuse(tls, problem, "tls-key", key_path);
        return NULL;
    }
    return tls;
}
