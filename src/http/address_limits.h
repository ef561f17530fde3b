/*
 * How many connections an address holds, and how fast it opens them, counted over all loops.
 *
 * Address    all of IPv4; of IPv6 the first 64 bits, since whoever has one address of a /64 has all
 *            of them.
 * Rate       a bucket of ADDRESS_BURST_SECONDS' worth: so many may come at once, as when a class
 *            behind one address begins its lesson.  A refused attempt takes nothing from it.
 * Bounded    an entry for each address that holds a connection, and at most ADDRESSES_REMEMBERED
 *            without one, of which those leave that were here least lately.
 * Threads    any.  The table lies in shards by address, each under a mutex that is held for one
 *            look: by who accepts and by who closes, never on the way of a request.
 */
#ifndef LECTERN_HTTP_ADDRESS_LIMITS_H
#define LECTERN_HTTP_ADDRESS_LIMITS_H

#include "http/peer_address.h"

enum { ADDRESS_BURST_SECONDS = 5, ADDRESSES_REMEMBERED = 16384 };

struct address_limits;
struct address_holding; /* what one address holds */

enum address_answer { ADDRESS_WELCOME, ADDRESS_HOLDS_MOST, ADDRESS_TOO_FAST };

/* As settings say now; 0: no such limit. */
struct address_rules {
    int64_t connections_max, connections_per_second;
};

struct address_limits *address_limits_create(void);
/* Everybody must have left.  Accepts NULL. */
void address_limits_free(struct address_limits *limits);

/* WELCOME: one connection more is counted, until address_limits_leave(). */
enum address_answer address_limits_enter(struct address_limits *limits,
    const struct peer_address *address, const struct address_rules *rules, int64_t now_ms,
    struct address_holding **ret_holding);
/* Accepts NULL for a connection that is not counted. */
void address_limits_leave(struct address_holding *holding);
/* Connections of this address now; 0 for NULL.  Without a lock. */
uint32_t address_holding_count(const struct address_holding *holding);

#endif
