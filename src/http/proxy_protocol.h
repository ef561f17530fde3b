/*
 * The header that a proxy puts in front of a connection, so that who is behind it is known: the
 * PROXY protocol, versions 1 and 2 (proxy-protocol.txt of HAProxy).  Pure.
 *
 * Strict     version 1 is one line of at most 107 bytes with single spaces, canonical numbers and
 *            both addresses of the family it names.  Version 2 has a known command, family and
 *            transport (what is no stream cannot have come here), room for its addresses, and
 *            extensions (type, length, value) that end where it ends; a checksum among them
 *            (CRC32c) must be right.
 * Bounded    PROXY_HEADER_MAX in all: longer ones are refused, though version 2 could say 65,551.
 * Nobody     LOCAL (the proxy speaks for itself, as in a health check), UNKNOWN and families other
 *            than IP tell no address: then the peer is the peer.
 */
#ifndef LECTERN_HTTP_PROXY_PROTOCOL_H
#define LECTERN_HTTP_PROXY_PROTOCOL_H

#include "http/peer_address.h"

enum { PROXY_LINE_MAX = 107, PROXY_HEADER_MAX = 4096 };

enum proxy_step {
    PROXY_MORE,   /* a beginning of a header: look again when more bytes are there */
    PROXY_WHOLE,  /* *ret_header is set */
    PROXY_REFUSED /* this can become none */
};

struct proxy_header {
    size_t length; /* bytes that are the header; the connection's own follow */
    bool told;     /* client is set */
    struct peer_address client;
};

/* From the first byte of the connection on. */
enum proxy_step proxy_protocol_read(
    const uint8_t *bytes, size_t count, struct proxy_header *ret_header);

#endif
