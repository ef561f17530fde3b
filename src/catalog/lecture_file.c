#include "catalog/lecture_file.h"

#include "base/memory.h"

#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

enum { READ_BYTES = 1 << 20 };

bool lecture_file_read(int fd, struct lecture_file *ret_file, struct problem *problem)
{
    struct digest *digest = digest_new(DIGEST_SHA256);
    char *buffer = memory_alloc(READ_BYTES);
    struct lecture_file file = { 0 };
    ssize_t count = 1;
    while (count > 0 || (count < 0 && errno == EINTR)) {
        count = pread(fd, buffer, READ_BYTES, file.size_bytes);
        if (count <= 0)
            continue;
        digest_add(digest, buffer, (size_t)count);
        file.size_bytes += count;
    }
    if (count < 0)
        problem_set_errno(problem, errno, "read the input");
    digest_sha256_text(digest, file.sha256);
    digest_free(digest);
    free(buffer);
    if (count < 0)
        return false;
    *ret_file = file;
    return true;
}

bool lecture_file_insert(struct db_connection *connection, const char *lecture_id, int64_t version,
    const struct lecture_file *file, struct problem *problem)
{
    return db_exec(connection, NULL, problem,
        "INSERT INTO lecture_file (lecture_id, version, size_bytes, sha256)"
        " VALUES ($1, $2, $3, $4)",
        "tiit", lecture_id, version, file->size_bytes, file->sha256);
}

/* Rows come by lecture; each names one other lecture of the same file, or none. */
static void add_row(json_t *files, struct db_rows *rows)
{
    json_t *file = json_object_get(files, db_text(rows, 0));
    if (!file) {
        file = json_pack("{s:I, s:s, s:[]}", "size_bytes", (json_int_t)db_int(rows, 1), "sha256",
            db_text(rows, 2), "same_as");
        (void)json_object_set_new(files, db_text(rows, 0), file);
    }
    if (!db_is_null(rows, 3))
        (void)json_array_append_new(
            json_object_get(file, "same_as"), json_string(db_text(rows, 3)));
}

json_t *lecture_files_json(
    struct db_connection *connection, const char *lecture_id, struct problem *problem)
{
    json_t *files = json_object();
    struct db_rows *rows = db_query(connection,
        "SELECT DISTINCT f.lecture_id, f.size_bytes, f.sha256, other.lecture_id"
        " FROM lecture_file f"
        " LEFT JOIN lecture_file other"
        "  ON other.sha256 = f.sha256 AND other.lecture_id <> f.lecture_id"
        " WHERE ($1 IS NULL OR f.lecture_id = $1)"
        "  AND f.version ="
        "  (SELECT MAX(newest.version) FROM lecture_file newest"
        "   WHERE newest.lecture_id = f.lecture_id)"
        " ORDER BY f.lecture_id, other.lecture_id",
        "t", lecture_id);
    while (db_next(rows))
        add_row(files, rows);
    if (db_end(rows, problem))
        return files;
    json_decref(files);
    return NULL;
}
