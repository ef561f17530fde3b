#include "fault_client.h"

#include <arpa/inet.h>
#include <netinet/tcp.h>
#include <nghttp2/nghttp2.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum { SILENCE_S = 20, BODY_BYTES_MAX = 8 << 20 };

static _Noreturn void give_up(const char *what)
{
    (void)fprintf(stderr, "client: %s\n", what);
    abort();
}

static SSL_CTX *context_of(const char *protocol)
{
    SSL_CTX *context = SSL_CTX_new(TLS_client_method());
    unsigned char offered[16];
    offered[0] = (unsigned char)strlen(protocol);
    memcpy(offered + 1, protocol, offered[0]);
    if (!context || SSL_CTX_set_alpn_protos(context, offered, offered[0] + 1u) != 0)
        give_up("no TLS");
    return context;
}

static SSL *open_connection(int port, const char *protocol)
{
    struct sockaddr_in address = { .sin_family = AF_INET,
        .sin_port = htons((uint16_t)port),
        .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
    struct timeval silence = { .tv_sec = SILENCE_S };
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), on = 1;
    if (fd < 0 || setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on) != 0
        || setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &silence, sizeof silence) != 0)
        give_up("no socket");
    if (connect(fd, (struct sockaddr *)&address, sizeof address) != 0) {
        (void)close(fd);
        return NULL;
    }
    SSL_CTX *context = context_of(protocol);
    SSL *ssl = SSL_new(context);
    SSL_CTX_free(context);
    ERR_clear_error();
    if (SSL_set_fd(ssl, fd) != 1)
        give_up("no TLS");
    int result = SSL_connect(ssl);
    if (result == 1)
        return ssl;
    if (SSL_get_error(ssl, result) == SSL_ERROR_WANT_READ)
        give_up("silence in a handshake");
    SSL_free(ssl);
    (void)close(fd);
    return NULL;
}

static void close_connection(SSL *ssl)
{
    int fd = SSL_get_fd(ssl);
    SSL_set_quiet_shutdown(ssl, 1);
    SSL_free(ssl);
    (void)close(fd);
}

/* 0: the connection has ended. */
static size_t read_some(SSL *ssl, char *bytes, size_t size)
{
    size_t count = 0;
    ERR_clear_error();
    int result = SSL_read_ex(ssl, bytes, size, &count);
    if (result != 1 && SSL_get_error(ssl, result) == SSL_ERROR_WANT_READ)
        give_up("the server neither answers nor closes");
    return result == 1 ? count : 0;
}

static void start_answers(struct client_answer *answers, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        answers[i] = (struct client_answer){ 0 };
        text_init(&answers[i].body, BODY_BYTES_MAX);
    }
}

void client_release(struct client_answer *answers, size_t count)
{
    for (size_t i = 0; i < count; i++)
        text_release(&answers[i].body);
}

/* HTTP/1.1 */

static void send_request(SSL *ssl, const struct client_request *request)
{
    struct text text;
    size_t written;
    text_init(&text, BODY_BYTES_MAX);
    text_printf(&text, "%s %s HTTP/1.1\r\nHost: localhost\r\n", request->method, request->path);
    for (size_t i = 0; i < 3 && request->fields[i][0]; i++)
        text_printf(&text, "%s: %s\r\n", request->fields[i][0], request->fields[i][1]);
    size_t length = request->body ? strlen(request->body) : 0;
    if (request->chunked)
        text_printf(&text, "Transfer-Encoding: chunked\r\n\r\n3\r\n%.3s\r\n%zx\r\n%s\r\n0\r\n\r\n",
            request->body, length - 3, request->body + 3);
    else if (request->body)
        text_printf(&text, "Content-Length: %zu\r\n\r\n%s", length, request->body);
    else
        text_append_string(&text, "\r\n");
    (void)SSL_write_ex(ssl, text.bytes, text.length, &written);
    text_release(&text);
}

static size_t content_length(const char *head, int status)
{
    const char *field = strcasestr(head, "\r\nContent-Length: ");
    return field && status != 304 ? strtoul(field + 18, NULL, 10) : 0;
}

/* What came behind the answer stays in *came. */
static void read_answer(SSL *ssl, struct text *came, bool head_only, struct client_answer *answer)
{
    char bytes[16384];
    size_t count, body = 0, length = 0;
    for (;;) {
        const char *end
            = came->length > 0 ? memmem(came->bytes, came->length, "\r\n\r\n", 4) : NULL;
        if (end && answer->status == 0) {
            answer->status = (int)strtol(came->bytes + 9, NULL, 10);
            body = (size_t)(end - came->bytes) + 4;
            length = head_only ? 0 : content_length(came->bytes, answer->status);
        }
        if (answer->status != 0 && came->length >= body + length)
            break;
        if ((count = read_some(ssl, bytes, sizeof bytes)) == 0)
            break;
        text_append(came, bytes, count);
    }
    if (answer->status == 0)
        return;
    size_t have = came->length - body < length ? came->length - body : length;
    answer->whole = have == length;
    text_append(&answer->body, came->bytes + body, have);
    memmove(came->bytes, came->bytes + body + have, came->length - body - have + 1);
    came->length -= body + have;
}

bool client_run_http1(
    int port, const struct client_request *requests, size_t count, struct client_answer *answers)
{
    struct text came;
    start_answers(answers, count);
    SSL *ssl = open_connection(port, "http/1.1");
    if (!ssl)
        return false;
    text_init(&came, BODY_BYTES_MAX);
    for (size_t i = 0; i < count && (i == 0 || answers[i - 1].whole); i++) {
        send_request(ssl, &requests[i]);
        read_answer(ssl, &came, strcmp(requests[i].method, "HEAD") == 0, &answers[i]);
    }
    text_release(&came);
    close_connection(ssl);
    return true;
}

/* HTTP/2 */

struct upload {
    const char *bytes;
    size_t left;
};

struct run {
    SSL *ssl;
    nghttp2_session *session;
    struct client_answer *answers;
    struct upload uploads[CLIENT_REQUESTS_MAX];
    size_t open;
    bool broken;
};

static ssize_t send_bytes(
    nghttp2_session *session, const uint8_t *bytes, size_t count, int flags, void *data)
{
    (void)session;
    (void)flags;
    struct run *run = data;
    size_t written;
    if (SSL_write_ex(run->ssl, bytes, count, &written) == 1)
        return (ssize_t)written;
    return NGHTTP2_ERR_CALLBACK_FAILURE;
}

static ssize_t read_upload(nghttp2_session *session, int32_t id, uint8_t *buffer, size_t size,
    uint32_t *ret_flags, nghttp2_data_source *source, void *data)
{
    (void)session;
    (void)id;
    (void)data;
    struct upload *upload = source->ptr;
    size_t count = upload->left < size ? upload->left : size;
    memcpy(buffer, upload->bytes, count);
    upload->bytes += count;
    upload->left -= count;
    if (upload->left == 0)
        *ret_flags |= NGHTTP2_DATA_FLAG_EOF;
    return (ssize_t)count;
}

static int field_came(nghttp2_session *session, const nghttp2_frame *frame, const uint8_t *name,
    size_t name_length, const uint8_t *value, size_t value_length, uint8_t flags, void *data)
{
    (void)flags;
    (void)value_length;
    (void)data;
    struct client_answer *answer
        = nghttp2_session_get_stream_user_data(session, frame->hd.stream_id);
    if (answer && name_length == 7 && memcmp(name, ":status", 7) == 0)
        answer->status = (int)strtol((const char *)value, NULL, 10);
    return 0;
}

static int data_came(nghttp2_session *session, uint8_t flags, int32_t id, const uint8_t *bytes,
    size_t count, void *data)
{
    (void)flags;
    (void)data;
    struct client_answer *answer = nghttp2_session_get_stream_user_data(session, id);
    if (answer)
        text_append(&answer->body, (const char *)bytes, count);
    return 0;
}

static int stream_ended(nghttp2_session *session, int32_t id, uint32_t error_code, void *data)
{
    struct run *run = data;
    struct client_answer *answer = nghttp2_session_get_stream_user_data(session, id);
    if (answer)
        answer->whole = error_code == NGHTTP2_NO_ERROR;
    run->open--;
    return 0;
}

static nghttp2_nv field(const char *name, const char *value)
{
    return (nghttp2_nv){ (uint8_t *)(uintptr_t)name, (uint8_t *)(uintptr_t)value, strlen(name),
        strlen(value), NGHTTP2_NV_FLAG_NONE };
}

static void submit(struct run *run, const struct client_request *request, size_t index)
{
    nghttp2_nv fields[8] = { field(":method", request->method), field(":path", request->path),
        field(":scheme", "https"), field(":authority", "localhost") };
    size_t count = 4;
    for (size_t i = 0; i < 3 && request->fields[i][0]; i++)
        fields[count++] = field(request->fields[i][0], request->fields[i][1]);
    struct upload *upload = &run->uploads[index];
    *upload = (struct upload){ request->body, request->body ? strlen(request->body) : 0 };
    nghttp2_data_provider provider = { .source.ptr = upload, .read_callback = read_upload };
    int32_t id = nghttp2_submit_request(
        run->session, NULL, fields, count, request->body ? &provider : NULL, &run->answers[index]);
    if (id < 0)
        give_up("no stream");
    run->open++;
    if (nghttp2_session_send(run->session) != 0)
        run->broken = true;
    if (request->reset)
        (void)nghttp2_submit_rst_stream(run->session, NGHTTP2_FLAG_NONE, id, NGHTTP2_CANCEL);
}

static void start_session(struct run *run)
{
    nghttp2_session_callbacks *callbacks;
    nghttp2_settings_entry window = { NGHTTP2_SETTINGS_INITIAL_WINDOW_SIZE, 40000 };
    if (nghttp2_session_callbacks_new(&callbacks) != 0)
        give_up("no session");
    nghttp2_session_callbacks_set_send_callback(callbacks, send_bytes);
    nghttp2_session_callbacks_set_on_header_callback(callbacks, field_came);
    nghttp2_session_callbacks_set_on_data_chunk_recv_callback(callbacks, data_came);
    nghttp2_session_callbacks_set_on_stream_close_callback(callbacks, stream_ended);
    if (nghttp2_session_client_new(&run->session, callbacks, run) != 0
        || nghttp2_submit_settings(run->session, NGHTTP2_FLAG_NONE, &window, 1) != 0)
        give_up("no session");
    nghttp2_session_callbacks_del(callbacks);
}

bool client_run_http2(
    int port, const struct client_request *requests, size_t count, struct client_answer *answers)
{
    char bytes[16384];
    start_answers(answers, count);
    struct run run = { .ssl = open_connection(port, "h2"), .answers = answers };
    if (!run.ssl)
        return false;
    start_session(&run);
    for (size_t i = 0; i < count && !run.broken; i++)
        submit(&run, &requests[i], i);
    while (!run.broken && run.open > 0 && nghttp2_session_send(run.session) == 0) {
        size_t got = read_some(run.ssl, bytes, sizeof bytes);
        run.broken
            = got == 0 || nghttp2_session_mem_recv(run.session, (const uint8_t *)bytes, got) < 0;
    }
    (void)nghttp2_session_terminate_session(run.session, NGHTTP2_NO_ERROR);
    (void)nghttp2_session_send(run.session);
    nghttp2_session_del(run.session);
    close_connection(run.ssl);
    return true;
}
