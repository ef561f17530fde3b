#include "catalog/lecture_sound.h"

#include "base/clock.h"
#include "base/text.h"
#include "catalog/fields.h"
#include "catalog/ingest_files.h"
#include "catalog/ingest_state.h"
#include "catalog/rows.h"
#include "media/sound_name.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct addition {
    const struct sound_wish *wish;
    const struct ingest_also *also;
    char language[LANGUAGE_TAG_SIZE];
    char id[UUID_TEXT_SIZE];
    int64_t duration_ms, revision;
    struct job job;
};

/* --- whether, and where ----------------------------------------------------------------------- */

static bool find_version(
    struct db_connection *connection, struct addition *addition, struct problem *problem)
{
    struct version_now now;
    if (!version_now_require(
            connection, addition->wish->lecture_id, FINDING_LECTURE_UNREADY, &now, problem))
        return false;
    addition->job.version = now.version;
    addition->duration_ms = now.duration_ms;
    return true;
}

static bool check_fields(struct addition *addition, struct problem *problem)
{
    const struct sound_wish *wish = addition->wish;
    if (!field_language("language", wish->language, addition->language, problem))
        return false;
    if (strlen(addition->language) > SOUND_LANGUAGE_BYTES_MAX
        || text_equal(addition->language, "und"))
        return finding_refuse_field(problem, "language",
            (struct finding){
                .code = FINDING_INTERPRETER_LANGUAGE, .numbers = { SOUND_LANGUAGE_BYTES_MAX } });
    return true;
}

/* Whether the version has room for one more, or this language already. */
static bool check_room(
    struct db_connection *connection, const struct addition *addition, struct problem *problem)
{
    struct db_rows *rows = db_query(connection,
        "SELECT COUNT(DISTINCT language) FROM sound_track"
        " WHERE lecture_id = $1 AND version = $2 AND state <> 'removed' AND language <> $3",
        "tit", addition->wish->lecture_id, addition->job.version, addition->language);
    int64_t count = db_next(rows) ? db_int(rows, 0) : 0;
    if (!db_end(rows, problem))
        return false;
    return count < SOUND_LANGUAGES_MAX
           || finding_refuse_as(problem, PROBLEM_CONFLICT,
               (struct finding){
                   .code = FINDING_INTERPRETERS_MANY, .numbers = { SOUND_LANGUAGES_MAX } });
}

static bool check(struct db_connection *connection, void *data, struct problem *problem)
{
    struct addition *addition = data;
    if (!check_fields(addition, problem) || !find_version(connection, addition, problem)
        || !check_room(connection, addition, problem))
        return false;
    return (addition->wish->offset_ms > -addition->duration_ms
               && addition->wish->offset_ms < addition->duration_ms)
           || finding_refuse_field(problem, "offset_ms",
               (struct finding){
                   .code = FINDING_INTERPRETER_OUTSIDE, .numbers = { addition->duration_ms } });
}

bool lecture_sound_check(struct db *db, const struct sound_wish *wish, struct problem *problem)
{
    struct addition addition = { .wish = wish };
    return db_read(db, check, &addition, problem);
}

/* --- adding ----------------------------------------------------------------------------------- */

static bool next_revision(
    struct db_connection *connection, struct addition *addition, struct problem *problem)
{
    struct db_rows *rows = db_query(connection,
        "SELECT COALESCE(MAX(revision), 0) + 1 FROM sound_track"
        " WHERE lecture_id = $1 AND version = $2 AND language = $3",
        "tit", addition->wish->lecture_id, addition->job.version, addition->language);
    if (db_next(rows))
        addition->revision = db_int(rows, 0);
    if (!db_end(rows, problem))
        return false;
    return addition->revision <= SOUND_REVISION_MAX
           || finding_refuse_as(
               problem, PROBLEM_CONFLICT, (struct finding){ .code = FINDING_INTERPRETER_CHANGES });
}

bool lecture_sound_queue(struct db_connection *connection, const struct sound_wish *wish,
    const char *track_id, int64_t revision, struct job *job, struct problem *problem)
{
    json_t *json = json_pack("{s:s, s:s, s:I, s:I}", "track", track_id, "language", wish->language,
        "offset_ms", (json_int_t)wish->offset_ms, "revision", (json_int_t)revision);
    size_t length = json_dumpb(json, job->parameters, sizeof job->parameters - 1, JSON_COMPACT);
    job->parameters[length] = '\0';
    json_decref(json);
    return job_insert(connection, job, problem)
           && db_exec(connection, NULL, problem,
               "INSERT INTO sound_track (id, lecture_id, version, language, revision, state,"
               "  offset_ms, file_name, job_id, created_at_ms)"
               " VALUES ($1, $2, $3, $4, $5, 'preparing', $6, $7, $8, $9)",
               "ttitiitti", track_id, wish->lecture_id, job->version, wish->language, revision,
               wish->offset_ms, wish->file_name, job->id, clock_now_ms());
}

/* What waits no more in this language, because it came to nothing, makes room for the new one. */
static bool forget_failed(
    struct db_connection *connection, const struct addition *addition, struct problem *problem)
{
    return db_exec(connection, NULL, problem,
        "UPDATE sound_track SET state = 'removed'"
        " WHERE lecture_id = $1 AND version = $2 AND language = $3 AND state = 'preparing'"
        "  AND job_id IN (SELECT id FROM job WHERE state IN ('failed', 'refused', 'cancelled'))",
        "tit", addition->wish->lecture_id, addition->job.version, addition->language);
}

static bool add_rows(struct db_connection *connection, void *data, struct problem *problem)
{
    struct addition *addition = data;
    const struct sound_wish *wish = addition->wish;
    if (!check(connection, addition, problem) || !next_revision(connection, addition, problem)
        || !forget_failed(connection, addition, problem))
        return false;
    struct sound_wish clean = *wish;
    clean.language = addition->language;
    return lecture_sound_queue(
               connection, &clean, addition->id, addition->revision, &addition->job, problem)
           && (!addition->also
               || addition->also->run(connection, addition->also->data, wish->lecture_id, problem));
}

bool lecture_sound_add(struct ingest *ingest, const struct sound_wish *wish, int input_fd,
    const char *input_path, bool take_over, const struct ingest_also *also,
    char ret_job_id[UUID_TEXT_SIZE], struct problem *problem)
{
    const struct settings *settings = ingest->settings;
    struct addition addition = { .wish = wish, .also = also, .job.pass = JOB_PASS_TRACK };
    if (!lecture_sound_check(ingest->db, wish, problem)
        || !ingest_check_input(settings, input_fd, problem))
        return false;
    secure_make_uuid(addition.id);
    secure_make_uuid(addition.job.id);
    (void)snprintf(addition.job.lecture_id, UUID_TEXT_SIZE, "%s", wish->lecture_id);
    if (!job_input_take(settings, addition.job.id, input_fd, take_over, problem))
        return false;
    bool kept = !settings->keep_originals
                || sound_original_keep(settings, &addition.job, addition.id, problem);
    if (!kept || !db_write(ingest->db, add_rows, &addition, problem)) {
        job_input_remove(settings, addition.job.id);
        sound_original_remove(settings, wish->lecture_id, addition.id);
        return false;
    }
    if (take_over && input_path)
        (void)unlink(input_path);
    memcpy(ret_job_id, addition.job.id, UUID_TEXT_SIZE);
    ingest_look(ingest);
    ingest_tell_of_change(ingest, wish->lecture_id);
    return true;
}

/* --- moving and removing ---------------------------------------------------------------------- */

enum { TRACKS_MAX = 8 };

struct search {
    const char *lecture_id;
    char language[LANGUAGE_TAG_SIZE];
    struct {
        char id[UUID_TEXT_SIZE], job_id[UUID_TEXT_SIZE], file_name[FILE_NAME_BYTES_MAX + 1];
        bool waits; /* its job has not ended */
    } tracks[TRACKS_MAX];
    size_t count;
};

static void copy(char *ret_text, size_t size, struct db_rows *rows, int column)
{
    const char *text = db_text(rows, column);
    (void)snprintf(ret_text, size, "%s", text ? text : "");
}

/* Newest first. */
static bool find_tracks(struct db_connection *connection, void *data, struct problem *problem)
{
    struct search *search = data;
    struct db_rows *rows = db_query(connection,
        "SELECT t.id, t.job_id, t.file_name,"
        "  CASE WHEN j.state IN ('queued', 'running', 'paused') THEN 1 ELSE 0 END"
        " FROM sound_track t JOIN lecture l ON l.id = t.lecture_id AND l.current_version = "
        "t.version"
        " JOIN job j ON j.id = t.job_id"
        " WHERE t.lecture_id = $1 AND t.language = $2 AND t.state <> 'removed'"
        " ORDER BY t.revision DESC",
        "tt", search->lecture_id, search->language);
    for (; search->count < TRACKS_MAX && db_next(rows); search->count++) {
        copy(search->tracks[search->count].id, UUID_TEXT_SIZE, rows, 0);
        copy(search->tracks[search->count].job_id, UUID_TEXT_SIZE, rows, 1);
        copy(search->tracks[search->count].file_name, FILE_NAME_BYTES_MAX + 1, rows, 2);
        search->tracks[search->count].waits = db_int(rows, 3) != 0;
    }
    if (!db_end(rows, problem))
        return false;
    return search->count > 0
           || problem_set(problem, PROBLEM_NOT_FOUND, "no sound in '%s'", search->language);
}

bool lecture_sound_move(struct ingest *ingest, const char *lecture_id, const char *language,
    int64_t offset_ms, char ret_job_id[UUID_TEXT_SIZE], struct problem *problem)
{
    struct search search = { .lecture_id = lecture_id };
    if (!field_language("language", language, search.language, problem)
        || !db_read(ingest->db, find_tracks, &search, problem))
        return false;
    int fd = sound_original_open(ingest->settings, lecture_id, search.tracks[0].id);
    if (fd < 0)
        return finding_refuse_as(
            problem, PROBLEM_CONFLICT, (struct finding){ .code = FINDING_INTERPRETER_GONE });
    struct sound_wish wish = { .lecture_id = lecture_id,
        .language = search.language,
        .file_name = search.tracks[0].file_name,
        .offset_ms = offset_ms };
    bool added = lecture_sound_add(ingest, &wish, fd, NULL, true, NULL, ret_job_id, problem);
    (void)close(fd);
    return added;
}

static const char *const groups[] = { "low", "high" };
enum { GROUPS = 2 };

/* Renditions of a track that goes.  Their files stay until nobody can be at them: the next pass, or the next start. */
static bool remove_renditions(struct db_connection *connection, const struct job *job,
    const char *language, int64_t revision, struct problem *problem)
{
    for (size_t i = 0; i < GROUPS; i++) {
        char name[RENDITION_NAME_SIZE];
        sound_rendition_name(groups[i], language, (int)revision, name);
        if (!db_exec(connection, NULL, problem,
                "DELETE FROM rendition WHERE lecture_id = $1 AND version = $2 AND name = $3", "tit",
                job->lecture_id, job->version, name))
            return false;
    }
    return true;
}

struct removal {
    struct job job; /* lecture and version */
    char language[LANGUAGE_TAG_SIZE];
    int64_t before; /* revisions before this one */
};

static bool find_revisions(struct db_connection *connection, const struct removal *removal,
    int64_t ret_revisions[SOUND_REVISION_MAX], size_t *ret_count, struct problem *problem)
{
    size_t count = 0;
    struct db_rows *rows = db_query(connection,
        "SELECT revision FROM sound_track WHERE lecture_id = $1 AND version = $2"
        " AND language = $3 AND revision < $4 AND state <> 'removed'",
        "titi", removal->job.lecture_id, removal->job.version, removal->language, removal->before);
    while (count < SOUND_REVISION_MAX && db_next(rows))
        ret_revisions[count++] = db_int(rows, 0);
    *ret_count = count;
    return db_end(rows, problem);
}

static bool remove_before(
    struct db_connection *connection, const struct removal *removal, struct problem *problem)
{
    int64_t revisions[SOUND_REVISION_MAX];
    size_t count;
    if (!find_revisions(connection, removal, revisions, &count, problem))
        return false;
    for (size_t i = 0; i < count; i++)
        if (!remove_renditions(connection, &removal->job, removal->language, revisions[i], problem))
            return false;
    return db_exec(connection, NULL, problem,
        "UPDATE sound_track SET state = 'removed' WHERE lecture_id = $1 AND version = $2"
        " AND language = $3 AND revision < $4",
        "titi", removal->job.lecture_id, removal->job.version, removal->language, removal->before);
}

static bool mark_changed(
    struct db_connection *connection, const struct job *job, struct problem *problem)
{
    return db_exec(connection, NULL, problem,
        "UPDATE lecture_version SET changed_at_ms ="
        "  CASE WHEN changed_at_ms < $3 THEN $3 ELSE changed_at_ms + 1 END"
        " WHERE lecture_id = $1 AND version = $2",
        "tii", job->lecture_id, job->version, clock_now_ms());
}

static bool remove_all(struct db_connection *connection, void *data, struct problem *problem)
{
    struct removal *removal = data;
    struct db_rows *rows = db_query(connection, "SELECT current_version FROM lecture WHERE id = $1",
        "t", removal->job.lecture_id);
    if (db_next(rows))
        removal->job.version = db_int(rows, 0);
    return db_end(rows, problem) && remove_before(connection, removal, problem)
           && mark_changed(connection, &removal->job, problem);
}

bool lecture_sound_remove(
    struct ingest *ingest, const char *lecture_id, const char *language, struct problem *problem)
{
    struct search search = { .lecture_id = lecture_id };
    struct removal removal = { .before = SOUND_REVISION_MAX + 1 };
    if (!field_language("language", language, search.language, problem)
        || !db_read(ingest->db, find_tracks, &search, problem))
        return false;
    (void)snprintf(removal.job.lecture_id, UUID_TEXT_SIZE, "%s", lecture_id);
    memcpy(removal.language, search.language, sizeof removal.language);
    if (!db_write(ingest->db, remove_all, &removal, problem))
        return false;
    for (size_t i = 0; i < search.count; i++) {
        struct problem ended = { 0 };
        if (search.tracks[i].waits && search.tracks[i].file_name[0] != '\0')
            (void)ingest_cancel(ingest, search.tracks[i].job_id, &ended);
        sound_original_remove(ingest->settings, lecture_id, search.tracks[i].id);
    }
    ingest_tell_of_change(ingest, lecture_id);
    return true;
}

/* --- publishing ------------------------------------------------------------------------------- */

/* A track that was removed meanwhile leaves nothing. */
static bool publish_track(
    struct db_connection *connection, const struct job *job, struct problem *problem)
{
    json_t *json = json_loads(job->parameters, 0, NULL);
    const char *language = json_string_value(json_object_get(json, "language"));
    struct removal removal
        = { .job = *job, .before = json_integer_value(json_object_get(json, "revision")) };
    int64_t changed = 0;
    (void)snprintf(removal.language, sizeof removal.language, "%s", language ? language : "");
    json_decref(json);
    return db_exec(connection, &changed, problem,
               "UPDATE sound_track SET state = 'ready' WHERE job_id = $1 AND state = 'preparing'",
               "t", job->id)
           && (changed == 1
                   ? remove_before(connection, &removal, problem)
                   : remove_renditions(connection, job, removal.language, removal.before, problem));
}

/* Its first name in this language; further ones are interpreters'. */
static bool may_be_of_recording(const struct segment_table *table)
{
    char name[RENDITION_NAME_SIZE];
    if (table->kind != RENDITION_AUDIO || table->original || table->language[0] == '\0')
        return false;
    for (size_t i = 0; i < GROUPS; i++) {
        sound_rendition_name(groups[i], table->language, 1, name);
        if (text_equal(table->name, name))
            return true;
    }
    return false;
}

/* Where an interpreter's sound of that language is there, that is heard. */
static bool publish_of_recording(struct db_connection *connection, const struct job *job,
    const struct segment_table *table, struct problem *problem)
{
    char id[UUID_TEXT_SIZE];
    int64_t outdone = 0;
    secure_make_uuid(id);
    return db_exec(connection, NULL, problem,
               "INSERT INTO sound_track (id, lecture_id, version, language, revision, state, "
               "offset_ms,"
               "  job_id, created_at_ms)"
               " VALUES ($1, $2, $3, $4, 1, 'ready', 0, $5, $6)"
               " ON CONFLICT (lecture_id, version, language, revision) DO NOTHING",
               "ttitti", id, job->lecture_id, job->version, table->language, job->id,
               clock_now_ms())
           && db_exec(connection, &outdone, problem,
               "UPDATE sound_track SET state = 'removed' WHERE lecture_id = $1 AND version = $2"
               " AND language = $3 AND revision = 1 AND file_name IS NULL AND EXISTS"
               " (SELECT 1 FROM sound_track newer WHERE newer.lecture_id = $1"
               "   AND newer.version = $2 AND newer.language = $3 AND newer.revision > 1"
               "   AND newer.state = 'ready')",
               "tit", job->lecture_id, job->version, table->language)
           && (outdone == 0 || remove_renditions(connection, job, table->language, 1, problem));
}

bool lecture_sounds_published(struct db_connection *connection, const struct job *job,
    const struct media_version *made, struct problem *problem)
{
    if (job->pass == JOB_PASS_TRACK)
        return publish_track(connection, job, problem);
    for (size_t i = 0; i < media_version_rendition_count(made); i++) {
        const struct segment_table *table = media_version_rendition(made, i);
        if (may_be_of_recording(table) && !publish_of_recording(connection, job, table, problem))
            return false;
    }
    return true;
}

/* --- showing ---------------------------------------------------------------------------------- */

static json_t *sound_of_row(struct db_rows *rows)
{
    bool ready = text_equal(db_text(rows, 1), "ready");
    const char *job_state = db_text(rows, 2), *file_name = db_text(rows, 5);
    const char *reason = ready ? NULL : db_text(rows, 7);
    json_t *report = ready ? NULL : row_json(rows, 8);
    json_t *sound = json_pack("{s:s, s:s, s:I, s:I, s:s?, s:b, s:s, s:s?, s:O?}", "language",
        db_text(rows, 0), "state",
        ready                           ? "ready"
        : text_equal(job_state, "done") ? "running"
                                        : job_state,
        "permille", (json_int_t)(ready ? 1000 : db_int(rows, 3)), "offset_ms",
        (json_int_t)db_int(rows, 4), "file_name", file_name, "from_recording", (int)!file_name,
        "job", db_text(rows, 6), "reason", reason, "verdict", json_object_get(report, "verdict"));
    json_decref(report);
    return sound;
}

json_t *lecture_sounds_json(
    struct db_connection *connection, const char *lecture_id, struct problem *problem)
{
    json_t *sounds = json_array();
    struct db_rows *rows = db_query(connection,
        "SELECT t.language, t.state, j.state, j.permille, t.offset_ms, t.file_name, t.job_id,"
        "  j.reason, j.report"
        " FROM sound_track t JOIN lecture l ON l.id = t.lecture_id AND l.current_version = "
        "t.version"
        " JOIN job j ON j.id = t.job_id"
        " WHERE t.lecture_id = $1 AND t.state <> 'removed'"
        " ORDER BY t.language, t.revision",
        "t", lecture_id);
    while (db_next(rows))
        (void)json_array_append_new(sounds, sound_of_row(rows));
    if (db_end(rows, problem))
        return sounds;
    json_decref(sounds);
    return NULL;
}
