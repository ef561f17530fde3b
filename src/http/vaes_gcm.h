/*
 * AES-GCM for TLS by the wide AES instructions of new processors (VAES, AVX-512): four blocks an
 * instruction, more than four times as fast as OpenSSL 3.0, which does not know them; OpenSSL 3.1
 * does, and then this is not wanted.  The cipher is libipsec-mb's (Debian has it); here is only
 * what makes it a provider of OpenSSL (provider-cipher(7ossl)).
 *
 * What it does is what TLS asks for: AES-128-GCM and AES-256-GCM with nonces of 12 and tags of 16
 * bytes, in the way of TLS 1.3 (a nonce for each record, named) and of TLS 1.2 (RFC 5288: the
 * record's nonce is counted here and stands in front of it).  Keys, nonces and records stay
 * OpenSSL's business.
 *
 * Threads    any.
 */
#ifndef LECTERN_HTTP_VAES_GCM_H
#define LECTERN_HTTP_VAES_GCM_H

#include <stdbool.h>

/* What to ask OpenSSL for (property(7ossl)) to be given this where it has a cipher, and OpenSSL's
 * own for all else. */
#define VAES_GCM_QUERY "?lectern.vaes=yes"

/* Makes it known to OpenSSL, once for the process.  false: this processor, this build or this
 * OpenSSL has no use for it. */
bool vaes_gcm_offer(void);

#endif
