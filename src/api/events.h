/*
 * Server-sent events (HTML, section 9.2): how jobs and lectures stand, to the staff who watch.
 *
 * State      not a log but the newest of each thing: a table of what was told last of each job and
 *            lecture, in the order of telling.  A reader has a place in it and is given what is newer
 *            when it takes more, so a slow one misses steps and no end, and costs no memory.
 * Ids        "{run}-{number}".  A reader that comes back with the last one (Last-Event-ID) goes on
 *            behind it; without one, or where the table does not go back so far, it gets `state` first.
 * Ends       when the session is revoked or over, and when the server stops or hands over.
 * Threads    safe from any thread; only events_get() and what it starts are on a loop.  Publishing
 *            takes a lock for a search in EVENTS_KEPT entries, and never blocks on a reader.
 */
#ifndef LECTERN_API_EVENTS_H
#define LECTERN_API_EVENTS_H

#include "api/application.h"
#include "catalog/job_queue.h"

enum { EVENTS_KEPT = 256 };

struct events;
/* The application is lent; its tokens, library and db are there by the time of the first call. */
struct events *events_create(struct application *application);
/* From the server's creation until before its end: readers are woken. */
void events_attach(struct events *events, struct server *server);
void events_detach(struct events *events);
void events_free(struct events *events); /* accepts NULL */

/* Reads how the lecture and its newest job stand, and tells that.  Blocks: the store. */
void events_tell_lecture(struct events *events, const char *lecture_id);
void events_tell_progress(struct events *events, const struct job_progress *progress);
/* Each second: signs of life, and the end of those whose session has ended. */
void events_tick(struct events *events);

#endif
