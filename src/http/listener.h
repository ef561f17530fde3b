/*
 * Accepts connections for one loop, on a listening socket of its own (SO_REUSEPORT), so that loops
 * share nothing.
 *
 * When as many handshakes are in flight as settings.handshakes_max, it pauses: further connections
 * wait in the kernel's backlog, which costs nothing (measured: 3,000 handshakes at once
 * took 42 to 49 KiB each).  When the process has no descriptors left it pauses too, for
 * ACCEPT_PAUSE_MS, instead of spinning.  Connections beyond settings.connections_max are closed at
 * once.
 */
#ifndef LECTERN_HTTP_LISTENER_H
#define LECTERN_HTTP_LISTENER_H

#include "base/problem.h"
#include "http/loop.h"

enum { ACCEPT_PAUSE_MS = 100, ACCEPTS_A_TURN = 32 };

/* port 0 takes a free one; *port then says which.  "::" listens for IPv4 too. */
int listener_bind(const char *address, int *port, bool shared, int64_t send_buffer_bytes,
    struct problem *problem);
/* Takes the descriptor. */
struct listener *listener_create(struct http_loop *loop, int fd, bool plain);
void listener_free(struct listener *listener);

void listener_handshake_ended(struct http_loop *loop);
void listener_connection_ended(struct http_loop *loop);

#endif
