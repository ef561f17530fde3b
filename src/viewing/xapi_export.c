/* A cohort's statements, made anew of what is stored. */
#include "viewing/xapi.h"
#include "viewing/xapi_read.h"

#include <stdio.h>
#include <stdlib.h>

// clang-format off
static const char cohort_sql[] = "SELECT 1 FROM cohort WHERE id = $1";
/* One look at every beat: the table has no index but its key. */
static const char beats_sql[] =
    "SELECT play_session.id, heartbeat.seq, heartbeat.from_ms, heartbeat.to_ms, heartbeat.rate_percent,"
    "       heartbeat.client_at_ms, heartbeat.credited_ms, heartbeat.reasons"
    "  FROM participant"
    "  JOIN play_session ON play_session.participant_id = participant.id AND play_session.started_at_ms >= $2"
    "  JOIN heartbeat ON heartbeat.play_session_id = play_session.id"
    "  LEFT JOIN erasure ON erasure.participant_id = participant.id"
    " WHERE participant.cohort_id = $1 AND erasure.participant_id IS NULL"
    " ORDER BY play_session.participant_id, play_session.started_at_ms, play_session.id, heartbeat.seq";
static const char completions_sql[] =
    "SELECT completion.participant_id, completion.lecture_id, completion.completed_at_ms,"
    "       completion.credited_ms, completion.duration_ms"
    "  FROM participant"
    "  JOIN completion ON completion.participant_id = participant.id AND completion.completed_at_ms >= $2"
    "  LEFT JOIN erasure ON erasure.participant_id = participant.id"
    " WHERE participant.cohort_id = $1 AND erasure.participant_id IS NULL"
    " ORDER BY completion.participant_id, completion.completed_at_ms, completion.lecture_id";
// clang-format on

/* The play session that is read. */
struct exporting {
    struct db_connection *connection;
    const struct xapi_export *export;
    const struct xapi_listener *listener;
    struct xapi_session session;
    struct xapi_runs runs;
    struct xapi_told told;
    bool begun;
};

static int64_t told_or_not(struct db_rows *rows, int column)
{
    return db_is_null(rows, column) ? -1 : db_int(rows, column);
}

static bool tell(struct exporting *exporting, size_t count, bool ends, struct problem *problem)
{
    struct xapi_runs some = { .items = exporting->runs.items, .count = count };
    unsigned parts = (exporting->begun ? 0U : XAPI_BEGINS) | (ends ? XAPI_ENDS : 0U);
    exporting->begun = true;
    return count == 0
           || xapi_tell_runs(
               &exporting->session, &some, parts, &exporting->told, exporting->listener, problem);
}

static void release(struct exporting *exporting)
{
    xapi_session_release(&exporting->session);
    xapi_runs_release(&exporting->runs);
    spans_release(&exporting->told.played);
}

static bool end_session(struct exporting *exporting, struct problem *problem)
{
    bool good = tell(exporting, exporting->runs.count, true, problem);
    release(exporting);
    return good;
}

static bool begin_session(
    struct exporting *exporting, const char *play_session_id, struct problem *problem)
{
    bool found;
    exporting->session = (struct xapi_session){ .public_url = exporting->export->public_url };
    exporting->told = (struct xapi_told){ .position_ms = -1 };
    exporting->begun = false;
    (void)snprintf(exporting->session.id, UUID_TEXT_SIZE, "%s", play_session_id);
    return xapi_read_session(
        exporting->connection, exporting->export->names, &exporting->session, &found, problem);
}

/* What is long is told as it comes; the last run stays, as the next beat may go on with it. */
static bool tell_some(struct exporting *exporting, struct problem *problem)
{
    struct xapi_runs *runs = &exporting->runs;
    if (runs->count <= XAPI_RUNS_MAX)
        return true;
    bool good = tell(exporting, runs->count - 1, false, problem);
    runs->items[0] = runs->items[runs->count - 1];
    runs->count = 1;
    return good;
}

static bool add_beat(struct exporting *exporting, struct db_rows *rows, struct problem *problem)
{
    const char *play_session_id = db_text(rows, 0);
    if (!text_equal(exporting->session.id, play_session_id)
        && (!end_session(exporting, problem)
            || !begin_session(exporting, play_session_id, problem)))
        return false;
    const struct xapi_beat beat = {
        .seq = db_int(rows, 1),
        .from_ms = db_int(rows, 2),
        .to_ms = db_int(rows, 3),
        .rate_percent = told_or_not(rows, 4),
        .client_at_ms = told_or_not(rows, 5),
        .credited_ms = db_int(rows, 6),
        .reasons = db_text(rows, 7),
    };
    xapi_runs_add_beat(&exporting->runs, &beat, &exporting->session.window);
    return tell_some(exporting, problem);
}

static bool export_sessions(struct exporting *exporting, struct problem *problem)
{
    struct db_rows *rows = db_query(exporting->connection, beats_sql, "ti",
        exporting->export->cohort_id, exporting->export->from_ms);
    bool good = true;
    while (good && db_next(rows))
        good = add_beat(exporting, rows, problem);
    good = good && end_session(exporting, problem);
    release(exporting);
    return db_end(rows, problem) && good;
}

static bool export_completion(
    struct exporting *exporting, struct db_rows *rows, struct problem *problem)
{
    struct xapi_session session = { .public_url = exporting->export->public_url };
    struct xapi_completion completion = {
        .at_ms = db_int(rows, 2), .credited_ms = db_int(rows, 3), .duration_ms = db_int(rows, 4)
    };
    (void)snprintf(session.participant_id, UUID_TEXT_SIZE, "%s", db_text(rows, 0));
    (void)snprintf(session.lecture_id, UUID_TEXT_SIZE, "%s", db_text(rows, 1));
    bool good = xapi_read_completion(exporting->connection, exporting->export->names, &session,
        &completion, exporting->listener, problem);
    xapi_session_release(&session);
    return good;
}

static bool export_completions(struct exporting *exporting, struct problem *problem)
{
    struct db_rows *rows = db_query(exporting->connection, completions_sql, "ti",
        exporting->export->cohort_id, exporting->export->from_ms);
    bool good = true;
    while (good && db_next(rows))
        good = export_completion(exporting, rows, problem);
    return db_end(rows, problem) && good;
}

bool xapi_export(struct db_connection *connection, const struct xapi_export *export,
    const struct xapi_listener *listener, struct problem *problem)
{
    struct exporting exporting
        = { .connection = connection, .export = export, .listener = listener };
    struct db_rows *rows = db_query(connection, cohort_sql, "t", export->cohort_id);
    bool found = db_next(rows);
    if (!db_end(rows, problem))
        return false;
    if (!found)
        return problem_set(problem, PROBLEM_NOT_FOUND, "no cohort '%.40s'", export->cohort_id);
    return export_sessions(&exporting, problem) && export_completions(&exporting, problem);
}
