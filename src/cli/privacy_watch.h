/*
 * What privacy asks of a running server without anybody's asking: each hour, people whose time is over
 * are erased, and erasures that were not finished go on (privacy/retention.h).  A thread of its own, since
 * an erasure may take minutes.
 *
 * During a takeover the old server's watch is stopped with it; what it leaves half done the new one
 * finishes.
 */
#ifndef LECTERN_CLI_PRIVACY_WATCH_H
#define LECTERN_CLI_PRIVACY_WATCH_H

#include "api/application.h"

struct privacy_watch;

/* application must outlive it. */
struct privacy_watch *privacy_watch_start(struct application *application, struct problem *problem);
/* Waits for an erasure that is under way.  Accepts NULL. */
void privacy_watch_stop(struct privacy_watch *watch);

#endif
