/* One person's figures: for themselves, and for the organizer who is asked about them. */
#include "viewing/completion.h"
#include "viewing/progress.h"
#include "viewing/report.h"

// clang-format off
static const char lectures_sql[] =
    "SELECT lecture.id, lecture_version.duration_ms, viewing.claimed, viewing.delivered, viewing.credited,"
    "       viewing.position_ms, viewing.last_at_ms, completion.completed_at_ms"
    "  FROM participant"
    "  JOIN cohort ON cohort.id = participant.cohort_id"
    "  JOIN program_lecture ON program_lecture.program_id = cohort.program_id"
    "  JOIN lecture ON lecture.id = program_lecture.lecture_id AND lecture.published = 1"
    "  JOIN lecture_version ON lecture_version.lecture_id = lecture.id"
    "   AND lecture_version.version = lecture.current_version"
    "  LEFT JOIN viewing ON viewing.participant_id = participant.id"
    "   AND viewing.lecture_id = lecture.id AND viewing.version = lecture.current_version"
    "  LEFT JOIN completion ON completion.participant_id = participant.id"
    "   AND completion.lecture_id = lecture.id"
    " WHERE participant.id = $1"
    " ORDER BY program_lecture.position, lecture.id";
static const char record_sql[] =
    "SELECT lecture_version.duration_ms, viewing.credited, viewing.delivered, viewing.flag_counts,"
    "       viewing.last_interval_id"
    "  FROM lecture"
    "  JOIN lecture_version ON lecture_version.lecture_id = lecture.id"
    "   AND lecture_version.version = lecture.current_version"
    "  LEFT JOIN viewing ON viewing.lecture_id = lecture.id"
    "   AND viewing.version = lecture.current_version AND viewing.participant_id = $1"
    " WHERE lecture.id = $2";
/* Along the chain of the row's intervals, newest first: the table has no index but its key. */
static const char intervals_sql[] =
    "WITH RECURSIVE chain (id, previous_id, place) AS ("
    "  SELECT id, previous_id, 1 FROM watch_interval WHERE id = $1"
    "  UNION ALL"
    "  SELECT watch_interval.id, watch_interval.previous_id, chain.place + 1"
    "    FROM chain JOIN watch_interval ON watch_interval.id = chain.previous_id"
    "   WHERE chain.place < $2)"
    " SELECT watch_interval.from_ms, watch_interval.to_ms, watch_interval.credited_at_ms,"
    "        watch_interval.reason, watch_interval.play_session_id"
    "   FROM chain JOIN watch_interval ON watch_interval.id = chain.id"
    "  ORDER BY chain.id";
// clang-format on

/* NULL where a row cannot be read. */
static json_t *read_lecture(struct db_rows *rows, struct problem *problem)
{
    struct progress progress = { 0 };
    json_t *json = NULL;
    if (progress_read(rows, 2, &progress, problem)) {
        int64_t duration_ms = db_int(rows, 1);
        progress.completed = !db_is_null(rows, 7);
        progress.completed_at_ms = db_int(rows, 7);
        json = progress_json(&progress, db_text(rows, 0), duration_ms);
        (void)json_object_set_new(json, "duration_ms", json_integer(duration_ms));
        (void)json_object_set_new(json, "position_ms", json_integer(progress.position_ms));
    }
    progress_release(&progress);
    return json;
}

json_t *report_participant_lectures(
    struct db_connection *connection, const char *participant_id, struct problem *problem)
{
    json_t *lectures = json_array();
    struct db_rows *rows = db_query(connection, lectures_sql, "t", participant_id);
    bool good = true;
    while (good && db_next(rows)) {
        json_t *lecture = read_lecture(rows, problem);
        good = lecture && json_array_append_new(lectures, lecture) == 0;
    }
    if (db_end(rows, problem) && good)
        return lectures;
    json_decref(lectures);
    return NULL;
}

static json_t *stretches_json(const char *text, struct problem *problem)
{
    struct spans spans;
    if (!spans_read(text ? text : "[]", &spans, problem))
        return NULL;
    json_t *json = spans_to_json(&spans);
    spans_release(&spans);
    return json;
}

static json_t *missing_json(const char *credited_text, int64_t duration_ms, struct problem *problem)
{
    struct spans credited, missing;
    if (!spans_read(credited_text ? credited_text : "[]", &credited, problem))
        return NULL;
    coverage_missing(&credited, duration_ms, &missing);
    json_t *json = spans_to_json(&missing);
    spans_release(&credited);
    spans_release(&missing);
    return json;
}

static json_t *flags_json(const char *text, struct problem *problem)
{
    json_t *flags = json_loads(text ? text : "{}", JSON_REJECT_DUPLICATES, NULL);
    if (!flags)
        problem_set(problem, PROBLEM_STORAGE, "a row's counts of flags cannot be read");
    return flags;
}

/* PROBLEM_NOT_FOUND without the lecture.  NULL members are failures, and told as such. */
static json_t *read_record(struct db_connection *connection, const char *participant_id,
    const char *lecture_id, int64_t *ret_last_interval_id, struct problem *problem)
{
    json_t *record = NULL;
    struct db_rows *rows = db_query(connection, record_sql, "tt", participant_id, lecture_id);
    bool found = db_next(rows);
    if (found) {
        *ret_last_interval_id = db_int(rows, 4);
        record = json_pack("{s:o, s:o, s:o, s:o}", "credited",
            stretches_json(db_text(rows, 1), problem), "delivered",
            stretches_json(db_text(rows, 2), problem), "missing",
            missing_json(db_text(rows, 1), db_int(rows, 0), problem), "flags",
            flags_json(db_text(rows, 3), problem));
    }
    if (!found)
        problem_set(problem, PROBLEM_NOT_FOUND, "no lecture '%.40s' that is ready", lecture_id);
    if (db_end(rows, problem) && record)
        return record;
    json_decref(record);
    return NULL;
}

static bool read_intervals(struct db_connection *connection, int64_t last_interval_id,
    json_t *intervals, struct problem *problem)
{
    struct db_rows *rows = db_query(
        connection, intervals_sql, "ii", last_interval_id, (int64_t)REPORT_INTERVALS_MAX);
    while (db_next(rows))
        (void)json_array_append_new(intervals,
            json_pack("{s:I, s:I, s:I, s:s, s:s}", "from_ms", (json_int_t)db_int(rows, 0), "to_ms",
                (json_int_t)db_int(rows, 1), "credited_at_ms", (json_int_t)db_int(rows, 2),
                "reason", db_text(rows, 3), "play_session", db_text(rows, 4)));
    return db_end(rows, problem);
}

json_t *report_participant_record(struct db_connection *connection, const char *participant_id,
    const char *lecture_id, struct problem *problem)
{
    int64_t last_interval_id = 0;
    json_t *record
        = read_record(connection, participant_id, lecture_id, &last_interval_id, problem);
    if (!record)
        return NULL;
    json_t *intervals = json_array();
    (void)json_object_set_new(record, "intervals", intervals);
    if (last_interval_id > 0 && !read_intervals(connection, last_interval_id, intervals, problem)) {
        json_decref(record);
        return NULL;
    }
    return record;
}
