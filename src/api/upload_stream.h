/*
 * The bytes of an upload on their way from a request to the disk, and what follows the last one.
 *
 * A body streams: pieces are gathered on the loop up to a bound, the peer is held back while a disk
 * thread writes them, then the body goes on.  So memory does not depend on the size of the upload,
 * and no loop waits for a disk.  When all is there, what is left to do before the file can be
 * handed over (upload_prepare) is done in stretches, between which others have the disk thread.
 */
#ifndef LECTERN_API_UPLOAD_STREAM_H
#define LECTERN_API_UPLOAD_STREAM_H

#include "catalog/upload.h"
#include "http/exchange.h"

struct event;

struct upload_stream {
    /* Set by whoever starts it. */
    char id[UUID_TEXT_SIZE];
    const char *staff_id; /* as upload_open() takes it */
    int64_t offset_bytes; /* where the bytes go, or UPLOAD_AT_ITS_END */
    int64_t length_bytes; /* that it gets, or UPLOAD_LENGTH_UNKNOWN */
    bool has_body;        /* else it is only finished */
    bool is_new;          /* of this very request: on a problem, nobody knows of it */
    bool has_checksum;
    struct upload_checksum checksum;
    /* On the loop, once, with exchange->problem or the facts. */
    void (*ended)(struct exchange *exchange, const struct upload_stream *stream);
    struct upload_facts facts;

    /* Its own.  Either the loop gathers, or (working) a thread has it; never both. */
    struct upload_writer *writer;
    struct event *let_go_poll; /* asks twice a second whether another connection wants the upload */
    char *piece;
    size_t piece_bytes;
    bool working;
    bool body_ended; /* whole or not */
    bool must_let_go;
    bool closing, synced, more;
    struct problem late; /* of what was to be done after the bytes */
};

/* On the loop; the stream is of the exchange's arena, and becomes exchange->state. */
void upload_stream_start(struct exchange *exchange, struct upload_stream *stream);

#endif
