/* Small things that several functions ask of the store. */
#ifndef LECTERN_CATALOG_ROWS_H
#define LECTERN_CATALOG_ROWS_H

#include "media/finding.h"
#include "store/db.h"

#include <jansson.h>

/* Whether sql, with id as $1, gives a row. */
bool row_exists(struct db_connection *connection, const char *sql, const char *id, bool *ret_exists,
    struct problem *problem);
/* PROBLEM_NOT_FOUND when there is no such row. */
bool program_require(
    struct db_connection *connection, const char *program_id, struct problem *problem);
bool cohort_require(
    struct db_connection *connection, const char *cohort_id, struct problem *problem);
bool lecture_require(
    struct db_connection *connection, const char *lecture_id, struct problem *problem);

/* What is watched of a lecture now. */
struct version_now {
    int64_t version, duration_ms;
};
/* PROBLEM_NOT_FOUND when there is no such lecture; PROBLEM_CONFLICT, in the words of `unready`, when nothing of it can
 * be watched yet. */
bool version_now_require(struct db_connection *connection, const char *lecture_id,
    enum finding_code unready, struct version_now *ret_now, struct problem *problem);

/* A column as JSON: null where it is null. */
json_t *row_text(struct db_rows *rows, int column);
json_t *row_int(struct db_rows *rows, int column);
/* A column that holds JSON text; null where it is null, or is no JSON. */
json_t *row_json(struct db_rows *rows, int column);

#endif
