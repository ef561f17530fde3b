/*
 * What a response still has to send: pieces of memory and of mapped files, read with a cursor, so
 * that both protocols and multipart ranges go one way.
 *
 * Ownership  the body takes over what its pieces point into: one body_memory and one reference of a
 *            map.
 * Threads    built anywhere, read on the loop.
 */
#ifndef LECTERN_HTTP_RESPONSE_BODY_H
#define LECTERN_HTTP_RESPONSE_BODY_H

#include "http/exchange.h"

struct body_piece {
    const char *bytes;
    bool in_file; /* bytes lie in the map, at offset */
    uint64_t offset;
    uint64_t count;
};

struct response_body {
    struct body_piece *pieces; /* of the exchange's arena */
    size_t piece_count, piece; /* piece: the current one */
    uint64_t done;             /* of the current piece */
    uint64_t left;             /* of all pieces */
    uint64_t file_end;         /* the file was read up to here */
    struct body_memory memory;
    struct media_map *map;
    struct push *push; /* instead of pieces: see push_body.h; of the exchange's arena */
};

enum body_step {
    BODY_READY,
    BODY_WAITS,  /* for the application: exchange_push_more() */
    BODY_COLD,   /* the next bytes, from *ret_cold_offset on, are on the disk only */
    BODY_BROKEN, /* the file shrank */
};

/* Lends up to `most` bytes at the cursor, contiguous ones; moves nothing. */
enum body_step response_body_peek(struct response_body *body, size_t most, const char **ret_bytes,
    size_t *ret_count, uint64_t *ret_cold_offset);
void response_body_advance(struct response_body *body, size_t count);
/* Is what was read up to the cursor really the file's?  To be asked before it is sent. */
bool response_body_is_sound(const struct response_body *body);
/* The range of the file behind the last piece, as long as that, at most `most`: what a player will
 * ask for next. false when there is none. */
bool response_body_next_range(
    const struct response_body *body, uint64_t most, uint64_t *ret_offset, uint64_t *ret_count);
void response_body_release(struct response_body *body);

/* How much is asked for and brought in at once. */
enum { BODY_WINDOW_BYTES = 512 * 1024 };

#endif
