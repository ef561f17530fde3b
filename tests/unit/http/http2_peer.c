#include "http2_peer.h"

#include <stdlib.h>
#include <string.h>

SSL *http2_connect(const struct test_server *test)
{
    /* SETTINGS_INITIAL_WINDOW_SIZE of 2^31 - 1, and the connection's own opened as far. */
    static const char preface[] = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"
                                  "\0\0\6\4\0\0\0\0\0\0\4\x7f\xff\xff\xff"
                                  "\0\0\4\x8\0\0\0\0\0\x7f\xff\0\0";
    SSL *ssl = test_connect_tls(test, "h2");
    test_send(ssl, preface, sizeof preface - 1);
    return ssl;
}

void http2_get(SSL *ssl, uint32_t stream, const char *path)
{
    enum { FRAME_HEADER = 9, PATH_MAX_BYTES = 100, END_STREAM_AND_HEADERS = 5 };
    /* The static table's GET and https, the path and the authority "a" as literals (RFC 7541). */
    static const uint8_t method_and_scheme[] = { 0x82, 0x87 }, authority[] = { 0x41, 1, 'a' };
    uint8_t frame[FRAME_HEADER + PATH_MAX_BYTES + 16];
    size_t length = strlen(path), at = FRAME_HEADER;
    if (length >= PATH_MAX_BYTES)
        abort();
    memcpy(frame + at, method_and_scheme, sizeof method_and_scheme);
    at += sizeof method_and_scheme;
    frame[at++] = 0x44;
    frame[at++] = (uint8_t)length;
    memcpy(frame + at, path, length);
    at += length;
    memcpy(frame + at, authority, sizeof authority);
    at += sizeof authority;
    const uint8_t head[FRAME_HEADER] = { 0, 0, (uint8_t)(at - FRAME_HEADER), FRAME_HEADERS,
        END_STREAM_AND_HEADERS, 0, 0, (uint8_t)(stream >> 8), (uint8_t)stream };
    memcpy(frame, head, sizeof head);
    test_send(ssl, frame, at);
}

static bool read_whole(SSL *ssl, void *bytes, size_t count)
{
    size_t got, all = 0;
    while (all < count && SSL_read_ex(ssl, (char *)bytes + all, count - all, &got) == 1)
        all += got;
    return all == count;
}

bool http2_read(SSL *ssl, struct http2_frame *frame)
{
    uint8_t head[9];
    if (!read_whole(ssl, head, sizeof head))
        return false;
    frame->length = (uint32_t)head[0] << 16 | (uint32_t)head[1] << 8 | head[2];
    frame->type = head[3];
    frame->flags = head[4];
    frame->stream = (uint32_t)(head[5] & 0x7f) << 24 | (uint32_t)head[6] << 16
                    | (uint32_t)head[7] << 8 | head[8];
    if (frame->length > sizeof frame->bytes)
        abort();
    return read_whole(ssl, frame->bytes, frame->length);
}

size_t http2_read_body(SSL *ssl, uint32_t stream, bool *ret_whole)
{
    struct http2_frame *frame = malloc(sizeof *frame);
    size_t count = 0;
    bool ended = false;
    *ret_whole = false;
    while (!ended && http2_read(ssl, frame)) {
        if (frame->stream != stream)
            continue;
        if (frame->type == FRAME_DATA)
            count += frame->length;
        *ret_whole = frame->type != FRAME_RST_STREAM && (frame->flags & FLAG_END_STREAM);
        ended = *ret_whole || frame->type == FRAME_RST_STREAM;
    }
    free(frame);
    return count;
}
