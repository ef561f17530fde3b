/*
 * The old server's side of a takeover (takeover.h): it steps back for a new one without losing a
 * request, and steps in again should the new one be lost.
 *
 *   1  no further command is begun, uploads let go at what is acknowledged, media jobs are queued again
 *   2  the sockets and the lock go to the new one; this one still accepts and serves
 *   3  "ready": it drains (http/server.h), writes deliveries at once, and says "go"
 *   4  once nobody is left, or after stop_deadline_ms, it stops as after SIGTERM, and says "ended" when
 *      its last record is in the store
 *
 * If the new one refuses, fails, hangs or dies in 1 to 4 (unless it has released us), everything is
 * taken up again, and the log says so.
 * Threads  handover_run() on the control connection's own thread; all else by the owner.
 */
#ifndef LECTERN_CLI_HANDOVER_H
#define LECTERN_CLI_HANDOVER_H

#include "api/application.h"
#include "cli/control.h"
#include "cli/takeover.h"
#include "cli/takeover_message.h"

struct handover;

/* The application is lent; takeover is what this server began by itself, or NULL. */
struct handover *handover_create(struct application *application, struct takeover *takeover);
/* For control_start(): data is the handover; fd is lent. */
void handover_run(
    void *data, struct control *control, int fd, const struct takeover_message *asked);
/* Another process has the folder: what lies in it is not ours to tidy up. */
bool handover_is_done(const struct handover *handover); /* accepts NULL */
/* When the store is closed: says "ended".  Accepts NULL. */
void handover_free(struct handover *handover);

#endif
