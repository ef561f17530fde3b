/*
 * One answered request as a line of the access log, in either of its formats.  Pure.
 *
 * Privacy    No token, no query string, and no path that names a person: of a path only what names
 *            a lecture, a version, a file or a language is told, all else as the route's {name}.  A
 *            path without a route is not told at all: a mail program that writes the '#' of a
 *            personal link as %23 puts its secret there.
 * Strangers  What the peer chose is percent-encoded, so that no request can forge a line.
 */
#ifndef LECTERN_API_ACCESS_LINE_H
#define LECTERN_API_ACCESS_LINE_H

#include "base/problem.h"
#include "base/text.h"
#include "http/exchange.h"

enum {
    ACCESS_PATH_SIZE = 200, /* longer ones are cut */
    ACCESS_PEER_SIZE = 46,
    ACCESS_LINE_MAX = 1200, /* bytes of a line, with its end */
};

/* How a peer's address is told. */
enum access_addresses {
    ACCESS_ADDRESS_NETWORK, /* the /24 of IPv4, the /48 of IPv6 */
    ACCESS_ADDRESS_FULL,
    ACCESS_ADDRESS_NONE,
};

/* All that is told of a request, without a pointer to what ends with it. */
struct access_record {
    int64_t ended_at_ms; /* server time */
    struct exchange_outcome outcome;
    int64_t slow_us; /* our own time, where it was too long; else 0 */
    enum http_method method;
    char protocol[10]; /* "" where no request could be read */
    char path[ACCESS_PATH_SIZE];
    char peer[ACCESS_PEER_SIZE];
    char request_id[REQUEST_ID_SIZE];
    struct problem problem; /* why it was refused or failed, where it was */
};

void access_record_fill(struct access_record *record, const struct exchange *exchange,
    const struct exchange_outcome *outcome);

/* The address to tell, "-" for none and for what is no address. */
void access_mask_peer(
    const char *peer, enum access_addresses addresses, char ret_text[ACCESS_PEER_SIZE]);

/*
 * NCSA Common Log Format, as Apache's "%h - - %t \"%r\" %>s %b": the peer, no identity, no user, the
 * time in UTC, the request line, the status, the body's bytes sent or "-" for none.
 * https://httpd.apache.org/docs/2.4/logs.html#common
 */
void access_line_common(
    const struct access_record *record, enum access_addresses addresses, struct text *line);
/* An object: time, request_id, peer, method, path, protocol, status, bytes, first_byte_ms,
 * last_byte_ms, whole, and code where the answer was a problem. */
void access_line_json(
    const struct access_record *record, enum access_addresses addresses, struct text *line);

#endif
