#include "catalog/old_versions.h"

#include "base/clock.h"
#include "catalog/ingest_files.h"

#include <stdio.h>

enum { AT_ONCE_MAX = 64, RECORDINGS_AT_ONCE_MAX = 256 };
#define HOUR_MS INT64_C(3600000)

struct collecting {
    int64_t since_ms; /* whoever was heard of after this may still play */
    struct job versions[AT_ONCE_MAX];
    size_t count;
    struct {
        char lecture_id[UUID_TEXT_SIZE], track_id[UUID_TEXT_SIZE];
    } recordings[RECORDINGS_AT_ONCE_MAX]; /* of interpreters; what is more goes at the next start */
    size_t recording_count;
};

// clang-format off
static const char old_sql[] =
    "SELECT v.lecture_id, v.version FROM lecture_version v"
    " JOIN lecture l ON l.id = v.lecture_id AND v.version < l.current_version"
    " JOIN lecture_version newest ON newest.lecture_id = l.id AND newest.version = l.current_version"
    " WHERE v.collected_at_ms IS NULL AND newest.ready_at_ms < $1"
    "  AND NOT EXISTS (SELECT 1 FROM play_session p"
    "   WHERE p.lecture_id = v.lecture_id AND p.version = v.version AND p.last_contact_at_ms >= $1)"
    "  AND NOT EXISTS (SELECT 1 FROM job j"
    "   WHERE j.lecture_id = v.lecture_id AND j.version = v.version AND j.state = 'running')";
// clang-format on

static bool find_old(
    struct db_connection *connection, struct collecting *collecting, struct problem *problem)
{
    collecting->count = 0;
    struct db_rows *rows = db_query(connection, old_sql, "i", collecting->since_ms);
    while (collecting->count < AT_ONCE_MAX && db_next(rows)) {
        struct job *version = &collecting->versions[collecting->count++];
        (void)snprintf(version->lecture_id, UUID_TEXT_SIZE, "%s", db_text(rows, 0));
        version->version = db_int(rows, 1);
    }
    return db_end(rows, problem);
}

/* A newer version has its own names of the recordings that went along with it (sound_carry.h). */
static bool collect_recordings(struct db_connection *connection, struct collecting *collecting,
    const struct job *version, struct problem *problem)
{
    struct db_rows *rows = db_query(connection,
        "SELECT lecture_id, id FROM sound_track WHERE lecture_id = $1 AND version = $2"
        " AND file_name IS NOT NULL AND state <> 'removed'",
        "ti", version->lecture_id, version->version);
    while (collecting->recording_count < RECORDINGS_AT_ONCE_MAX && db_next(rows)) {
        size_t at = collecting->recording_count++;
        (void)snprintf(
            collecting->recordings[at].lecture_id, UUID_TEXT_SIZE, "%s", db_text(rows, 0));
        (void)snprintf(collecting->recordings[at].track_id, UUID_TEXT_SIZE, "%s", db_text(rows, 1));
    }
    return db_end(rows, problem)
           && db_exec(connection, NULL, problem,
               "UPDATE sound_track SET state = 'removed' WHERE lecture_id = $1 AND version = $2",
               "ti", version->lecture_id, version->version);
}

static bool collect(struct db_connection *connection, void *data, struct problem *problem)
{
    struct collecting *collecting = data;
    collecting->recording_count = 0;
    if (!find_old(connection, collecting, problem))
        return false;
    for (size_t i = 0; i < collecting->count; i++)
        if (!collect_recordings(connection, collecting, &collecting->versions[i], problem)
            || !db_exec(connection, NULL, problem,
                "UPDATE lecture_version SET collected_at_ms = $3, original_bytes = NULL"
                " WHERE lecture_id = $1 AND version = $2",
                "tii", collecting->versions[i].lecture_id, collecting->versions[i].version,
                clock_now_ms()))
            return false;
    return true;
}

static bool look(struct db_connection *connection, void *data, struct problem *problem)
{
    return find_old(connection, data, problem);
}

bool old_versions_collect(
    struct db *db, const struct settings *settings, bool *ret_any, struct problem *problem)
{
    struct collecting collecting
        = { .since_ms = clock_now_ms() - settings->old_version_hours * HOUR_MS };
    *ret_any = false;
    /* Nearly always there is none, and then nothing is written. */
    if (!db_read(db, look, &collecting, problem))
        return false;
    if (collecting.count == 0)
        return true;
    if (!db_write(db, collect, &collecting, problem))
        return false;
    for (size_t i = 0; i < collecting.count; i++) {
        const struct job *version = &collecting.versions[i];
        job_version_remove(settings, version);
        job_original_remove(settings, version->lecture_id, version->version);
    }
    for (size_t i = 0; i < collecting.recording_count; i++)
        sound_original_remove(
            settings, collecting.recordings[i].lecture_id, collecting.recordings[i].track_id);
    *ret_any = collecting.count > 0;
    return true;
}
