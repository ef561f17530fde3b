/*
 * Who comes in: between accept() and the first byte of TLS; private to http/.
 *
 * Proxies    from a peer within proxy-protocol-from, the connection begins with a header that tells
 *            who is behind it (proxy_protocol.h).  It is required, taken off the socket to its last
 *            byte and no further, and has the time of the handshake's deadline.
 */
#ifndef LECTERN_HTTP_ENTRANCE_H
#define LECTERN_HTTP_ENTRANCE_H

#include "http/connection.h"

/* The connection is new: from now on its peer has a name. */
void entrance_greet(struct connection *connection, const struct peer_address *address);

/* DONE: what comes next are the connection's own bytes; AGAIN: not all of the header is there;
 * ENDED, BROKEN: it must end. */
enum stream_step entrance_pass(struct connection *connection);

#endif
