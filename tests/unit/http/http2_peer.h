/*
 * HTTP/2 by hand, for tests that must know each frame: a connection of test_server.h that has said its
 * preface, requests of one short path, and the frames that come back.
 */
#ifndef LECTERN_TESTS_HTTP_HTTP2_PEER_H
#define LECTERN_TESTS_HTTP_HTTP2_PEER_H

#include "test_server.h"

enum {
    FRAME_DATA = 0,
    FRAME_HEADERS = 1,
    FRAME_RST_STREAM = 3,
    FRAME_GOAWAY = 7,
    FLAG_END_STREAM = 1,
};

struct http2_frame {
    uint8_t type, flags;
    uint32_t stream, length;
    uint8_t bytes[16384];
};

/* Its windows are as wide as they may be, so that nothing waits for them. */
SSL *http2_connect(const struct test_server *test);
/* GET of a path of less than 100 bytes. */
void http2_get(SSL *ssl, uint32_t stream, const char *path);
/* false: the connection has ended. */
bool http2_read(SSL *ssl, struct http2_frame *frame);
/* Bytes of DATA up to the end of the stream, of whatever kind; *ret_whole: by END_STREAM. */
size_t http2_read_body(SSL *ssl, uint32_t stream, bool *ret_whole);

#endif
