#include "viewing/xapi_read.h"

#include "base/memory.h"
#include "viewing/coverage.h"
#include "viewing/timeline.h"

#include <stdio.h>

// clang-format off
static const char session_sql[] =
    "SELECT id, participant_id, lecture_id, version, started_at_ms, last_contact_at_ms FROM play_session WHERE id = $1";
static const char last_session_sql[] =
    "SELECT id, participant_id, lecture_id, version, started_at_ms, last_contact_at_ms FROM play_session"
    " WHERE participant_id = $1 AND lecture_id = $2 AND started_at_ms <= $3"
    " ORDER BY started_at_ms DESC, id DESC LIMIT 1";
/* Version 0: of no play session. */
static const char facts_sql[] =
    "SELECT participant.name, participant.cohort_id, cohort.program_id, lecture_version.version,"
    "       lecture_version.duration_ms, lecture.language, COALESCE("
    "         (SELECT title FROM lecture_text"
    "           WHERE lecture_id = lecture.id AND lecture_text.language = lecture.language),"
    "         (SELECT MIN(title) FROM lecture_text WHERE lecture_id = lecture.id)),"
    "       (SELECT threshold_percent FROM completion_rule"
    "         WHERE cohort_id = participant.cohort_id AND created_at_ms <= $4 ORDER BY version DESC LIMIT 1)"
    "  FROM participant"
    "  JOIN cohort ON cohort.id = participant.cohort_id"
    "  JOIN lecture ON lecture.id = $2"
    "  JOIN lecture_version ON lecture_version.lecture_id = lecture.id"
    "   AND lecture_version.version = CASE WHEN $3 > 0 THEN $3 ELSE lecture.current_version END"
    "  LEFT JOIN erasure ON erasure.participant_id = participant.id"
    " WHERE participant.id = $1 AND erasure.participant_id IS NULL";
/* Along the chains of intervals, as the table has no index but its key. */
static const char credited_sql[] =
    "WITH RECURSIVE chain (id, previous_id, version, from_ms, to_ms, credited_at_ms) AS ("
    "  SELECT watch_interval.id, watch_interval.previous_id, watch_interval.version, watch_interval.from_ms,"
    "         watch_interval.to_ms, watch_interval.credited_at_ms"
    "    FROM viewing JOIN watch_interval ON watch_interval.id = viewing.last_interval_id"
    "   WHERE viewing.participant_id = $1 AND viewing.lecture_id = $2"
    "  UNION ALL"
    "  SELECT watch_interval.id, watch_interval.previous_id, watch_interval.version, watch_interval.from_ms,"
    "         watch_interval.to_ms, watch_interval.credited_at_ms"
    "    FROM chain JOIN watch_interval ON watch_interval.id = chain.previous_id)"
    " SELECT version, from_ms, to_ms FROM chain WHERE credited_at_ms <= $3 ORDER BY version, from_ms";
// clang-format on

static void take_session(struct xapi_session *session, struct db_rows *rows)
{
    (void)snprintf(session->id, UUID_TEXT_SIZE, "%s", db_text(rows, 0));
    (void)snprintf(session->participant_id, UUID_TEXT_SIZE, "%s", db_text(rows, 1));
    (void)snprintf(session->lecture_id, UUID_TEXT_SIZE, "%s", db_text(rows, 2));
    session->version = db_int(rows, 3);
    session->window.started_at_ms = db_int(rows, 4);
    session->window.last_contact_at_ms = db_int(rows, 5);
}

static bool read_facts(struct db_connection *connection, bool names, int64_t at_ms,
    struct xapi_session *session, bool *ret_found, struct problem *problem)
{
    struct db_rows *rows = db_query(connection, facts_sql, "ttii", session->participant_id,
        session->lecture_id, session->version, at_ms);
    bool found = db_next(rows);
    if (found) {
        const char *title = db_text(rows, 6);
        (void)snprintf(session->cohort_id, UUID_TEXT_SIZE, "%s", db_text(rows, 1));
        (void)snprintf(session->program_id, UUID_TEXT_SIZE, "%s", db_text(rows, 2));
        session->name = names ? memory_strdup(db_text(rows, 0)) : NULL;
        session->version = db_int(rows, 3);
        session->window.length_ms = db_int(rows, 4);
        session->language = memory_strdup(db_text(rows, 5));
        session->title = title ? memory_strdup(title) : NULL;
        session->threshold_percent = db_int(rows, 7);
    }
    *ret_found = found;
    return db_end(rows, problem);
}

bool xapi_read_session(struct db_connection *connection, bool names, struct xapi_session *session,
    bool *ret_found, struct problem *problem)
{
    struct db_rows *rows = db_query(connection, session_sql, "t", session->id);
    bool found = db_next(rows);
    if (found)
        take_session(session, rows);
    *ret_found = false;
    return db_end(rows, problem)
           && (!found
               || read_facts(
                   connection, names, session->window.started_at_ms, session, ret_found, problem));
}

bool xapi_read_last_session(struct db_connection *connection, bool names, int64_t at_ms,
    struct xapi_session *session, bool *ret_found, struct problem *problem)
{
    struct db_rows *rows = db_query(
        connection, last_session_sql, "tti", session->participant_id, session->lecture_id, at_ms);
    session->version = 0;
    if (db_next(rows))
        take_session(session, rows);
    return db_end(rows, problem)
           && read_facts(connection, names, at_ms, session, ret_found, problem);
}

/* What was watched of one version, as stretches of the session's. */
static void carry(const struct timelines *timelines, const struct xapi_session *session,
    int64_t version, struct spans *own, struct spans *credited)
{
    struct spans carried;
    timelines_carry(timelines, session->lecture_id, version, session->version, own, &carried);
    spans_add_all(credited, &carried);
    spans_release(&carried);
    spans_release(own);
}

static bool read_credited(struct db_connection *connection, const struct xapi_session *session,
    int64_t at_ms, struct spans *ret_credited, struct problem *problem)
{
    struct timelines timelines;
    struct problem full = { 0 };
    if (!timelines_read(connection, session->lecture_id, &timelines, problem))
        return false;
    struct spans credited = { 0 }, own = { 0 };
    int64_t version = 0;
    struct db_rows *rows = db_query(
        connection, credited_sql, "tti", session->participant_id, session->lecture_id, at_ms);
    while (db_next(rows)) {
        if (db_int(rows, 0) != version)
            carry(&timelines, session, version, &own, &credited);
        version = db_int(rows, 0);
        (void)spans_add(&own, db_int(rows, 1), db_int(rows, 2), CLOSE_GAP_MS, &full);
    }
    carry(&timelines, session, version, &own, &credited);
    timelines_release(&timelines);
    *ret_credited = credited;
    return db_end(rows, problem);
}

bool xapi_read_completion(struct db_connection *connection, bool names,
    struct xapi_session *session, struct xapi_completion *completion,
    const struct xapi_listener *listener, struct problem *problem)
{
    bool found = false;
    if (!xapi_read_last_session(connection, names, completion->at_ms, session, &found, problem))
        return false;
    if (!found)
        return true;
    struct spans credited = { 0 };
    completion->credited = &credited;
    bool good = read_credited(connection, session, completion->at_ms, &credited, problem)
                && xapi_tell_completion(session, completion, listener, problem);
    completion->credited = NULL;
    spans_release(&credited);
    return good;
}
