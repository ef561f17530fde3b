/* One reader of events, from its request to its end. */
#include "api/events_state.h"
#include "api/handlers.h"
#include "base/clock.h"
#include "base/json.h"
#include "base/memory.h"
#include "base/text.h"
#include "catalog/ingest.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* RETRY_MS: after which a browser comes back. */
enum { RETRY_MS = 2000, EVENT_HEAD_BYTES = 128 };

static struct events *events_of(const struct exchange *exchange)
{
    return ((const struct application *)exchange->context)->events;
}

static bool may_see(const struct event_stream *stream, const char *lecture_id)
{
    const struct application *application = stream->exchange->context;
    return stream->is_admin
           || library_organizer_has(application->library, stream->staff_id, lecture_id);
}

/* --- what it is sent -------------------------------------------------------------------------- */

/* "event: job\nid: run-7\ndata: {...}\n\n"; 0 when there is no room for it. */
static size_t write_event(const struct events *events, const char *kind, uint64_t number,
    const char *data, char *bytes, size_t most)
{
    int length = snprintf(bytes, most, "event: %s\nid: %s-%llu\ndata: %s\n\n", kind, events->run,
        (unsigned long long)number, data);
    return length > 0 && (size_t)length < most ? (size_t)length : 0;
}

/* Under the lock.  As many as there is room for; none is larger than an empty buffer, which
 * events_tell_lecture() sees to by leaving reports out. */
static size_t write_news(
    struct events *events, struct event_stream *stream, char *bytes, size_t most)
{
    size_t count = 0;
    const struct event *event;
    /* It was away for longer than the table goes back: the page reads all anew. */
    if (stream->number < events->dropped) {
        count = write_event(events, "reset", events->dropped, "{}", bytes, most);
        stream->number = events->dropped;
    }
    while ((event = events_next(events, stream->number))) {
        if (may_see(stream, event->lecture_id)) {
            size_t length = write_event(
                events, event->kind, event->number, event->data, bytes + count, most - count);
            if (length == 0 && count > 0)
                break;
            count += length;
        }
        stream->number = event->number;
    }
    return count;
}

/* A comment, so that proxies and the peer's system know that the line lives. */
static size_t write_sign_of_life(const struct event_stream *stream, char *bytes)
{
    const struct application *application = stream->exchange->context;
    int64_t quiet_ms = clock_steady_ms() - stream->sent_ms;
    if (quiet_ms < application->settings->events_heartbeat_seconds * 1000)
        return 0;
    memcpy(bytes, ":\n\n", 3);
    return 3;
}

static ssize_t fill(struct exchange *exchange, char *bytes, size_t most)
{
    struct events *events = events_of(exchange);
    struct event_stream *stream = exchange->state;
    if (stream->first_length > 0) {
        size_t count = stream->first_length < most ? stream->first_length : most;
        memcpy(bytes, stream->first, count);
        stream->first += count;
        stream->first_length -= count;
        return (ssize_t)count;
    }
    events_lock(events);
    ssize_t count = PUSH_END;
    if (!stream->over) {
        count = (ssize_t)write_news(events, stream, bytes, most);
        if (count == 0)
            count = (ssize_t)write_sign_of_life(stream, bytes);
        if (count > 0)
            stream->sent_ms = clock_steady_ms();
    }
    events_unlock(events);
    return count;
}

/* --- its beginning and its end ---------------------------------------------------------------- */

static void leave(struct exchange *exchange, const struct exchange_outcome *outcome, void *data)
{
    (void)outcome;
    struct events *events = events_of(exchange);
    events_lock(events);
    LIST_REMOVE((struct event_stream *)data, all);
    events_unlock(events);
}

/* Under the lock. */
static bool has_room(const struct events *events, const char *staff_id, struct problem *problem)
{
    const struct settings *settings = events->application->settings;
    int64_t all = 0, own = 0;
    const struct event_stream *stream;
    LIST_FOREACH(stream, &events->streams, all)
    {
        all++;
        own += text_equal(stream->staff_id, staff_id);
    }
    if (own >= settings->events_streams_per_person_max)
        return problem_set(
            problem, PROBLEM_BUSY, "%lld streams of events of one person", (long long)own);
    return all < settings->events_streams_max
           || problem_set(problem, PROBLEM_BUSY, "%lld streams of events", (long long)all);
}

/* Under the lock: where Last-Event-ID says, if that is known here. */
static bool goes_on(
    const struct events *events, const struct exchange *exchange, uint64_t *ret_number)
{
    const char *last = exchange_field(exchange, "last-event-id");
    const char *dash = last ? strchr(last, '-') : NULL;
    int64_t number;
    if (!dash || (size_t)(dash - last) != EVENT_RUN_SIZE - 1
        || strncmp(last, events->run, EVENT_RUN_SIZE - 1) != 0
        || !text_to_int64(dash + 1, strlen(dash + 1), 0, INT64_MAX, &number)
        || (uint64_t)number > events->number || (uint64_t)number < events->dropped)
        return false;
    *ret_number = (uint64_t)number;
    return true;
}

/* *ret_goes_on: what it missed is still here.  NULL with *problem. */
static struct event_stream *enter(
    struct exchange *exchange, bool *ret_goes_on, struct problem *problem)
{
    struct events *events = events_of(exchange);
    const struct caller *caller = exchange->caller;
    struct event_stream *stream = arena_alloc(&exchange->arena, sizeof *stream);
    *stream = (struct event_stream){
        .exchange = exchange,
        .is_admin = caller->role == CALLER_ADMIN,
        .session_expires_at_ms = caller->session_expires_at_ms,
        .sent_ms = clock_steady_ms(),
    };
    memcpy(stream->staff_id, caller->staff_id, UUID_TEXT_SIZE);
    memcpy(stream->session_id, caller->session_id, UUID_TEXT_SIZE);
    events_lock(events);
    bool entered = has_room(events, caller->staff_id, problem);
    if (entered) {
        stream->number = events->number;
        *ret_goes_on = goes_on(events, exchange, &stream->number);
        LIST_INSERT_HEAD(&events->streams, stream, all);
    }
    events_unlock(events);
    if (entered)
        exchange_on_finished(exchange, leave, stream);
    return entered ? stream : NULL;
}

static bool read_jobs(struct db_connection *connection, void *data, struct problem *problem)
{
    json_t **jobs = data;
    *jobs = jobs_json(connection, false, problem);
    return *jobs != NULL;
}

/* On a store thread: what stood when it entered, and perhaps a little of what comes then. */
static void read_state(struct exchange *exchange)
{
    struct application *application = exchange->context;
    struct event_stream *stream = exchange->state;
    json_t *jobs = NULL, *seen = json_array(), *job;
    size_t index;
    if (!db_read(application->db, read_jobs, &jobs, &exchange->problem)) {
        json_decref(seen);
        return;
    }
    json_array_foreach(jobs, index, job)
    {
        if (may_see(stream, json_string_value(json_object_get(job, "lecture_id"))))
            (void)json_array_append(seen, job);
    }
    json_t *state = json_pack("{s:o}", "jobs", seen);
    char *data = json_dumps(state, JSON_COMPACT);
    size_t size = strlen(data) + EVENT_HEAD_BYTES;
    char *first = arena_alloc(&exchange->arena, size);
    int length = snprintf(first, size, "retry: %d\n\n", RETRY_MS);
    stream->first_length = (size_t)length
                           + write_event(application->events, "state", stream->number, data,
                               first + length, size - (size_t)length);
    stream->first = first;
    free(data);
    json_decref(state);
    json_decref(jobs);
}

static void begin(struct exchange *exchange)
{
    struct events *events = events_of(exchange);
    struct event_stream *stream = exchange->state;
    if (problem_is_set(&exchange->problem)) {
        exchange_send_problem(exchange, &exchange->problem);
        return;
    }
    exchange_add_field(exchange, "Cache-Control", "no-store");
    exchange_add_field(exchange, "X-Accel-Buffering", "no"); /* nginx would gather them */
    exchange_send_push(exchange, 200, "text/event-stream", fill);
    events_lock(events);
    stream->open = true;
    events_unlock(events);
}

void events_get(struct exchange *exchange)
{
    static const char retry[] = "retry: 2000\n\n";
    bool continues = false;
    struct event_stream *stream = enter(exchange, &continues, &exchange->problem);
    if (!stream) {
        exchange_send_problem(exchange, &exchange->problem);
        return;
    }
    exchange->state = stream;
    if (continues) {
        stream->first = retry;
        stream->first_length = sizeof retry - 1;
        begin(exchange);
    } else {
        exchange_run_blocking(exchange, POOL_STORE, read_state, begin);
    }
}
