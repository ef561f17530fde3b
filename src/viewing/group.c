#include "viewing/group.h"

#include "base/clock.h"
#include "base/memory.h"
#include "viewing/coverage.h"
#include "viewing/evidence.h"
#include "viewing/group_credit.h"
#include "viewing/group_end.h"

#include <stdio.h>
#include <stdlib.h>

enum { CODE_TRIES_MAX = 20, CODES = 1000000 };

// clang-format off
static const char own_sql[] =
    "SELECT id FROM viewing_group WHERE session_id = $1 AND closed_at_ms IS NULL";
static const char open_sql[] =
    "INSERT INTO viewing_group (id, host_id, session_id, code_until_ms, opened_at_ms, last_at_ms, budget_ms)"
    " VALUES ($1, $2, $3, 0, $4, $4, $5)";
static const char is_taken_sql[] = "SELECT 1 FROM viewing_group WHERE code = $1";
static const char set_code_sql[] =
    "UPDATE viewing_group SET code = $2, code_until_ms = $3 WHERE id = $1";
/* Of the caller's own cohort only. */
static const char find_sql[] =
    "SELECT viewing_group.id, viewing_group.host_id"
    "  FROM viewing_group"
    "  JOIN participant ON participant.id = viewing_group.host_id"
    " WHERE viewing_group.code = $1 AND viewing_group.code_until_ms > $2"
    "   AND viewing_group.closed_at_ms IS NULL AND participant.cohort_id = $3";
static const char count_sql[] =
    "SELECT COUNT(*) FROM viewing_group_stay WHERE group_id = $1 AND left_at_ms IS NULL";
static const char join_sql[] =
    "INSERT INTO viewing_group_stay (id, group_id, participant_id, joined_at_ms, way) VALUES ($1, $2, $3, $4, 'code')";
static const char guest_sql[] =
    "SELECT viewing_group_stay.group_id"
    "  FROM viewing_group_stay"
    "  JOIN viewing_group ON viewing_group.id = viewing_group_stay.group_id"
    "   AND viewing_group.closed_at_ms IS NULL"
    " WHERE viewing_group_stay.participant_id = $1 AND viewing_group_stay.left_at_ms IS NULL";
static const char leave_sql[] =
    "UPDATE viewing_group_stay SET left_at_ms = $3"
    " WHERE group_id = $1 AND participant_id = $2 AND left_at_ms IS NULL";
static const char close_sql[] =
    "UPDATE viewing_group SET closed_at_ms = $2, code = NULL WHERE id = $1 AND closed_at_ms IS NULL";
static const char end_stays_sql[] =
    "UPDATE viewing_group_stay SET left_at_ms = $2 WHERE group_id = $1 AND left_at_ms IS NULL";
static const char host_sql[] =
    "SELECT viewing_group.host_id FROM viewing_group"
    " WHERE viewing_group.id = $1 AND viewing_group.host_id NOT IN (SELECT participant_id FROM erasure)";
static const char shown_sql[] =
    "SELECT lecture_id, version, from_at_ms, to_at_ms, from_ms, to_ms FROM viewing_group_showing"
    " WHERE group_id = $1 ORDER BY id";
static const char now_sql[] =
    "SELECT viewing_group.id, viewing_group.opened_at_ms, viewing_group.code, viewing_group.code_until_ms,"
    "       (SELECT COUNT(*) FROM viewing_group_stay"
    "         WHERE viewing_group_stay.group_id = viewing_group.id AND viewing_group_stay.left_at_ms IS NULL)"
    "  FROM viewing_group WHERE viewing_group.id = $1";
/* A screen that showed nothing for so long, or more than a record holds. */
static const char idle_sql[] =
    "SELECT viewing_group.id FROM viewing_group"
    " WHERE viewing_group.closed_at_ms IS NULL"
    "   AND (viewing_group.last_at_ms <= $1 OR (SELECT COUNT(*) FROM viewing_group_showing"
    "        WHERE viewing_group_showing.group_id = viewing_group.id) >= $2)";
// clang-format on

/* --- small steps ------------------------------------------------------------------------------ */

/* "" where there is none. */
static bool find_id(struct db_connection *connection, const char *sql, const char *key,
    char ret_id[UUID_TEXT_SIZE], struct problem *problem)
{
    struct db_rows *rows = db_query(connection, sql, "t", key);
    ret_id[0] = '\0';
    if (db_next(rows))
        (void)snprintf(ret_id, UUID_TEXT_SIZE, "%s", db_text(rows, 0));
    return db_end(rows, problem);
}

bool group_record(struct db_connection *connection, const char *participant_id,
    const char *group_id, const char *event, const char *staff_id, struct problem *problem)
{
    json_t *record = json_pack("{s:s, s:s, s:I, s:s?}", "group", group_id, "event", event,
        "event_at_ms", (json_int_t)clock_now_ms(), "staff", staff_id);
    bool good = evidence_append(connection, "group", participant_id, record, problem);
    json_decref(record);
    return good;
}

/* --- opening ---------------------------------------------------------------------------------- */

static bool is_taken(
    struct db_connection *connection, const char *code, bool *ret_taken, struct problem *problem)
{
    struct db_rows *rows = db_query(connection, is_taken_sql, "t", code);
    *ret_taken = db_next(rows);
    return db_end(rows, problem);
}

/* Each of the million as likely as any other. */
static void make_code(char ret_code[GROUP_CODE_SIZE])
{
    const uint32_t fair = UINT32_MAX - UINT32_MAX % CODES;
    uint32_t number;
    do
        secure_random((uint8_t *)&number, sizeof number);
    while (number >= fair);
    (void)snprintf(ret_code, GROUP_CODE_SIZE, "%06u", number % CODES);
}

static bool give_code(struct db_connection *connection, const struct settings *settings,
    const char *group_id, int64_t now_ms, struct problem *problem)
{
    char code[GROUP_CODE_SIZE];
    bool taken = true;
    for (int i = 0; taken && i < CODE_TRIES_MAX; i++) {
        make_code(code);
        if (!is_taken(connection, code, &taken, problem))
            return false;
    }
    if (taken)
        return problem_set(problem, PROBLEM_BUSY, "most codes for groups are in use");
    return db_exec(connection, NULL, problem, set_code_sql, "tti", group_id, code,
        now_ms + settings->group_code_ms);
}

bool group_open(struct db_connection *connection, const struct settings *settings,
    const struct caller *caller, struct problem *problem)
{
    char id[UUID_TEXT_SIZE];
    int64_t now_ms = clock_now_ms();
    if (!find_id(connection, own_sql, caller->session_id, id, problem))
        return false;
    if (id[0] == '\0') {
        secure_make_uuid(id);
        if (!db_exec(connection, NULL, problem, open_sql, "tttii", id, caller->participant_id,
                caller->session_id, now_ms, (int64_t)BUDGET_START_MS)
            || !group_record(connection, caller->participant_id, id, "opened", NULL, problem))
            return false;
    }
    return give_code(connection, settings, id, now_ms, problem);
}

/* --- coming and going ------------------------------------------------------------------------- */

static bool find_by_code(struct db_connection *connection, const struct caller *caller,
    const char *code, char ret_id[UUID_TEXT_SIZE], struct problem *problem)
{
    struct db_rows *rows
        = db_query(connection, find_sql, "tit", code, clock_now_ms(), caller->cohort_id);
    bool found = db_next(rows), host = false;
    if (found) {
        (void)snprintf(ret_id, UUID_TEXT_SIZE, "%s", db_text(rows, 0));
        host = text_equal(db_text(rows, 1), caller->participant_id);
    }
    if (!db_end(rows, problem))
        return false;
    if (!found)
        return problem_set(problem, PROBLEM_GROUP_CODE_UNKNOWN, "no open group has that code");
    return !host
           || problem_set(problem, PROBLEM_CONFLICT,
               "It is your own link that plays there: you count anyway.");
}

static bool check_room(struct db_connection *connection, const struct settings *settings,
    const char *group_id, struct problem *problem)
{
    struct db_rows *rows = db_query(connection, count_sql, "t", group_id);
    bool room = db_next(rows) && db_int(rows, 0) < settings->group_people_max;
    return db_end(rows, problem)
           && (room
               || problem_set(problem, PROBLEM_CONFLICT,
                   "%lld people are in this group already, as many as may be.",
                   (long long)settings->group_people_max));
}

static bool leave(struct db_connection *connection, const char *group_id,
    const char *participant_id, int64_t now_ms, struct problem *problem)
{
    int64_t left = 0;
    return db_exec(connection, &left, problem, leave_sql, "tti", group_id, participant_id, now_ms)
           && (left == 0
               || group_record(connection, participant_id, group_id, "left", NULL, problem));
}

bool group_join(struct db_connection *connection, const struct settings *settings,
    const struct caller *caller, const char *code, struct problem *problem)
{
    char id[UUID_TEXT_SIZE], before[UUID_TEXT_SIZE];
    const char *me = caller->participant_id;
    int64_t now_ms = clock_now_ms();
    if (!find_by_code(connection, caller, code, id, problem)
        || !find_id(connection, guest_sql, me, before, problem))
        return false;
    if (text_equal(id, before))
        return true; /* typed twice */
    return check_room(connection, settings, id, problem)
           && (before[0] == '\0' || leave(connection, before, me, now_ms, problem))
           && db_exec(connection, NULL, problem, join_sql, "itti",
               db_next_key(connection, "viewing_group_stay"), id, me, now_ms)
           && group_record(connection, me, id, "joined", NULL, problem);
}

bool group_leave(struct db_connection *connection, const struct settings *settings,
    const struct caller *caller, struct problem *problem)
{
    char id[UUID_TEXT_SIZE];
    if (!find_id(connection, own_sql, caller->session_id, id, problem))
        return false;
    if (id[0] != '\0')
        return group_end(connection, settings, id, problem);
    return find_id(connection, guest_sql, caller->participant_id, id, problem)
           && (id[0] == '\0'
               || leave(connection, id, caller->participant_id, clock_now_ms(), problem));
}

json_t *group_now_json(
    struct db_connection *connection, const struct caller *caller, struct problem *problem)
{
    char id[UUID_TEXT_SIZE];
    if (!find_id(connection, own_sql, caller->session_id, id, problem))
        return NULL;
    bool host = id[0] != '\0';
    if (!host && !find_id(connection, guest_sql, caller->participant_id, id, problem))
        return NULL;
    json_t *group = json_null();
    struct db_rows *rows = db_query(connection, now_sql, "t", id);
    if (db_next(rows))
        group = json_pack("{s:s, s:s, s:I, s:I}", "role", host ? "host" : "guest", "id", id,
            "opened_at_ms", (json_int_t)db_int(rows, 1), "people", (json_int_t)db_int(rows, 4) + 1);
    if (json_is_object(group) && host)
        (void)json_object_update_new(group, json_pack("{s:s?, s:I}", "code", db_text(rows, 2),
                                                "code_until_ms", (json_int_t)db_int(rows, 3)));
    if (db_end(rows, problem))
        return group;
    json_decref(group);
    return NULL;
}

/* --- the end ---------------------------------------------------------------------------------- */

/* The host's record holds what the screen showed: everybody's credit can be made from it again. */
static bool record_showings(
    struct db_connection *connection, const char *group_id, struct problem *problem)
{
    char host_id[UUID_TEXT_SIZE];
    if (!find_id(connection, host_sql, group_id, host_id, problem))
        return false;
    if (host_id[0] == '\0')
        return true; /* erased */
    json_t *showings = json_array();
    struct db_rows *rows = db_query(connection, shown_sql, "t", group_id);
    while (db_next(rows))
        (void)json_array_append_new(
            showings, json_pack("[s, I, I, I, I, I]", db_text(rows, 0), (json_int_t)db_int(rows, 1),
                          (json_int_t)db_int(rows, 2), (json_int_t)db_int(rows, 3),
                          (json_int_t)db_int(rows, 4), (json_int_t)db_int(rows, 5)));
    json_t *record
        = json_pack("{s:s, s:s, s:o}", "group", group_id, "event", "ended", "showings", showings);
    bool good
        = db_end(rows, problem) && evidence_append(connection, "group", host_id, record, problem);
    json_decref(record);
    return good;
}

bool group_end(struct db_connection *connection, const struct settings *settings,
    const char *group_id, struct problem *problem)
{
    static const struct group_event waiting = { .word = "waiting" };
    int64_t closed = 0, now_ms = clock_now_ms();
    if (!db_exec(connection, &closed, problem, close_sql, "ti", group_id, now_ms))
        return false;
    return closed == 0
           || (db_exec(connection, NULL, problem, end_stays_sql, "ti", group_id, now_ms)
               && record_showings(connection, group_id, problem)
               && group_settle(connection, settings, group_id, &waiting, problem));
}

struct idle {
    const struct settings *settings;
    char (*ids)[UUID_TEXT_SIZE];
    size_t count;
};

static bool find_idle(struct db_connection *connection, void *data, struct problem *problem)
{
    struct idle *idle = data;
    idle->count = 0;
    struct db_rows *rows = db_query(connection, idle_sql, "ii",
        clock_now_ms() - idle->settings->group_idle_ms, (int64_t)GROUP_SHOWINGS_MAX);
    while (db_next(rows)) {
        idle->ids = memory_resized(idle->ids, idle->count + 1, sizeof *idle->ids);
        (void)snprintf(idle->ids[idle->count++], UUID_TEXT_SIZE, "%s", db_text(rows, 0));
    }
    return db_end(rows, problem);
}

struct ending {
    const struct settings *settings;
    const char *id;
};

static bool end_one(struct db_connection *connection, void *data, struct problem *problem)
{
    const struct ending *ending = data;
    return group_end(connection, ending->settings, ending->id, problem);
}

bool groups_end_idle(struct db *db, const struct settings *settings, struct problem *problem)
{
    struct idle idle = { .settings = settings };
    struct problem later = { 0 };
    bool good = db_read(db, find_idle, &idle, problem);
    for (size_t i = 0; i < idle.count; i++) {
        struct ending ending = { settings, idle.ids[i] };
        /* One that cannot be ended holds up no other; the first such problem is told. */
        good = db_write(db, end_one, &ending, good ? problem : &later) && good;
        problem_clear(&later);
    }
    free(idle.ids);
    return good;
}
