/* Captions of a lecture: a file beside its current version, and a row that says so. */
#include "catalog/lecture.h"

#include "base/clock.h"
#include "base/files.h"
#include "base/text.h"
#include "catalog/fields.h"
#include "catalog/program.h"
#include "catalog/rows.h"
#include "media/caption_segments.h"

#include <errno.h>
#include <limits.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

enum { FIRST_CUES = 6 };

/* Held from the file to its row, so that two people who change one track leave a pair that belongs
 * together. */
static pthread_mutex_t captions_lock = PTHREAD_MUTEX_INITIALIZER;

void lecture_captions_hold(void)
{
    (void)pthread_mutex_lock(&captions_lock);
}

void lecture_captions_let_go(void)
{
    (void)pthread_mutex_unlock(&captions_lock);
}

struct captions_change {
    const char *lecture_id;
    char language[LANGUAGE_TAG_SIZE];
    int64_t version, duration_ms;
    int64_t cue_count;
};

static bool find_version(struct db_connection *connection, void *data, struct problem *problem)
{
    struct captions_change *change = data;
    struct version_now now;
    if (!version_now_require(
            connection, change->lecture_id, FINDING_LECTURE_UNREADY, &now, problem))
        return false;
    change->version = now.version;
    change->duration_ms = now.duration_ms;
    return true;
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

/* The captions as they would be stored; change->language becomes the canonical tag. */
static bool read_given(struct db *db, const struct settings *settings,
    const struct captions_given *given, struct captions_change *change,
    struct captions *ret_captions, struct problem *problem)
{
    if (!field_language("language", given->language, change->language, problem))
        return false;
    if (given->count > (size_t)settings->caption_bytes_max)
        return problem_set(problem, PROBLEM_BODY_TOO_LARGE,
            "A caption file can have at most %lld bytes.", (long long)settings->caption_bytes_max);
    if (!db_read(db, find_version, change, problem))
        return false;
    struct captions_file file = {
        .bytes = given->bytes,
        .count = given->count,
        .language = change->language,
        .encoding = given->encoding,
        .duration_ms = change->duration_ms,
    };
    return captions_clean(&file, ret_captions, problem);
}

bool lecture_set_captions(struct db *db, const struct settings *settings,
    const struct captions_given *given, struct captions *ret_captions, struct problem *problem)
{
    struct captions_change change = { .lecture_id = given->lecture_id };
    struct captions captions = { 0 };
    if (!read_given(db, settings, given, &change, &captions, problem))
        return false;
    change.cue_count = (int64_t)captions.cue_count;
    lecture_captions_hold();
    bool done = put_file_and_row(db, settings, &change, captions.vtt, captions.vtt_count, problem);
    lecture_captions_let_go();
    if (done)
        *ret_captions = captions;
    else
        captions_release(&captions);
    return done;
}

bool lecture_try_captions(struct db *db, const struct settings *settings,
    const struct captions_given *given, struct captions *ret_captions, struct problem *problem)
{
    struct captions_change change = { .lecture_id = given->lecture_id };
    return read_given(db, settings, given, &change, ret_captions, problem);
}

/* The first captions, which show at a glance whether the letters are right. */
static json_t *first_cues(const struct captions *captions)
{
    struct caption_segments segments;
    json_t *first = json_array();
    caption_segments_init(&segments, captions->vtt, captions->vtt_count, 1);
    for (size_t i = 0; i < segments.span_count && i < FIRST_CUES; i++) {
        const struct caption_span *span = &segments.spans[i];
        (void)json_array_append_new(
            first, json_pack("{s:I, s:I, s:s%}", "start_ms", (json_int_t)span->start_ms, "end_ms",
                       (json_int_t)span->end_ms, "text", span->text, span->text_count));
    }
    caption_segments_release(&segments);
    return first;
}

json_t *lecture_captions_told(const struct captions *captions, const char *language)
{
    return json_pack("{s:s, s:s, s:s, s:I, s:I, s:o, s:o}", "language", language, "encoding",
        captions->encoding, "form", captions->form, "cue_count", (json_int_t)captions->cue_count,
        "repaired_count", (json_int_t)captions->repairs.total, "repairs",
        caption_repairs_json(&captions->repairs), "first", first_cues(captions));
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
    lecture_captions_hold();
    bool done = remove_row_and_file(db, settings, &change, problem);
    lecture_captions_let_go();
    return done;
}
