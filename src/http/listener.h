/*
 * Accepts connections for one loop, on a listening socket of its own (SO_REUSEPORT), so that loops
 * share nothing.
 *
 * Beyond settings.connections_max, and when the process has no descriptors left, another connection
 * is closed to make room (admission.h).  Where there is none to close, a newcomer beyond
 * connections_max is closed at once; and without descriptors it waits in the kernel's backlog:
 * accepting pauses for ACCEPT_PAUSE_MS, instead of spinning.
 *
 * A server that takes over from another goes on with its sockets, since each has a backlog of its
 * own in the kernel, and who waits there must not be lost.  So a loop may have several of them, and
 * several loops one.
 */
#ifndef LECTERN_HTTP_LISTENER_H
#define LECTERN_HTTP_LISTENER_H

#include "base/problem.h"
#include "http/loop.h"

enum { ACCEPT_PAUSE_MS = 100, ACCEPTS_A_TURN = 32 };

/* port 0 takes a free one; *port then says which.  "::" listens for IPv4 too. */
int listener_bind(const char *address, int *port, bool shared, int64_t send_buffer_bytes,
    struct problem *problem);
/* A further descriptor of a socket that listens already, and *port; -1 without a problem: this is
 * another address or port (where *port is not 0), or no such socket. */
int listener_adopt(int fd, const char *address, int *port, int64_t send_buffer_bytes);
/* Takes the descriptor, and belongs to the loop. */
void listener_create(struct http_loop *loop, int fd, bool plain);
/* Whoever connects waits in the kernel, until listeners_resume(). */
void listeners_pause(struct http_loop *loop);
void listeners_resume(struct http_loop *loop);
void listeners_free(struct http_loop *loop);

/* A descriptor came free. */
void listener_connection_ended(struct http_loop *loop);

#endif
