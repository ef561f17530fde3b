/*
 * The Range field (RFC 9110 section 14).  Pure.
 *
 * A field that is malformed, of another unit, of more than ranges_max ranges, or with ranges that
 * overlap, is left aside and the whole is sent, which section 14.2 allows: so no short request can
 * ask for much work.
 */
#ifndef LECTERN_HTTP_BYTE_RANGE_H
#define LECTERN_HTTP_BYTE_RANGE_H

#include <stddef.h>
#include <stdint.h>

enum { BYTE_RANGES_MAX = 100 };

struct byte_range {
    uint64_t start, end; /* [start, end), never empty, within the length */
};

enum byte_range_answer {
    BYTE_RANGE_WHOLE,         /* send all of it, 200 */
    BYTE_RANGE_PARTS,         /* 206 */
    BYTE_RANGE_UNSATISFIABLE, /* 416: no range lies within */
};

/* Ranges in the order asked for; those outside of the length are left out. */
enum byte_range_answer byte_range_read(const char *field_value, uint64_t length, size_t ranges_max,
    struct byte_range ret_ranges[BYTE_RANGES_MAX], size_t *ret_count);

#endif
