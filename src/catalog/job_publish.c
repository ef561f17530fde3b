/* What a pass made becomes true in one transaction; and the pause of one that has no room. */
#include "catalog/job_queue.h"

#include "base/clock.h"
#include "base/memory.h"
#include "catalog/chapter.h"
#include "catalog/lecture_sound.h"
#include "catalog/lecture_version.h"
#include "catalog/sound_carry.h"

#include <stdio.h>
#include <stdlib.h>

/* Those that are there already stay. */
static bool insert_rendition(struct db_connection *connection, const struct job *job,
    const struct segment_table *table, struct problem *problem)
{
    uint64_t size_bytes = table->init_bytes;
    for (size_t number = 0; number < table->count; number++)
        size_bytes += table->segments[number].size_bytes;
    return db_exec(connection, NULL, problem,
        "INSERT INTO rendition (lecture_id, version, name, codecs, size_bytes, segment_count,"
        "  bits_per_second)"
        " VALUES ($1, $2, $3, $4, $5, $6, $7)"
        " ON CONFLICT (lecture_id, version, name) DO NOTHING",
        "tittiii", job->lecture_id, job->version, table->name, table->codecs, (int64_t)size_bytes,
        (int64_t)table->count, segment_table_average_bits_per_second(table));
}

static bool insert_renditions(struct db_connection *connection,
    const struct job_publication *publication, struct problem *problem)
{
    for (size_t i = 0; i < media_version_rendition_count(publication->made); i++)
        if (!insert_rendition(connection, publication->job,
                media_version_rendition(publication->made, i), problem))
            return false;
    return true;
}

/* What came inside of the file is the lecture's like what a person adds; what a version before had went along with its content
 * (lecture_version.h). */
static bool insert_captions(struct db_connection *connection,
    const struct job_publication *publication, struct problem *problem)
{
    const struct media_version *made = publication->made;
    for (size_t i = 0; i < media_version_caption_count(made); i++)
        if (!db_exec(connection, NULL, problem,
                "INSERT INTO caption_track (lecture_id, language, cue_count, updated_at_ms)"
                " VALUES ($1, $2, $3, $4)"
                " ON CONFLICT (lecture_id, language)"
                " DO UPDATE SET cue_count = excluded.cue_count, updated_at_ms = "
                "excluded.updated_at_ms",
                "ttii", publication->job->lecture_id, media_version_caption_language(made, i),
                (int64_t)media_version_caption_cues(made, i), clock_now_ms()))
            return false;
    return true;
}

static bool read_language(struct db_connection *connection, const char *lecture_id,
    char ret_language[36], struct problem *problem)
{
    struct db_rows *rows
        = db_query(connection, "SELECT language FROM lecture WHERE id = $1", "t", lecture_id);
    if (db_next(rows))
        (void)snprintf(ret_language, 36, "%s", db_text(rows, 0));
    return db_end(rows, problem);
}

/* Titles are in the lecture's language.  Those that do not fit it are no reason to have no lecture. */
static bool insert_chapters(struct db_connection *connection,
    const struct job_publication *publication, struct problem *problem)
{
    const char *lecture_id = publication->job->lecture_id;
    char language[36] = "und";
    if (!publication->chapters)
        return true;
    if (!read_language(connection, lecture_id, language, problem))
        return false;
    json_t *chapters = json_array();
    for (size_t i = 0; i < json_array_size(publication->chapters); i++) {
        const json_t *one = json_array_get(publication->chapters, i);
        (void)json_array_append_new(
            chapters, json_pack("{s:O, s:{s:O}}", "start_ms", json_object_get(one, "start_ms"),
                          "titles", language, json_object_get(one, "title")));
    }
    struct problem unfit = { 0 };
    bool done = chapters_set_first(connection, publication->settings, lecture_id, chapters, &unfit);
    json_decref(chapters);
    if (!done && unfit.kind == PROBLEM_INVALID_FIELD)
        return db_exec(connection, NULL, problem, "DELETE FROM chapter WHERE lecture_id = $1", "t",
            lecture_id);
    if (!done)
        *problem = unfit;
    return done;
}

static bool insert_version(struct db_connection *connection,
    const struct job_publication *publication, struct problem *problem)
{
    const struct job *job = publication->job;
    const int64_t now_ms = clock_now_ms();
    const int64_t *original = publication->original_bytes < 0 ? NULL : &publication->original_bytes;
    return db_exec(connection, NULL, problem,
               "INSERT INTO lecture_version (lecture_id, version, duration_ms, report, ready_at_ms,"
               "  changed_at_ms, original_bytes, trailing_silence_ms)"
               " VALUES ($1, $2, $3, $4, $5, $5, $6, $7)",
               "tiitiIi", job->lecture_id, job->version,
               media_version_duration_ms(publication->made), publication->report, now_ms, original,
               publication->trailing_silence_ms)
           && insert_renditions(connection, publication, problem)
           && db_exec(connection, NULL, problem,
               "UPDATE lecture SET state = 'ready', current_version = $2 WHERE id = $1", "ti",
               job->lecture_id, job->version)
           && version_settle(connection, job, publication->made, problem)
           && sounds_carry_queue(connection, publication->sounds, problem)
           && insert_captions(connection, publication, problem)
           && insert_chapters(connection, publication, problem);
}

/* The mark grows even where the clock does not. */
static bool extend_version(struct db_connection *connection,
    const struct job_publication *publication, struct problem *problem)
{
    const struct job *job = publication->job;
    return insert_renditions(connection, publication, problem)
           && lecture_sounds_published(connection, job, publication->made, problem)
           && db_exec(connection, NULL, problem,
               "UPDATE lecture_version SET changed_at_ms ="
               "  CASE WHEN changed_at_ms < $3 THEN $3 ELSE changed_at_ms + 1 END"
               " WHERE lecture_id = $1 AND version = $2",
               "tii", job->lecture_id, job->version, clock_now_ms())
           && (!publication->forgets_original
               || db_exec(connection, NULL, problem,
                   "UPDATE lecture_version SET original_bytes = NULL"
                   " WHERE lecture_id = $1 AND version = $2",
                   "ti", job->lecture_id, job->version));
}

/* Done, or in the queue for what follows. */
static bool move_on(
    struct db_connection *connection, struct job_publication *publication, struct problem *problem)
{
    static const char done[]
        = "UPDATE job SET state = 'done', permille = 1000, reason = NULL, left_ms = NULL,"
          "  report = COALESCE($2, report), ended_at_ms = $3"
          " WHERE id = $1 AND state = 'running'";
    static const char next[]
        = "UPDATE job SET state = 'queued', pass = 'rest', permille = 0, attempts = 0,"
          "  speed_percent = NULL, left_ms = NULL, report = COALESCE($2, report), started_at_ms = "
          "$3"
          " WHERE id = $1 AND state = 'running'";
    int64_t changed;
    if (!db_exec(connection, &changed, problem, publication->is_last ? done : next, "tti",
            publication->job->id, publication->report, clock_now_ms()))
        return false;
    publication->applied = changed == 1;
    return true;
}

static bool publish(struct db_connection *connection, void *data, struct problem *problem)
{
    struct job_publication *publication = data;
    if (!move_on(connection, publication, problem))
        return false;
    if (!publication->applied)
        return true;
    return publication->job->pass == JOB_PASS_FIRST
               ? insert_version(connection, publication, problem)
               : extend_version(connection, publication, problem);
}

bool job_publish(struct db *db, struct job_publication *publication, struct problem *problem)
{
    return db_write(db, publish, publication, problem);
}

/* --- want of room ----------------------------------------------------------------------------- */

static bool pause_job(struct db_connection *connection, void *data, struct problem *problem)
{
    struct job_pause *pause = data;
    json_t *json = json_pack("{s:s, s:I, s:I}", "code", "disk-full", "needed_bytes",
        (json_int_t)pause->needed_bytes, "free_bytes", (json_int_t)pause->free_bytes);
    char *text = json_dumps(json, JSON_COMPACT);
    int64_t changed = 0;
    bool done = db_exec(connection, &changed, problem,
        "UPDATE job SET state = 'paused', paused = $2, permille = 0, speed_percent = NULL,"
        "  left_ms = NULL, attempts = attempts - 1, reason ="
        "  'The server''s disk is full. The job goes on by itself when there is room again.'"
        " WHERE id = $1 AND state = 'running'",
        "tt", pause->job->id, text);
    pause->applied = changed == 1;
    free(text);
    json_decref(json);
    return done;
}

bool job_pause(struct db *db, struct job_pause *pause, struct problem *problem)
{
    return db_write(db, pause_job, pause, problem);
}

struct resumption {
    int64_t free_bytes;
    bool any;
};

enum { RESUMED_AT_ONCE_MAX = 64 };

static size_t find_paused(struct db_connection *connection, int64_t free_bytes,
    char (*ret_ids)[UUID_TEXT_SIZE], struct problem *problem)
{
    size_t count = 0;
    struct db_rows *rows
        = db_query(connection, "SELECT id, paused FROM job WHERE state = 'paused' ORDER BY id", "");
    while (count < RESUMED_AT_ONCE_MAX && db_next(rows)) {
        const char *paused = db_text(rows, 1);
        json_t *json = paused ? json_loads(paused, 0, NULL) : NULL;
        if (json_integer_value(json_object_get(json, "needed_bytes")) < free_bytes)
            (void)snprintf(ret_ids[count++], UUID_TEXT_SIZE, "%s", db_text(rows, 0));
        json_decref(json);
    }
    return db_end(rows, problem) ? count : 0;
}

static bool resume(struct db_connection *connection, void *data, struct problem *problem)
{
    struct resumption *resumption = data;
    char ids[RESUMED_AT_ONCE_MAX][UUID_TEXT_SIZE];
    size_t count = find_paused(connection, resumption->free_bytes, ids, problem);
    for (size_t i = 0; i < count; i++)
        if (!db_exec(connection, NULL, problem,
                "UPDATE job SET state = 'queued', paused = NULL, reason = NULL"
                " WHERE id = $1 AND state = 'paused'",
                "t", ids[i]))
            return false;
    resumption->any = count > 0;
    return !problem_is_set(problem);
}

bool jobs_resume(struct db *db, int64_t free_bytes, bool *ret_any, struct problem *problem)
{
    struct resumption resumption = { .free_bytes = free_bytes };
    if (!db_write(db, resume, &resumption, problem))
        return false;
    *ret_any = resumption.any;
    return true;
}
