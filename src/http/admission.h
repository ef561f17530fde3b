/*
 * Who may shake hands, and who makes room for whom; private to http/.
 *
 * A connection stands in at most one line of its loop (enum connection_line), each in the order in
 * which its members joined it:
 *
 * Silent     costs a descriptor and a struct connection, nothing of TLS: so whoever opens
 *            connections and says nothing keeps no one else from shaking hands.
 * Shaking    at most settings.handshakes_max; each takes memory (measured: 42 to 49 KiB) and time of
 *            the processor.
 * Queued     has spoken, but all places are taken.  While there is a queue, a handshake gets
 *            handshake_pressed_ms and no more, so that beginning one and falling silent does not
 *            keep the place for the whole deadline.
 * Room       at settings.connections_max, or without a descriptor left, the newcomer is preferred
 *            to the oldest silent connection, and then to the one that has been idle for longest.
 *            An open exchange is never ended for a newcomer.
 */
#ifndef LECTERN_HTTP_ADMISSION_H
#define LECTERN_HTTP_ADMISSION_H

#include "http/loop.h"

/* Leaves the line where it stands for the end of this one.  What that makes possible follows: the
 * next of the queue gets a turn. */
void admission_join(struct connection *connection, enum connection_line line);
/* A place for a handshake is free, and no one has waited for it longer. */
bool admission_has_place(const struct connection *connection);
/* Somebody waits for a place. */
bool admission_is_pressed(const struct http_loop *loop);
/* Closes one connection of this loop for a newcomer; false: all that are left are at work. */
bool admission_make_room(struct http_loop *loop);

#endif
