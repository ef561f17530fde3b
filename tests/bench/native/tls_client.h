/*
 * A blocking TLS client for benchmarks: TLS 1.3 with AES-128-GCM to a port on this machine, and
 * whole answers over HTTP/1.1 and HTTP/2.
 *
 * Errors     whatever goes wrong, or is not as it was asked for, ends the program with a sentence
 *            and exit code 1: a figure that is printed was measured as it says.
 * Ownership  tls_open() gives; end with tls_close().
 */
#ifndef LECTERN_BENCH_TLS_CLIENT_H
#define LECTERN_BENCH_TLS_CLIENT_H

#include <openssl/ssl.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct tls_client {
    SSL_CTX *context;
    uint16_t port;
    bool http2;
    char *request; /* what tls_ask() sends */
    size_t request_bytes;
};

_Noreturn void die(const char *format, ...) __attribute__((format(printf, 1, 2)));
/* A whole number from the command line. */
int64_t number_of(const char *word, int64_t least, int64_t most);
int64_t now_us(void); /* steady */

/* protocol: "http/1.1" or "h2". */
void tls_client_init(
    struct tls_client *client, const char *port, const char *protocol, const char *request_path);
void tls_client_release(struct tls_client *client);

/* A handshake that has ended; resume may be NULL. */
SSL *tls_open(const struct tls_client *client, SSL_SESSION *resume);
/* Sends the request and reads its answer, whole, with status 200; returns the bytes of it. */
size_t tls_ask(const struct tls_client *client, SSL *ssl);
/* Says goodbye and waits for the server's: then it has done all that there was to do. */
void tls_close(SSL *ssl);

#endif
