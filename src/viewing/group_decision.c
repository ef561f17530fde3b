/* What an organizer says of a group: that it was so, or not, and who was there without a device. */
#include "viewing/group.h"

#include "base/clock.h"
#include "base/text.h"
#include "viewing/group_credit.h"
#include "viewing/group_end.h"

#include <stdio.h>

// clang-format off
static const char cohort_sql[] =
    "SELECT participant.cohort_id FROM viewing_group"
    "  JOIN participant ON participant.id = viewing_group.host_id"
    " WHERE viewing_group.id = $1";
static const char end_decision_sql[] =
    "UPDATE viewing_group_decision SET ended_at_ms = $2, ended_by = $3"
    " WHERE group_id = $1 AND ended_at_ms IS NULL";
static const char decide_sql[] =
    "INSERT INTO viewing_group_decision (id, group_id, verdict, reason, decided_at_ms, decided_by)"
    " VALUES ($1, $2, $3, $4, $5, $6)";
static const char standing_sql[] =
    "SELECT verdict, reason FROM viewing_group_decision WHERE group_id = $1 AND ended_at_ms IS NULL";
static const char add_sql[] =
    "INSERT INTO viewing_group_stay (id, group_id, participant_id, joined_at_ms, left_at_ms, way, added_by)"
    " SELECT $1, viewing_group.id, participant.id, viewing_group.opened_at_ms, viewing_group.closed_at_ms, 'hand', $4"
    "   FROM viewing_group"
    "   JOIN participant AS host ON host.id = viewing_group.host_id"
    "   JOIN participant ON participant.cohort_id = host.cohort_id"
    "  WHERE viewing_group.id = $2 AND participant.id = $3 AND participant.id <> viewing_group.host_id"
    "    AND participant.id NOT IN (SELECT participant_id FROM erasure)"
    "    AND participant.id NOT IN (SELECT participant_id FROM viewing_group_stay WHERE group_id = $2)";
static const char remove_sql[] =
    "DELETE FROM viewing_group_stay WHERE group_id = $1 AND participant_id = $2";
// clang-format on

bool group_cohort(struct db_connection *connection, const char *group_id,
    char ret_cohort_id[UUID_TEXT_SIZE], struct problem *problem)
{
    struct db_rows *rows = db_query(connection, cohort_sql, "t", group_id);
    bool found = db_next(rows);
    if (found)
        (void)snprintf(ret_cohort_id, UUID_TEXT_SIZE, "%s", db_text(rows, 0));
    return db_end(rows, problem)
           && (found
               || problem_set(problem, PROBLEM_NOT_FOUND, "there is no group '%.40s'", group_id));
}

static bool end_decision(struct db_connection *connection, const char *group_id,
    const char *staff_id, int64_t *ret_ended, struct problem *problem)
{
    return db_exec(connection, ret_ended, problem, end_decision_sql, "tit", group_id,
        clock_now_ms(), staff_id);
}

static bool check_words(const char *verdict, const char *reason, struct problem *problem)
{
    bool refused = text_equal(verdict, "refused");
    if (!refused && !text_equal(verdict, "confirmed"))
        return problem_set_field(problem, "verdict", "'verdict' must be 'confirmed' or 'refused'.");
    if (refused && (!reason || reason[0] == '\0'))
        return problem_set_field(
            problem, "reason", "A refusal needs a 'reason': those who were there read it.");
    return !reason || reason[0] == '\0' || text_is_line(reason, GROUP_REASON_BYTES_MAX)
           || problem_set_field(problem, "reason", "'reason' must be a line of at most %d bytes.",
               GROUP_REASON_BYTES_MAX);
}

bool group_decide(struct db_connection *connection, const struct settings *settings,
    const char *group_id, const char *verdict, const char *reason, const char *staff_id,
    struct problem *problem)
{
    const struct group_event event = { .word = verdict, .reason = reason, .staff_id = staff_id };
    return check_words(verdict, reason, problem)
           && group_end(connection, settings, group_id, problem)
           && end_decision(connection, group_id, staff_id, NULL, problem)
           && db_exec(connection, NULL, problem, decide_sql, "itttit",
               db_next_key(connection, "viewing_group_decision"), group_id, verdict,
               reason ? reason : "", clock_now_ms(), staff_id)
           && group_settle(connection, settings, group_id, &event, problem);
}

bool group_withdraw(struct db_connection *connection, const struct settings *settings,
    const char *group_id, const char *staff_id, struct problem *problem)
{
    const struct group_event event = { .word = "withdrawn", .staff_id = staff_id };
    int64_t ended = 0;
    if (!end_decision(connection, group_id, staff_id, &ended, problem))
        return false;
    if (ended == 0)
        return problem_set(problem, PROBLEM_NOT_FOUND, "no decision stands for this group");
    return group_settle(connection, settings, group_id, &event, problem);
}

/* Who was there has changed: what stands holds for those who are left and those who came. */
static bool settle_again(struct db_connection *connection, const struct settings *settings,
    const char *group_id, const char *staff_id, struct problem *problem)
{
    char verdict[16] = "waiting", reason[GROUP_REASON_BYTES_MAX + 1] = "";
    struct db_rows *rows = db_query(connection, standing_sql, "t", group_id);
    if (db_next(rows)) {
        (void)snprintf(verdict, sizeof verdict, "%s", db_text(rows, 0));
        (void)snprintf(reason, sizeof reason, "%s", db_text(rows, 1));
    }
    const struct group_event event
        = { .word = verdict, .reason = reason[0] ? reason : NULL, .staff_id = staff_id };
    return db_end(rows, problem) && group_settle(connection, settings, group_id, &event, problem);
}

bool group_add_person(struct db_connection *connection, const struct settings *settings,
    const char *group_id, const char *participant_id, const char *staff_id, struct problem *problem)
{
    int64_t added = 0;
    if (!group_end(connection, settings, group_id, problem)
        || !db_exec(connection, &added, problem, add_sql, "ittt",
            db_next_key(connection, "viewing_group_stay"), group_id, participant_id, staff_id))
        return false;
    if (added != 1)
        return problem_set(problem, PROBLEM_NOT_FOUND,
            "'%.40s' is not of this cohort, or counted as there already", participant_id);
    return group_record(connection, participant_id, group_id, "added", staff_id, problem)
           && settle_again(connection, settings, group_id, staff_id, problem);
}

bool group_remove_person(struct db_connection *connection, const struct settings *settings,
    const char *group_id, const char *participant_id, const char *staff_id, struct problem *problem)
{
    int64_t removed = 0;
    if (!group_end(connection, settings, group_id, problem)
        || !db_exec(connection, &removed, problem, remove_sql, "tt", group_id, participant_id))
        return false;
    if (removed == 0)
        return problem_set(problem, PROBLEM_NOT_FOUND, "'%.40s' was not there", participant_id);
    return group_record(connection, participant_id, group_id, "removed", staff_id, problem)
           && settle_again(connection, settings, group_id, staff_id, problem);
}
