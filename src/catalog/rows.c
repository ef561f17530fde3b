#include "catalog/rows.h"

bool row_exists(struct db_connection *connection, const char *sql, const char *id, bool *ret_exists,
    struct problem *problem)
{
    struct db_rows *rows = db_query(connection, sql, "t", id);
    bool exists = db_next(rows);
    if (!db_end(rows, problem))
        return false;
    *ret_exists = exists;
    return true;
}

static bool require(struct db_connection *connection, const char *sql, const char *what,
    const char *id, struct problem *problem)
{
    bool exists;
    if (!row_exists(connection, sql, id, &exists, problem))
        return false;
    return exists || problem_set(problem, PROBLEM_NOT_FOUND, "no %s '%.40s'", what, id);
}

bool program_require(
    struct db_connection *connection, const char *program_id, struct problem *problem)
{
    return require(
        connection, "SELECT 1 FROM program WHERE id = $1", "program", program_id, problem);
}

bool cohort_require(
    struct db_connection *connection, const char *cohort_id, struct problem *problem)
{
    return require(connection, "SELECT 1 FROM cohort WHERE id = $1", "cohort", cohort_id, problem);
}

bool lecture_require(
    struct db_connection *connection, const char *lecture_id, struct problem *problem)
{
    return require(
        connection, "SELECT 1 FROM lecture WHERE id = $1", "lecture", lecture_id, problem);
}

bool version_now_require(struct db_connection *connection, const char *lecture_id,
    enum finding_code unready, struct version_now *ret_now, struct problem *problem)
{
    struct db_rows *rows = db_query(connection,
        "SELECT v.version, v.duration_ms FROM lecture l"
        " LEFT JOIN lecture_version v ON v.lecture_id = l.id AND v.version = l.current_version"
        " WHERE l.id = $1",
        "t", lecture_id);
    bool found = db_next(rows), ready = found && !db_is_null(rows, 0);
    if (ready)
        *ret_now = (struct version_now){ db_int(rows, 0), db_int(rows, 1) };
    if (!db_end(rows, problem))
        return false;
    if (!found)
        return problem_set(problem, PROBLEM_NOT_FOUND, "no lecture '%.40s'", lecture_id);
    return ready
           || finding_refuse_as(problem, PROBLEM_CONFLICT, (struct finding){ .code = unready });
}

json_t *row_text(struct db_rows *rows, int column)
{
    return db_is_null(rows, column) ? json_null() : json_string(db_text(rows, column));
}

json_t *row_int(struct db_rows *rows, int column)
{
    return db_is_null(rows, column) ? json_null() : json_integer(db_int(rows, column));
}

json_t *row_json(struct db_rows *rows, int column)
{
    json_t *value = db_is_null(rows, column) ? NULL : json_loads(db_text(rows, column), 0, NULL);
    return value ? value : json_null();
}
