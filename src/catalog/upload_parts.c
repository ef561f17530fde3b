/* What an upload may announce, and final uploads: the rows of their parts. */
#include "catalog/upload_rows.h"

#include "base/clock.h"
#include "base/memory.h"
#include "base/text.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* --- bounds ----------------------------------------------------------------------------------- */

bool upload_use_read(struct db_connection *connection, const char *staff_id,
    struct upload_use *ret_use, struct problem *problem)
{
    struct upload_use use = { 0 };
    /* What has no length yet counts by what came; a part of a final upload counts with that. */
    struct db_rows *rows = db_query(connection,
        "SELECT COUNT(*),"
        "  CAST(COALESCE(SUM(CASE WHEN length_bytes > offset_bytes"
        "    THEN length_bytes ELSE offset_bytes END), 0) AS BIGINT)"
        " FROM upload WHERE lecture_id IS NULL AND final_id IS NULL AND expires_at_ms > $1"
        "  AND ($2 IS NULL OR staff_id = $2)",
        "it", clock_now_ms(), staff_id);
    if (db_next(rows)) {
        use.count = db_int(rows, 0);
        use.bytes = db_int(rows, 1);
    }
    if (!db_end(rows, problem))
        return false;
    *ret_use = use;
    return true;
}

/* Of one that is nobody's only the bound of all counts. */
static bool check_bounds(struct db_connection *connection, const struct settings *settings,
    const char *staff_id, int64_t count, int64_t bytes, struct problem *problem)
{
    struct upload_use own = { 0 }, all = { 0 };
    if ((staff_id && !upload_use_read(connection, staff_id, &own, problem))
        || !upload_use_read(connection, NULL, &all, problem))
        return false;
    if (own.count + count > settings->upload_person_count_max)
        return problem_set(problem, PROBLEM_UPLOAD_QUOTA,
            "You have %lld unfinished uploads, as many as are allowed. Finish or remove some, then "
            "send this file again.",
            (long long)own.count);
    if (bytes > settings->upload_person_bytes_max - own.bytes)
        return problem_set(problem, PROBLEM_UPLOAD_QUOTA,
            "Your unfinished uploads take %lld of the %lld MB that you may have under way, so this "
            "file of %lld MB does not fit. Finish or remove some, then send it again.",
            (long long)(own.bytes >> 20), (long long)(settings->upload_person_bytes_max >> 20),
            (long long)(bytes >> 20));
    if (bytes > settings->upload_total_bytes_max - all.bytes)
        return problem_set(problem, PROBLEM_UPLOAD_QUOTA,
            "The unfinished uploads of all take so much that this file does not fit. Try again "
            "when some are done.");
    return true;
}

/* --- beginning -------------------------------------------------------------------------------- */

struct beginning {
    const struct settings *settings;
    struct upload_row row;
    const char *concat_field;
    const struct upload_concat *concat; /* of a final one */
    int64_t length_bytes;               /* that it gets */
};

static bool insert_row(
    struct db_connection *connection, const struct beginning *beginning, struct problem *problem)
{
    static const char *const kinds[]
        = { [UPLOAD_WHOLE] = "whole", [UPLOAD_PARTIAL] = "partial", [UPLOAD_FINAL] = "final" };
    const struct upload_row *row = &beginning->row;
    return db_exec(connection, NULL, problem,
        "INSERT INTO upload (id, staff_id, length_bytes, offset_bytes, metadata, file_name, title,"
        "  language, created_at_ms, expires_at_ms, kind, concat)"
        " VALUES ($1, $2, $3, 0, $4, $5, $6, $7, $8, $9, $10, $11)",
        "ttittttiitt", row->facts.id, text_or_null(row->facts.staff_id), row->facts.length_bytes,
        row->facts.metadata, row->metadata.file_name, row->metadata.title, row->metadata.language,
        clock_now_ms(), row->facts.expires_at_ms, kinds[row->facts.kind], beginning->concat_field);
}

static bool begin(struct db_connection *connection, void *data, struct problem *problem)
{
    const struct beginning *beginning = data;
    const struct upload_facts *facts = &beginning->row.facts;
    int64_t bytes = facts->length_bytes > 0 ? facts->length_bytes : 0;
    return check_bounds(
               connection, beginning->settings, text_or_null(facts->staff_id), 1, bytes, problem)
           && insert_row(connection, beginning, problem);
}

bool upload_row_insert(struct db *db, const struct settings *settings, const struct upload_row *row,
    const char *concat, struct problem *problem)
{
    struct beginning *beginning = memory_zeroed(1, sizeof *beginning);
    beginning->settings = settings;
    beginning->row = *row;
    beginning->concat_field = concat;
    bool done = db_write(db, begin, beginning, problem);
    free(beginning);
    return done;
}

static bool set_length(struct db_connection *connection, void *data, struct problem *problem)
{
    const struct beginning *beginning = data;
    const struct upload_facts *facts = &beginning->row.facts;
    int64_t changed;
    if (!check_bounds(connection, beginning->settings, text_or_null(facts->staff_id), 0,
            beginning->length_bytes - facts->offset_bytes, problem)
        || !db_exec(connection, &changed, problem,
            "UPDATE upload SET length_bytes = $2 WHERE id = $1 AND length_bytes < 0", "ti",
            facts->id, beginning->length_bytes))
        return false;
    return changed == 1 || problem_set(problem, PROBLEM_UPLOAD_GONE, "upload '%s'", facts->id);
}

bool upload_row_set_length(struct db *db, const struct settings *settings,
    const struct upload_row *row, int64_t length_bytes, struct problem *problem)
{
    struct beginning *beginning = memory_zeroed(1, sizeof *beginning);
    beginning->settings = settings;
    beginning->row = *row;
    beginning->length_bytes = length_bytes;
    bool done = db_write(db, set_length, beginning, problem);
    free(beginning);
    return done;
}

/* --- final uploads ---------------------------------------------------------------------------- */

/* A whole part of this person's.  Whose it is and why it is none is not told apart. */
struct candidate {
    int64_t length_bytes;
    char final_id[UUID_TEXT_SIZE]; /* "" where it is free */
};

static bool find_part(struct db_connection *connection, const struct beginning *beginning,
    size_t number, struct candidate *ret_part, struct problem *problem)
{
    const char *id = beginning->concat->part_ids[number];
    struct candidate part = { 0 };
    struct db_rows *rows = db_query(connection,
        "SELECT length_bytes, final_id FROM upload"
        " WHERE id = $1 AND kind = 'partial' AND offset_bytes = length_bytes"
        "  AND expires_at_ms > $2 AND (staff_id = $3 OR ($3 IS NULL AND staff_id IS NULL))"
        "  AND (final_id IS NULL OR part_number = $4)",
        "titi", id, clock_now_ms(), text_or_null(beginning->row.facts.staff_id), (int64_t)number);
    bool found = db_next(rows);
    if (found) {
        const char *final_id = db_text(rows, 1);
        part.length_bytes = db_int(rows, 0);
        (void)snprintf(part.final_id, sizeof part.final_id, "%s", final_id ? final_id : "");
    }
    if (!db_end(rows, problem))
        return false;
    if (!found)
        return problem_set(
            problem, PROBLEM_BAD_REQUEST, "'%s' is no whole part of this person's", id);
    *ret_part = part;
    return true;
}

static bool find_parts(struct db_connection *connection, struct beginning *beginning,
    char ret_final_id[UUID_TEXT_SIZE], struct problem *problem)
{
    beginning->length_bytes = 0;
    for (size_t i = 0; i < beginning->concat->part_count; i++) {
        struct candidate part;
        if (!find_part(connection, beginning, i, &part, problem))
            return false;
        if (i > 0 && !text_equal(part.final_id, ret_final_id))
            return problem_set(problem, PROBLEM_BAD_REQUEST, "a part belongs to another upload");
        memcpy(ret_final_id, part.final_id, UUID_TEXT_SIZE);
        /* Each is within upload-bytes-max, and so is the sum before it. */
        beginning->length_bytes += part.length_bytes;
        if (beginning->length_bytes > beginning->settings->upload_bytes_max)
            return problem_set(problem, PROBLEM_BODY_TOO_LARGE,
                "A lecture's file can have at most %lld bytes.",
                (long long)beginning->settings->upload_bytes_max);
    }
    return true;
}

/* What was asked for before is found again, though not with fewer parts. */
static bool check_same(struct db_connection *connection, const struct beginning *beginning,
    const char *final_id, struct problem *problem)
{
    int64_t count = 0;
    struct db_rows *rows
        = db_query(connection, "SELECT COUNT(*) FROM upload WHERE final_id = $1", "t", final_id);
    if (db_next(rows))
        count = db_int(rows, 0);
    if (!db_end(rows, problem))
        return false;
    return count == (int64_t)beginning->concat->part_count
           || problem_set(problem, PROBLEM_BAD_REQUEST, "a part belongs to another upload");
}

static bool begin_final(struct db_connection *connection, void *data, struct problem *problem)
{
    struct beginning *beginning = data;
    struct upload_facts *facts = &beginning->row.facts;
    char final_id[UUID_TEXT_SIZE] = "";
    if (!find_parts(connection, beginning, final_id, problem))
        return false;
    facts->length_bytes = beginning->length_bytes;
    if (final_id[0] != '\0') {
        memcpy(facts->id, final_id, sizeof final_id);
        return check_same(connection, beginning, final_id, problem);
    }
    if (!insert_row(connection, beginning, problem))
        return false;
    for (size_t i = 0; i < beginning->concat->part_count; i++)
        if (!db_exec(connection, NULL, problem,
                "UPDATE upload SET final_id = $2, part_number = $3, expires_at_ms = $4"
                " WHERE id = $1",
                "ttii", beginning->concat->part_ids[i], facts->id, (int64_t)i,
                facts->expires_at_ms))
            return false;
    return true;
}

bool upload_row_insert_final(struct db *db, const struct settings *settings, struct upload_row *row,
    const struct upload_concat *concat, const char *concat_field, struct problem *problem)
{
    struct beginning *beginning = memory_zeroed(1, sizeof *beginning);
    beginning->settings = settings;
    beginning->row = *row;
    beginning->concat = concat;
    beginning->concat_field = concat_field;
    bool done = db_write(db, begin_final, beginning, problem);
    if (done)
        *row = beginning->row;
    free(beginning);
    return done;
}

struct parts {
    const char *final_id;
    struct upload_part *list;
    size_t count;
};

static bool list_parts(struct db_connection *connection, void *data, struct problem *problem)
{
    struct parts *parts = data;
    struct db_rows *rows = db_query(connection,
        "SELECT id, length_bytes FROM upload WHERE final_id = $1 ORDER BY part_number", "t",
        parts->final_id);
    while (db_next(rows) && parts->count < UPLOAD_PARTS_MAX) {
        struct upload_part *part = &parts->list[parts->count++];
        (void)snprintf(part->id, sizeof part->id, "%s", db_text(rows, 0));
        part->length_bytes = db_int(rows, 1);
    }
    return db_end(rows, problem);
}

bool upload_rows_parts(struct db *db, const char *final_id, struct upload_part **ret_parts,
    size_t *ret_count, struct problem *problem)
{
    struct parts parts
        = { .final_id = final_id, .list = memory_zeroed(UPLOAD_PARTS_MAX, sizeof *parts.list) };
    if (!db_read(db, list_parts, &parts, problem)) {
        free(parts.list);
        return false;
    }
    *ret_parts = parts.list;
    *ret_count = parts.count;
    return true;
}
