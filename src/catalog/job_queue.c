#include "catalog/job_queue.h"

#include "base/clock.h"
#include "base/text.h"
#include "catalog/rows.h"

#include <stdio.h>

const char *const job_pass_names[JOB_PASS_COUNT] = { "first", "track", "rest" };

enum job_pass job_pass_of(const char *name)
{
    enum job_pass pass = JOB_PASS_FIRST;
    while (pass < JOB_PASS_REST && !text_equal(job_pass_names[pass], name))
        pass++;
    return pass;
}

/* Columns id, lecture_id, version, pass, parameters. */
static void read_job(struct db_rows *rows, struct job *ret_job)
{
    const char *parameters = db_text(rows, 4);
    (void)snprintf(ret_job->id, UUID_TEXT_SIZE, "%s", db_text(rows, 0));
    (void)snprintf(ret_job->lecture_id, UUID_TEXT_SIZE, "%s", db_text(rows, 1));
    ret_job->version = db_int(rows, 2);
    ret_job->pass = job_pass_of(db_text(rows, 3));
    (void)snprintf(
        ret_job->parameters, sizeof ret_job->parameters, "%s", parameters ? parameters : "");
}

bool job_insert(struct db_connection *connection, const struct job *job, struct problem *problem)
{
    return db_exec(connection, NULL, problem,
        "INSERT INTO job (id, lecture_id, version, kind, pass, parameters, state, permille,"
        "  attempts, created_at_ms)"
        " VALUES ($1, $2, $3, $4, $5, $6, 'queued', 0, 0, $7)",
        "ttittti", job->id, job->lecture_id, job->version,
        job->pass == JOB_PASS_TRACK ? "track" : "prepare", job_pass_names[job->pass],
        job->parameters[0] ? job->parameters : NULL, clock_now_ms());
}

/* A lecture that has a version keeps it, and stays ready, whatever becomes of a further job. */
static bool set_lecture_state(struct db_connection *connection, const char *lecture_id,
    const char *state, struct problem *problem)
{
    return db_exec(connection, NULL, problem,
        "UPDATE lecture SET state = CASE WHEN current_version IS NULL THEN $2 ELSE 'ready' END"
        " WHERE id = $1",
        "tt", lecture_id, state);
}

static bool recover(struct db_connection *connection, void *data, struct problem *problem)
{
    (void)data;
    /* The last of the attempts ended with the server, as the ones before it did. */
    return db_exec(connection, NULL, problem,
               "UPDATE lecture SET state = 'failed' WHERE current_version IS NULL AND id IN"
               " (SELECT lecture_id FROM job WHERE state = 'running' AND attempts >= $1)",
               "i", (int64_t)JOB_ATTEMPTS_MAX)
           && db_exec(connection, NULL, problem,
               "UPDATE job SET state = 'failed', ended_at_ms = $2, left_ms = NULL, reason ="
               "  'The server stopped each time while it prepared this file. Tell the person who "
               "runs it.'"
               " WHERE state = 'running' AND attempts >= $1",
               "ii", (int64_t)JOB_ATTEMPTS_MAX, clock_now_ms())
           && db_exec(connection, NULL, problem,
               "UPDATE job SET state = 'queued', permille = 0, left_ms = NULL"
               " WHERE state = 'running'",
               "");
}

bool jobs_recover(struct db *db, struct problem *problem)
{
    return db_write(db, recover, NULL, problem);
}

struct claim {
    struct job job;
    int64_t short_only;
    bool found;
};

// clang-format off
static const char next_sql[] =
    "SELECT id, lecture_id, version, pass, parameters FROM job"
    " WHERE state = 'queued' AND (pass <> 'rest' OR $1 = 0)"
    "  AND NOT EXISTS (SELECT 1 FROM job other"
    "   WHERE other.lecture_id = job.lecture_id AND other.state = 'running')"
    " ORDER BY CASE pass WHEN 'first' THEN 0 WHEN 'track' THEN 1 ELSE 2 END,"
    "  priority DESC, created_at_ms, id LIMIT 1";
// clang-format on

static bool claim_next(struct db_connection *connection, void *data, struct problem *problem)
{
    struct claim *claim = data;
    struct db_rows *rows = db_query(connection, next_sql, "i", claim->short_only);
    claim->found = db_next(rows);
    if (claim->found)
        read_job(rows, &claim->job);
    if (!db_end(rows, problem))
        return false;
    return !claim->found
           || db_exec(connection, NULL, problem,
               "UPDATE job SET state = 'running', permille = 0, attempts = attempts + 1,"
               "  speed_percent = NULL, left_ms = NULL, started_at_ms = $2"
               " WHERE id = $1",
               "ti", claim->job.id, clock_now_ms());
}

bool job_claim(
    struct db *db, bool short_only, struct job *ret_job, bool *ret_found, struct problem *problem)
{
    struct claim claim = { .short_only = short_only };
    if (!db_write(db, claim_next, &claim, problem))
        return false;
    if (claim.found)
        *ret_job = claim.job;
    *ret_found = claim.found;
    return true;
}

static bool put_back(struct db_connection *connection, void *data, struct problem *problem)
{
    const struct job *job = data;
    return db_exec(connection, NULL, problem,
        "UPDATE job SET state = 'queued', permille = 0, left_ms = NULL, attempts = attempts - 1"
        " WHERE id = $1 AND state = 'running'",
        "t", job->id);
}

bool job_put_back(struct db *db, const struct job *job, struct problem *problem)
{
    struct job copy = *job;
    return db_write(db, put_back, &copy, problem);
}

static bool look_for_running(struct db_connection *connection, void *data, struct problem *problem)
{
    struct claim *claim = data;
    return row_exists(connection, "SELECT 1 FROM job WHERE id = $1 AND state = 'running'",
        claim->job.id, &claim->found, problem);
}

bool job_is_running(
    struct db *db, const struct job *job, bool *ret_running, struct problem *problem)
{
    struct claim claim = { .job = *job };
    if (!db_read(db, look_for_running, &claim, problem))
        return false;
    *ret_running = claim.found;
    return true;
}

static bool store_progress(struct db_connection *connection, void *data, struct problem *problem)
{
    const struct job_progress *progress = data;
    const int64_t *speed = progress->speed_percent < 0 ? NULL : &progress->speed_percent;
    const int64_t *left = progress->left_ms < 0 ? NULL : &progress->left_ms;
    return db_exec(connection, NULL, problem,
        "UPDATE job SET permille = $2, speed_percent = $3, left_ms = $4"
        " WHERE id = $1 AND state = 'running'",
        "tiII", progress->job_id, (int64_t)progress->permille, speed, left);
}

void job_store_progress(struct db *db, const struct job_progress *progress)
{
    struct job_progress copy = *progress;
    struct problem ignored = { 0 };
    (void)db_write(db, store_progress, &copy, &ignored);
}

struct look {
    const struct job *job;
    const char *report;
};

static bool store_report(struct db_connection *connection, void *data, struct problem *problem)
{
    const struct look *look = data;
    return db_exec(connection, NULL, problem,
        "UPDATE job SET report = $2 WHERE id = $1 AND state = 'running'", "tt", look->job->id,
        look->report);
}

void job_store_report(struct db *db, const struct job *job, const char *report)
{
    struct look look = { .job = job, .report = report };
    struct problem ignored = { 0 };
    (void)db_write(db, store_report, &look, &ignored);
}

static bool apply_end(struct db_connection *connection, void *data, struct problem *problem)
{
    struct job_end *end = data;
    int64_t changed;
    if (!db_exec(connection, &changed, problem,
            "UPDATE job SET state = $2, reason = $3, report = COALESCE($4, report),"
            "  left_ms = NULL, ended_at_ms = $5"
            " WHERE id = $1 AND state = 'running'",
            "tttti", end->job->id, end->state, end->reason, end->report, clock_now_ms()))
        return false;
    end->applied = changed == 1;
    return !end->applied
           || set_lecture_state(connection, end->job->lecture_id, end->state, problem);
}

bool job_end(struct db *db, struct job_end *end, struct problem *problem)
{
    return db_write(db, apply_end, end, problem);
}

/* --- what people do to a job ------------------------------------------------------------------ */

struct wish {
    const char *job_id;
    struct job job;
    char state[16];
    bool has_original;
};

static bool find_job(struct db_connection *connection, struct wish *wish, struct problem *problem)
{
    struct db_rows *rows = db_query(connection,
        "SELECT j.id, j.lecture_id, j.version, j.pass, j.parameters, j.state, v.original_bytes"
        " FROM job j LEFT JOIN lecture_version v"
        "  ON v.lecture_id = j.lecture_id AND v.version = j.version"
        " WHERE j.id = $1",
        "t", wish->job_id);
    bool found = db_next(rows);
    if (found) {
        read_job(rows, &wish->job);
        (void)snprintf(wish->state, sizeof wish->state, "%s", db_text(rows, 5));
        wish->has_original = !db_is_null(rows, 6);
    }
    if (!db_end(rows, problem))
        return false;
    return found || problem_set(problem, PROBLEM_NOT_FOUND, "no job '%.40s'", wish->job_id);
}

static bool has_ended(const struct wish *wish)
{
    return !text_equal(wish->state, "queued") && !text_equal(wish->state, "running")
           && !text_equal(wish->state, "paused");
}

static bool cancel(struct db_connection *connection, void *data, struct problem *problem)
{
    struct wish *wish = data;
    if (!find_job(connection, wish, problem))
        return false;
    if (has_ended(wish))
        return problem_set(problem, PROBLEM_CONFLICT, "This job has ended already.");
    return db_exec(connection, NULL, problem,
               "UPDATE job SET state = 'cancelled', reason = 'The job was cancelled.',"
               "  paused = NULL, left_ms = NULL, ended_at_ms = $2 WHERE id = $1",
               "ti", wish->job_id, clock_now_ms())
           && set_lecture_state(connection, wish->job.lecture_id, "failed", problem);
}

bool job_cancel(struct db *db, const char *job_id, struct job *ret_job, bool *ret_was_running,
    struct problem *problem)
{
    struct wish wish = { .job_id = job_id };
    if (!db_write(db, cancel, &wish, problem))
        return false;
    *ret_job = wish.job;
    *ret_was_running = text_equal(wish.state, "running");
    return true;
}

/* Only what makes the rest still has its file once it has ended (ingest.c). */
static bool check_retry(const struct wish *wish, struct problem *problem)
{
    if (text_equal(wish->state, "paused"))
        return true;
    if (!has_ended(wish))
        return problem_set(problem, PROBLEM_CONFLICT, "This job waits or runs already.");
    if (text_equal(wish->state, "done") || text_equal(wish->state, "refused"))
        return problem_set(problem, PROBLEM_CONFLICT,
            "Only a job that failed or was cancelled can be tried again.");
    return (wish->job.pass == JOB_PASS_REST && wish->has_original)
           || problem_set(problem, PROBLEM_CONFLICT,
               "This job's file is not here any more. Send the file again.");
}

static bool retry(struct db_connection *connection, void *data, struct problem *problem)
{
    struct wish *wish = data;
    return find_job(connection, wish, problem) && check_retry(wish, problem)
           && db_exec(connection, NULL, problem,
               "UPDATE job SET state = 'queued', permille = 0, attempts = 0, reason = NULL,"
               "  paused = NULL, speed_percent = NULL, left_ms = NULL, ended_at_ms = NULL"
               " WHERE id = $1",
               "t", wish->job_id);
}

bool job_retry(struct db *db, const char *job_id, struct job *ret_job, struct problem *problem)
{
    struct wish wish = { .job_id = job_id };
    if (!db_write(db, retry, &wish, problem))
        return false;
    *ret_job = wish.job;
    return true;
}

bool job_set_priority(
    struct db_connection *connection, const char *job_id, int64_t priority, struct problem *problem)
{
    struct wish wish = { .job_id = job_id };
    if (!find_job(connection, &wish, problem))
        return false;
    if (has_ended(&wish))
        return problem_set(problem, PROBLEM_CONFLICT, "This job has ended already.");
    return db_exec(connection, NULL, problem, "UPDATE job SET priority = $2 WHERE id = $1", "ti",
        job_id, priority);
}

bool job_move_first(struct db_connection *connection, const char *job_id, struct problem *problem)
{
    struct db_rows *rows = db_query(connection,
        "SELECT COALESCE(MAX(priority), 0) FROM job"
        " WHERE state IN ('queued', 'running', 'paused') AND id <> $1",
        "t", job_id);
    int64_t highest = db_next(rows) ? db_int(rows, 0) : 0;
    return db_end(rows, problem)
           && job_set_priority(connection, job_id,
               highest < JOB_PRIORITY_MAX ? highest + 1 : JOB_PRIORITY_MAX, problem);
}
