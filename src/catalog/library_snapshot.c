#include "catalog/library_snapshot.h"

#include "base/memory.h"
#include "base/text.h"
#include "catalog/lecture.h"
#include "catalog/program.h"
#include "catalog/renditions.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* --- reading the store ------------------------------------------------------------------------ */

/* Room for one more in an array that doubles. */
static void *grown(void *array, size_t count, size_t size)
{
    bool full = count == 0 || (count >= 16 && (count & (count - 1)) == 0);
    return full ? memory_resized(array, count < 16 ? 16 : count * 2, size) : array;
}

static void copy_id(char ret_id[UUID_TEXT_SIZE], struct db_rows *rows, int column)
{
    (void)snprintf(ret_id, UUID_TEXT_SIZE, "%s", db_text(rows, column));
}

static bool read_versions(
    struct db_connection *connection, struct library_snapshot *snapshot, struct problem *problem)
{
    struct db_rows *rows = db_query(connection,
        "SELECT v.lecture_id, v.version, l.current_version, l.published,"
        "  COALESCE((SELECT COUNT(*) + MAX(t.updated_at_ms) FROM caption_track t"
        "   WHERE t.lecture_id = v.lecture_id), 0),"
        "  v.changed_at_ms, l.language"
        " FROM lecture_version v JOIN lecture l ON l.id = v.lecture_id"
        " WHERE l.state = 'ready' AND v.collected_at_ms IS NULL",
        "");
    while (db_next(rows)) {
        snapshot->versions
            = grown(snapshot->versions, snapshot->version_count, sizeof *snapshot->versions);
        struct library_version *version = &snapshot->versions[snapshot->version_count++];
        *version = (struct library_version){
            .version = db_int(rows, 1),
            .current = db_int(rows, 1) == db_int(rows, 2),
            .published = db_int(rows, 3) != 0,
            .captions_mark = db_int(rows, 4),
            .files_mark = db_int(rows, 5),
        };
        copy_id(version->lecture_id, rows, 0);
        (void)snprintf(version->language, sizeof version->language, "%s", db_text(rows, 6));
    }
    return db_end(rows, problem);
}

static bool read_cohorts(
    struct db_connection *connection, struct library_snapshot *snapshot, struct problem *problem)
{
    struct db_rows *rows
        = db_query(connection, "SELECT id, program_id, opens_at_ms, closes_at_ms FROM cohort", "");
    while (db_next(rows)) {
        snapshot->cohorts
            = grown(snapshot->cohorts, snapshot->cohort_count, sizeof *snapshot->cohorts);
        struct library_cohort *cohort = &snapshot->cohorts[snapshot->cohort_count++];
        copy_id(cohort->id, rows, 0);
        copy_id(cohort->program_id, rows, 1);
        cohort->opens_at_ms = db_int(rows, 2);
        cohort->open_until_ms = db_int(rows, 3); /* the grace comes on top */
    }
    return db_end(rows, problem);
}

static bool read_handouts(
    struct db_connection *connection, struct library_snapshot *snapshot, struct problem *problem)
{
    struct db_rows *rows
        = db_query(connection, "SELECT lecture_id, id, file_name, content_type FROM handout", "");
    while (db_next(rows)) {
        snapshot->handouts
            = grown(snapshot->handouts, snapshot->handout_count, sizeof *snapshot->handouts);
        struct library_handout *handout = &snapshot->handouts[snapshot->handout_count++];
        copy_id(handout->lecture_id, rows, 0);
        copy_id(handout->id, rows, 1);
        (void)snprintf(handout->file_name, sizeof handout->file_name, "%s", db_text(rows, 2));
        (void)snprintf(handout->content_type, sizeof handout->content_type, "%s", db_text(rows, 3));
    }
    return db_end(rows, problem);
}

static bool read_places(struct db_connection *connection, struct library_places *places,
    const char *sql, struct problem *problem)
{
    struct db_rows *rows = db_query(connection, sql, "");
    while (db_next(rows)) {
        places->list = grown(places->list, places->count, sizeof *places->list);
        struct library_place *place = &places->list[places->count++];
        copy_id(place->owner_id, rows, 0);
        copy_id(place->lecture_id, rows, 1);
    }
    return db_end(rows, problem);
}

static bool read_all(struct db_connection *connection, void *data, struct problem *problem)
{
    struct library_snapshot *snapshot = data;
    return read_versions(connection, snapshot, problem)
           && read_cohorts(connection, snapshot, problem)
           && read_handouts(connection, snapshot, problem)
           && read_places(connection, &snapshot->of_programs,
               "SELECT program_id, lecture_id FROM program_lecture", problem)
           && read_places(connection, &snapshot->of_organizers,
               "SELECT DISTINCT s.staff_id, l.lecture_id FROM staff_program s"
               " JOIN program_lecture l ON l.program_id = s.program_id",
               problem);
}

/* --- order ------------------------------------------------------------------------------------ */

static int compare_versions(const void *left, const void *right)
{
    const struct library_version *a = left, *b = right;
    int order = strcmp(a->lecture_id, b->lecture_id);
    return order != 0 ? order : (a->version > b->version) - (a->version < b->version);
}

static int compare_cohorts(const void *left, const void *right)
{
    const struct library_cohort *a = left, *b = right;
    return strcmp(a->id, b->id);
}

static int compare_handouts(const void *left, const void *right)
{
    const struct library_handout *a = left, *b = right;
    int order = strcmp(a->lecture_id, b->lecture_id);
    return order != 0 ? order : strcmp(a->id, b->id);
}

static int compare_places(const void *left, const void *right)
{
    const struct library_place *a = left, *b = right;
    int order = strcmp(a->owner_id, b->owner_id);
    return order != 0 ? order : strcmp(a->lecture_id, b->lecture_id);
}

static void sort(void *array, size_t count, size_t size, int (*compare)(const void *, const void *))
{
    if (count > 1)
        qsort(array, count, size, compare);
}

static void sort_places(struct library_places *places)
{
    sort(places->list, places->count, sizeof *places->list, compare_places);
}

static const void *search(const void *key, const void *array, size_t count, size_t size,
    int (*compare)(const void *, const void *))
{
    return count > 0 ? bsearch(key, array, count, size, compare) : NULL;
}

struct library_snapshot *library_snapshot_read(
    struct db *db, const struct settings *settings, struct problem *problem)
{
    struct library_snapshot *snapshot = memory_zeroed(1, sizeof *snapshot);
    if (!db_read(db, read_all, snapshot, problem)) {
        library_snapshot_free(snapshot);
        return NULL;
    }
    for (size_t i = 0; i < snapshot->cohort_count; i++)
        snapshot->cohorts[i].open_until_ms
            = cohort_open_until_ms(settings, snapshot->cohorts[i].open_until_ms);
    sort(snapshot->versions, snapshot->version_count, sizeof *snapshot->versions, compare_versions);
    sort(snapshot->cohorts, snapshot->cohort_count, sizeof *snapshot->cohorts, compare_cohorts);
    sort(snapshot->handouts, snapshot->handout_count, sizeof *snapshot->handouts, compare_handouts);
    sort_places(&snapshot->of_programs);
    sort_places(&snapshot->of_organizers);
    return snapshot;
}

void library_snapshot_free(struct library_snapshot *snapshot)
{
    if (!snapshot)
        return;
    for (size_t i = 0; i < snapshot->version_count; i++)
        media_version_release(snapshot->versions[i].media);
    free(snapshot->versions);
    free(snapshot->cohorts);
    free(snapshot->handouts);
    free(snapshot->of_programs.list);
    free(snapshot->of_organizers.list);
    free(snapshot);
}

/* --- finding ---------------------------------------------------------------------------------- */

static const struct library_version *current_version(
    const struct library_snapshot *snapshot, const char *lecture_id)
{
    /* The first of the lecture's versions, then on to the current one: there are few. */
    size_t from = 0, to = snapshot->version_count;
    while (from < to) {
        size_t middle = from + (to - from) / 2;
        if (strcmp(snapshot->versions[middle].lecture_id, lecture_id) < 0)
            from = middle + 1;
        else
            to = middle;
    }
    for (; from < snapshot->version_count
           && text_equal(snapshot->versions[from].lecture_id, lecture_id);
         from++)
        if (snapshot->versions[from].current)
            return &snapshot->versions[from];
    return NULL;
}

static void set_id(char ret_id[UUID_TEXT_SIZE], const char *id)
{
    size_t length = strnlen(id, UUID_TEXT_SIZE - 1);
    memcpy(ret_id, id, length);
    ret_id[length] = '\0';
}

const struct library_version *library_snapshot_version(
    const struct library_snapshot *snapshot, const char *lecture_id, int64_t version)
{
    struct library_version key = { .version = version };
    if (version == 0)
        return current_version(snapshot, lecture_id);
    set_id(key.lecture_id, lecture_id);
    return search(&key, snapshot->versions, snapshot->version_count, sizeof key, compare_versions);
}

const struct library_cohort *library_snapshot_cohort(
    const struct library_snapshot *snapshot, const char *cohort_id)
{
    struct library_cohort key = { 0 };
    set_id(key.id, cohort_id);
    return search(&key, snapshot->cohorts, snapshot->cohort_count, sizeof key, compare_cohorts);
}

const struct library_handout *library_snapshot_handout(
    const struct library_snapshot *snapshot, const char *lecture_id, const char *handout_id)
{
    struct library_handout key = { .file_name = "" };
    set_id(key.lecture_id, lecture_id);
    set_id(key.id, handout_id);
    return search(&key, snapshot->handouts, snapshot->handout_count, sizeof key, compare_handouts);
}

bool library_places_have(
    const struct library_places *places, const char *owner_id, const char *lecture_id)
{
    struct library_place key;
    set_id(key.owner_id, owner_id);
    set_id(key.lecture_id, lecture_id);
    return search(&key, places->list, places->count, sizeof key, compare_places);
}

/* --- media ------------------------------------------------------------------------------------ */

/* By its rows: a file that went missing must not pass for a lecture without sound, and one that a pass
 * has just made is not published yet.  Rows that are newer than the snapshot come with a new mark. */
static void open_media(
    struct library_version *version, struct db *db, const struct settings *settings)
{
    char folder[PATH_MAX];
    struct problem problem = { 0 };
    struct renditions renditions = { 0 };
    lecture_folder(settings, version->lecture_id, version->version, folder);
    if (renditions_read(db, version->lecture_id, version->version, &renditions, &problem))
        version->media = renditions_open(&renditions, folder, version->language, &problem);
    if (!version->media)
        (void)snprintf(version->fault, sizeof version->fault, "%s", problem.detail);
}

void library_snapshot_open_media(struct library_snapshot *snapshot, struct db *db,
    const struct settings *settings, const struct library_snapshot *old, const char *reopened_id)
{
    for (size_t i = 0; i < snapshot->version_count; i++) {
        struct library_version *version = &snapshot->versions[i];
        const struct library_version *before
            = old ? library_snapshot_version(old, version->lecture_id, version->version) : NULL;
        bool same = before && before->media && before->captions_mark == version->captions_mark
                    && before->files_mark == version->files_mark
                    && !text_equal(version->lecture_id, reopened_id);
        if (same)
            version->media = media_version_retain(before->media);
        else
            open_media(version, db, settings);
    }
}
