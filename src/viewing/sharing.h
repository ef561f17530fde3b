/*
 * Signs that a personal link may be shared: facts for an organizer who may ask, and never a punishment
 * (docs/watched.md).  Nothing that is credited, refused or shown depends on them.
 *
 * At once     two play sessions of different devices that were open together for over SHARING_OVERLAP_MS.
 * Networks    the /24 or /48 that a play session was begun from; forgotten after network_days, with the
 *             takeovers, by sharing_forget(): the signs are of the time since then.
 */
#ifndef LECTERN_VIEWING_SHARING_H
#define LECTERN_VIEWING_SHARING_H

#include "base/settings.h"
#include "store/db.h"

#include <jansson.h>

enum { SHARING_OVERLAP_MS = 60000 };

/* Adds to each participant of a cohort's report (report.h):
 * "sharing":{"networks","devices","networks_at_once","device_kinds_at_once","takeovers_an_hour",
 *            "signs":["networks-at-once"|"device-kinds-at-once"|"takeovers"...]}
 * networks and devices are all of the time, the next three the most of any moment or hour; a sign is one of these three that reaches
 * its setting.  Inside db_read. */
bool sharing_add(struct db_connection *connection, const struct settings *settings,
    const char *cohort_id, json_t *report, struct problem *problem);
/* Inside db_write: forgets networks, kinds of devices and takeovers that are older. */
bool sharing_forget(struct db_connection *connection, const struct settings *settings,
    int64_t now_ms, struct problem *problem);

#endif
