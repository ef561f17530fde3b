#include "viewing/evidence_witness.h"

#include "base/clock.h"

// clang-format off
static const char add_sql[] =
    "INSERT INTO evidence_witness (id, name, address, added_at_ms, sent_size, sent_at_ms)"
    " VALUES ($1, $2, $3, $4, 0, NULL)";
static const char find_sql[] =
    "SELECT id FROM evidence_witness WHERE name = $1";
static const char remove_sql[] =
    "DELETE FROM evidence_witness WHERE name = $1";
static const char list_sql[] =
    "SELECT name, address, added_at_ms, sent_size, sent_at_ms FROM evidence_witness ORDER BY name";
static const char due_sql[] =
    "SELECT id, name, address FROM evidence_witness"
    " WHERE sent_size < $1"
    "   AND (sent_at_ms IS NULL OR sent_at_ms <= $2"
    "        OR EXISTS (SELECT 1 FROM evidence_checkpoint"
    "                    WHERE evidence_checkpoint.size > evidence_witness.sent_size AND cause NOT IN ('interval', 'proof')))"
    " ORDER BY id LIMIT $3";
static const char sent_sql[] =
    "UPDATE evidence_witness SET sent_size = $2, sent_at_ms = $3 WHERE id = $1 AND sent_size < $2";
// clang-format on

static bool find(
    struct db_connection *connection, const char *name, bool *ret_found, struct problem *problem)
{
    struct db_rows *rows = db_query(connection, find_sql, "t", name);
    *ret_found = db_next(rows);
    return db_end(rows, problem);
}

bool evidence_witness_add(struct db_connection *connection, const char *name, const char *address,
    struct problem *problem)
{
    bool found;
    if (!text_is_line(name, WITNESS_NAME_MAX))
        return problem_set_field(
            problem, "name", "'name' must be a line of at most %d bytes.", WITNESS_NAME_MAX);
    if (!find(connection, name, &found, problem))
        return false;
    if (found)
        return problem_set(problem, PROBLEM_CONFLICT, "There is a witness '%.100s' already.", name);
    return db_exec(connection, NULL, problem, add_sql, "itti",
        db_next_key(connection, "evidence_witness"), name, address, clock_now_ms());
}

bool evidence_witness_remove(
    struct db_connection *connection, const char *name, struct problem *problem)
{
    int64_t changed = 0;
    return db_exec(connection, &changed, problem, remove_sql, "t", name)
           && (changed > 0
               || problem_set(problem, PROBLEM_NOT_FOUND, "There is no witness '%.100s'.", name));
}

json_t *evidence_witnesses_json(struct db_connection *connection, struct problem *problem)
{
    json_t *witnesses = json_array();
    struct db_rows *rows = db_query(connection, list_sql, "");
    while (db_next(rows))
        (void)json_array_append_new(
            witnesses, json_pack("{s:s,s:s,s:I,s:I,s:o}", "name", db_text(rows, 0), "address",
                           db_text(rows, 1), "added_at_ms", (json_int_t)db_int(rows, 2),
                           "sent_size", (json_int_t)db_int(rows, 3), "sent_at_ms",
                           db_is_null(rows, 4) ? json_null() : json_integer(db_int(rows, 4))));
    if (db_end(rows, problem))
        return witnesses;
    json_decref(witnesses);
    return NULL;
}

json_t *evidence_witnesses_due(struct db_connection *connection, int64_t now_ms, int64_t every_ms,
    struct evidence_head *ret_head, struct problem *problem)
{
    if (!evidence_head_read(connection, ret_head, problem))
        return NULL;
    json_t *due = json_array();
    struct db_rows *rows = db_query(
        connection, due_sql, "iii", ret_head->size, now_ms - every_ms, (int64_t)WITNESS_DUE_MAX);
    while (db_next(rows))
        (void)json_array_append_new(
            due, json_pack("{s:I,s:s,s:s}", "id", (json_int_t)db_int(rows, 0), "name",
                     db_text(rows, 1), "address", db_text(rows, 2)));
    if (db_end(rows, problem))
        return due;
    json_decref(due);
    return NULL;
}

bool evidence_witness_note_sent(struct db_connection *connection, int64_t id, int64_t size,
    int64_t now_ms, struct problem *problem)
{
    return db_exec(connection, NULL, problem, sent_sql, "iii", id, size, now_ms);
}
