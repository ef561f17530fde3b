/* Captions of a lecture: a file beside its current version, and a row that says so. */
#include "catalog/lecture.h"

#include "base/clock.h"
#include "base/files.h"
#include "base/text.h"
#include "catalog/fields.h"
#include "catalog/program.h"

#include <errno.h>
#include <limits.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

/* Held from the file to its row, so that two people who change one track leave a pair that belongs
 * together. */
static pthread_mutex_t captions_lock = PTHREAD_MUTEX_INITIALIZER;

struct captions_change {
    const char *lecture_id;
    char language[LANGUAGE_TAG_SIZE];
    int64_t version;
    int64_t cue_count;
};

static bool find_version(struct db_connection *connection, void *data, struct problem *problem)
{
    struct captions_change *change = data;
    struct db_rows *rows = db_query(
        connection, "SELECT current_version FROM lecture WHERE id = $1", "t", change->lecture_id);
    bool found = db_next(rows), ready = found && !db_is_null(rows, 0);
    if (ready)
        change->version = db_int(rows, 0);
    if (!db_end(rows, problem))
        return false;
    if (!found)
        return problem_set(problem, PROBLEM_NOT_FOUND, "no lecture '%.40s'", change->lecture_id);
    return ready
           || problem_set(problem, PROBLEM_CONFLICT,
               "This lecture is not ready yet. Add its captions when it is.");
}

static bool put_row(struct db_connection *connection, void *data, struct problem *problem)
{
    const struct captions_change *change = data;
    return db_exec(connection, NULL, problem,
        "INSERT INTO caption_track (lecture_id, language, cue_count, updated_at_ms)"
        " VALUES ($1, $2, $3, $4)"
        " ON CONFLICT (lecture_id, language)"
        " DO UPDATE SET cue_count = excluded.cue_count, updated_at_ms = excluded.updated_at_ms",
        "ttii", change->lecture_id, change->language, change->cue_count, clock_now_ms());
}

static bool remove_row(struct db_connection *connection, void *data, struct problem *problem)
{
    const struct captions_change *change = data;
    int64_t changed;
    if (!db_exec(connection, &changed, problem,
            "DELETE FROM caption_track WHERE lecture_id = $1 AND language = $2", "tt",
            change->lecture_id, change->language))
        return false;
    return changed == 1
           || problem_set(problem, PROBLEM_NOT_FOUND, "no captions in '%s'", change->language);
}

struct captions_place {
    char version_folder[PATH_MAX], folder[PATH_MAX], path[PATH_MAX];
};

static bool find_place(const struct settings *settings, const struct captions_change *change,
    struct captions_place *place, struct problem *problem)
{
    lecture_folder(settings, change->lecture_id, change->version, place->version_folder);
    if (snprintf(place->folder, PATH_MAX, "%s/captions", place->version_folder) >= PATH_MAX
        || snprintf(place->path, PATH_MAX, "%s/%s.vtt", place->folder, change->language)
               >= PATH_MAX)
        return problem_set_errno(problem, ENAMETOOLONG, "captions of a lecture");
    return true;
}

/* The file first: a row whose file is missing would promise captions that nobody can read. */
static bool put_file_and_row(struct db *db, const struct settings *settings,
    struct captions_change *change, const char *vtt, size_t vtt_count, struct problem *problem)
{
    struct captions_place place;
    return db_read(db, find_version, change, problem)
           && find_place(settings, change, &place, problem)
           && folder_make(place.folder, 0750, problem) && folder_sync(place.version_folder, problem)
           && file_write_whole(place.path, vtt, vtt_count, 0640, problem)
           && db_write(db, put_row, change, problem);
}

bool lecture_set_captions(struct db *db, const struct settings *settings, const char *lecture_id,
    const char *language, const char *bytes, size_t count, struct captions_facts *ret_facts,
    struct problem *problem)
{
    struct captions_change change = { .lecture_id = lecture_id };
    struct captions_facts facts;
    char *vtt = NULL;
    size_t vtt_count = 0;
    if (!field_language("language", language, change.language, problem))
        return false;
    if (count > (size_t)settings->caption_bytes_max)
        return problem_set(problem, PROBLEM_BODY_TOO_LARGE,
            "A caption file can have at most %lld bytes.", (long long)settings->caption_bytes_max);
    if (!captions_to_vtt(bytes, count, &vtt, &vtt_count, &facts, problem))
        return false;
    change.cue_count = (int64_t)facts.cue_count;
    (void)pthread_mutex_lock(&captions_lock);
    bool done = put_file_and_row(db, settings, &change, vtt, vtt_count, problem);
    (void)pthread_mutex_unlock(&captions_lock);
    free(vtt);
    if (done && ret_facts)
        *ret_facts = facts;
    return done;
}

/* The row first, for the same reason; a file that a crash left behind is removed at the next start
 * (ingest_files.h). */
static bool remove_row_and_file(struct db *db, const struct settings *settings,
    struct captions_change *change, struct problem *problem)
{
    struct captions_place place;
    if (!db_read(db, find_version, change, problem)
        || !find_place(settings, change, &place, problem)
        || !db_write(db, remove_row, change, problem))
        return false;
    if (unlink(place.path) != 0 && errno != ENOENT)
        return problem_set_errno(problem, errno, "remove '%s'", place.path);
    return true;
}

bool lecture_remove_captions(struct db *db, const struct settings *settings, const char *lecture_id,
    const char *language, struct problem *problem)
{
    struct captions_change change = { .lecture_id = lecture_id };
    if (!field_language("language", language, change.language, problem))
        return false;
    (void)pthread_mutex_lock(&captions_lock);
    bool done = remove_row_and_file(db, settings, &change, problem);
    (void)pthread_mutex_unlock(&captions_lock);
    return done;
}
