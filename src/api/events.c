#include "api/events_state.h"

#include "base/clock.h"
#include "base/memory.h"
#include "base/text.h"
#include "catalog/ingest.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void events_lock(struct events *events)
{
    (void)pthread_mutex_lock(&events->lock);
}

void events_unlock(struct events *events)
{
    (void)pthread_mutex_unlock(&events->lock);
}

struct events *events_create(struct application *application)
{
    struct events *events = memory_zeroed(1, sizeof *events);
    uint8_t random[(EVENT_RUN_SIZE - 1) / 2];
    events->application = application;
    secure_random(random, sizeof random);
    text_hex_encode(random, sizeof random, events->run);
    (void)pthread_mutex_init(&events->lock, NULL);
    LIST_INIT(&events->streams);
    return events;
}

void events_attach(struct events *events, struct server *server)
{
    events_lock(events);
    events->server = server;
    events_unlock(events);
}

void events_detach(struct events *events)
{
    if (events)
        events_attach(events, NULL);
}

void events_free(struct events *events)
{
    if (!events)
        return;
    for (size_t i = 0; i < events->count; i++)
        free(events->table[i].data);
    (void)pthread_mutex_destroy(&events->lock);
    free(events);
}

/* --- the table -------------------------------------------------------------------------------- */

const struct event *events_next(const struct events *events, uint64_t number)
{
    const struct event *next = NULL;
    for (size_t i = 0; i < events->count; i++) {
        const struct event *event = &events->table[i];
        if (event->number > number && (!next || event->number < next->number))
            next = event;
    }
    return next;
}

/* The place of this object's news, perhaps that of the oldest others. */
static struct event *place_of(struct events *events, const char *kind, const char *object_id)
{
    struct event *oldest = &events->table[0];
    for (size_t i = 0; i < events->count; i++) {
        struct event *event = &events->table[i];
        if (text_equal(event->object_id, object_id) && text_equal(event->kind, kind))
            return event;
        if (event->number < oldest->number)
            oldest = event;
    }
    if (events->count < EVENTS_KEPT)
        return &events->table[events->count++];
    events->dropped = oldest->number;
    return oldest;
}

/* On a loop: all of its readers may have something to take. */
static void wake_readers(void *data)
{
    struct events_loop *loop = data;
    struct event_stream *stream;
    events_lock(loop->events);
    loop->posted = false;
    LIST_FOREACH(stream, &loop->events->streams, all)
    if (stream->open && stream->exchange->worker == loop->worker)
        exchange_push_more(stream->exchange);
    events_unlock(loop->events);
}

/* Under the lock: the loops of those readers, one message each. */
static void wake_loops(struct events *events, bool (*wanted)(const struct event_stream *stream))
{
    const struct event_stream *stream;
    if (!events->server)
        return;
    LIST_FOREACH(stream, &events->streams, all)
    {
        struct http_worker *worker = stream->exchange->worker;
        struct events_loop *loop = &events->loops[worker->index % EVENTS_LOOPS_MAX];
        if (!stream->open || loop->posted || (wanted && !wanted(stream)))
            continue;
        *loop = (struct events_loop){ .events = events, .worker = worker, .posted = true };
        mailbox_post(worker->mailbox, wake_readers, loop);
    }
}

/* Takes the reference. */
static void tell(struct events *events, const char *kind, const char *object_id,
    const char *lecture_id, json_t *json)
{
    char *data = json ? json_dumps(json, JSON_COMPACT) : NULL;
    json_decref(json);
    if (!data)
        return;
    events_lock(events);
    struct event *event = place_of(events, kind, object_id);
    free(event->data);
    *event = (struct event){ .number = ++events->number, .data = data };
    (void)snprintf(event->kind, sizeof event->kind, "%s", kind);
    (void)snprintf(event->object_id, sizeof event->object_id, "%s", object_id);
    (void)snprintf(event->lecture_id, sizeof event->lecture_id, "%s", lecture_id);
    wake_loops(events, NULL);
    events_unlock(events);
}

/* --- news ------------------------------------------------------------------------------------- */

struct question {
    const char *lecture_id;
    json_t *lecture;
};

static bool read_lecture(struct db_connection *connection, void *data, struct problem *problem)
{
    struct question *question = data;
    question->lecture = lecture_json(connection, question->lecture_id, "en", problem);
    return question->lecture != NULL;
}

void events_tell_lecture(struct events *events, const char *lecture_id)
{
    struct question question = { .lecture_id = lecture_id };
    struct problem ignored = { 0 }; /* such as of one that was removed meanwhile */
    if (!db_read(events->application->db, read_lecture, &question, &ignored))
        return;
    const json_t *lecture = question.lecture;
    json_t *job = json_object_get(lecture, "job");
    tell(events, "lecture", lecture_id, lecture_id,
        json_pack("{s:O, s:O, s:O, s:O}", "id", json_object_get(lecture, "id"), "state",
            json_object_get(lecture, "state"), "published", json_object_get(lecture, "published"),
            "version", json_object_get(lecture, "version")));
    if (json_is_object(job)) {
        (void)json_object_del(job, "report"); /* who wants it reads the lecture */
        tell(events, "job", json_string_value(json_object_get(job, "id")), lecture_id,
            json_incref(job));
    }
    json_decref(question.lecture);
}

static json_t *int_or_null(int64_t value)
{
    return value < 0 ? json_null() : json_integer(value);
}

void events_tell_progress(struct events *events, const struct job_progress *progress)
{
    tell(events, "job", progress->job_id, progress->lecture_id,
        json_pack("{s:s, s:s, s:s, s:s, s:i, s:o, s:o}", "id", progress->job_id, "lecture_id",
            progress->lecture_id, "state", "running", "pass", job_pass_names[progress->pass],
            "permille", progress->permille, "speed_percent", int_or_null(progress->speed_percent),
            "left_ms", int_or_null(progress->left_ms)));
}

/* --- time ------------------------------------------------------------------------------------- */

static bool is_due(const struct event_stream *stream)
{
    const struct application *application = stream->exchange->context;
    return stream->over
           || clock_steady_ms() - stream->sent_ms
                  >= application->settings->events_heartbeat_seconds * 1000;
}

void events_tick(struct events *events)
{
    int64_t now_ms = clock_now_ms();
    struct event_stream *stream;
    events_lock(events);
    LIST_FOREACH(stream, &events->streams, all)
    stream->over
        = stream->over || now_ms >= stream->session_expires_at_ms
          || media_token_is_denied(events->application->tokens, stream->session_id, now_ms);
    wake_loops(events, is_due);
    events_unlock(events);
}
