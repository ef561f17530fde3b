/*
 * A real server on a port of its own, in a thread of the test, with a certificate made for it; and
 * clients: the curl binary for whole requests over either protocol, raw TLS for what no honest
 * client sends.
 */
#ifndef LECTERN_TESTS_HTTP_TEST_SERVER_H
#define LECTERN_TESTS_HTTP_TEST_SERVER_H

#include "base/text.h"
#include "http/server.h"

#include <openssl/ssl.h>
#include <pthread.h>

struct test_server {
    char folder[64]; /* its own, ended with it */
    struct settings settings;
    struct workers *store_pool, *disk_pool;
    struct server *server;
    pthread_t thread;
    char url[64]; /* "https://localhost:PORT" */
};

/* changes: pairs of setting and value, NULL at the end, or NULL. */
void test_server_start(struct test_server *test, const struct route *routes, size_t route_count,
    const char *const *changes);
/* Only the settings; then test_server_run(). */
void test_server_prepare(struct test_server *test, const char *const *changes);
void test_server_run(struct test_server *test, const struct server_settings *server_settings);
/* Graceful; and all memory is given back. */
void test_server_stop(struct test_server *test);

/* Runs curl with --silent --include and these arguments (NULL at the end), at most a minute.  What
 * it printed, NUL added, to be ended with free(); *ret_exit is its exit status. */
char *test_curl(const struct test_server *test, const char *const *arguments, int *ret_exit);

/* A TCP connection; reads give up after 20 s. */
int test_connect(int port);
/* As a proxy that tells of a client with this IPv4 address; the server must ask for it. */
int test_connect_for(int port, const char *client);
/* TLS over it; alpn is "http/1.1" or "h2". */
SSL *test_connect_tls(const struct test_server *test, const char *alpn);
SSL *test_shake_hands(int fd, const char *alpn); /* on a connection; takes it */
void test_close(SSL *ssl);                       /* like a process that dies: no close_notify */
/* Sends text, or count bytes. */
void test_send(SSL *ssl, const void *bytes, size_t count);
/* Reads until `until` came (NULL: the end) or the connection ended; to be ended with free(). */
char *test_read_until(SSL *ssl, const char *until);

#endif
