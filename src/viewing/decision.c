#include "viewing/decision.h"

#include "base/clock.h"
#include "base/text.h"
#include "viewing/evidence.h"

// clang-format off
/* Whose program does not list the lecture gets no row. */
static const char insert_sql[] =
    "INSERT INTO completion_decision (id, participant_id, lecture_id, verdict, reason, decided_at_ms, decided_by)"
    " SELECT $1, participant.id, program_lecture.lecture_id, $4, $5, $6, $7"
    "   FROM participant"
    "   JOIN cohort ON cohort.id = participant.cohort_id"
    "   JOIN program_lecture ON program_lecture.program_id = cohort.program_id"
    "  WHERE participant.id = $2 AND program_lecture.lecture_id = $3";
static const char end_sql[] =
    "UPDATE completion_decision SET ended_at_ms = $3, ended_by = $4"
    " WHERE participant_id = $1 AND lecture_id = $2 AND ended_at_ms IS NULL";
static const char standing_sql[] =
    "SELECT verdict, decided_at_ms FROM completion_decision"
    " WHERE participant_id = $1 AND lecture_id = $2 AND ended_at_ms IS NULL";
static const char history_sql[] =
    "SELECT completion_decision.verdict, completion_decision.reason, completion_decision.decided_at_ms,"
    "       maker.name, completion_decision.ended_at_ms, ender.name"
    "  FROM completion_decision"
    "  LEFT JOIN staff AS maker ON maker.id = completion_decision.decided_by"
    "  LEFT JOIN staff AS ender ON ender.id = completion_decision.ended_by"
    " WHERE completion_decision.participant_id = $1 AND completion_decision.lecture_id = $2"
    " ORDER BY completion_decision.id DESC";
static const char of_cohort_sql[] =
    "SELECT participant.id, participant.name, completion_decision.lecture_id, completion_decision.verdict,"
    "       completion_decision.reason, completion_decision.decided_at_ms, staff.name"
    "  FROM participant"
    "  JOIN completion_decision ON completion_decision.participant_id = participant.id"
    "   AND completion_decision.ended_at_ms IS NULL"
    "  LEFT JOIN staff ON staff.id = completion_decision.decided_by"
    " WHERE participant.cohort_id = $1"
    " ORDER BY completion_decision.id DESC";
// clang-format on

static const char *const words[] = { "none", "accepted", "refused" };

enum verdict verdict_of(const char *word)
{
    if (text_equal(word, words[VERDICT_ACCEPTED]))
        return VERDICT_ACCEPTED;
    return text_equal(word, words[VERDICT_REFUSED]) ? VERDICT_REFUSED : VERDICT_NONE;
}

static bool record(struct db_connection *connection, const char *participant_id,
    const char *lecture_id, const char *verdict, const char *reason, const char *staff_id,
    struct problem *problem)
{
    json_t *body = json_pack("{s:s, s:s, s:s?, s:s?}", "lecture", lecture_id, "verdict", verdict,
        "reason", reason, "staff", staff_id);
    bool good = evidence_append(connection, "decision", participant_id, body, problem);
    json_decref(body);
    return good;
}

bool decision_make(struct db_connection *connection, const char *participant_id,
    const char *lecture_id, enum verdict verdict, const char *reason, const char *staff_id,
    struct problem *problem)
{
    int64_t inserted = 0, now_ms = clock_now_ms();
    if (verdict == VERDICT_NONE)
        return problem_set_field(problem, "verdict", "'verdict' must be 'accepted' or 'refused'.");
    if (!reason || reason[0] == '\0' || !text_is_line(reason, DECISION_REASON_BYTES_MAX))
        return problem_set_field(problem, "reason",
            "'reason' must be a line of at most %d bytes: the participant reads it.",
            DECISION_REASON_BYTES_MAX);
    if (!db_exec(connection, NULL, problem, end_sql, "ttit", participant_id, lecture_id, now_ms,
            staff_id)
        || !db_exec(connection, &inserted, problem, insert_sql, "ittttit",
            db_next_key(connection, "completion_decision"), participant_id, lecture_id,
            words[verdict], reason, now_ms, staff_id))
        return false;
    if (inserted != 1)
        return problem_set(problem, PROBLEM_NOT_FOUND,
            "the participant's program has no lecture '%.40s'", lecture_id);
    return record(
        connection, participant_id, lecture_id, words[verdict], reason, staff_id, problem);
}

bool decision_withdraw(struct db_connection *connection, const char *participant_id,
    const char *lecture_id, const char *staff_id, struct problem *problem)
{
    int64_t ended = 0;
    if (!db_exec(connection, &ended, problem, end_sql, "ttit", participant_id, lecture_id,
            clock_now_ms(), staff_id))
        return false;
    if (ended == 0)
        return problem_set(problem, PROBLEM_NOT_FOUND, "no decision stands for this lecture");
    return record(connection, participant_id, lecture_id, "withdrawn", NULL, staff_id, problem);
}

bool decision_standing(struct db_connection *connection, const char *participant_id,
    const char *lecture_id, enum verdict *ret_verdict, int64_t *ret_decided_at_ms,
    struct problem *problem)
{
    struct db_rows *rows = db_query(connection, standing_sql, "tt", participant_id, lecture_id);
    bool stands = db_next(rows);
    *ret_verdict = stands ? verdict_of(db_text(rows, 0)) : VERDICT_NONE;
    *ret_decided_at_ms = stands ? db_int(rows, 1) : 0;
    return db_end(rows, problem);
}

static json_t *number_or_null(struct db_rows *rows, int column)
{
    return db_is_null(rows, column) ? json_null() : json_integer(db_int(rows, column));
}

json_t *decisions_json(struct db_connection *connection, const char *participant_id,
    const char *lecture_id, struct problem *problem)
{
    json_t *decisions = json_array();
    struct db_rows *rows = db_query(connection, history_sql, "tt", participant_id, lecture_id);
    while (db_next(rows))
        (void)json_array_append_new(
            decisions, json_pack("{s:s, s:s, s:I, s:s?, s:o, s:s?}", "verdict", db_text(rows, 0),
                           "reason", db_text(rows, 1), "decided_at_ms", (json_int_t)db_int(rows, 2),
                           "decided_by", db_text(rows, 3), "ended_at_ms", number_or_null(rows, 4),
                           "ended_by", db_text(rows, 5)));
    if (db_end(rows, problem))
        return decisions;
    json_decref(decisions);
    return NULL;
}

json_t *decisions_of_cohort_json(
    struct db_connection *connection, const char *cohort_id, struct problem *problem)
{
    json_t *decisions = json_array();
    struct db_rows *rows = db_query(connection, of_cohort_sql, "t", cohort_id);
    while (db_next(rows))
        (void)json_array_append_new(decisions,
            json_pack("{s:s, s:s, s:s, s:s, s:s, s:I, s:s?}", "participant_id", db_text(rows, 0),
                "participant", db_text(rows, 1), "lecture_id", db_text(rows, 2), "verdict",
                db_text(rows, 3), "reason", db_text(rows, 4), "decided_at_ms",
                (json_int_t)db_int(rows, 5), "decided_by", db_text(rows, 6)));
    if (db_end(rows, problem))
        return decisions;
    json_decref(decisions);
    return NULL;
}
