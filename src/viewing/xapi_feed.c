/* Statements as they come: each beat and completion is looked at once, along the evidence log. */
#include "viewing/xapi.h"

#include "base/clock.h"
#include "base/memory.h"
#include "viewing/coverage.h"
#include "viewing/xapi_read.h"

#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Of one transaction, which others wait for. */
enum { RECORDS_MAX = 50, ENDED_MAX = 4 };
enum { BEAT_SEQ, BEAT_FROM, BEAT_TO, BEAT_RATE, BEAT_CLIENT_AT = 6, BEAT_CREDITED, BEAT_REASONS };

// clang-format off
static const char cursor_sql[] = "SELECT value FROM setting WHERE name = 'xapi-evidence-seq'";
static const char newest_sql[] = "SELECT COALESCE(MAX(seq), -1) FROM evidence";
static const char move_sql[] =
    "INSERT INTO setting (name, value) VALUES ('xapi-evidence-seq', $1)"
    " ON CONFLICT (name) DO UPDATE SET value = excluded.value";
static const char records_sql[] =
    "SELECT seq, kind, subject_id, CASE WHEN kind IN ('heartbeats', 'completion') THEN body END FROM evidence"
    " WHERE seq > $1 ORDER BY seq LIMIT $2";
static const char read_sql[] =
    "SELECT runs, played, position_ms, begun, ended FROM xapi_session WHERE play_session_id = $1";
static const char write_sql[] =
    "INSERT INTO xapi_session (play_session_id, participant_id, runs, played, position_ms, begun, ended, due_at_ms)"
    " VALUES ($1, $2, $3, $4, $5, $6, $7, $8)"
    " ON CONFLICT (play_session_id) DO UPDATE"
    "   SET runs = excluded.runs, played = excluded.played, position_ms = excluded.position_ms,"
    "       begun = excluded.begun, ended = excluded.ended, due_at_ms = excluded.due_at_ms";
static const char due_sql[] =
    "SELECT play_session_id FROM xapi_session WHERE due_at_ms <= $1 ORDER BY due_at_ms LIMIT $2";
static const char forget_sql[] = "DELETE FROM xapi_session WHERE play_session_id = $1";
// clang-format on

struct feed {
    struct db_connection *connection;
    const struct settings *settings;
    const struct xapi_listener *listener;
    int64_t now_ms;
};
struct record {
    int64_t seq;
    char *subject_id, *body; /* body NULL: of another kind, or erased */
    bool completion;
};
/* A play session between what was told and what comes. */
struct pending {
    struct xapi_session session;
    struct xapi_runs runs;
    struct xapi_told told;
    bool begun, ended;
};

static void pending_release(struct pending *pending)
{
    xapi_session_release(&pending->session);
    xapi_runs_release(&pending->runs);
    spans_release(&pending->told.played);
}

/* End with pending_release() in any case. */
static bool pending_read(struct feed *feed, const char *play_session_id,
    struct pending *ret_pending, bool *ret_found, struct problem *problem)
{
    struct pending *pending = ret_pending;
    *pending = (struct pending){ .session = { .public_url = feed->settings->public_url },
        .told = { .position_ms = -1 } };
    (void)snprintf(pending->session.id, UUID_TEXT_SIZE, "%s", play_session_id);
    if (!xapi_read_session(feed->connection, false, &pending->session, ret_found, problem))
        return false;
    struct db_rows *rows = db_query(feed->connection, read_sql, "t", play_session_id);
    bool good = true;
    if (db_next(rows)) {
        good = xapi_runs_read(db_text(rows, 0), &pending->runs)
                   ? spans_read(db_text(rows, 1), &pending->told.played, problem)
                   : problem_set(problem, PROBLEM_STORAGE, "runs of an xapi_session");
        pending->told.position_ms = db_is_null(rows, 2) ? -1 : db_int(rows, 2);
        pending->begun = db_int(rows, 3) != 0;
        pending->ended = db_int(rows, 4) != 0;
    }
    return db_end(rows, problem) && good;
}

static bool pending_write(
    struct feed *feed, const struct pending *pending, int64_t due_at_ms, struct problem *problem)
{
    struct text runs, played;
    int64_t position_ms = pending->told.position_ms;
    text_init(&runs, XAPI_RUNS_TEXT_MAX);
    text_init(&played, SPANS_TEXT_MAX);
    xapi_runs_write(&pending->runs, &runs);
    spans_write(&pending->told.played, &played);
    bool good = db_exec(feed->connection, NULL, problem, write_sql, "ttttIiiI", pending->session.id,
        pending->session.participant_id, runs.bytes, played.bytes,
        position_ms < 0 ? NULL : &position_ms, (int64_t)pending->begun, (int64_t)pending->ended,
        due_at_ms < 0 ? NULL : &due_at_ms);
    text_release(&runs);
    text_release(&played);
    return good;
}

/* The first `count` runs are told, and go. */
static bool pending_tell(
    struct feed *feed, struct pending *pending, size_t count, bool ends, struct problem *problem)
{
    struct xapi_runs *runs = &pending->runs;
    struct xapi_runs some = { .items = runs->items, .count = count };
    unsigned parts
        = (pending->begun ? 0U : XAPI_BEGINS) | (ends && !pending->ended ? XAPI_ENDS : 0U);
    if (count == 0)
        return true;
    pending->begun = true;
    pending->ended = pending->ended || ends;
    bool good
        = xapi_tell_runs(&pending->session, &some, parts, &pending->told, feed->listener, problem);
    runs->count -= count;
    memmove(runs->items, runs->items + count, runs->count * sizeof *runs->items);
    return good;
}

static int64_t number_at(const json_t *beat, size_t place)
{
    const json_t *value = json_array_get(beat, place);
    return json_is_integer(value) ? json_integer_value(value) : -1;
}

static void add_beats(struct pending *pending, const json_t *beats)
{
    size_t index;
    const json_t *item;
    json_array_foreach(beats, index, item)
    {
        const char *reasons = json_string_value(json_array_get(item, BEAT_REASONS));
        const struct xapi_beat beat = {
            .seq = number_at(item, BEAT_SEQ),
            .from_ms = number_at(item, BEAT_FROM),
            .to_ms = number_at(item, BEAT_TO),
            .rate_percent = number_at(item, BEAT_RATE),
            .client_at_ms = number_at(item, BEAT_CLIENT_AT),
            .credited_ms = number_at(item, BEAT_CREDITED),
            .reasons = reasons ? reasons : "",
        };
        xapi_runs_add_beat(&pending->runs, &beat, &pending->session.window);
    }
}

/* When the play session has ended, unless its player is heard of before. */
static int64_t idle_at_ms(const struct feed *feed, const struct pending *pending)
{
    return pending->session.window.last_contact_at_ms + feed->settings->play_session_idle_ms;
}

static bool take_beats(struct feed *feed, const json_t *record, struct problem *problem)
{
    const char *play_session_id = json_string_value(json_object_get(record, "play_session"));
    struct pending pending;
    bool found = false;
    if (!play_session_id)
        return true;
    bool good = pending_read(feed, play_session_id, &pending, &found, problem);
    if (good && found) {
        add_beats(&pending, json_object_get(record, "beats"));
        if (pending.runs.count > XAPI_RUNS_MAX)
            good = pending_tell(feed, &pending, pending.runs.count - 1, false, problem);
        int64_t due_at_ms = idle_at_ms(feed, &pending);
        good = good && pending_write(feed, &pending, due_at_ms, problem);
    }
    pending_release(&pending);
    return good;
}

static bool take_completion(
    struct feed *feed, const char *participant_id, const json_t *record, struct problem *problem)
{
    const char *lecture_id = json_string_value(json_object_get(record, "lecture"));
    struct xapi_session session = { .public_url = feed->settings->public_url };
    struct xapi_completion completion = {
        .at_ms = json_integer_value(json_object_get(record, "completed_at_ms")),
        .credited_ms = json_integer_value(json_object_get(record, "credited_ms")),
        .duration_ms = json_integer_value(json_object_get(record, "duration_ms")),
    };
    (void)snprintf(session.participant_id, UUID_TEXT_SIZE, "%s", participant_id);
    (void)snprintf(session.lecture_id, UUID_TEXT_SIZE, "%s", lecture_id ? lecture_id : "");
    bool good = xapi_read_completion(
        feed->connection, false, &session, &completion, feed->listener, problem);
    xapi_session_release(&session);
    return good;
}

static bool take_record(struct feed *feed, const struct record *record, struct problem *problem)
{
    json_t *document = record->body ? json_loads(record->body, 0, NULL) : NULL;
    const json_t *said = json_object_get(document, "record");
    bool good = !said
                || (record->completion ? take_completion(feed, record->subject_id, said, problem)
                                       : take_beats(feed, said, problem));
    json_decref(document);
    return good;
}

static bool read_cursor(
    struct feed *feed, int64_t *ret_seq, bool *ret_found, struct problem *problem)
{
    struct db_rows *rows = db_query(feed->connection, cursor_sql, "");
    const char *value = db_next(rows) ? db_text(rows, 0) : NULL;
    bool found = value && text_to_int64(value, strlen(value), -1, INT64_MAX, ret_seq);
    if (!db_end(rows, problem))
        return false;
    *ret_found = found;
    if (found)
        return true;
    rows = db_query(feed->connection, newest_sql, "");
    *ret_seq = db_next(rows) ? db_int(rows, 0) : -1;
    return db_end(rows, problem);
}

static bool move_cursor(struct feed *feed, int64_t seq, struct problem *problem)
{
    char value[24];
    (void)snprintf(value, sizeof value, "%lld", (long long)seq);
    return db_exec(feed->connection, NULL, problem, move_sql, "t", value);
}

static bool read_records(struct feed *feed, int64_t after, struct record *records,
    size_t *ret_count, struct problem *problem)
{
    size_t count = 0;
    struct db_rows *rows
        = db_query(feed->connection, records_sql, "ii", after, (int64_t)RECORDS_MAX);
    while (db_next(rows)) {
        const char *body = db_text(rows, 3), *subject_id = db_text(rows, 2);
        records[count++] = (struct record){
            .seq = db_int(rows, 0),
            .completion = text_equal(db_text(rows, 1), "completion"),
            .subject_id = memory_strdup(subject_id ? subject_id : ""),
            .body = body ? memory_strdup(body) : NULL,
        };
    }
    *ret_count = count;
    return db_end(rows, problem);
}

static bool take_records(struct feed *feed, bool *ret_more, struct problem *problem)
{
    struct record records[RECORDS_MAX];
    size_t count = 0;
    int64_t seq;
    bool found;
    if (!read_cursor(feed, &seq, &found, problem) || (!found && !move_cursor(feed, seq, problem)))
        return false;
    bool good = read_records(feed, seq, records, &count, problem);
    for (size_t i = 0; i < count; i++) {
        good = good && take_record(feed, &records[i], problem);
        free(records[i].subject_id);
        free(records[i].body);
    }
    *ret_more = count == RECORDS_MAX;
    return good && (count == 0 || move_cursor(feed, records[count - 1].seq, problem));
}

static bool end_session(struct feed *feed, const char *play_session_id, struct problem *problem)
{
    struct pending pending;
    bool found = false;
    bool good = pending_read(feed, play_session_id, &pending, &found, problem);
    int64_t due_at_ms = good && found ? idle_at_ms(feed, &pending) : -1;
    if (good && !found)
        good = db_exec(feed->connection, NULL, problem, forget_sql, "t", play_session_id);
    else if (good && due_at_ms > feed->now_ms) /* its player is still heard of */
        good = pending_write(feed, &pending, due_at_ms, problem);
    else if (good)
        good = pending_tell(feed, &pending, pending.runs.count, true, problem)
               && pending_write(feed, &pending, -1, problem);
    pending_release(&pending);
    return good;
}

static bool end_sessions(struct feed *feed, bool *ret_more, struct problem *problem)
{
    char ids[ENDED_MAX][UUID_TEXT_SIZE];
    size_t count = 0;
    struct db_rows *rows
        = db_query(feed->connection, due_sql, "ii", feed->now_ms, (int64_t)ENDED_MAX);
    while (count < ENDED_MAX && db_next(rows))
        (void)snprintf(ids[count++], UUID_TEXT_SIZE, "%s", db_text(rows, 0));
    bool good = db_end(rows, problem);
    for (size_t i = 0; good && i < count; i++)
        good = end_session(feed, ids[i], problem);
    *ret_more = count == ENDED_MAX;
    return good;
}

bool xapi_feed(struct db_connection *connection, const struct settings *settings,
    const struct xapi_listener *listener, bool *ret_more, struct problem *problem)
{
    struct feed feed = { .connection = connection,
        .settings = settings,
        .listener = listener,
        .now_ms = clock_now_ms() };
    bool more_records = false, more_sessions = false;
    /* What ends is known once all is read that came of it. */
    bool good = take_records(&feed, &more_records, problem)
                && (more_records || end_sessions(&feed, &more_sessions, problem));
    *ret_more = more_records || more_sessions;
    return good;
}
