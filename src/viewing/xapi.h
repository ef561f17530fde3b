/*
 * What was watched, as xAPI statements (docs/exports.md), made of what is recorded: play sessions, beats, credited
 * intervals and completions.
 *
 *   xapi_export   a cohort's, for a file
 *   xapi_feed     everybody's, as they come, for a learning record store: each once
 *
 * Both make the same statements with the same ids of what is over; what comes late, from a journal that was
 * offline, the feed tells as runs of their own.
 *
 * Erased     people's are made by neither.
 * Where      inside db_read (export) or db_write (feed).
 */
#ifndef LECTERN_VIEWING_XAPI_H
#define LECTERN_VIEWING_XAPI_H

#include "base/settings.h"
#include "store/db.h"

struct xapi_statement {
    const char *id, *verb, *participant_id;
    const char *body; /* one line of JSON */
    size_t length;
};
/* Who takes statements; false ends it all, with *problem set. */
struct xapi_listener {
    bool (*take)(void *data, const struct xapi_statement *statement, struct problem *problem);
    void *data;
};

struct xapi_export {
    const char *public_url, *cohort_id;
    int64_t from_ms; /* play sessions that began, and completions, before are left out */
    bool names;      /* the people's own; their ids stand for them otherwise */
};
/* By person and time; a person's completions last.  Memory for one play session at a time.  PROBLEM_NOT_FOUND. */
bool xapi_export(struct db_connection *connection, const struct xapi_export *export,
    const struct xapi_listener *listener, struct problem *problem);

/*
 * From where it stopped last, in the evidence log, whose records come in the order in which they became durable and never
 * go: so many records of it, and so many play sessions that have ended play_session_idle_ms after they were
 * last heard of.  How far it came is part of the same transaction as what the listener writes.
 *
 * The first time it begins at the present: what was before is for xapi_export().  *ret_more: call again soon.
 */
bool xapi_feed(struct db_connection *connection, const struct settings *settings,
    const struct xapi_listener *listener, bool *ret_more, struct problem *problem);

#endif
