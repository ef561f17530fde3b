#include "viewing/delivery_list.h"

// clang-format off
static const char select_sql[] =
    "SELECT at_ms, lecture_id, version, rendition, segment, start_ms, end_ms, status, body_bytes, whole,"
    "  first_byte_ms, last_byte_ms, starved, startup, client_session, buffer_ms, deadline_ms,"
    "  throughput_kbps, bitrate_kbps, rate_percent"
    "  FROM delivery"
    " WHERE participant_id = $1 AND ($2 = '' OR lecture_id = $2)"
    " ORDER BY id DESC LIMIT $3";
// clang-format on
enum { STARVED = 12, STARTUP, SESSION, BUFFER, DEADLINE, THROUGHPUT, BITRATE, RATE };

static json_t *number_or_null(struct db_rows *rows, int column)
{
    return db_is_null(rows, column) ? json_null() : json_integer(db_int(rows, column));
}

/* Whether the player stood still is told whenever it told anything. */
static json_t *client_json(struct db_rows *rows)
{
    if (db_is_null(rows, STARVED))
        return json_null();
    return json_pack("{s:s?, s:o, s:o, s:o, s:o, s:o, s:b, s:b}", "session", db_text(rows, SESSION),
        "buffer_ms", number_or_null(rows, BUFFER), "deadline_ms", number_or_null(rows, DEADLINE),
        "throughput_kbps", number_or_null(rows, THROUGHPUT), "bitrate_kbps",
        number_or_null(rows, BITRATE), "rate_percent", number_or_null(rows, RATE), "starved",
        db_int(rows, STARVED) != 0, "startup", db_int(rows, STARTUP) != 0);
}

static json_t *delivery_json(struct db_rows *rows)
{
    return json_pack("{s:I, s:s, s:I, s:s, s:I, s:I, s:I, s:I, s:I, s:b, s:I, s:I, s:o}", "at_ms",
        (json_int_t)db_int(rows, 0), "lecture_id", db_text(rows, 1), "version",
        (json_int_t)db_int(rows, 2), "rendition", db_text(rows, 3), "segment",
        (json_int_t)db_int(rows, 4), "start_ms", (json_int_t)db_int(rows, 5), "end_ms",
        (json_int_t)db_int(rows, 6), "status", (json_int_t)db_int(rows, 7), "bytes",
        (json_int_t)db_int(rows, 8), "whole", db_int(rows, 9) != 0, "first_byte_ms",
        (json_int_t)db_int(rows, 10), "last_byte_ms", (json_int_t)db_int(rows, 11), "client",
        client_json(rows));
}

static bool is_participant(
    struct db_connection *connection, const char *participant_id, struct problem *problem)
{
    struct db_rows *rows
        = db_query(connection, "SELECT 1 FROM participant WHERE id = $1", "t", participant_id);
    bool found = db_next(rows);
    if (!db_end(rows, problem))
        return false;
    return found || problem_set(problem, PROBLEM_NOT_FOUND, "no such participant");
}

json_t *delivery_list_json(struct db_connection *connection, const char *participant_id,
    const char *lecture_id, int64_t most, struct problem *problem)
{
    json_t *deliveries = json_array();
    struct db_rows *rows = db_query(
        connection, select_sql, "tti", participant_id, lecture_id ? lecture_id : "", most);
    while (db_next(rows))
        (void)json_array_append_new(deliveries, delivery_json(rows));
    if (db_end(rows, problem)
        && (json_array_size(deliveries) > 0 || is_participant(connection, participant_id, problem)))
        return deliveries;
    json_decref(deliveries);
    return NULL;
}
