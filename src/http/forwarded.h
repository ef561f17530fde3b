/*
 * Who is behind a proxy, as the proxy's fields tell it: Forwarded (RFC 7239) and X-Forwarded-For.
 * Pure.  Asked only where the peer itself is a trusted proxy.
 *
 * Walk       each proxy appends whom it saw.  So the list is read from its right end: past the
 *            addresses that are trusted proxies themselves, to the first that is not; that one is
 *            the client, and what stands left of it is the client's own word and worth nothing.
 *            Where all are trusted, the leftmost is the client.
 * Safe       whenever it is in doubt who the client is, it is the nearest that is known: the last
 *            proxy that the walk has reached ("unknown", a hidden name, what is no address), or the
 *            peer itself where a Forwarded cannot be read (a client's open quote would swallow what
 *            the proxy appended), or where both fields are there and tell of different clients: one
 *            of them the proxy has passed on unread.  So a forger can be taken for the proxy, and
 *            for nobody else.
 * Bounded    of more than FORWARDED_HOPS_MAX hops the last ones count.
 */
#ifndef LECTERN_HTTP_FORWARDED_H
#define LECTERN_HTTP_FORWARDED_H

#include "http/exchange.h"
#include "http/networks.h"

enum { FORWARDED_HOPS_MAX = 32 };

/* The client behind `peer`, which is trusted; the peer itself where the fields tell no other. */
void forwarded_find_client(const struct http_field *fields, size_t field_count,
    const struct networks *trusted, const struct peer_address *peer,
    struct peer_address *ret_client);

#endif
