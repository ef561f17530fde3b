/* One person's figures: for themselves, and for the organizer who is asked about them. */
#include "viewing/completion.h"
#include "viewing/decision.h"
#include "viewing/group.h"
#include "viewing/progress.h"
#include "viewing/report.h"

#include <stdio.h>
#include <string.h>

enum { RECORD_VERSIONS_MAX = 8 };

// clang-format off
static const char lectures_sql[] =
    "SELECT lecture.id, lecture.current_version, lecture_version.duration_ms, completion.completed_at_ms,"
    "       viewing.version, viewing.claimed, viewing.delivered, viewing.credited, viewing.position_ms,"
    "       viewing.last_at_ms, viewing.withheld, completion_decision.verdict, completion_decision.reason,"
    "       completion_decision.decided_at_ms"
    "  FROM participant"
    "  JOIN cohort ON cohort.id = participant.cohort_id"
    "  JOIN program_lecture ON program_lecture.program_id = cohort.program_id"
    "  JOIN lecture ON lecture.id = program_lecture.lecture_id AND lecture.published = 1"
    "  JOIN lecture_version ON lecture_version.lecture_id = lecture.id"
    "   AND lecture_version.version = lecture.current_version"
    "  LEFT JOIN viewing ON viewing.participant_id = participant.id"
    "   AND viewing.lecture_id = lecture.id"
    "  LEFT JOIN completion ON completion.participant_id = participant.id"
    "   AND completion.lecture_id = lecture.id"
    "  LEFT JOIN completion_decision ON completion_decision.participant_id = participant.id"
    "   AND completion_decision.lecture_id = lecture.id AND completion_decision.ended_at_ms IS NULL"
    " WHERE participant.id = $1"
    " ORDER BY program_lecture.position, lecture.id";
static const char record_sql[] =
    "SELECT lecture.current_version, lecture_version.duration_ms, viewing.version, viewing.claimed,"
    "       viewing.delivered, viewing.credited, viewing.position_ms, viewing.last_at_ms,"
    "       viewing.withheld, viewing.flag_counts, viewing.last_interval_id"
    "  FROM lecture"
    "  JOIN lecture_version ON lecture_version.lecture_id = lecture.id"
    "   AND lecture_version.version = lecture.current_version"
    "  LEFT JOIN viewing ON viewing.lecture_id = lecture.id AND viewing.participant_id = $1"
    " WHERE lecture.id = $2"
    " ORDER BY viewing.version";
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

static const char groups_sql[]
    = "SELECT viewing_group_credit.version, viewing_group_credit.shown, "
      "viewing_group_credit.credited,"
      "       viewing_group_decision.verdict"
      "  FROM viewing_group_credit"
      "  LEFT JOIN viewing_group_decision ON viewing_group_decision.group_id = "
      "viewing_group_credit.group_id"
      "   AND viewing_group_decision.ended_at_ms IS NULL"
      " WHERE viewing_group_credit.participant_id = $1 AND viewing_group_credit.lecture_id = $2";

/* What was seen of a lecture in groups. */
static bool add_groups(struct db_connection *connection, struct progress *progress,
    const struct timelines *timelines, const char *participant_id, const char *lecture_id,
    int64_t shown_version, struct problem *problem)
{
    bool good = true;
    struct db_rows *rows = db_query(connection, groups_sql, "tt", participant_id, lecture_id);
    while (good && db_next(rows))
        good = progress_add_group(progress, rows, 0, timelines, lecture_id, shown_version, problem);
    return db_end(rows, problem) && good;
}

/* A lecture of the list: its rows, one a version that the person watched, stand together. */
struct listed {
    struct progress progress;
    char id[UUID_TEXT_SIZE]; /* "": none yet */
    int64_t version, duration_ms;
    const json_t *groups; /* of all lectures (group.h) */
};

/* An array, also where there is none. */
static json_t *groups_of(const json_t *groups, const char *lecture_id)
{
    json_t *own = json_object_get(groups, lecture_id);
    return own ? json_incref(own) : json_array();
}

static void begin_lecture(struct listed *listed, struct db_rows *rows)
{
    *listed = (struct listed){
        .version = db_int(rows, 1), .duration_ms = db_int(rows, 2), .groups = listed->groups
    };
    (void)snprintf(listed->id, sizeof listed->id, "%s", db_text(rows, 0));
    listed->progress.completed = !db_is_null(rows, 3);
    listed->progress.completed_at_ms = db_int(rows, 3);
    if (!db_is_null(rows, 11))
        progress_decide(&listed->progress, db_text(rows, 11), db_text(rows, 12), db_int(rows, 13));
}

static void end_lecture(struct listed *listed, json_t *lectures)
{
    const struct progress *progress = &listed->progress;
    if (listed->id[0] != '\0') {
        json_t *json = progress_json(progress, listed->id, listed->duration_ms);
        (void)json_object_set_new(json, "duration_ms", json_integer(listed->duration_ms));
        (void)json_object_set_new(json, "position_ms", json_integer(progress->position_ms));
        (void)json_object_set_new(
            json, "missing_reasons", progress_reasons_json(progress, listed->duration_ms));
        (void)json_object_set_new(json, "groups", groups_of(listed->groups, listed->id));
        (void)json_array_append_new(lectures, json);
    }
    progress_release(&listed->progress);
}

json_t *report_participant_lectures(
    struct db_connection *connection, const char *participant_id, struct problem *problem)
{
    struct timelines timelines = { 0 };
    json_t *groups = groups_of_participant_json(connection, participant_id, problem);
    if (!groups || !timelines_read(connection, NULL, &timelines, problem)) {
        json_decref(groups);
        return NULL;
    }
    json_t *lectures = json_array();
    struct listed listed = { .groups = groups };
    struct db_rows *rows = db_query(connection, lectures_sql, "t", participant_id);
    bool good = true;
    while (good && db_next(rows)) {
        if (strcmp(listed.id, db_text(rows, 0)) != 0) {
            end_lecture(&listed, lectures);
            begin_lecture(&listed, rows);
            good = !json_object_get(groups, listed.id)
                   || add_groups(connection, &listed.progress, &timelines, participant_id,
                       listed.id, listed.version, problem);
        }
        good = good
               && progress_add(
                   &listed.progress, rows, 4, &timelines, listed.id, listed.version, problem);
    }
    end_lecture(&listed, lectures);
    timelines_release(&timelines);
    json_decref(groups);
    if (db_end(rows, problem) && good)
        return lectures;
    json_decref(lectures);
    return NULL;
}

/* One lecture's record, over all versions that the person watched. */
struct record {
    struct progress progress;
    json_t *flags;
    bool found;
    int64_t version, duration_ms;
    struct {
        int64_t version, last_interval_id;
    } chains[RECORD_VERSIONS_MAX]; /* the newest */
    size_t chain_count;
};

static bool add_flags(json_t *sum, const char *text, struct problem *problem)
{
    json_t *flags = json_loads(text ? text : "{}", JSON_REJECT_DUPLICATES, NULL);
    if (!flags)
        return problem_set(problem, PROBLEM_STORAGE, "a row's counts of flags cannot be read");
    const char *name;
    json_t *count;
    json_object_foreach(flags, name, count)
    {
        json_int_t others = json_integer_value(json_object_get(sum, name));
        (void)json_object_set_new(sum, name, json_integer(others + json_integer_value(count)));
    }
    json_decref(flags);
    return true;
}

static void add_chain(struct record *record, int64_t version, int64_t last_interval_id)
{
    if (last_interval_id == 0)
        return;
    if (record->chain_count == RECORD_VERSIONS_MAX)
        memmove(
            record->chains, record->chains + 1, --record->chain_count * sizeof record->chains[0]);
    record->chains[record->chain_count].version = version;
    record->chains[record->chain_count++].last_interval_id = last_interval_id;
}

static bool read_record(struct db_connection *connection, const char *participant_id,
    const char *lecture_id, struct record *record, struct problem *problem)
{
    struct timelines timelines;
    if (!timelines_read(connection, lecture_id, &timelines, problem))
        return false;
    struct db_rows *rows = db_query(connection, record_sql, "tt", participant_id, lecture_id);
    bool good = true;
    while (good && db_next(rows)) {
        record->found = true;
        record->version = db_int(rows, 0);
        record->duration_ms = db_int(rows, 1);
        add_chain(record, db_int(rows, 2), db_int(rows, 10));
        good = add_flags(record->flags, db_text(rows, 9), problem)
               && progress_add(
                   &record->progress, rows, 2, &timelines, lecture_id, record->version, problem);
    }
    good = db_end(rows, problem) && good;
    good = good
           && add_groups(connection, &record->progress, &timelines, participant_id, lecture_id,
               record->version, problem);
    timelines_release(&timelines);
    return good
           && (record->found
               || problem_set(
                   problem, PROBLEM_NOT_FOUND, "no lecture '%.40s' that is ready", lecture_id));
}

static bool read_intervals(struct db_connection *connection, int64_t version,
    int64_t last_interval_id, json_t *intervals, struct problem *problem)
{
    struct db_rows *rows = db_query(
        connection, intervals_sql, "ii", last_interval_id, (int64_t)REPORT_INTERVALS_MAX);
    while (db_next(rows))
        (void)json_array_append_new(intervals,
            json_pack("{s:I, s:I, s:I, s:I, s:s, s:s}", "version", (json_int_t)version, "from_ms",
                (json_int_t)db_int(rows, 0), "to_ms", (json_int_t)db_int(rows, 1), "credited_at_ms",
                (json_int_t)db_int(rows, 2), "reason", db_text(rows, 3), "play_session",
                db_text(rows, 4)));
    return db_end(rows, problem);
}

/* NULL where the intervals cannot be read. */
static json_t *record_json(
    struct db_connection *connection, const struct record *record, struct problem *problem)
{
    struct spans missing;
    json_t *intervals = json_array();
    bool good = true;
    for (size_t i = 0; good && i < record->chain_count; i++)
        good = read_intervals(connection, record->chains[i].version,
            record->chains[i].last_interval_id, intervals, problem);
    coverage_missing(&record->progress.credited, record->duration_ms, &missing);
    json_t *json = json_pack("{s:I, s:o, s:o, s:o, s:o, s:o, s:O}", "version",
        (json_int_t)record->version, "credited", spans_to_json(&record->progress.credited),
        "delivered", spans_to_json(&record->progress.delivered), "missing", spans_to_json(&missing),
        "missing_reasons", progress_reasons_json(&record->progress, record->duration_ms),
        "intervals", intervals, "flags", record->flags);
    spans_release(&missing);
    if (good)
        return json;
    json_decref(json);
    return NULL;
}

json_t *report_participant_record(struct db_connection *connection, const char *participant_id,
    const char *lecture_id, struct problem *problem)
{
    struct record record = { .flags = json_object() };
    json_t *json = NULL;
    if (read_record(connection, participant_id, lecture_id, &record, problem))
        json = record_json(connection, &record, problem);
    json_t *decisions
        = json ? decisions_json(connection, participant_id, lecture_id, problem) : NULL;
    json_t *groups
        = decisions ? groups_of_participant_json(connection, participant_id, problem) : NULL;
    if (groups) {
        (void)json_object_set_new(json, "decisions", decisions);
        (void)json_object_set_new(json, "groups", groups_of(groups, lecture_id));
        json_decref(groups);
    } else {
        json_decref(decisions);
        json_decref(json);
        json = NULL;
    }
    progress_release(&record.progress);
    json_decref(record.flags);
    return json;
}
