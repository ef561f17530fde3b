#include "viewing/disclosure.h"

static const char cohort_sql[] = "SELECT id FROM cohort WHERE id = $1";

bool disclosure_note(struct db_connection *connection, const char *cohort_id, const char *what,
    const char *staff_id, const char *basis, struct problem *problem)
{
    struct db_rows *rows = db_query(connection, cohort_sql, "t", cohort_id);
    bool found = db_next(rows);
    if (!db_end(rows, problem))
        return false;
    if (!found)
        return problem_set(problem, PROBLEM_NOT_FOUND, "no cohort '%.40s'", cohort_id);
    json_t *record = json_pack("{s:s,s:s?,s:s}", "what", what, "staff", staff_id, "basis", basis);
    bool good = evidence_append(connection, "disclosure", cohort_id, record, problem);
    json_decref(record);
    return good;
}
