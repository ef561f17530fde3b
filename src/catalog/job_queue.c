#include "catalog/job_queue.h"

#include "base/clock.h"
#include "base/text.h"

#include <stdio.h>

bool job_insert(struct db_connection *connection, const struct job *job, struct problem *problem)
{
    return db_exec(connection, NULL, problem,
        "INSERT INTO job (id, lecture_id, version, state, permille, attempts, created_at_ms)"
        " VALUES ($1, $2, $3, 'queued', 0, 0, $4)",
        "ttii", job->id, job->lecture_id, job->version, clock_now_ms());
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
               "UPDATE job SET state = 'failed', ended_at_ms = $2, reason ="
               "  'The server stopped each time while it prepared this file. Tell the person who "
               "runs it.'"
               " WHERE state = 'running' AND attempts >= $1",
               "ii", (int64_t)JOB_ATTEMPTS_MAX, clock_now_ms())
           && db_exec(connection, NULL, problem,
               "UPDATE job SET state = 'queued', permille = 0 WHERE state = 'running'", "");
}

bool jobs_recover(struct db *db, struct problem *problem)
{
    return db_write(db, recover, NULL, problem);
}

struct claim {
    struct job job;
    bool found;
};

static bool find_oldest(
    struct db_connection *connection, struct claim *claim, struct problem *problem)
{
    struct db_rows *rows = db_query(connection,
        "SELECT id, lecture_id, version FROM job WHERE state = 'queued'"
        " ORDER BY created_at_ms, id LIMIT 1",
        "");
    claim->found = db_next(rows);
    if (claim->found) {
        (void)snprintf(claim->job.id, UUID_TEXT_SIZE, "%s", db_text(rows, 0));
        (void)snprintf(claim->job.lecture_id, UUID_TEXT_SIZE, "%s", db_text(rows, 1));
        claim->job.version = db_int(rows, 2);
    }
    return db_end(rows, problem);
}

static bool claim_oldest(struct db_connection *connection, void *data, struct problem *problem)
{
    struct claim *claim = data;
    if (!find_oldest(connection, claim, problem))
        return false;
    return !claim->found
           || db_exec(connection, NULL, problem,
               "UPDATE job SET state = 'running', permille = 0, attempts = attempts + 1,"
               "  started_at_ms = $2"
               " WHERE id = $1",
               "ti", claim->job.id, clock_now_ms());
}

bool job_claim(struct db *db, struct job *ret_job, bool *ret_found, struct problem *problem)
{
    struct claim claim;
    if (!db_write(db, claim_oldest, &claim, problem))
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
        "UPDATE job SET state = 'queued', permille = 0, attempts = attempts - 1"
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
    struct db_rows *rows = db_query(
        connection, "SELECT 1 FROM job WHERE id = $1 AND state = 'running'", "t", claim->job.id);
    claim->found = db_next(rows);
    return db_end(rows, problem);
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

struct look {
    const struct job *job;
    int64_t permille;
    const char *report;
};

static bool store_progress(struct db_connection *connection, void *data, struct problem *problem)
{
    const struct look *look = data;
    return db_exec(connection, NULL, problem,
        "UPDATE job SET permille = $2 WHERE id = $1 AND state = 'running'", "ti", look->job->id,
        look->permille);
}

void job_store_progress(struct db *db, const struct job *job, int permille)
{
    struct look look = { .job = job, .permille = permille };
    struct problem ignored = { 0 };
    (void)db_write(db, store_progress, &look, &ignored);
}

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

static bool insert_renditions(
    struct db_connection *connection, const struct job_end *end, struct problem *problem)
{
    for (size_t i = 0; i < media_version_rendition_count(end->version); i++) {
        const struct segment_table *table = media_version_rendition(end->version, i);
        uint64_t size_bytes = table->init_bytes;
        for (size_t number = 0; number < table->count; number++)
            size_bytes += table->segments[number].size_bytes;
        if (!db_exec(connection, NULL, problem,
                "INSERT INTO rendition (lecture_id, version, name, codecs, size_bytes, "
                "segment_count,"
                "  bits_per_second)"
                " VALUES ($1, $2, $3, $4, $5, $6, $7)",
                "tittiii", end->job->lecture_id, end->job->version, table->name, table->codecs,
                (int64_t)size_bytes, (int64_t)table->count,
                segment_table_average_bits_per_second(table)))
            return false;
    }
    return true;
}

static bool insert_version(
    struct db_connection *connection, const struct job_end *end, struct problem *problem)
{
    const struct job *job = end->job;
    return db_exec(connection, NULL, problem,
               "INSERT INTO lecture_version (lecture_id, version, duration_ms, report, ready_at_ms)"
               " VALUES ($1, $2, $3, $4, $5)",
               "tiiti", job->lecture_id, job->version, media_version_duration_ms(end->version),
               end->report, clock_now_ms())
           && insert_renditions(connection, end, problem)
           && db_exec(connection, NULL, problem,
               "UPDATE lecture SET state = 'ready', current_version = $2 WHERE id = $1", "ti",
               job->lecture_id, job->version);
}

static bool apply_end(struct db_connection *connection, void *data, struct problem *problem)
{
    struct job_end *end = data;
    int64_t changed;
    if (!db_exec(connection, &changed, problem,
            "UPDATE job SET state = $2, reason = $3, report = $4, ended_at_ms = $5,"
            "  permille = CASE WHEN $2 = 'done' THEN 1000 ELSE permille END"
            " WHERE id = $1 AND state = 'running'",
            "tttti", end->job->id, end->state, end->reason, end->report, clock_now_ms()))
        return false;
    end->applied = changed == 1;
    if (!end->applied)
        return true;
    return end->version ? insert_version(connection, end, problem)
                        : set_lecture_state(connection, end->job->lecture_id, end->state, problem);
}

bool job_end(struct db *db, struct job_end *end, struct problem *problem)
{
    return db_write(db, apply_end, end, problem);
}

struct cancellation {
    const char *job_id;
    char lecture_id[UUID_TEXT_SIZE];
    bool was_running;
};

static bool cancel(struct db_connection *connection, void *data, struct problem *problem)
{
    struct cancellation *cancellation = data;
    struct db_rows *rows = db_query(
        connection, "SELECT lecture_id, state FROM job WHERE id = $1", "t", cancellation->job_id);
    bool found = db_next(rows), queued = false;
    cancellation->was_running = false;
    if (found) {
        (void)snprintf(cancellation->lecture_id, UUID_TEXT_SIZE, "%s", db_text(rows, 0));
        queued = text_equal(db_text(rows, 1), "queued");
        cancellation->was_running = text_equal(db_text(rows, 1), "running");
    }
    if (!db_end(rows, problem))
        return false;
    if (!found)
        return problem_set(problem, PROBLEM_NOT_FOUND, "no job '%.40s'", cancellation->job_id);
    if (!queued && !cancellation->was_running)
        return problem_set(problem, PROBLEM_CONFLICT, "This job has ended already.");
    return db_exec(connection, NULL, problem,
               "UPDATE job SET state = 'cancelled', reason = 'The job was cancelled.',"
               "  ended_at_ms = $2 WHERE id = $1",
               "ti", cancellation->job_id, clock_now_ms())
           && set_lecture_state(connection, cancellation->lecture_id, "failed", problem);
}

bool job_cancel(struct db *db, const char *job_id, char ret_lecture_id[UUID_TEXT_SIZE],
    bool *ret_was_running, struct problem *problem)
{
    struct cancellation cancellation = { .job_id = job_id };
    if (!db_write(db, cancel, &cancellation, problem))
        return false;
    (void)snprintf(ret_lecture_id, UUID_TEXT_SIZE, "%s", cancellation.lecture_id);
    *ret_was_running = cancellation.was_running;
    return true;
}
