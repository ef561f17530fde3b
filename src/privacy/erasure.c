#include "privacy/erasure.h"

#include "access/invitation.h"
#include "base/clock.h"
#include "base/text.h"
#include "catalog/audit.h"
#include "privacy/personal_data.h"
#include "viewing/evidence.h"

#include <jansson.h>
#include <stdio.h>
#include <string.h>

enum {
    NEEDLE_BYTES_LEAST = 6, /* shorter ones are found in any file, and prove nothing */
    STEP_ROWS = 20000,
    SQL_BYTES_MAX = 1000
};

struct erasure {
    const char *participant_id, *staff_id, *reason;
    char cohort_id[UUID_TEXT_SIZE];
    bool was_erased; /* before: nobody knows the name any more */
    bool by_rule;    /* the reason is the server's own, and names nobody */
    char name[DB_NEEDLE_BYTES_MAX], email[DB_NEEDLE_BYTES_MAX];
};

/* --- one transaction -------------------------------------------------------------------------- */

static bool read_person(
    struct db_connection *connection, struct erasure *erasure, struct problem *problem)
{
    struct db_rows *rows = db_query(connection,
        "SELECT participant.name, participant.email, erasure.participant_id, participant.cohort_id"
        "  FROM participant LEFT JOIN erasure ON erasure.participant_id = participant.id"
        " WHERE participant.id = $1",
        "t", erasure->participant_id);
    bool found = db_next(rows);
    if (found) {
        const char *email = db_text(rows, 1);
        (void)snprintf(erasure->name, sizeof erasure->name, "%s", db_text(rows, 0));
        (void)snprintf(erasure->email, sizeof erasure->email, "%s", email ? email : "");
        (void)snprintf(erasure->cohort_id, UUID_TEXT_SIZE, "%s", db_text(rows, 3));
        erasure->was_erased = !db_is_null(rows, 2);
    }
    return db_end(rows, problem)
           && (found
               || problem_set(problem, PROBLEM_NOT_FOUND, "There is no participant '%.40s'.",
                   erasure->participant_id));
}

/* It is kept for ever, so it must not keep what is erased. */
static bool check_reason(const struct erasure *erasure, struct problem *problem)
{
    if (!text_is_line(erasure->reason, ERASURE_REASON_BYTES_MAX))
        return problem_set_field(problem, "reason",
            "'reason' must be a line of 1 to %d bytes: it is what is kept of this.",
            ERASURE_REASON_BYTES_MAX);
    if (erasure->by_rule)
        return true;
    if ((erasure->name[0] && strcasestr(erasure->reason, erasure->name))
        || (erasure->email[0] && strcasestr(erasure->reason, erasure->email)))
        return problem_set_field(problem, "reason",
            "'reason' is kept, so it must not hold the person's name or address.");
    return true;
}

/* Sessions stay as rows, since play sessions refer to them, with digests of what nobody has. */
static bool shut_out(
    struct db_connection *connection, const char *participant_id, struct problem *problem)
{
    char ids[64][UUID_TEXT_SIZE];
    size_t count;
    if (!invitation_revoke(connection, participant_id, problem)
        || !db_exec(connection, NULL, problem,
            "UPDATE session SET invitation_id = NULL WHERE participant_id = $1", "t",
            participant_id))
        return false;
    const char *last = "";
    do {
        struct db_rows *rows = db_query(connection,
            "SELECT id FROM session WHERE participant_id = $1 AND id > $2 ORDER BY id LIMIT 64",
            "tt", participant_id, last);
        for (count = 0; count < 64 && db_next(rows); count++)
            (void)snprintf(ids[count], UUID_TEXT_SIZE, "%s", db_text(rows, 0));
        if (!db_end(rows, problem))
            return false;
        for (size_t i = 0; i < count; i++) {
            uint8_t digest[SHA256_BYTES];
            secure_random(digest, sizeof digest);
            if (!db_exec(connection, NULL, problem,
                    "UPDATE session SET token_digest = $2 WHERE id = $1", "tb", ids[i],
                    (const void *)digest, sizeof digest))
                return false;
        }
        last = count > 0 ? ids[count - 1] : "";
    } while (count == 64);
    return true;
}

/* The name that stands in its place is in no language, and tells two erased people apart. */
static bool rewrite(
    struct db_connection *connection, const char *participant_id, struct problem *problem)
{
    char name[32];
    (void)snprintf(name, sizeof name, "[%s]", participant_id + UUID_TEXT_SIZE - 1 - 8);
    return db_exec(connection, NULL, problem,
               "UPDATE participant SET name = $2, email = NULL, country = NULL, gender = NULL,"
               "  group_name = NULL, language = 'und'"
               " WHERE id = $1",
               "tt", participant_id, name)
           && db_exec(connection, NULL, problem,
               "UPDATE viewing SET last_interval_id = NULL WHERE participant_id = $1", "t",
               participant_id)
           && db_exec(connection, NULL, problem,
               "UPDATE play_session SET network = NULL, device = NULL WHERE participant_id = $1",
               "t", participant_id)
           /* What an organizer wrote there may tell who it was. */
           && db_exec(connection, NULL, problem,
               "UPDATE completion_decision SET reason = '-' WHERE participant_id = $1", "t",
               participant_id)
           /* Papers with its number are out there, so the row stays, as one that was erased.  The
            * digest goes along: a name could be guessed from it. */
           && db_exec(connection, NULL, problem,
               "UPDATE certificate SET name = NULL, digest = NULL, revocation_reason = NULL,"
               "  language = 'und'"
               " WHERE participant_id = $1",
               "t", participant_id)
           && db_exec(connection, NULL, problem,
               "UPDATE viewing_group_decision SET reason = '-' WHERE reason <> '' AND group_id IN"
               " (SELECT id FROM viewing_group WHERE host_id = $1"
               "  UNION SELECT group_id FROM viewing_group_stay WHERE participant_id = $1)",
               "t", participant_id);
}

static bool remove_rows(
    struct db_connection *connection, const char *participant_id, struct problem *problem)
{
    for (size_t i = 0; i < personal_table_count; i++) {
        char sql[SQL_BYTES_MAX];
        const struct personal_table *table = &personal_tables[i];
        if (table->fate != FATE_REMOVED)
            continue;
        (void)snprintf(sql, sizeof sql, "DELETE FROM %s WHERE %s", table->table, table->whose);
        if (!db_exec(connection, NULL, problem, sql, "t", participant_id))
            return false;
    }
    return true;
}

static bool begin(struct db_connection *connection, void *data, struct problem *problem)
{
    struct erasure *erasure = data;
    const char *id = erasure->participant_id;
    if (!read_person(connection, erasure, problem) || !check_reason(erasure, problem))
        return false;
    /* What is found by the mail address goes before the address does. */
    return shut_out(connection, id, problem) && remove_rows(connection, id, problem)
           && rewrite(connection, id, problem)
           && evidence_erase(connection, id, erasure->cohort_id, erasure->reason, NULL, problem)
           && db_exec(connection, NULL, problem,
               "INSERT INTO erasure (participant_id, asked_at_ms, staff_id, reason)"
               " VALUES ($1, $2, $3, $4)"
               " ON CONFLICT (participant_id) DO UPDATE SET finished_at_ms = NULL",
               "titt", id, clock_now_ms(), erasure->staff_id, erasure->reason)
           && audit_add(connection, erasure->staff_id, "privacy-erase", id, "", problem);
}

/* --- in steps --------------------------------------------------------------------------------- */

struct step {
    const struct personal_table *table;
    const char *participant_id;
    int64_t after, newest; /* keys */
    int64_t removed;
};

static bool find_newest(struct db_connection *connection, void *data, struct problem *problem)
{
    struct step *step = data;
    char sql[SQL_BYTES_MAX];
    (void)snprintf(sql, sizeof sql, "SELECT COALESCE(MAX(id), 0) FROM %s", step->table->table);
    struct db_rows *rows = db_query(connection, sql, "");
    step->newest = db_next(rows) ? db_int(rows, 0) : 0;
    return db_end(rows, problem);
}

static bool remove_step(struct db_connection *connection, void *data, struct problem *problem)
{
    struct step *step = data;
    char sql[SQL_BYTES_MAX];
    (void)snprintf(sql, sizeof sql, "DELETE FROM %s WHERE id > $2 AND id <= $3 AND %s",
        step->table->table, step->table->whose);
    return db_exec(connection, &step->removed, problem, sql, "tii", step->participant_id,
        step->after, step->after + STEP_ROWS);
}

static bool remove_in_steps(
    struct db *db, const char *participant_id, int64_t *removed, struct problem *problem)
{
    for (size_t i = 0; i < personal_table_count; i++) {
        struct step step = { .table = &personal_tables[i], .participant_id = participant_id };
        if (step.table->fate != FATE_REMOVED_IN_STEPS)
            continue;
        if (!db_read(db, find_newest, &step, problem))
            return false;
        for (; step.after < step.newest; step.after += STEP_ROWS) {
            if (!db_write(db, remove_step, &step, problem))
                return false;
            *removed += step.removed;
        }
    }
    return true;
}

/* Deliveries that were on their way to the log when the person's last session ended. */
static bool erase_late_evidence(
    struct db_connection *connection, void *data, struct problem *problem)
{
    const char *participant_id = data;
    char cohort_id[UUID_TEXT_SIZE] = "", reason[ERASURE_REASON_BYTES_MAX + 1] = "";
    struct db_rows *rows = db_query(connection,
        "SELECT participant.cohort_id, erasure.reason"
        "  FROM erasure JOIN participant ON participant.id = erasure.participant_id"
        " WHERE erasure.participant_id = $1",
        "t", participant_id);
    if (db_next(rows)) {
        (void)snprintf(cohort_id, sizeof cohort_id, "%s", db_text(rows, 0));
        (void)snprintf(reason, sizeof reason, "%s", db_text(rows, 1));
    }
    return db_end(rows, problem)
           && evidence_erase(connection, participant_id, cohort_id, reason, NULL, problem);
}

static bool mark_finished(struct db_connection *connection, void *data, struct problem *problem)
{
    const char *participant_id = data;
    return db_exec(connection, NULL, problem,
        "UPDATE erasure SET finished_at_ms = $2 WHERE participant_id = $1", "ti", participant_id,
        clock_now_ms());
}

/* needles NULL: not known any more. */
static bool finish(struct db *db, const char *participant_id, const char *const *needles,
    size_t needle_count, struct erasure_facts *facts, struct problem *problem)
{
    char id[UUID_TEXT_SIZE];
    (void)snprintf(id, sizeof id, "%s", participant_id);
    return remove_in_steps(db, participant_id, &facts->rows_removed, problem)
           && db_write(db, erase_late_evidence, id, problem)
           && db_scrub(db, needles, needle_count, &facts->written_anew, problem)
           && db_write(db, mark_finished, id, problem);
}

bool erasure_begin(
    struct db *db, const char *participant_id, const char *reason, struct problem *problem)
{
    struct erasure erasure
        = { .participant_id = participant_id, .reason = reason, .by_rule = true };
    bool begun = db_write(db, begin, &erasure, problem);
    secure_wipe(erasure.name, sizeof erasure.name);
    secure_wipe(erasure.email, sizeof erasure.email);
    return begun;
}

bool erasure_run(struct db *db, const char *participant_id, const char *staff_id,
    const char *reason, struct erasure_facts *ret_facts, struct problem *problem)
{
    struct erasure erasure
        = { .participant_id = participant_id, .staff_id = staff_id, .reason = reason };
    struct erasure_facts facts = { 0 };
    if (!db_write(db, begin, &erasure, problem))
        return false;
    const char *const words[] = { erasure.name, erasure.email };
    const char *needles[2];
    size_t count = 0;
    bool known = !erasure.was_erased;
    for (size_t i = 0; i < 2; i++) {
        if (strlen(words[i]) >= NEEDLE_BYTES_LEAST)
            needles[count++] = words[i];
        /* Too short to be told from what is no name: all is written anew, whatever else is known. */
        known = known && (words[i][0] == '\0' || strlen(words[i]) >= NEEDLE_BYTES_LEAST);
    }
    (void)finish(db, participant_id, known ? needles : NULL, count, &facts, &facts.unfinished);
    secure_wipe(erasure.name, sizeof erasure.name);
    secure_wipe(erasure.email, sizeof erasure.email);
    *ret_facts = facts;
    return true;
}

/* --- what is pending -------------------------------------------------------------------------- */

static bool find_pending(struct db_connection *connection, void *data, struct problem *problem)
{
    json_t *ids = data;
    (void)json_array_clear(ids);
    struct db_rows *rows = db_query(connection,
        "SELECT participant_id FROM erasure WHERE finished_at_ms IS NULL ORDER BY asked_at_ms", "");
    while (db_next(rows))
        (void)json_array_append_new(ids, json_string(db_text(rows, 0)));
    return db_end(rows, problem);
}

bool erasure_may_go_on(struct erasure_pace pace)
{
    return !pace.may_go_on || pace.may_go_on(pace.data);
}

static bool finish_all(struct db *db, struct erasure_pace pace, const json_t *ids, int64_t *count,
    struct problem *problem)
{
    struct erasure_facts facts = { 0 };
    char id[UUID_TEXT_SIZE];
    size_t index;
    json_t *value;
    json_array_foreach(ids, index, value)
    {
        (void)snprintf(id, sizeof id, "%s", json_string_value(value));
        if (!erasure_may_go_on(pace))
            return true;
        if (!remove_in_steps(db, id, &facts.rows_removed, problem)
            || !db_write(db, erase_late_evidence, id, problem))
            return false;
    }
    /* Once for all of them: nobody knows their names any more. */
    if (json_array_size(ids) > 0 && !db_scrub(db, NULL, 0, &facts.written_anew, problem))
        return false;
    json_array_foreach(ids, index, value)
    {
        (void)snprintf(id, sizeof id, "%s", json_string_value(value));
        if (!db_write(db, mark_finished, id, problem))
            return false;
        ++*count;
    }
    return true;
}

bool erasure_finish_pending(
    struct db *db, struct erasure_pace pace, int64_t *ret_count, struct problem *problem)
{
    json_t *ids = json_array();
    *ret_count = 0;
    bool finished
        = db_read(db, find_pending, ids, problem) && finish_all(db, pace, ids, ret_count, problem);
    json_decref(ids);
    return finished;
}
