#include "catalog/upload_rows.h"

#include "base/clock.h"
#include "base/memory.h"
#include "base/text.h"
#include "catalog/audit.h"
#include "catalog/rows.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct search {
    const char *id;
    const char *staff_id; /* NULL: anybody's */
    struct upload_row *row;
    bool found;
};

static void copy_text(char *ret_text, size_t size, struct db_rows *rows, int column)
{
    const char *text = db_text(rows, column);
    (void)snprintf(ret_text, size, "%s", text ? text : "");
}

static enum upload_kind kind_of(const char *word)
{
    return text_equal(word, "final")     ? UPLOAD_FINAL
           : text_equal(word, "partial") ? UPLOAD_PARTIAL
                                         : UPLOAD_WHOLE;
}

static bool find(struct db_connection *connection, void *data, struct problem *problem)
{
    struct search *search = data;
    struct upload_facts *facts = &search->row->facts;
    struct db_rows *rows = db_query(connection,
        "SELECT id, staff_id, length_bytes, offset_bytes, expires_at_ms, metadata, lecture_id, kind"
        " FROM upload"
        " WHERE id = $1 AND expires_at_ms > $2 AND final_id IS NULL"
        "  AND ($3 IS NULL OR staff_id = $3)",
        "tit", search->id, clock_now_ms(), search->staff_id);
    search->found = db_next(rows);
    if (search->found) {
        copy_text(facts->id, sizeof facts->id, rows, 0);
        copy_text(facts->staff_id, sizeof facts->staff_id, rows, 1);
        facts->length_bytes = db_int(rows, 2);
        facts->offset_bytes = db_int(rows, 3);
        facts->expires_at_ms = db_int(rows, 4);
        copy_text(facts->metadata, sizeof facts->metadata, rows, 5);
        copy_text(facts->lecture_id, sizeof facts->lecture_id, rows, 6);
        facts->kind = kind_of(db_text(rows, 7));
    }
    return db_end(rows, problem)
           && (!search->found
               || upload_metadata_read(facts->metadata, &search->row->metadata, problem));
}

bool upload_row_find(struct db *db, const char *id, const char *staff_id,
    struct upload_row *ret_row, struct problem *problem)
{
    struct search search = { .id = id, .staff_id = staff_id, .row = ret_row };
    if (!db_read(db, find, &search, problem))
        return false;
    return search.found || problem_set(problem, PROBLEM_UPLOAD_GONE, "no upload '%.40s'", id);
}

struct advance {
    const char *id;
    int64_t offset_bytes, expires_at_ms;
};

static bool advance(struct db_connection *connection, void *data, struct problem *problem)
{
    const struct advance *advance = data;
    int64_t changed;
    if (!db_exec(connection, &changed, problem,
            "UPDATE upload SET offset_bytes = $2, expires_at_ms = $3"
            " WHERE id = $1 AND lecture_id IS NULL",
            "tii", advance->id, advance->offset_bytes, advance->expires_at_ms))
        return false;
    return changed == 1
           || problem_set(problem, PROBLEM_UPLOAD_GONE, "upload '%.40s' has ended", advance->id);
}

bool upload_row_advance(struct db *db, const char *id, int64_t offset_bytes, int64_t expires_at_ms,
    struct problem *problem)
{
    struct advance data = { id, offset_bytes, expires_at_ms };
    return db_write(db, advance, &data, problem);
}

static bool delete_row(struct db_connection *connection, void *data, struct problem *problem)
{
    const char *id = data;
    return db_exec(connection, NULL, problem, "DELETE FROM upload WHERE final_id = $1", "t", id)
           && db_exec(connection, NULL, problem, "DELETE FROM upload WHERE id = $1", "t", id);
}

bool upload_row_delete(struct db *db, const char *id, struct problem *problem)
{
    char copy[UUID_TEXT_SIZE];
    (void)snprintf(copy, sizeof copy, "%s", id);
    return db_write(db, delete_row, copy, problem);
}

bool upload_row_complete(
    struct db_connection *connection, void *data, const char *lecture_id, struct problem *problem)
{
    const struct upload_row *row = data;
    int64_t changed;
    if (!db_exec(connection, &changed, problem,
            "UPDATE upload SET lecture_id = $2 WHERE id = $1 AND lecture_id IS NULL", "tt",
            row->facts.id, lecture_id))
        return false;
    if (changed != 1)
        return problem_set(
            problem, PROBLEM_UPLOAD_GONE, "upload '%s' was handed over already", row->facts.id);
    return audit_add(connection, text_or_null(row->facts.staff_id), "lecture-upload", lecture_id,
        row->metadata.file_name, problem);
}

struct listing {
    enum upload_choice choice;
    char (*ids)[UUID_TEXT_SIZE];
    size_t count;
};

static bool list(struct db_connection *connection, void *data, struct problem *problem)
{
    static const char *const sql[] = {
        [UPLOADS_WITH_FILE]
        = "SELECT id FROM upload WHERE lecture_id IS NULL AND expires_at_ms >= $1",
        [UPLOADS_COMPLETE] = ("SELECT id FROM upload WHERE lecture_id IS NULL"
                              " AND (kind = 'final' OR"
                              "  (kind = 'whole' AND offset_bytes = length_bytes))"
                              " AND expires_at_ms > $1"),
        /* Parts go with what they are parts of. */
        [UPLOADS_EXPIRED] = "SELECT id FROM upload WHERE expires_at_ms <= $1 AND final_id IS NULL",
    };
    struct listing *listing = data;
    size_t capacity = 0;
    int64_t since_ms = listing->choice == UPLOADS_WITH_FILE ? INT64_MIN : clock_now_ms();
    struct db_rows *rows = db_query(connection, sql[listing->choice], "i", since_ms);
    while (db_next(rows)) {
        if (listing->count == capacity) {
            capacity = capacity > 0 ? capacity * 2 : 16;
            listing->ids = memory_resized(listing->ids, capacity, sizeof *listing->ids);
        }
        copy_text(listing->ids[listing->count++], UUID_TEXT_SIZE, rows, 0);
    }
    return db_end(rows, problem);
}

bool upload_rows_list(struct db *db, enum upload_choice choice, char (**ret_ids)[UUID_TEXT_SIZE],
    size_t *ret_count, struct problem *problem)
{
    struct listing listing = { .choice = choice };
    if (!db_read(db, list, &listing, problem)) {
        free(listing.ids);
        return false;
    }
    *ret_ids = listing.ids;
    *ret_count = listing.count;
    return true;
}

struct concat_field {
    const char *id;
    char *value;
};

static bool read_concat(struct db_connection *connection, void *data, struct problem *problem)
{
    struct concat_field *field = data;
    struct db_rows *rows
        = db_query(connection, "SELECT concat FROM upload WHERE id = $1", "t", field->id);
    if (db_next(rows) && !db_is_null(rows, 0))
        field->value = memory_strdup(db_text(rows, 0));
    return db_end(rows, problem);
}

char *upload_row_concat(struct db *db, const char *id, struct problem *problem)
{
    struct concat_field field = { .id = id };
    if (db_read(db, read_concat, &field, problem))
        return field.value;
    free(field.value);
    return NULL;
}

/* --- JSON ------------------------------------------------------------------------------------- */

struct shown {
    const struct settings *settings;
    const char *staff_id;
    const char *id; /* of one */
    int64_t room_bytes;
    json_t *json;
};

static json_t *length_json(struct db_rows *rows, int column)
{
    return db_int(rows, column) < 0 ? json_null() : json_integer(db_int(rows, column));
}

static int64_t least_of(int64_t first, int64_t second)
{
    return first < second ? first : second;
}

/* What may still be begun; never below 0, for those who lowered a setting. */
static json_t *limits_json(
    struct db_connection *connection, const struct shown *shown, struct problem *problem)
{
    const struct settings *settings = shown->settings;
    struct upload_use own, all;
    if (!upload_use_read(connection, shown->staff_id, &own, problem)
        || !upload_use_read(connection, NULL, &all, problem))
        return NULL;
    int64_t left = least_of(settings->upload_person_bytes_max - own.bytes,
        least_of(settings->upload_total_bytes_max - all.bytes, shown->room_bytes));
    int64_t count = settings->upload_person_count_max - own.count;
    return json_pack("{s:I, s:I, s:I}", "file_bytes_max", (json_int_t)settings->upload_bytes_max,
        "bytes_left", (json_int_t)(left > 0 ? left : 0), "uploads_left",
        (json_int_t)(count > 0 ? count : 0));
}

/* What it is to become; the metadata was read once already, before its row was made. */
static const char *becomes(const char *metadata)
{
    struct upload_metadata read = { .purpose = UPLOAD_AS_LECTURE };
    struct problem ignored = { 0 };
    (void)upload_metadata_read(metadata, &read, &ignored);
    return upload_purpose_name(read.purpose);
}

static json_t *unfinished_json(struct db_rows *rows)
{
    return json_pack("{s:s, s:s, s:s, s:s, s:s, s:o, s:I, s:I, s:I}", "id", db_text(rows, 0),
        "kind", db_text(rows, 7), "becomes", becomes(db_text(rows, 8)), "file_name",
        db_text(rows, 1), "title", db_text(rows, 2), "length_bytes", length_json(rows, 3),
        "offset_bytes", (json_int_t)db_int(rows, 4), "created_at_ms", (json_int_t)db_int(rows, 5),
        "expires_at_ms", (json_int_t)db_int(rows, 6));
}

static bool show(struct db_connection *connection, void *data, struct problem *problem)
{
    struct shown *shown = data;
    json_t *uploads = json_array(), *limits = limits_json(connection, shown, problem);
    struct db_rows *rows = db_query(connection,
        "SELECT id, file_name, title, length_bytes, offset_bytes, created_at_ms, expires_at_ms,"
        "  kind, metadata"
        " FROM upload"
        " WHERE lecture_id IS NULL AND final_id IS NULL AND expires_at_ms > $1"
        "  AND ($2 IS NULL OR staff_id = $2)"
        " ORDER BY created_at_ms DESC, id DESC",
        "it", clock_now_ms(), shown->staff_id);
    while (db_next(rows))
        (void)json_array_append_new(uploads, unfinished_json(rows));
    if (!db_end(rows, problem) || !limits) {
        json_decref(uploads);
        json_decref(limits);
        return false;
    }
    shown->json = json_pack("{s:o, s:o}", "uploads", uploads, "limits", limits);
    return true;
}

json_t *upload_rows_json(struct db *db, const struct settings *settings, const char *staff_id,
    int64_t room_bytes, struct problem *problem)
{
    struct shown shown = { .settings = settings, .staff_id = staff_id, .room_bytes = room_bytes };
    return db_read(db, show, &shown, problem) ? shown.json : NULL;
}

static bool show_one(struct db_connection *connection, void *data, struct problem *problem)
{
    struct shown *shown = data;
    struct db_rows *rows = db_query(connection,
        "SELECT u.id, u.kind, u.file_name, u.title, u.length_bytes, u.offset_bytes,"
        "  u.expires_at_ms, u.lecture_id, f.sha256"
        " FROM upload u LEFT JOIN lecture_file f ON f.lecture_id = u.lecture_id AND f.version = 1"
        " WHERE u.id = $1 AND u.expires_at_ms > $2 AND u.final_id IS NULL"
        "  AND ($3 IS NULL OR u.staff_id = $3)",
        "tit", shown->id, clock_now_ms(), shown->staff_id);
    if (db_next(rows))
        shown->json = json_pack("{s:s, s:s, s:s, s:s, s:o, s:I, s:I, s:o, s:o}", "id",
            db_text(rows, 0), "kind", db_text(rows, 1), "file_name", db_text(rows, 2), "title",
            db_text(rows, 3), "length_bytes", length_json(rows, 4), "offset_bytes",
            (json_int_t)db_int(rows, 5), "expires_at_ms", (json_int_t)db_int(rows, 6), "lecture_id",
            row_text(rows, 7), "sha256", row_text(rows, 8));
    return db_end(rows, problem)
           && (shown->json
               || problem_set(problem, PROBLEM_UPLOAD_GONE, "no upload '%.40s'", shown->id));
}

json_t *upload_row_json(
    struct db *db, const char *id, const char *staff_id, struct problem *problem)
{
    struct shown shown = { .id = id, .staff_id = staff_id };
    if (db_read(db, show_one, &shown, problem))
        return shown.json;
    json_decref(shown.json);
    return NULL;
}
