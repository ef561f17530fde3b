#include "catalog/lecture_original.h"

#include "catalog/audit.h"
#include "catalog/ingest_files.h"
#include "catalog/rows.h"
#include "catalog/texts.h"

json_t *lecture_originals_json(
    struct db_connection *connection, const char *language, struct problem *problem)
{
    json_t *texts
        = texts_read(db_query(connection,
                         "SELECT lecture_id, language, title, description FROM lecture_text", ""),
            problem);
    if (!texts)
        return NULL;
    json_t *originals = json_array();
    struct db_rows *rows = db_query(connection,
        "SELECT v.lecture_id, v.version, v.original_bytes, l.language"
        " FROM lecture_version v JOIN lecture l ON l.id = v.lecture_id"
        " WHERE v.original_bytes IS NOT NULL"
        " ORDER BY v.original_bytes DESC, v.lecture_id, v.version",
        "");
    while (db_next(rows)) {
        struct text_picked text = texts_pick(texts, db_text(rows, 0), language, db_text(rows, 3));
        (void)json_array_append_new(originals,
            json_pack("{s:s, s:I, s:I, s:s, s:s}", "lecture_id", db_text(rows, 0), "version",
                (json_int_t)db_int(rows, 1), "bytes", (json_int_t)db_int(rows, 2), "title",
                text.title, "text_language", text.language));
    }
    json_decref(texts);
    if (db_end(rows, problem))
        return originals;
    json_decref(originals);
    return NULL;
}

enum { VERSIONS_AT_ONCE_MAX = 256 };

struct removal {
    const char *lecture_id, *staff_id;
    int64_t versions[VERSIONS_AT_ONCE_MAX], bytes;
    size_t count;
};

static bool find_originals(
    struct db_connection *connection, struct removal *removal, struct problem *problem)
{
    removal->count = 0;
    removal->bytes = 0;
    struct db_rows *rows = db_query(connection,
        "SELECT version, original_bytes FROM lecture_version"
        " WHERE lecture_id = $1 AND original_bytes IS NOT NULL ORDER BY version",
        "t", removal->lecture_id);
    while (removal->count < VERSIONS_AT_ONCE_MAX && db_next(rows)) {
        removal->versions[removal->count++] = db_int(rows, 0);
        removal->bytes += db_int(rows, 1);
    }
    return db_end(rows, problem);
}

static bool forget_originals(
    struct db_connection *connection, struct removal *removal, struct problem *problem)
{
    for (size_t i = 0; i < removal->count; i++)
        if (!db_exec(connection, NULL, problem,
                "UPDATE lecture_version SET original_bytes = NULL"
                " WHERE lecture_id = $1 AND version = $2",
                "ti", removal->lecture_id, removal->versions[i]))
            return false;
    return audit_add(
        connection, removal->staff_id, "original-remove", removal->lecture_id, "", problem);
}

static bool remove_rows(struct db_connection *connection, void *data, struct problem *problem)
{
    struct removal *removal = data;
    bool needed;
    if (!lecture_require(connection, removal->lecture_id, problem)
        || !row_exists(connection,
            "SELECT 1 FROM job WHERE lecture_id = $1 AND state IN ('queued', 'running', 'paused')",
            removal->lecture_id, &needed, problem)
        || !find_originals(connection, removal, problem))
        return false;
    if (needed)
        return problem_set(problem, PROBLEM_CONFLICT,
            "A job still needs this lecture's original. Cancel it, or wait for its end.");
    if (removal->count == 0)
        return problem_set(problem, PROBLEM_CONFLICT, "No original of this lecture is kept.");
    return forget_originals(connection, removal, problem);
}

bool lecture_original_remove(struct db *db, const struct settings *settings, const char *lecture_id,
    const char *staff_id, int64_t *ret_bytes, struct problem *problem)
{
    struct removal removal = { .lecture_id = lecture_id, .staff_id = staff_id };
    if (!db_write(db, remove_rows, &removal, problem))
        return false;
    /* Without their rows: what is not removed now is, at the next start. */
    for (size_t i = 0; i < removal.count; i++)
        job_original_remove(settings, lecture_id, removal.versions[i]);
    *ret_bytes = removal.bytes;
    return true;
}
