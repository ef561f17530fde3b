#include "privacy/retention.h"

#include "base/clock.h"
#include "privacy/erasure.h"
#include "viewing/sharing.h"

#include <stdio.h>
#include <string.h>

static const int64_t day_ms = 86400000;

// clang-format off
static const char due_sql[] =
    "SELECT participant.id, cohort.id, cohort.name, cohort.closes_at_ms, COALESCE(cohort.retention_days, $1)"
    "  FROM participant JOIN cohort ON cohort.id = participant.cohort_id"
    " WHERE COALESCE(cohort.retention_days, $1) > 0"
    "   AND cohort.closes_at_ms + COALESCE(cohort.retention_days, $1) * 86400000 <= $2"
    "   AND NOT EXISTS (SELECT 1 FROM erasure WHERE erasure.participant_id = participant.id)"
    " ORDER BY cohort.closes_at_ms, participant.id";
// clang-format on

bool retention_set(struct db_connection *connection, const char *cohort_id, const int64_t *days,
    struct problem *problem)
{
    int64_t changed = 0;
    if (days && (*days < 0 || *days > RETENTION_DAYS_MAX))
        return problem_set_field(problem, "days",
            "'days' must be 0 (for ever) to %d, or null for the server's setting.",
            RETENTION_DAYS_MAX);
    return db_exec(connection, &changed, problem,
               "UPDATE cohort SET retention_days = $2 WHERE id = $1", "tI", cohort_id, days)
           && (changed == 1
               || problem_set(
                   problem, PROBLEM_NOT_FOUND, "There is no cohort '%.40s'.", cohort_id));
}

json_t *retention_due_json(struct db_connection *connection, const struct settings *settings,
    int64_t now_ms, struct problem *problem)
{
    json_t *due = json_array();
    struct db_rows *rows = db_query(connection, due_sql, "ii", settings->retention_days, now_ms);
    while (db_next(rows)) {
        int64_t closed_at_ms = db_int(rows, 3), days = db_int(rows, 4);
        (void)json_array_append_new(
            due, json_pack("{s:s, s:s, s:s, s:I, s:I, s:I}", "participant", db_text(rows, 0),
                     "cohort", db_text(rows, 1), "cohort_name", db_text(rows, 2), "closed_at_ms",
                     (json_int_t)closed_at_ms, "days", (json_int_t)days, "due_at_ms",
                     (json_int_t)(closed_at_ms + days * day_ms)));
    }
    if (db_end(rows, problem))
        return due;
    json_decref(due);
    return NULL;
}

struct look {
    const struct settings *settings;
    json_t *due;
};

static bool look(struct db_connection *connection, void *data, struct problem *problem)
{
    struct look *found = data;
    found->due = retention_due_json(connection, found->settings, clock_now_ms(), problem);
    return found->due != NULL;
}

static bool forget_networks(struct db_connection *connection, void *data, struct problem *problem)
{
    const struct settings *settings = data;
    return sharing_forget(connection, settings, clock_now_ms(), problem);
}

bool retention_run(struct db *db, const struct settings *settings, struct erasure_pace pace,
    int64_t *ret_count, struct problem *problem)
{
    struct look found = { .settings = settings };
    struct settings read = *settings;
    if (!db_write(db, forget_networks, &read, problem) || !db_read(db, look, &found, problem))
        return false;
    struct problem later = { 0 };
    bool begun = true;
    size_t index;
    json_t *person;
    json_array_foreach(found.due, index, person)
    {
        char reason[100];
        if (!erasure_may_go_on(pace))
            break;
        (void)snprintf(reason, sizeof reason, "Kept for %lld days after the cohort closed.",
            (long long)json_integer_value(json_object_get(person, "days")));
        /* One who cannot be erased now holds up nobody else; the first such problem is told. */
        begun = erasure_begin(db, json_string_value(json_object_get(person, "participant")), reason,
                    begun ? problem : &later)
                && begun;
        problem_clear(&later);
    }
    json_decref(found.due);
    bool finished = erasure_finish_pending(db, pace, ret_count, begun ? problem : &later);
    problem_clear(&later);
    return begun && finished;
}
