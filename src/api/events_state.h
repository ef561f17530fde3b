/* What events.c (the table and its readers) and events_stream.c (one reader) share. */
#ifndef LECTERN_API_EVENTS_STATE_H
#define LECTERN_API_EVENTS_STATE_H

#include "api/events.h"

#include <pthread.h>
#include <sys/queue.h>

enum { EVENT_RUN_SIZE = 9, EVENTS_LOOPS_MAX = 64 };

struct event {
    char kind[8]; /* "job", "lecture" */
    char object_id[UUID_TEXT_SIZE], lecture_id[UUID_TEXT_SIZE];
    uint64_t number;
    char *data; /* one line of JSON */
};

/* A reader. */
struct event_stream {
    LIST_ENTRY(event_stream) all; /* under the lock, as all of these but `first` */
    struct exchange *exchange;
    char staff_id[UUID_TEXT_SIZE], session_id[UUID_TEXT_SIZE];
    bool is_admin;
    int64_t session_expires_at_ms;
    uint64_t number;   /* it has been told all up to this */
    int64_t sent_ms;   /* steady */
    bool open;         /* it is being answered */
    bool over;         /* its session is */
    const char *first; /* what it gets before all else, in the exchange's arena; loop only */
    size_t first_length;
};

/* What a message to a loop carries. */
struct events_loop {
    struct events *events;
    struct http_worker *worker;
    bool posted; /* the message is on its way */
};

struct events {
    struct application *application;
    pthread_mutex_t lock;
    struct server *server;
    char run[EVENT_RUN_SIZE];
    struct event table[EVENTS_KEPT];
    size_t count;
    uint64_t number;  /* of the newest */
    uint64_t dropped; /* the newest of those that had to go */
    LIST_HEAD(, event_stream) streams;
    struct events_loop loops[EVENTS_LOOPS_MAX];
};

void events_lock(struct events *events);
void events_unlock(struct events *events);
/* Under the lock: the oldest event behind that number; NULL: none. */
const struct event *events_next(const struct events *events, uint64_t number);

#endif
