/*
 * The head of an HTTP/1 request: its line and its fields (RFC 9112 sections 2 to 5), read as the
 * bytes come. Pure; the caller keeps the bytes.
 *
 * Lines end with CR LF; a bare LF, a bare CR and folded lines are refused.  One empty line before
 * the request is skipped (section 2.2), a second one is refused.  HTTP/0.9 is refused, and so is
 * every version but 1.0 and 1.1.
 *
 * Order   head_reader_scan() with all bytes from the request's first on, again whenever more came,
 *         until it says WHOLE or REFUSED; then head_parse() once over the head.  Scanning looks at
 *         each byte once.
 * Errors  REFUSED and false mean *problem is set.  What can be refused early is refused before the
 *         head is whole.
 */
#ifndef LECTERN_HTTP_HEAD_READER_H
#define LECTERN_HTTP_HEAD_READER_H

#include "http/request_builder.h"

struct head_reader {
    size_t scanned; /* bytes that hold no further line end */
    size_t line_start;
    size_t lines; /* ended, the request line included */
};

enum head_step { HEAD_MORE, HEAD_WHOLE, HEAD_REFUSED };

void head_reader_init(struct head_reader *reader);
enum head_step head_reader_scan(struct head_reader *reader, const struct request_limits *limits,
    const char *bytes, size_t count, size_t *ret_head_bytes, struct problem *problem);

/* head is what scan found whole.  Begins, fills and finishes the request. */
bool head_parse(const char *head, size_t head_bytes, const struct request_limits *limits,
    struct http_request *request, struct arena *arena, struct request_framing *ret_framing,
    struct problem *problem);

#endif
