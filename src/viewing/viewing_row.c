#include "viewing/viewing_row.h"

#include "viewing/coverage.h"

#include <stdlib.h>

// clang-format off
static const char select_sql[] =
    "SELECT claimed, delivered, credited, real_ms, position_ms, first_at_ms, last_at_ms, last_interval_id,"
    "  flag_counts, withheld"
    "  FROM viewing"
    " WHERE participant_id = $1 AND lecture_id = $2 AND version = $3";
static const char update_sql[] =
    "UPDATE viewing"
    "   SET claimed = $4, credited = $5, real_ms = $6, position_ms = $7, first_at_ms = $8, last_at_ms = $9,"
    "       last_interval_id = $10, flag_counts = $11, withheld = $12"
    " WHERE participant_id = $1 AND lecture_id = $2 AND version = $3";
static const char insert_sql[] =
    "INSERT INTO viewing (participant_id, lecture_id, version, claimed, delivered, credited, real_ms,"
    "  position_ms, first_at_ms, last_at_ms, last_interval_id, flag_counts, withheld)"
    " VALUES ($1, $2, $3, $4, '[]', $5, $6, $7, $8, $9, $10, $11, $12)";
// clang-format on

void viewing_row_release(struct viewing_row *row)
{
    spans_release(&row->claimed);
    spans_release(&row->delivered);
    spans_release(&row->credited);
    for (size_t i = 0; i < WITHHELD_COUNT; i++)
        spans_release(&row->withheld[i]);
}

void viewing_row_count_flags(struct viewing_row *row, unsigned flags)
{
    for (size_t i = 0; credit_flag_names[i]; i++)
        if (flags & 1u << i)
            row->flag_counts[i]++;
}

/* Most rows have none: "{}" is not worth a parser. */
static bool read_flag_counts(const char *text, struct viewing_row *row, struct problem *problem)
{
    if (text_equal(text, "{}"))
        return true;
    json_t *counts = text ? json_loads(text, JSON_REJECT_DUPLICATES, NULL) : NULL;
    if (!json_is_object(counts)) {
        json_decref(counts);
        return problem_set(problem, PROBLEM_STORAGE, "a row's counts of flags cannot be read");
    }
    for (size_t i = 0; credit_flag_names[i]; i++)
        row->flag_counts[i] = json_integer_value(json_object_get(counts, credit_flag_names[i]));
    json_decref(counts);
    return true;
}

static void write_flag_counts(const struct viewing_row *row, struct text *text)
{
    const char *separator = "{";
    for (size_t i = 0; credit_flag_names[i]; i++) {
        if (row->flag_counts[i] == 0)
            continue;
        text_printf(
            text, "%s\"%s\":%lld", separator, credit_flag_names[i], (long long)row->flag_counts[i]);
        separator = ",";
    }
    text_append_string(text, text->length == 0 ? "{}" : "}");
}

/* Most rows withhold nothing: "{}" is not worth a parser. */
bool withheld_read(
    const char *text, struct spans ret_withheld[WITHHELD_COUNT], struct problem *problem)
{
    if (text_equal(text, "{}"))
        return true;
    json_t *object = text ? json_loads(text, JSON_REJECT_DUPLICATES, NULL) : NULL;
    bool good = json_is_object(object);
    for (size_t i = 0; good && i < WITHHELD_COUNT; i++) {
        const json_t *stretches = json_object_get(object, withheld_names[i]);
        char *own = stretches ? json_dumps(stretches, JSON_COMPACT) : NULL;
        good = !own || spans_read(own, &ret_withheld[i], problem);
        free(own);
    }
    json_decref(object);
    return good || problem_set(problem, PROBLEM_STORAGE, "what a row withholds cannot be read");
}

static void write_withheld(const struct viewing_row *row, struct text *text)
{
    const char *separator = "{";
    for (size_t i = 0; i < WITHHELD_COUNT; i++) {
        if (row->withheld[i].count == 0)
            continue;
        text_printf(text, "%s\"%s\":", separator, withheld_names[i]);
        spans_write(&row->withheld[i], text);
        separator = ",";
    }
    text_append_string(text, text->length == 0 ? "{}" : "}");
}

static bool read_columns(struct db_rows *rows, struct viewing_row *row, struct problem *problem)
{
    row->stored = true;
    row->real_ms = db_int(rows, 3);
    row->position_ms = db_int(rows, 4);
    row->first_at_ms = db_int(rows, 5);
    row->last_at_ms = db_int(rows, 6);
    row->last_interval_id = db_int(rows, 7);
    return spans_read(db_text(rows, 0), &row->claimed, problem)
           && spans_read(db_text(rows, 1), &row->delivered, problem)
           && spans_read(db_text(rows, 2), &row->credited, problem)
           && read_flag_counts(db_text(rows, 8), row, problem)
           && withheld_read(db_text(rows, 9), row->withheld, problem);
}

bool viewing_row_read(
    struct db_connection *connection, struct viewing_row *row, struct problem *problem)
{
    struct db_rows *rows = db_query(
        connection, select_sql, "tti", row->participant_id, row->lecture_id, row->version);
    bool good = !db_next(rows) || read_columns(rows, row, problem);
    return db_end(rows, problem) && good;
}

bool viewing_row_write(
    struct db_connection *connection, const struct viewing_row *row, struct problem *problem)
{
    struct text claimed, credited, flag_counts, withheld;
    text_init(&claimed, SPANS_TEXT_MAX);
    text_init(&credited, SPANS_TEXT_MAX);
    text_init(&flag_counts, FLAG_COUNTS_TEXT_MAX);
    text_init(&withheld, WITHHELD_COUNT * (SPANS_TEXT_MAX + 20));
    spans_write(&row->claimed, &claimed);
    spans_write(&row->credited, &credited);
    write_flag_counts(row, &flag_counts);
    write_withheld(row, &withheld);
    bool good = db_exec(connection, NULL, problem, row->stored ? update_sql : insert_sql,
        "ttittiiiiItt", row->participant_id, row->lecture_id, row->version, claimed.bytes,
        credited.bytes, row->real_ms, row->position_ms, row->first_at_ms, row->last_at_ms,
        row->last_interval_id > 0 ? &row->last_interval_id : NULL, flag_counts.bytes,
        withheld.bytes);
    text_release(&claimed);
    text_release(&credited);
    text_release(&flag_counts);
    text_release(&withheld);
    return good;
}
