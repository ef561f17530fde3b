/*
 * Accepts connections for one loop, on a listening socket of its own (SO_REUSEPORT), so that loops
 * share nothing.
 *
 * Beyond settings.connections_max, and when the process has no descriptors left, another connection
 * is closed to make room (admission.h).  Where there is none to close, a newcomer beyond
 * connections_max is closed at once; and without descriptors it waits in the kernel's backlog:
 * accepting pauses for ACCEPT_PAUSE_MS, instead of spinning.
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

/* A descriptor came free. */
void listener_connection_ended(struct http_loop *loop);

#endif
