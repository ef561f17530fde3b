#include "test_server.h"

#include "base/files.h"
#include "base/memory.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

enum { CURL_ARGUMENTS_MAX = 64, READ_TIMEOUT_S = 20 };
extern char **environ;

static _Noreturn void give_up(const char *what)
{
    (void)fprintf(stderr, "test server: %s\n", what);
    abort();
}

static void make_certificate(const char *folder)
{
    char path[100];
    EVP_PKEY *key = EVP_EC_gen("P-256");
    X509 *certificate = X509_new();
    X509_NAME *name = X509_get_subject_name(certificate);
    (void)X509_set_version(certificate, 2);
    (void)ASN1_INTEGER_set(X509_get_serialNumber(certificate), 1);
    (void)X509_gmtime_adj(X509_getm_notBefore(certificate), -3600);
    (void)X509_gmtime_adj(X509_getm_notAfter(certificate), 86400);
    (void)X509_set_pubkey(certificate, key);
    (void)X509_NAME_add_entry_by_txt(
        name, "CN", MBSTRING_ASC, (const unsigned char *)"localhost", -1, -1, 0);
    (void)X509_set_issuer_name(certificate, name);
    X509_EXTENSION *names
        = X509V3_EXT_conf_nid(NULL, NULL, NID_subject_alt_name, "DNS:localhost,IP:127.0.0.1");
    (void)X509_add_ext(certificate, names, -1);
    X509_EXTENSION_free(names);
    if (!X509_sign(certificate, key, EVP_sha256()))
        give_up("no certificate");
    (void)snprintf(path, sizeof path, "%s/server.pem", folder);
    FILE *out = fopen(path, "w");
    if (!out || PEM_write_X509(out, certificate) != 1 || fclose(out) != 0)
        give_up("no certificate file");
    (void)snprintf(path, sizeof path, "%s/server.key", folder);
    out = fopen(path, "w");
    if (!out || PEM_write_PrivateKey(out, key, NULL, NULL, 0, NULL, NULL) != 1 || fclose(out) != 0)
        give_up("no key file");
    X509_free(certificate);
    EVP_PKEY_free(key);
}

static void change(struct test_server *test, const char *name, const char *value)
{
    struct problem problem = { 0 };
    if (!settings_set(&test->settings, name, value, &problem))
        give_up(problem.detail);
}

void test_server_prepare(struct test_server *test, const char *const *changes)
{
    memset(test, 0, sizeof *test);
    (void)snprintf(test->folder, sizeof test->folder, "/tmp/lectern-http-XXXXXX");
    if (!mkdtemp(test->folder))
        give_up("no folder");
    make_certificate(test->folder);
    settings_init(&test->settings);
    change(test, "data", test->folder);
    change(test, "tls-certificate", "server.pem");
    change(test, "tls-key", "server.key");
    change(test, "port", "0");
    change(test, "metrics-port", "0");
    change(test, "loops", "2");
    for (; changes && changes[0]; changes += 2)
        change(test, changes[0], changes[1]);
    test->store_pool = workers_start("store", 2, 64);
    test->disk_pool = workers_start("disk", 2, 64);
}

static void *run(void *data)
{
    server_run(data);
    return NULL;
}

void test_server_run(struct test_server *test, const struct server_settings *server_settings)
{
    struct problem problem = { 0 };
    struct server_settings given = *server_settings;
    given.settings = &test->settings;
    given.store_pool = test->store_pool;
    given.disk_pool = test->disk_pool;
    test->server = server_create(&given, &problem);
    if (!test->server || pthread_create(&test->thread, NULL, run, test->server) != 0)
        give_up(problem.detail);
    (void)snprintf(test->url, sizeof test->url, "https://localhost:%d", server_port(test->server));
}

void test_server_start(struct test_server *test, const struct route *routes, size_t route_count,
    const char *const *changes)
{
    struct server_settings server_settings = { .routes = routes, .route_count = route_count };
    test_server_prepare(test, changes);
    test_server_run(test, &server_settings);
}

void test_server_stop(struct test_server *test)
{
    struct problem problem = { 0 };
    server_stop(test->server);
    (void)pthread_join(test->thread, NULL);
    workers_stop(test->store_pool);
    workers_stop(test->disk_pool);
    server_free(test->server);
    settings_release(&test->settings);
    (void)folder_remove(test->folder, &problem);
}

static char *read_all(int fd)
{
    struct text text;
    char bytes[65536];
    ssize_t count;
    text_init(&text, SIZE_MAX / 2);
    while ((count = read(fd, bytes, sizeof bytes)) > 0)
        text_append(&text, bytes, (size_t)count);
    return text_take(&text);
}

char *test_curl(const struct test_server *test, const char *const *arguments, int *ret_exit)
{
    char authority[100];
    (void)snprintf(authority, sizeof authority, "%s/server.pem", test->folder);
    const char *all[CURL_ARGUMENTS_MAX] = { "curl", "--silent", "--include", "--max-time", "60",
        "--noproxy", "*", "--cacert", authority };
    size_t count = 9;
    while (*arguments && count < CURL_ARGUMENTS_MAX - 1)
        all[count++] = *arguments++;
    int ends[2];
    pid_t pid;
    posix_spawn_file_actions_t actions;
    if (pipe2(ends, O_CLOEXEC) != 0 || posix_spawn_file_actions_init(&actions) != 0
        || posix_spawn_file_actions_adddup2(&actions, ends[1], STDOUT_FILENO) != 0)
        give_up("no pipe");
    char *argv[CURL_ARGUMENTS_MAX] = { 0 };
    for (size_t i = 0; i < count; i++)
        argv[i] = memory_strdup(all[i]);
    if (posix_spawnp(&pid, "curl", &actions, NULL, argv, environ) != 0)
        give_up("no curl");
    (void)close(ends[1]);
    char *output = read_all(ends[0]);
    (void)close(ends[0]);
    (void)posix_spawn_file_actions_destroy(&actions);
    int status = -1;
    (void)waitpid(pid, &status, 0);
    *ret_exit = WIFEXITED(status) ? WEXITSTATUS(status) : -1;
    for (size_t i = 0; i < count; i++)
        free(argv[i]);
    return output;
}

int test_connect(int port)
{
    struct sockaddr_in address = { .sin_family = AF_INET,
        .sin_port = htons((uint16_t)port),
        .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
    struct timeval timeout = { .tv_sec = READ_TIMEOUT_S };
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd < 0 || setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &timeout, sizeof timeout) != 0
        || connect(fd, (struct sockaddr *)&address, sizeof address) != 0)
        give_up("no connection");
    return fd;
}

int test_connect_for(int port, const char *client)
{
    char header[100];
    int fd = test_connect(port);
    int length = snprintf(header, sizeof header, "PROXY TCP4 %s 127.0.0.1 4711 443\r\n", client);
    if (write(fd, header, (size_t)length) != length)
        give_up("no connection");
    return fd;
}

SSL *test_shake_hands(int fd, const char *alpn)
{
    SSL_CTX *context = SSL_CTX_new(TLS_client_method());
    SSL *ssl = SSL_new(context);
    unsigned char protocol[16];
    protocol[0] = (unsigned char)strlen(alpn);
    memcpy(protocol + 1, alpn, protocol[0]);
    (void)SSL_set_alpn_protos(ssl, protocol, protocol[0] + 1u);
    SSL_CTX_free(context);
    if (SSL_set_fd(ssl, fd) != 1 || SSL_connect(ssl) != 1)
        give_up("no TLS");
    return ssl;
}

SSL *test_connect_tls(const struct test_server *test, const char *alpn)
{
    return test_shake_hands(test_connect(server_port(test->server)), alpn);
}

void test_close(SSL *ssl)
{
    int fd = SSL_get_fd(ssl);
    SSL_set_quiet_shutdown(ssl, 1);
    SSL_free(ssl);
    (void)close(fd);
}

void test_send(SSL *ssl, const void *bytes, size_t count)
{
    size_t written;
    /* A server that has closed already is what some tests are about. */
    (void)SSL_write_ex(ssl, bytes, count, &written);
}

char *test_read_until(SSL *ssl, const char *until)
{
    struct text text;
    char bytes[16384];
    size_t count;
    text_init(&text, SIZE_MAX / 2);
    while ((!until || !text.bytes || !memmem(text.bytes, text.length, until, strlen(until)))
           && SSL_read_ex(ssl, bytes, sizeof bytes, &count) == 1)
        text_append(&text, bytes, count);
    return text_take(&text);
}
