#include "viewing/evidence_stamps.h"

#include "viewing/time_stamp.h"

#include <string.h>

// clang-format off
static const char newest_sql[] =
    "SELECT size, note FROM evidence_checkpoint"
    " WHERE size = (SELECT MAX(size) FROM evidence_checkpoint) AND stamp IS NULL";
static const char update_sql[] =
    "UPDATE evidence_checkpoint SET stamp = $2 WHERE size = $1 AND note = $3";
// clang-format on

struct stamping {
    int64_t size; /* 0: there is none to stamp */
    struct text note, stamp;
};

static bool find_newest(struct db_connection *connection, void *data, struct problem *problem)
{
    struct stamping *stamping = data;
    stamping->size = 0;
    text_clear(&stamping->note);
    struct db_rows *rows = db_query(connection, newest_sql, "");
    if (db_next(rows)) {
        stamping->size = db_int(rows, 0);
        text_append_string(&stamping->note, db_text(rows, 1));
    }
    return db_end(rows, problem);
}

/* Not where another note took its place meanwhile. */
static bool keep(struct db_connection *connection, void *data, struct problem *problem)
{
    const struct stamping *stamping = data;
    return db_exec(connection, NULL, problem, update_sql, "ibt", stamping->size,
        stamping->stamp.bytes, stamping->stamp.length, stamping->note.bytes);
}

bool evidence_stamp_newest(
    struct db *db, const struct settings *settings, bool *ret_stamped, struct problem *problem)
{
    const char *url = settings->evidence_timestamp_url;
    struct stamping stamping;
    *ret_stamped = false;
    if (url[0] == '\0')
        return true;
    text_init(&stamping.note, TIME_STAMP_BYTES_MAX);
    text_init(&stamping.stamp, TIME_STAMP_BYTES_MAX);
    bool good = db_read(db, find_newest, &stamping, problem);
    if (good && stamping.size > 0) {
        good = time_stamp_fetch(
                   url, stamping.note.bytes, stamping.note.length, &stamping.stamp, problem)
               && db_write(db, keep, &stamping, problem);
        *ret_stamped = good;
    }
    text_release(&stamping.note);
    text_release(&stamping.stamp);
    return good;
}
