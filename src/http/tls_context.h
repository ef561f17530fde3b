/*
 * The server's TLS rules, shared by all loops: TLS 1.2 and 1.3, AES-128-GCM first (the fastest
 * measured), forward secrecy only, no renegotiation, no compression, no early data
 * (a replayed POST), one ticket, no session cache, ALPN h2 then http/1.1.
 *
 * Certificates  one, or two of different kinds of key (ECDSA and RSA): OpenSSL takes the one that the
 *               client's signature algorithms allow, the first where both would do.
 * Names         a client is served whatever name it asks for (SNI): there is one site here, and a
 *               wrong name is the client's to refuse.
 * Client        certificates are not asked for.
 */
#ifndef LECTERN_HTTP_TLS_CONTEXT_H
#define LECTERN_HTTP_TLS_CONTEXT_H

#include "base/problem.h"
#include "base/settings.h"
#include "http/ticket_keys.h"

#include <openssl/ssl.h>
#include <stddef.h>
#include <stdint.h>

enum { TLS_CERTIFICATES_MAX = 2, TLS_FILES_MAX = 3 * TLS_CERTIFICATES_MAX };

/* What was found in the files. */
struct tls_facts {
    size_t count; /* of certificates */
    struct tls_certificate_facts {
        int64_t ends_at_ms;
        bool stapled;                  /* an OCSP response goes out with it... */
        int64_t staple_ends_at_ms;     /* ...until then */
        struct problem staple_problem; /* why none does, where the settings name one */
    } certificates[TLS_CERTIFICATES_MAX];
    bool kernel_wanted; /* tls-kernel is auto */
    bool vaes;          /* AES-GCM is that of vaes_gcm.h */
};

/* From the PEM files that the settings name (a chain, leaf first, and its key).  NULL means *problem
 * is set (PROBLEM_SETTING).  A staple of no use is no problem: it is left out, and *ret_facts says so.
 * End with SSL_CTX_free(); `tickets` is lent. */
SSL_CTX *tls_context_create(const struct settings *settings, struct ticket_keys *tickets,
    struct tls_facts *ret_facts, struct problem *problem);

/* Whether this kernel can make TLS records (the module tls); which ciphers it has is another matter. */
bool tls_kernel_offers(void);

/* The paths that the settings name, in an order of their own; "" where one is empty.  For whoever
 * watches them for changes. */
void tls_context_paths(const struct settings *settings, char *ret_paths[TLS_FILES_MAX]);

#endif
