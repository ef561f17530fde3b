/*
 * An OCSP response that the server hands out with its certificate (RFC 6066 section 8, RFC 6960): the
 * authority's word that the certificate was not revoked, which clients need not ask for then.
 *
 * What is stapled must be of use to the client: successful, signed by the issuer or by whom the
 * issuer names for it, about this certificate, "good", and not past its nextUpdate.  Anything else
 * is left out, because a client may end the connection over it.
 *
 * Ownership  ocsp_staple_load() fills a staple; ocsp_staple_release() ends its contents.
 */
#ifndef LECTERN_HTTP_OCSP_STAPLE_H
#define LECTERN_HTTP_OCSP_STAPLE_H

#include "base/problem.h"

#include <openssl/x509.h>
#include <stddef.h>
#include <stdint.h>

enum { OCSP_STAPLE_BYTES_MAX = 64 * 1024, OCSP_CLOCK_SKEW_MS = 300 * 1000 };

struct ocsp_staple {
    unsigned char *bytes; /* DER; NULL: nothing to staple */
    size_t length;
    int64_t ends_at_ms; /* nextUpdate */
};

/* false: *problem says why it is of no use. */
bool ocsp_staple_load(const char *path, X509 *certificate, X509 *issuer, int64_t now_ms,
    struct ocsp_staple *ret_staple, struct problem *problem);
void ocsp_staple_release(struct ocsp_staple *staple);

/* Unix milliseconds; 0 when it cannot be read. */
int64_t asn1_time_to_ms(const ASN1_TIME *time);

#endif
