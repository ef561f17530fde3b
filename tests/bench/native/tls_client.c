#include "tls_client.h"

#include "base/clock.h"
#include "base/memory.h"
#include "base/text.h"

#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <openssl/err.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>
#include <unistd.h>

enum {
    BUFFER_BYTES = 64 * 1024,
    WAIT_S = 20, /* for one read or write; longer is a failure */
    FRAME_HEADER_BYTES = 9
};

void die(const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    (void)vfprintf(stderr, format, arguments);
    va_end(arguments);
    (void)fputc('\n', stderr);
    ERR_print_errors_fp(stderr);
    exit(1);
}

int64_t number_of(const char *word, int64_t least, int64_t most)
{
    int64_t number;
    if (!text_to_int64(word, strlen(word), least, most, &number))
        die("'%s' is no number from %lld to %lld", word, (long long)least, (long long)most);
    return number;
}

int64_t now_us(void)
{
    return clock_steady_us();
}

static void read_request(struct tls_client *client, const char *path)
{
    FILE *file = fopen(path, "rb");
    client->request = memory_alloc(BUFFER_BYTES);
    if (!file)
        die("'%s': %s", path, strerror(errno));
    client->request_bytes = fread(client->request, 1, BUFFER_BYTES, file);
    if (client->request_bytes == 0 || client->request_bytes == BUFFER_BYTES)
        die("'%s' holds no request", path);
    (void)fclose(file);
}

void tls_client_init(
    struct tls_client *client, const char *port, const char *protocol, const char *request_path)
{
    static const unsigned char http1[] = "\x08http/1.1", http2[] = "\x02h2";
    client->port = (uint16_t)number_of(port, 1, 65535);
    client->http2 = strcmp(protocol, "h2") == 0;
    if (!client->http2 && strcmp(protocol, "http/1.1") != 0)
        die("'%s' is neither h2 nor http/1.1", protocol);
    client->context = SSL_CTX_new(TLS_client_method());
    if (!client->context || !SSL_CTX_set_min_proto_version(client->context, TLS1_3_VERSION)
        || !SSL_CTX_set_ciphersuites(client->context, "TLS_AES_128_GCM_SHA256")
        || SSL_CTX_set_alpn_protos(client->context, client->http2 ? http2 : http1,
               (unsigned)(client->http2 ? sizeof http2 : sizeof http1) - 1)
               != 0)
        die("TLS cannot be set up");
    /* Thousands of connections are held: each must be small on this side too. */
    SSL_CTX_set_mode(client->context, SSL_MODE_RELEASE_BUFFERS);
    (void)signal(SIGPIPE, SIG_IGN);
    read_request(client, request_path);
}

void tls_client_release(struct tls_client *client)
{
    SSL_CTX_free(client->context);
    free(client->request);
}

static int connect_to(uint16_t port)
{
    struct sockaddr_in address = {
        .sin_family = AF_INET, .sin_port = htons(port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)
    };
    struct timeval wait = { .tv_sec = WAIT_S };
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), yes = 1;
    if (fd < 0 || setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &wait, sizeof wait) != 0
        || setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &wait, sizeof wait) != 0
        || setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes) != 0
        || connect(fd, (struct sockaddr *)&address, sizeof address) != 0)
        die("no connection to port %d: %s", port, strerror(errno));
    return fd;
}

static void check_protocol(const struct tls_client *client, const SSL *ssl)
{
    const unsigned char *got;
    unsigned length;
    const char *wanted = client->http2 ? "h2" : "http/1.1";
    SSL_get0_alpn_selected(ssl, &got, &length);
    if (length != strlen(wanted) || memcmp(got, wanted, length) != 0)
        die("port %d does not speak %s", client->port, wanted);
}

SSL *tls_open(const struct tls_client *client, SSL_SESSION *resume)
{
    SSL *ssl = SSL_new(client->context);
    if (!ssl || !SSL_set_fd(ssl, connect_to(client->port))
        || !SSL_set_tlsext_host_name(ssl, "localhost") || (resume && !SSL_set_session(ssl, resume))
        || SSL_connect(ssl) != 1)
        die("no handshake with port %d", client->port);
    check_protocol(client, ssl);
    return ssl;
}

static size_t read_some(SSL *ssl, char *bytes, size_t most)
{
    size_t count;
    if (SSL_read_ex(ssl, bytes, most, &count) != 1)
        die("the answer breaks off");
    return count;
}

/* ---- HTTP/1.1 ---- */

static size_t length_of_body(const char *head)
{
    static const char field[] = "\r\ncontent-length:";
    const char *found = strcasestr(head, field);
    if (strncmp(head, "HTTP/1.1 200 ", 13) != 0 || !found)
        die("an unexpected answer: %.200s", head);
    return strtoul(found + strlen(field), NULL, 10);
}

static size_t read_http1(SSL *ssl)
{
    char bytes[BUFFER_BYTES];
    size_t count = 0;
    const char *end;
    do {
        if (count == sizeof bytes - 1)
            die("a header without end");
        count += read_some(ssl, bytes + count, sizeof bytes - 1 - count);
        bytes[count] = '\0';
        end = strstr(bytes, "\r\n\r\n");
    } while (!end);
    size_t whole = (size_t)(end + 4 - bytes) + length_of_body(bytes);
    while (count < whole)
        count += read_some(ssl, bytes, sizeof bytes);
    if (count != whole)
        die("more than an answer came");
    return whole;
}

/* ---- HTTP/2, RFC 9113; stream 1 of a new connection ---- */

static void read_exactly(SSL *ssl, unsigned char *bytes, size_t count)
{
    for (size_t done = 0; done < count;)
        done += read_some(ssl, (char *)bytes + done, count - done);
}

/* The first field of the block, behind changes of the table's size, is ":status: 200": entry 8 of
 * the static table (RFC 7541). */
static bool says_ok(const unsigned char *block, size_t count)
{
    size_t at = 0;
    while (at < count && (block[at] & 0xe0) == 0x20)
        at++;
    return at < count && block[at] == 0x88;
}

static size_t read_http2(SSL *ssl)
{
    enum { DATA = 0, HEADERS = 1, SETTINGS = 4, PING = 6, WINDOW_UPDATE = 8, END_STREAM = 1 };
    static const unsigned char settings_taken[FRAME_HEADER_BYTES] = { 0, 0, 0, SETTINGS, 1 };
    unsigned char header[FRAME_HEADER_BYTES], payload[BUFFER_BYTES];
    size_t whole = 0;
    do {
        read_exactly(ssl, header, sizeof header);
        size_t count = (size_t)header[0] << 16 | (size_t)header[1] << 8 | header[2];
        if (count > sizeof payload)
            die("a frame of %zu bytes", count);
        read_exactly(ssl, payload, count);
        whole += count;
        if (header[3] > WINDOW_UPDATE || header[3] == 3 || header[3] == 7
            || (header[3] == HEADERS && !says_ok(payload, count)))
            die("an unexpected frame of type %d", header[3]);
    } while (header[3] > HEADERS || !(header[4] & END_STREAM));
    size_t written;
    if (SSL_write_ex(ssl, settings_taken, sizeof settings_taken, &written) != 1)
        die("the settings cannot be acknowledged");
    return whole;
}

size_t tls_ask(const struct tls_client *client, SSL *ssl)
{
    size_t written;
    if (SSL_write_ex(ssl, client->request, client->request_bytes, &written) != 1)
        die("the request cannot be sent");
    return client->http2 ? read_http2(ssl) : read_http1(ssl);
}

void tls_close(SSL *ssl)
{
    char bytes[1024];
    size_t count;
    int fd = SSL_get_fd(ssl);
    (void)SSL_shutdown(ssl);
    (void)shutdown(fd, SHUT_WR);
    while (SSL_read_ex(ssl, bytes, sizeof bytes, &count) == 1)
        ;
    SSL_free(ssl);
    (void)close(fd);
    ERR_clear_error();
}
