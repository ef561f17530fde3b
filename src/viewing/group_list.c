/* Groups as they are told: to organizers with names, to who was there without. */
#include "viewing/group.h"

#include "base/text.h"

// clang-format off
static const char groups_sql[] =
    "SELECT viewing_group.id, viewing_group.host_id, participant.name, viewing_group.opened_at_ms,"
    "       viewing_group.closed_at_ms"
    "  FROM participant"
    "  JOIN viewing_group ON viewing_group.host_id = participant.id"
    " WHERE participant.cohort_id = $1"
    " ORDER BY viewing_group.opened_at_ms DESC, viewing_group.id";
static const char lectures_sql[] =
    "SELECT viewing_group_showing.lecture_id, SUM(viewing_group_showing.to_ms - viewing_group_showing.from_ms)"
    "  FROM viewing_group_showing"
    " WHERE viewing_group_showing.group_id = $1"
    " GROUP BY viewing_group_showing.lecture_id"
    " ORDER BY MIN(viewing_group_showing.id)";
static const char people_sql[] =
    "SELECT participant.id, participant.name, MAX(viewing_group_stay.way),"
    "       SUM(COALESCE(viewing_group_stay.left_at_ms, viewing_group.last_at_ms) - viewing_group_stay.joined_at_ms)"
    "  FROM viewing_group_stay"
    "  JOIN viewing_group ON viewing_group.id = viewing_group_stay.group_id"
    "  JOIN participant ON participant.id = viewing_group_stay.participant_id"
    " WHERE viewing_group_stay.group_id = $1"
    " GROUP BY participant.id, participant.name"
    " ORDER BY participant.name, participant.id";
static const char decisions_sql[] =
    "SELECT viewing_group_decision.verdict, viewing_group_decision.reason, viewing_group_decision.decided_at_ms,"
    "       maker.name, viewing_group_decision.ended_at_ms, ender.name"
    "  FROM viewing_group_decision"
    "  LEFT JOIN staff AS maker ON maker.id = viewing_group_decision.decided_by"
    "  LEFT JOIN staff AS ender ON ender.id = viewing_group_decision.ended_by"
    " WHERE viewing_group_decision.group_id = $1"
    " ORDER BY viewing_group_decision.id DESC";
static const char of_participant_sql[] =
    "SELECT DISTINCT viewing_group_credit.lecture_id, viewing_group.id, viewing_group.opened_at_ms,"
    "       viewing_group_decision.verdict, viewing_group_decision.reason, staff.name,"
    "       (SELECT COUNT(DISTINCT viewing_group_stay.participant_id) FROM viewing_group_stay"
    "         WHERE viewing_group_stay.group_id = viewing_group.id)"
    "  FROM viewing_group_credit"
    "  JOIN viewing_group ON viewing_group.id = viewing_group_credit.group_id"
    "  LEFT JOIN viewing_group_decision ON viewing_group_decision.group_id = viewing_group.id"
    "   AND viewing_group_decision.ended_at_ms IS NULL"
    "  LEFT JOIN staff ON staff.id = viewing_group_decision.decided_by"
    " WHERE viewing_group_credit.participant_id = $1"
    " ORDER BY viewing_group.opened_at_ms";
// clang-format on

static json_t *number_or_null(struct db_rows *rows, int column)
{
    return db_is_null(rows, column) ? json_null() : json_integer(db_int(rows, column));
}

/* Ends the rows; NULL where they failed. */
static json_t *ended(struct db_rows *rows, json_t *array, struct problem *problem)
{
    if (db_end(rows, problem))
        return array;
    json_decref(array);
    return NULL;
}

static json_t *lectures_json(
    struct db_connection *connection, const char *group_id, struct problem *problem)
{
    json_t *lectures = json_array();
    struct db_rows *rows = db_query(connection, lectures_sql, "t", group_id);
    while (db_next(rows))
        (void)json_array_append_new(lectures, json_pack("{s:s, s:I}", "id", db_text(rows, 0),
                                                  "shown_ms", (json_int_t)db_int(rows, 1)));
    return ended(rows, lectures, problem);
}

static json_t *people_json(
    struct db_connection *connection, const char *group_id, struct problem *problem)
{
    json_t *people = json_array();
    struct db_rows *rows = db_query(connection, people_sql, "t", group_id);
    while (db_next(rows)) {
        bool by_hand = text_equal(db_text(rows, 2), "hand");
        int64_t present_ms = db_int(rows, 3);
        (void)json_array_append_new(
            people, json_pack("{s:s, s:s, s:s, s:I}", "id", db_text(rows, 0), "name",
                        db_text(rows, 1), "by", by_hand ? "organizer" : "code", "present_ms",
                        (json_int_t)(present_ms > 0 ? present_ms : 0)));
    }
    return ended(rows, people, problem);
}

static json_t *decisions_json(
    struct db_connection *connection, const char *group_id, struct problem *problem)
{
    json_t *decisions = json_array();
    struct db_rows *rows = db_query(connection, decisions_sql, "t", group_id);
    while (db_next(rows))
        (void)json_array_append_new(
            decisions, json_pack("{s:s, s:s, s:I, s:s?, s:o, s:s?}", "verdict", db_text(rows, 0),
                           "reason", db_text(rows, 1), "decided_at_ms", (json_int_t)db_int(rows, 2),
                           "decided_by", db_text(rows, 3), "ended_at_ms", number_or_null(rows, 4),
                           "ended_by", db_text(rows, 5)));
    return ended(rows, decisions, problem);
}

/* The newest decision stands, unless it was ended. */
static const char *state_of(const json_t *group, const json_t *decisions)
{
    const json_t *newest = json_array_get(decisions, 0);
    if (json_is_null(json_object_get(group, "closed_at_ms")))
        return "open";
    return newest && json_is_null(json_object_get(newest, "ended_at_ms"))
               ? json_string_value(json_object_get(newest, "verdict"))
               : "waiting";
}

static bool complete_group(struct db_connection *connection, json_t *group, struct problem *problem)
{
    const char *id = json_string_value(json_object_get(group, "id"));
    json_t *lectures = lectures_json(connection, id, problem);
    json_t *people = lectures ? people_json(connection, id, problem) : NULL;
    json_t *decisions = people ? decisions_json(connection, id, problem) : NULL;
    if (!decisions) {
        json_decref(people);
        json_decref(lectures);
        return false;
    }
    return json_object_set_new(group, "state", json_string(state_of(group, decisions))) == 0
           && json_object_set_new(group, "lectures", lectures) == 0
           && json_object_set_new(group, "people", people) == 0
           && json_object_set_new(group, "decisions", decisions) == 0;
}

json_t *groups_of_cohort_json(
    struct db_connection *connection, const char *cohort_id, struct problem *problem)
{
    json_t *groups = json_array();
    struct db_rows *rows = db_query(connection, groups_sql, "t", cohort_id);
    while (db_next(rows))
        (void)json_array_append_new(
            groups, json_pack("{s:s, s:{s:s, s:s}, s:I, s:o}", "id", db_text(rows, 0), "host", "id",
                        db_text(rows, 1), "name", db_text(rows, 2), "opened_at_ms",
                        (json_int_t)db_int(rows, 3), "closed_at_ms", number_or_null(rows, 4)));
    groups = ended(rows, groups, problem);
    bool good = groups != NULL;
    for (size_t i = 0; good && i < json_array_size(groups); i++)
        good = complete_group(connection, json_array_get(groups, i), problem);
    if (good)
        return groups;
    json_decref(groups);
    return NULL;
}

json_t *groups_of_participant_json(
    struct db_connection *connection, const char *participant_id, struct problem *problem)
{
    json_t *lectures = json_object();
    struct db_rows *rows = db_query(connection, of_participant_sql, "t", participant_id);
    while (db_next(rows)) {
        const char *lecture_id = db_text(rows, 0), *verdict = db_text(rows, 3);
        json_t *own = json_object_get(lectures, lecture_id);
        if (!own)
            (void)json_object_set_new(lectures, lecture_id, own = json_array());
        (void)json_array_append_new(own,
            json_pack("{s:s, s:I, s:I, s:s, s:s?, s:s?}", "id", db_text(rows, 1), "at_ms",
                (json_int_t)db_int(rows, 2), "people", (json_int_t)db_int(rows, 6) + 1, "state",
                verdict ? verdict : "waiting", "by", db_text(rows, 5), "reason", db_text(rows, 4)));
    }
    return ended(rows, lectures, problem);
}
