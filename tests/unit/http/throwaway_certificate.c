#include "throwaway_certificate.h"

#include "../unit.h"

#include <openssl/evp.h>

void use_throwaway_certificate(SSL_CTX *tls)
{
    EVP_PKEY *key = EVP_EC_gen("P-256");
    X509 *certificate = X509_new();
    assert_true(X509_set_version(certificate, X509_VERSION_3));
    assert_true(X509_gmtime_adj(X509_getm_notBefore(certificate), -3600) != NULL);
    assert_true(X509_gmtime_adj(X509_getm_notAfter(certificate), 86400) != NULL);
    assert_true(X509_set_pubkey(certificate, key));
    assert_true(X509_sign(certificate, key, EVP_sha256()) > 0);
    assert_int_equal(SSL_CTX_use_certificate(tls, certificate), 1);
    assert_int_equal(SSL_CTX_use_PrivateKey(tls, key), 1);
    X509_free(certificate);
    EVP_PKEY_free(key);
}
