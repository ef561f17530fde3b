/* A self-signed certificate with an ECDSA key, made on the spot. */
#ifndef LECTERN_TESTS_THROWAWAY_CERTIFICATE_H
#define LECTERN_TESTS_THROWAWAY_CERTIFICATE_H

#include <openssl/ssl.h>

void use_throwaway_certificate(SSL_CTX *tls);

#endif
