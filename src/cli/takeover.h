/*
 * The new server's side of a takeover: `lectern serve --take-over`.  The old one's is handover.h, what
 * they say to each other takeover_message.h, and why it is safe docs/takeover.md.
 *
 *   takeover_begin    asks the running server; its sockets and the folder's lock come
 *   ...               store, caches, loops: read only, so that the old one can go on if this fails
 *   takeover_go       from now on this is the server
 *   takeover_follow   a thread: while the old one drains, keeps up with what it still changes
 *   takeover_release  the old one must not step in for us any more: we end, or are handed over
 *   takeover_unfollow, takeover_end
 *
 * Threads  takeover_release() from any thread; all else by the owner.
 */
#ifndef LECTERN_CLI_TAKEOVER_H
#define LECTERN_CLI_TAKEOVER_H

#include "api/application.h"

struct takeover;

/* *ret_takeover stays NULL where no server runs.  False: the running one refused, and goes on. */
bool takeover_begin(
    const struct settings *settings, struct takeover **ret_takeover, struct problem *problem);
/* Lent until takeover_end(), the sockets until takeover_go(). */
int takeover_lock(const struct takeover *takeover);
const struct server_sockets *takeover_sockets(const struct takeover *takeover);
int64_t takeover_run_id(const struct takeover *takeover);
/* The control socket; the caller's from now on. */
int takeover_take_control(struct takeover *takeover);

/* Blocks until the old server has stepped back, or is dead.  False: it goes on, and nothing may be
 * changed. */
bool takeover_go(struct takeover *takeover, struct problem *problem);
bool takeover_follow(
    struct takeover *takeover, struct application *application, struct problem *problem);
void takeover_release(struct takeover *takeover); /* accepts NULL */
/* While the application still stands.  Accepts NULL. */
void takeover_unfollow(struct takeover *takeover);
/* When nothing of ours works any more: without takeover_release() before, the old server steps in.
 * Accepts NULL. */
void takeover_end(struct takeover *takeover);

#endif
