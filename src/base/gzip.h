/*
 * Packing for the way to a client: gzip (RFC 1952) over zlib, of texts that are whole in memory.
 *
 * Ownership  what is returned is ended with free().
 * Errors     NULL when the packed form is not shorter, or when there is no memory for it: then the
 *            text goes as it is.
 * Threads    any; takes about 15 ms a MiB, so not on an event loop for what can be large.
 */
#ifndef LECTERN_BASE_GZIP_H
#define LECTERN_BASE_GZIP_H

#include <stddef.h>

/* Below it, the 18 bytes of wrapper and the field that tells of it eat up the gain. */
enum { GZIP_BYTES_LEAST = 256 };

enum gzip_effort {
    GZIP_QUICK = 5, /* packed for one answer */
    GZIP_BEST = 9,  /* packed once, sent often */
};

char *gzip_pack(const void *bytes, size_t count, enum gzip_effort effort, size_t *ret_count);

#endif
