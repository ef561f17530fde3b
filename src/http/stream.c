#include "http/stream.h"

#include "base/clock.h"
#include "base/memory.h"

#include <errno.h>
#include <limits.h>
#include <linux/sock_diag.h>
#include <linux/sockios.h>
#include <openssl/err.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

static BIO_METHOD *method;
static pthread_once_t method_once = PTHREAD_ONCE_INIT;

/* Sends; what remains is *ret_rest bytes at the end. */
static bool send_some(struct stream *stream, const char *bytes, size_t count, size_t *ret_rest)
{
    while (count > 0) {
        ssize_t sent = send(stream->fd, bytes, count, MSG_NOSIGNAL | MSG_DONTWAIT);
        if (sent < 0 && errno == EINTR)
            continue;
        if (sent < 0 && (errno == EAGAIN || errno == EWOULDBLOCK))
            break;
        if (sent < 0) {
            stream->broken = true;
            return false;
        }
        stream->sent_bytes += (uint64_t)sent;
        stream->sent_ms = clock_steady_ms();
        bytes += sent;
        count -= (size_t)sent;
    }
    *ret_rest = count;
    return true;
}

static bool keep_unsent(struct stream *stream, const char *bytes, size_t count)
{
    if (stream->unsent_length + count > STREAM_UNSENT_MAX) {
        stream->broken
            = true; /* a peer that makes us talk (renewed keys, say) but does not listen */
        return false;
    }
    stream->room_end = 0;
    if (stream->unsent_start > 0) {
        memmove(stream->unsent, stream->unsent + stream->unsent_start, stream->unsent_length);
        stream->unsent_start = 0;
    }
    char *grown = memory_try_resized(stream->unsent, stream->unsent_length + count, 1);
    if (!grown) {
        stream->broken = true;
        return false;
    }
    stream->unsent = grown;
    memcpy(stream->unsent + stream->unsent_length, bytes, count);
    stream->unsent_length += count;
    return true;
}

static void drop_gathered(struct gather *gather)
{
    gather->length = 0;
    gather->owner = NULL;
}

/* Hands the gathered bytes to the kernel and keeps the rest. */
static bool send_gathered(struct stream *stream)
{
    struct gather *gather = stream->gather;
    size_t length = gather->length;
    size_t rest;
    if (gather->owner != stream)
        return true;
    drop_gathered(gather);
    if (!send_some(stream, gather->bytes, length, &rest))
        return false;
    return rest == 0 || keep_unsent(stream, gather->bytes + length - rest, rest);
}

static bool gather_bytes(struct stream *stream, const char *bytes, size_t count)
{
    struct gather *gather = stream->gather;
    stream->made_bytes += count;
    if (gather->owner && gather->owner != stream)
        (void)send_gathered(
            gather->owner); /* a turn that did not flush; its error is noted there */
    if (gather->owner && gather->length + count > sizeof gather->bytes && !send_gathered(stream))
        return false;
    if (stream->unsent_length > 0 || count > sizeof gather->bytes)
        return send_gathered(stream) && keep_unsent(stream, bytes, count);
    gather->owner = stream;
    memcpy(gather->bytes + gather->length, bytes, count);
    gather->length += count;
    return true;
}

/* Asked until it says EAGAIN, after a short read too: where a reset came in one edge with the last
 * bytes, no further edge tells of it, and the connection would be kept until a deadline.  But for
 * stream_is_drained(): a socket that was reset takes no bytes. */
static ssize_t receive(struct stream *stream, void *bytes, size_t size)
{
    ssize_t count;
    do
        count = recv(stream->fd, bytes, size, MSG_DONTWAIT);
    while (count < 0 && errno == EINTR);
    stream->came_short = count > 0 && (size_t)count < size;
    stream->sent_bytes_at_read = stream->sent_bytes;
    return count;
}

static int bio_write(BIO *bio, const char *bytes, size_t count, size_t *ret_count)
{
    struct stream *stream = BIO_get_data(bio);
    BIO_clear_retry_flags(bio);
    if (stream->broken || !gather_bytes(stream, bytes, count))
        return 0;
    *ret_count = count;
    return 1;
}

static int bio_read(BIO *bio, char *bytes, size_t size, size_t *ret_count)
{
    struct stream *stream = BIO_get_data(bio);
    BIO_clear_retry_flags(bio);
    if (stream->broken)
        return 0;
    ssize_t count = receive(stream, bytes, size);
    if (count < 0 && (errno == EAGAIN || errno == EWOULDBLOCK)) {
        BIO_set_retry_read(bio);
        return 0;
    }
    if (count < 0)
        stream->broken = true;
    if (count <= 0)
        return 0;
    *ret_count = (size_t)count;
    return 1;
}

static long bio_control(BIO *bio, int command, long number, void *pointer)
{
    (void)bio;
    (void)number;
    (void)pointer;
    return command == BIO_CTRL_FLUSH ? 1 : 0;
}

static int bio_create(BIO *bio)
{
    BIO_set_init(bio, 1);
    return 1;
}

static void make_method(void)
{
    int index = BIO_get_new_index();
    method = index < 0 ? NULL : BIO_meth_new(index | BIO_TYPE_SOURCE_SINK, "lectern stream");
    if (!method)
        return;
    (void)BIO_meth_set_write_ex(method, bio_write);
    (void)BIO_meth_set_read_ex(method, bio_read);
    (void)BIO_meth_set_ctrl(method, bio_control);
    (void)BIO_meth_set_create(method, bio_create);
}

/* The process's one BIO method; made by the first call, ended never. */
static bool has_method(void)
{
    (void)pthread_once(&method_once, make_method);
    return method != NULL;
}

void stream_open(struct stream *stream, int fd, struct gather *gather)
{
    *stream = (struct stream){ .fd = fd, .gather = gather };
}

enum stream_step stream_peek(const struct stream *stream)
{
    char byte;
    ssize_t count;
    do
        count = recv(stream->fd, &byte, 1, MSG_PEEK | MSG_DONTWAIT);
    while (count < 0 && errno == EINTR);
    if (count < 0 && (errno == EAGAIN || errno == EWOULDBLOCK))
        return STREAM_AGAIN;
    return count > 0 ? STREAM_DONE : STREAM_ENDED;
}

/*
 * OpenSSL carries out any number of these within one SSL_read_ex(), for as long as they come: a peer that
 * sends nothing else would keep the loop to itself.
 */
static void count_renewals(const SSL *ssl, int where, int result)
{
    struct stream *stream = BIO_get_data(SSL_get_rbio(ssl));
    bool renewed = (where & SSL_CB_LOOP) && SSL_get_state(ssl) == TLS_ST_SR_KEY_UPDATE;
    bool refused = where == SSL_CB_WRITE_ALERT && (result & 0xff) == SSL_AD_NO_RENEGOTIATION;
    if ((renewed || refused) && ++stream->renewals > stream->renewals_max)
        stream->broken = true;
}

/* OpenSSL gives the kernel its keys through a BIO of its own for sockets only, and sends the handshake
 * there, by write(): the process must ignore SIGPIPE, as ours does.  What we read still comes through our
 * own. */
static bool offer_to_kernel(struct stream *stream)
{
    BIO *socket = BIO_new_socket(stream->fd, BIO_NOCLOSE);
    if (socket)
        SSL_set0_wbio(stream->ssl, socket);
    return socket != NULL;
}

bool stream_start_tls(struct stream *stream, SSL_CTX *tls, int64_t renewals_max)
{
    BIO *bio = has_method() ? BIO_new(method) : NULL;
    stream->ssl = bio ? SSL_new(tls) : NULL;
    if (!stream->ssl) {
        BIO_free(bio);
        return false;
    }
    BIO_set_data(bio, stream);
    SSL_set_bio(stream->ssl, bio, bio);
    SSL_set_accept_state(stream->ssl);
    stream->renewals_max = renewals_max;
    return !(SSL_get_options(stream->ssl) & SSL_OP_ENABLE_KTLS) || offer_to_kernel(stream);
}

static void settle_writer(struct stream *stream)
{
    BIO *ours = SSL_get_rbio(stream->ssl), *writer = SSL_get_wbio(stream->ssl);
    if (writer == ours)
        return;
    stream->kernel_writes = BIO_get_ktls_send(writer);
    if (stream->kernel_writes) {
        stream->renewals_max = 0;
    } else {
        (void)BIO_up_ref(ours);
        SSL_set0_wbio(stream->ssl, ours);
    }
}

/* SSL_get_error() wants an empty queue.  It nearly always is, and clearing it costs more than looking. */
static void forget_errors(void)
{
    if (ERR_peek_error() != 0)
        ERR_clear_error();
}

/* What a failed SSL_ call means. */
static enum stream_step step_of(struct stream *stream, int result)
{
    switch (SSL_get_error(stream->ssl, result)) {
    case SSL_ERROR_WANT_READ:
    case SSL_ERROR_WANT_WRITE:
        return STREAM_AGAIN;
    case SSL_ERROR_ZERO_RETURN:
        return STREAM_ENDED;
    default:
        /* Not `broken`: an alert that says why may be gathered, and stream_close() sends it. */
        return STREAM_BROKEN;
    }
}

enum stream_step stream_handshake(struct stream *stream)
{
    if (!stream->ssl)
        return STREAM_DONE;
    forget_errors();
    int result = SSL_do_handshake(stream->ssl);
    if (result != 1)
        return step_of(stream, result);
    settle_writer(stream);
    SSL_set_info_callback(stream->ssl, count_renewals); /* now only: it is told of every step */
    return STREAM_DONE;
}

bool stream_is_http2(const struct stream *stream)
{
    const unsigned char *protocol = NULL;
    unsigned length = 0;
    if (stream->ssl)
        SSL_get0_alpn_selected(stream->ssl, &protocol, &length);
    return length == 2 && memcmp(protocol, "h2", 2) == 0;
}

static enum stream_step read_plain(
    struct stream *stream, void *bytes, size_t size, size_t *ret_count)
{
    ssize_t count = receive(stream, bytes, size);
    if (count > 0) {
        *ret_count = (size_t)count;
        return STREAM_DONE;
    }
    if (count == 0)
        return STREAM_ENDED;
    if (errno == EAGAIN || errno == EWOULDBLOCK)
        return STREAM_AGAIN;
    stream->broken = true;
    return STREAM_BROKEN;
}

enum stream_step stream_read(struct stream *stream, void *bytes, size_t size, size_t *ret_count)
{
    if (stream->broken)
        return STREAM_BROKEN;
    if (!stream->ssl)
        return read_plain(stream, bytes, size, ret_count);
    forget_errors();
    int result = SSL_read_ex(stream->ssl, bytes, size, ret_count);
    return result == 1 ? STREAM_DONE : step_of(stream, result);
}

bool stream_is_drained(const struct stream *stream)
{
    return stream->came_short && stream->sent_bytes > stream->sent_bytes_at_read
           && !stream->peer_closed && !(stream->ssl && SSL_has_pending(stream->ssl));
}

void stream_note_edge(struct stream *stream, bool peer_closed)
{
    stream->came_short = false;
    stream->peer_closed = stream->peer_closed || peer_closed;
}

bool stream_write(struct stream *stream, const void *bytes, size_t count)
{
    if (stream->broken)
        return false;
    if (!stream->ssl || stream->kernel_writes)
        return gather_bytes(stream, bytes, count);
    size_t written;
    forget_errors();
    if (SSL_write_ex(stream->ssl, bytes, count, &written) == 1)
        return true;
    stream->broken = true;
    return false;
}

enum stream_step stream_flush(struct stream *stream)
{
    if (stream->broken) {
        stream_discard(stream);
        return STREAM_BROKEN;
    }
    if (stream->unsent_length > 0) {
        size_t rest;
        const char *bytes = stream->unsent + stream->unsent_start;
        if (!send_some(stream, bytes, stream->unsent_length, &rest))
            return STREAM_BROKEN;
        stream->unsent_start += stream->unsent_length - rest;
        stream->unsent_length = rest;
        if (rest > 0)
            return STREAM_AGAIN;
        free(stream->unsent);
        stream->unsent = NULL;
        stream->unsent_start = 0;
    }
    if (!send_gathered(stream))
        return STREAM_BROKEN;
    return stream->unsent_length > 0 ? STREAM_AGAIN : STREAM_DONE;
}

void stream_discard(struct stream *stream)
{
    if (stream->gather->owner == stream)
        drop_gathered(stream->gather);
}

bool stream_has_unsent(const struct stream *stream)
{
    return stream->unsent_length > 0;
}

uint64_t stream_untaken_bytes(const struct stream *stream)
{
    return stream->made_bytes - stream->sent_bytes;
}

/*
 * The kernel takes bytes until its unsent ones reach TCP_NOTSENT_LOWAT, and until its memory for
 * the socket is full.  A batch larger than that leaves a remainder here for each stalled viewer; so
 * it is asked first.  Room that it had stays until it is used up.
 */
static size_t ask_room(const struct stream *stream, size_t unsent_bytes_max)
{
    size_t room = unsent_bytes_max;
    int unsent = 0;
    if (ioctl(stream->fd, SIOCOUTQNSD, &unsent) == 0 && unsent >= 0)
        room = (size_t)unsent < unsent_bytes_max ? unsent_bytes_max - (size_t)unsent : 0;
    uint32_t memory[SK_MEMINFO_VARS] = { 0 };
    socklen_t size = sizeof memory;
    if (getsockopt(stream->fd, SOL_SOCKET, SO_MEMINFO, memory, &size) == 0) {
        uint32_t queued = memory[SK_MEMINFO_WMEM_QUEUED];
        uint32_t limit = memory[SK_MEMINFO_SNDBUF];
        size_t left = queued < limit ? limit - queued : 0;
        room = left < room ? left : room;
    }
    return room;
}

size_t stream_room(struct stream *stream, size_t unsent_bytes_max)
{
    const size_t most = (size_t)STREAM_BATCH_RECORDS * STREAM_RECORD_BYTES;
    if (stream->sent_bytes + most > stream->room_end)
        stream->room_end = stream->sent_bytes + ask_room(stream, unsent_bytes_max);
    size_t room = (size_t)(stream->room_end - stream->sent_bytes);
    room = room / STREAM_RECORD_BYTES * STREAM_RECORD_BYTES;
    if (room < STREAM_RECORD_BYTES)
        return STREAM_RECORD_BYTES;
    return room < most ? room : most;
}

void stream_say_goodbye(struct stream *stream)
{
    if (stream->broken || !stream->ssl)
        return;
    forget_errors();
    if (stream->kernel_writes)
        (void)stream_flush(stream); /* before the goodbye, which goes by another way */
    (void)SSL_shutdown(stream->ssl);
    (void)stream_flush(stream);
}

void stream_shut(struct stream *stream)
{
    stream_say_goodbye(stream);
    if (!stream->broken)
        (void)shutdown(stream->fd, SHUT_WR);
}

void stream_give_up(struct stream *stream)
{
    struct linger at_once = { .l_onoff = 1, .l_linger = 0 };
    (void)setsockopt(stream->fd, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
}

void stream_close(struct stream *stream)
{
    if (!stream->broken)
        (void)send_gathered(stream);
    stream_discard(stream);
    if (stream->ssl) {
        SSL_set_quiet_shutdown(stream->ssl, 1);
        SSL_free(stream->ssl);
        stream->ssl = NULL;
    }
    free(stream->unsent);
    stream->unsent = NULL;
    stream->unsent_length = 0;
    if (stream->fd >= 0)
        (void)close(stream->fd);
    stream->fd = -1;
}
