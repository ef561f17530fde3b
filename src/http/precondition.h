/*
 * Conditional requests (RFC 9110 section 13), in the order of section 13.2.2.  Pure.
 * Field values are NULL when the request has none.
 */
#ifndef LECTERN_HTTP_PRECONDITION_H
#define LECTERN_HTTP_PRECONDITION_H

#include <stdbool.h>
#include <stdint.h>

struct precondition {
    const char *if_match, *if_none_match, *if_modified_since, *if_unmodified_since;
    bool reads; /* GET or HEAD */
};
enum precondition_answer { PRECONDITION_HOLDS, PRECONDITION_NOT_MODIFIED, PRECONDITION_FAILED };

/* etag: quoted, strong, or NULL.  last_modified_ms: -1 for none. */
enum precondition_answer precondition_check(
    const struct precondition *precondition, const char *etag, int64_t last_modified_ms);

/* May the Range field be obeyed (If-Range, section 13.1.5)?  An entity tag must be the same,
 * strongly; a date must be the very second of last_modified_ms. */
bool precondition_range_holds(const char *if_range, const char *etag, int64_t last_modified_ms);

#endif
