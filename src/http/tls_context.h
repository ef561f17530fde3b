/*
 * The server's TLS rules, shared by all loops: TLS 1.2 and 1.3, AES-128-GCM first (the fastest
 * measured), forward secrecy only, no renegotiation, no compression, no early data
 * (a replayed POST), one ticket, no session cache, ALPN h2 then http/1.1.
 */
#ifndef LECTERN_HTTP_TLS_CONTEXT_H
#define LECTERN_HTTP_TLS_CONTEXT_H

#include "base/problem.h"

#include <openssl/ssl.h>

/* PEM files: a chain, leaf first, and its key.  NULL means *problem is set (PROBLEM_SETTING).  End
 * with SSL_CTX_free(). */
SSL_CTX *tls_context_create(
    const char *certificate_path, const char *key_path, struct problem *problem);

#endif
