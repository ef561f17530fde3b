/*
 * Who comes in: between accept() and the first byte of TLS; private to http/.
 *
 * Proxies    from a peer within proxy-protocol-from, the connection begins with a header that tells
 *            who is behind it (proxy_protocol.h).  It is required, taken off the socket to its last
 *            byte and no further, and has the time of the handshake's deadline.
 * Limits     of connections by address and in a second.  Who exceeds one is closed before it has
 *            cost more than its accept().  Behind a header, the address that it tells is counted,
 *            and not the proxy's; trusted proxies and address-limits-exempt are not counted by
 *            address, and the plain listener not at all.
 */
#ifndef LECTERN_HTTP_ENTRANCE_H
#define LECTERN_HTTP_ENTRANCE_H

#include "http/connection.h"

/* false: it is over a limit, and has been counted as refused. */
bool entrance_admit(struct http_loop *loop, const struct peer_address *address, bool plain,
    struct guest *ret_guest);

/* DONE: what comes next are the connection's own bytes; AGAIN: not all of the header is there;
 * ENDED, BROKEN: it must end. */
enum stream_step entrance_pass(struct connection *connection);

#endif
