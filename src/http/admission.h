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
 *            settings.handshake_pressed_ms and no more, so that beginning one and falling silent
 *            does not keep the place for the whole deadline.
 * Reading    its request's head has begun and does not end.
 * Idle       open, and without a request.
 *
 * Crowds     Lines are kept apart by how many connections the address holds over all loops (enum
 *            crowd): one address that opens thousands stands in a line of its own.  The queues are
 *            served in turns, and addresses with many connections take at most half of the places
 *            for handshakes, so that the others find some whatever these do.
 * Room       at settings.connections_max, or without a descriptor left, the newcomer is preferred
 *            to one that does nothing: of the largest crowd that has any, whichever loop it is on;
 *            first the silent, then who has been over a head for settings.head_pressed_ms, then the
 *            idle, and the longest first; from the queue only those of a larger crowd than the
 *            newcomer's.  An open exchange is never ended for a newcomer.
 * Loops      each tells the others, without a lock, since when the first of each of its lines has
 *            stood there.  Where the one that must go is another loop's, that loop is asked through its
 *            mailbox, and the newcomer is let in at once: for that moment there are up to
 *            ROOM_ASKED_MAX connections more.
 */
#ifndef LECTERN_HTTP_ADMISSION_H
#define LECTERN_HTTP_ADMISSION_H

#include "http/loop.h"

enum { ROOM_ASKED_MAX = 64 };

/* Leaves the line where it stands for the end of this one.  What that makes possible follows: the
 * next of the queue gets a turn.  since_ms: when what it waits for began, steady. */
void admission_join(struct connection *connection, enum connection_line line, int64_t since_ms);
/* A place for a handshake is free, and no one has waited for it longer. */
bool admission_has_place(const struct connection *connection);
/* Somebody waits for a place. */
bool admission_is_pressed(const struct http_loop *loop);

/* By how many connections an address holds. */
enum crowd admission_crowd(const struct address_holding *holding);

enum room {
    ROOM_MADE,
    ROOM_ASKED, /* another loop will close one soon */
    ROOM_NONE   /* all that are left are at work, or of smaller crowds */
};
/* Closes a connection for a newcomer of this crowd. */
enum room admission_make_room(struct http_loop *loop, enum crowd newcomer);

#endif
