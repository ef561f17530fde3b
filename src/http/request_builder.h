/*
 * Builds a struct http_request out of what a peer sent, with one set of rules for HTTP/1.1 and
 * HTTP/2 (RFC 9110 sections 5 and 7, RFC 9112 section 6, RFC 9113 section 8.2 and 8.3).  Pure.
 *
 * Order      request_begin(), then method, target, authority and fields in any order, then
 *            request_finish().
 * Errors     false means *problem is set; the request must then be refused and nothing of it be
 *            used.
 * Ownership  all strings are copied to the arena.
 *
 * What is stricter than the letter of the RFCs, because each is a known way to smuggle a request
 * past an edge:
 *   - Content-Length given twice is refused, equal values too, and so are lists in it;
 *   - Transfer-Encoding may be "chunked" and nothing else, once, in HTTP/1.1 only, and never with
 *     Content-Length; another coding before it is answered 501;
 *   - Host must be there exactly once, be well formed, and agree with an absolute target or
 *     :authority;
 *   - other fields of one value that decide about an answer may be there once: Authorization,
 *     Content-Type, If-Modified-Since, If-Range, If-Unmodified-Since, Origin, Range;
 *   - field names are tokens, values hold no control character but tab.
 */
#ifndef LECTERN_HTTP_REQUEST_BUILDER_H
#define LECTERN_HTTP_REQUEST_BUILDER_H

#include "http/exchange.h"

struct request_limits {
    size_t header_bytes_max; /* names and values, and 4 bytes each */
    size_t header_count_max;
    size_t target_bytes_max;
    size_t chunk_extension_bytes_max; /* of one chunk; see chunked.h */
    size_t chunk_extensions_bytes_max;
    size_t trailer_bytes_max;
};

enum http_version { HTTP_VERSION_1_0, HTTP_VERSION_1_1, HTTP_VERSION_2 };

/* What the protocol has to know, beside the request itself. */
struct request_framing {
    bool chunked;         /* HTTP/1.1: the body comes in chunks */
    bool close;           /* the peer wants the connection to end after this exchange */
    bool expect_continue; /* the peer waits for "100 Continue" before it sends the body */
};

struct request_builder {
    struct http_request *request;
    struct arena *arena;
    const struct request_limits *limits;
    enum http_version version;
    struct http_field *fields;
    size_t capacity;
    size_t bytes;
    size_t field_count;    /* as they came: crumbs of a cookie count each */
    const char *host;      /* the Host field */
    const char *authority; /* of the target or :authority */
    char *cookie;          /* crumbs so far */
    size_t cookie_bytes, cookie_capacity;
    bool method_seen, target_seen, length_seen, encoding_seen, other_coding, expectation_failed;
    struct request_framing framing;
};

void request_begin(struct request_builder *builder, struct http_request *request,
    struct arena *arena, enum http_version version, const struct request_limits *limits);
bool request_set_method(
    struct request_builder *builder, const char *bytes, size_t length, struct problem *problem);
bool request_set_target(
    struct request_builder *builder, const char *bytes, size_t length, struct problem *problem);
/* :authority of HTTP/2. */
bool request_set_authority(
    struct request_builder *builder, const char *bytes, size_t length, struct problem *problem);
bool request_add_field(struct request_builder *builder, const char *name, size_t name_length,
    const char *value, size_t value_length, struct problem *problem);
/* body_follows: HTTP/2 only, the header did not end the stream. */
bool request_finish(struct request_builder *builder, bool body_follows,
    struct request_framing *ret_framing, struct problem *problem);

/* "GET" of HTTP_GET. */
const char *http_method_name(enum http_method method);

#endif
