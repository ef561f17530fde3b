#include "catalog/upload_rows.h"

#include "base/clock.h"
#include "base/memory.h"
#include "catalog/audit.h"
#include "catalog/rows.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char *or_null(const char *text)
{
    return text[0] != '\0' ? text : NULL;
}

static bool insert(struct db_connection *connection, void *data, struct problem *problem)
{
    const struct upload_row *row = data;
    return db_exec(connection, NULL, problem,
        "INSERT INTO upload (id, staff_id, length_bytes, offset_bytes, metadata, file_name, title,"
        "  language, created_at_ms, expires_at_ms)"
        " VALUES ($1, $2, $3, 0, $4, $5, $6, $7, $8, $9)",
        "ttittttii", row->facts.id, or_null(row->facts.staff_id), row->facts.length_bytes,
        row->facts.metadata, row->metadata.file_name, row->metadata.title, row->metadata.language,
        clock_now_ms(), row->facts.expires_at_ms);
}

bool upload_row_insert(struct db *db, const struct upload_row *row, struct problem *problem)
{
    struct upload_row *copy = memory_alloc(sizeof *copy);
    *copy = *row;
    bool done = db_write(db, insert, copy, problem);
    free(copy);
    return done;
}

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

static bool find(struct db_connection *connection, void *data, struct problem *problem)
{
    struct search *search = data;
    struct upload_facts *facts = &search->row->facts;
    struct upload_metadata *metadata = &search->row->metadata;
    struct db_rows *rows = db_query(connection,
        "SELECT id, staff_id, length_bytes, offset_bytes, expires_at_ms, metadata, lecture_id,"
        "  file_name, title, language"
        " FROM upload"
        " WHERE id = $1 AND expires_at_ms > $2 AND ($3 IS NULL OR staff_id = $3)",
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
        copy_text(metadata->file_name, sizeof metadata->file_name, rows, 7);
        copy_text(metadata->title, sizeof metadata->title, rows, 8);
        copy_text(metadata->language, sizeof metadata->language, rows, 9);
    }
    return db_end(rows, problem);
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
    return db_exec(
        connection, NULL, problem, "DELETE FROM upload WHERE id = $1", "t", (const char *)data);
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
    return audit_add(connection, or_null(row->facts.staff_id), "lecture-upload", lecture_id,
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
                              " AND offset_bytes = length_bytes AND expires_at_ms > $1"),
        [UPLOADS_EXPIRED] = "SELECT id FROM upload WHERE expires_at_ms <= $1",
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

struct shown {
    const char *staff_id;
    json_t *json;
};

static bool show(struct db_connection *connection, void *data, struct problem *problem)
{
    struct shown *shown = data;
    shown->json = json_array();
    struct db_rows *rows = db_query(connection,
        "SELECT id, file_name, title, length_bytes, offset_bytes, created_at_ms, expires_at_ms"
        " FROM upload"
        " WHERE lecture_id IS NULL AND expires_at_ms > $1 AND ($2 IS NULL OR staff_id = $2)"
        " ORDER BY created_at_ms DESC, id DESC",
        "it", clock_now_ms(), shown->staff_id);
    while (db_next(rows))
        (void)json_array_append_new(shown->json,
            json_pack("{s:s, s:s, s:s, s:I, s:I, s:I, s:I}", "id", db_text(rows, 0), "file_name",
                db_text(rows, 1), "title", db_text(rows, 2), "length_bytes",
                (json_int_t)db_int(rows, 3), "offset_bytes", (json_int_t)db_int(rows, 4),
                "created_at_ms", (json_int_t)db_int(rows, 5), "expires_at_ms",
                (json_int_t)db_int(rows, 6)));
    return db_end(rows, problem);
}

json_t *upload_rows_json(struct db *db, const char *staff_id, struct problem *problem)
{
    struct shown shown = { .staff_id = staff_id };
    if (db_read(db, show, &shown, problem))
        return shown.json;
    json_decref(shown.json);
    return NULL;
}
