/*
 * The chunked transfer coding of a request body (RFC 9112 section 7.1), byte by byte and strictly:
 *   size       1 to 15 hex digits, no sign, no "0x", no space around;
 *   extension  skipped and bounded, of a chunk and of the whole body: else megabytes of extension
 *              could carry a few bytes of body;
 *   lines      end with CR LF, never with a bare LF or CR;
 *   trailers   checked for form, bounded, and dropped.
 * Pure: the decoder holds no data, it marks pieces in what it is given.
 */
#ifndef LECTERN_HTTP_CHUNKED_H
#define LECTERN_HTTP_CHUNKED_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct request_limits;

enum chunked_state {
    CHUNKED_SIZE_FIRST, /* expects the first hex digit of a size */
    CHUNKED_SIZE,       /* in the digits */
    CHUNKED_EXTENSION,  /* after ';' up to CR */
    CHUNKED_SIZE_LF,    /* the LF after size and extension */
    CHUNKED_DATA,       /* `left` bytes of data */
    CHUNKED_DATA_CR,    /* the CR after data */
    CHUNKED_DATA_LF,
    CHUNKED_TRAILER_FIRST, /* first byte of a trailer line, or the CR of the end */
    CHUNKED_TRAILER_NAME,
    CHUNKED_TRAILER_VALUE,
    CHUNKED_TRAILER_LF,
    CHUNKED_END_LF, /* the very last byte */
    CHUNKED_ENDED,
    CHUNKED_REFUSED,
};

struct chunked {
    const struct request_limits *limits;
    enum chunked_state state;
    unsigned digits;
    uint64_t left;
    size_t extension_bytes, extensions_bytes, trailer_bytes;
};

/* The limits are lent, and outlive the decoder. */
void chunked_init(struct chunked *chunked, const struct request_limits *limits);
/* Consumes bytes up to the end of one piece of data, or all of them.  *ret_data is NULL when no
 * data came.  The number of bytes consumed; look at state afterwards: ENDED (what follows is the
 * next request) or REFUSED. */
size_t chunked_read(struct chunked *chunked, const char *bytes, size_t count, const char **ret_data,
    size_t *ret_data_count);

#endif
