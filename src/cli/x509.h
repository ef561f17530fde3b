/* X.509 of the few kinds that certificate.c needs, over OpenSSL.  Errors: NULL or false, *problem set. */
#ifndef LECTERN_CLI_X509_H
#define LECTERN_CLI_X509_H

#include "base/problem.h"

#include <openssl/evp.h>
#include <openssl/x509.h>
#include <stdbool.h>
#include <stdint.h>

/* Whom a certificate is for: public-url's host. */
struct x509_host {
    char name[256];
    bool is_address; /* an IP address rather than a name */
};
/* "https://[::1]:8443" gives "::1".  PROBLEM_SETTING when there is no host that a certificate can name. */
bool x509_host_of_url(const char *url, struct x509_host *ret_host, struct problem *problem);

EVP_PKEY *x509_make_key(struct problem *problem);
X509 *x509_make_authority(
    EVP_PKEY *key, const struct x509_host *host, int days, struct problem *problem);
X509 *x509_make_server(EVP_PKEY *key, const struct x509_host *host, int days, X509 *authority,
    EVP_PKEY *authority_key, struct problem *problem);
/* PROBLEM_SETTING when the authority's name constraints or dates do not allow the certificate. */
bool x509_verify(X509 *certificate, X509 *authority, struct problem *problem);
bool x509_covers(X509 *certificate, const struct x509_host *host);
int64_t x509_ends_at_ms(const X509 *certificate);

/* PEM files; what is not there is NULL without a problem. */
X509 *x509_load(const char *path, struct problem *problem);
EVP_PKEY *x509_load_key(const char *path, struct problem *problem);
bool x509_save(const char *path, X509 *certificate, struct problem *problem); /* 0644 */
bool x509_save_key(const char *path, EVP_PKEY *key, struct problem *problem); /* 0600 */

#endif
