/* Jobs as people and programs read them. */
#include "catalog/ingest.h"
#include "catalog/lecture_json.h"
#include "catalog/rows.h"

#include "base/text.h"

json_t *job_of_row(struct db_rows *rows, int column)
{
    return json_pack("{s:s, s:s, s:s, s:I, s:o, s:o, s:I, s:s, s:s, s:I, s:o, s:o, s:o}", "id",
        db_text(rows, column), "lecture_id", db_text(rows, column + 1), "state",
        db_text(rows, column + 2), "permille", (json_int_t)db_int(rows, column + 3), "reason",
        row_text(rows, column + 4), "report", row_json(rows, column + 5), "version",
        (json_int_t)db_int(rows, column + 6), "kind", db_text(rows, column + 7), "pass",
        db_text(rows, column + 8), "priority", (json_int_t)db_int(rows, column + 9),
        "speed_percent", row_int(rows, column + 10), "left_ms", row_int(rows, column + 11),
        "paused", row_json(rows, column + 12));
}

json_t *job_json(struct db_connection *connection, const char *job_id, struct problem *problem)
{
    struct db_rows *rows
        = db_query(connection, "SELECT " JOB_COLUMNS " FROM job j WHERE j.id = $1", "t", job_id);
    json_t *job = db_next(rows) ? job_of_row(rows, 0) : NULL;
    if (!db_end(rows, problem)) {
        json_decref(job);
        return NULL;
    }
    if (!job)
        problem_set(problem, PROBLEM_NOT_FOUND, "no job '%.40s'", job_id);
    return job;
}

json_t *jobs_json(struct db_connection *connection, bool ended, struct problem *problem)
{
    json_t *jobs = json_array();
    struct db_rows *rows = db_query(connection,
        "SELECT " JOB_COLUMNS " FROM job j"
        " WHERE $1 = 1 OR j.state IN ('queued', 'running', 'paused')"
        " ORDER BY j.created_at_ms, j.id",
        "i", (int64_t)ended);
    while (db_next(rows)) {
        json_t *job = job_of_row(rows, 0);
        (void)json_object_del(job, "report");
        (void)json_array_append_new(jobs, job);
    }
    if (db_end(rows, problem))
        return jobs;
    json_decref(jobs);
    return NULL;
}

/* What a lecture is to who waits for a job of it: one that has a version stays ready, whatever becomes of a track or of another
 * version. */
static const char *outcome_state(enum job_pass pass, const char *job, const char *lecture)
{
    if (pass == JOB_PASS_REST)
        return lecture;
    bool failed = text_equal(job, "failed") || text_equal(job, "cancelled");
    return failed ? "failed" : text_equal(job, "refused") ? "refused" : lecture;
}

bool job_outcome_json(struct db_connection *connection, const char *job_id,
    struct job_standing *ret_standing, json_t **ret_json, struct problem *problem)
{
    struct db_rows *rows = db_query(connection,
        "SELECT j.state, j.pass, j.permille, l.id, l.state, j.reason, j.report"
        " FROM job j JOIN lecture l ON l.id = j.lecture_id WHERE j.id = $1",
        "t", job_id);
    bool found = db_next(rows);
    if (found) {
        const char *state = db_text(rows, 0);
        enum job_pass pass = job_pass_of(db_text(rows, 1));
        *ret_standing = (struct job_standing){
            .is_paused = text_equal(state, "paused"),
            .pass = pass,
            .permille = (int)db_int(rows, 2),
        };
        ret_standing->has_ended = !ret_standing->is_paused && !text_equal(state, "queued")
                                  && !text_equal(state, "running");
        *ret_json = json_pack("{s:s, s:s, s:o, s:o}", "id", db_text(rows, 3), "state",
            outcome_state(pass, state, db_text(rows, 4)), "reason", row_text(rows, 5), "report",
            row_json(rows, 6));
    }
    if (!db_end(rows, problem)) {
        if (found)
            json_decref(*ret_json);
        return false;
    }
    return found || problem_set(problem, PROBLEM_NOT_FOUND, "no job '%.40s'", job_id);
}
