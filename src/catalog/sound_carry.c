#include "catalog/sound_carry.h"

#include "base/text.h"
#include "catalog/ingest_files.h"
#include "catalog/lecture_sound.h"
#include "catalog/lecture_version.h"
#include "catalog/rows.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum { CARRIED_REVISION = 2 };

/* --- which, and where to ---------------------------------------------------------------------- */

struct search {
    struct carried_sounds *found;
    struct media_timeline timeline;
};

// clang-format off
/* Of each language the newest first.  One that still waits is made for the new version only. */
static const char tracks_sql[] =
    "SELECT t.id, t.language, t.file_name, t.offset_ms"
    " FROM sound_track t JOIN lecture l ON l.id = t.lecture_id AND l.current_version = t.version"
    " JOIN job j ON j.id = t.job_id"
    " WHERE t.lecture_id = $1 AND t.file_name IS NOT NULL"
    "  AND (t.state = 'ready' OR (t.state = 'preparing' AND j.state IN ('queued', 'paused')))"
    " ORDER BY t.language, t.revision DESC";
// clang-format on

static void take_row(struct carried_sounds *found, struct db_rows *rows)
{
    struct carried_sound *sound = &found->sounds[found->count];
    const char *language = db_text(rows, 1);
    if (found->count > 0 && text_equal(sound[-1].language, language))
        return;
    (void)snprintf(sound->before_id, UUID_TEXT_SIZE, "%s", db_text(rows, 0));
    (void)snprintf(sound->language, sizeof sound->language, "%s", language);
    (void)snprintf(sound->file_name, sizeof sound->file_name, "%s", db_text(rows, 2));
    sound->offset_ms = db_int(rows, 3);
    sound->is_queued = false;
    secure_make_uuid(sound->id);
    secure_make_uuid(sound->job_id);
    found->count++;
}

static bool find_tracks(struct db_connection *connection, void *data, struct problem *problem)
{
    struct search *search = data;
    struct carried_sounds *found = search->found;
    found->count = 0;
    if (!version_timeline_read(connection, found->job, &search->timeline, problem))
        return false;
    struct db_rows *rows = db_query(connection, tracks_sql, "t", found->job->lecture_id);
    while (found->count < CARRIED_SOUNDS_MAX && db_next(rows))
        take_row(found, rows);
    return db_end(rows, problem);
}

static bool find_shift(const struct media_timeline *timeline, int64_t *ret_shift_ms)
{
    const struct media_piece *pieces = timeline->pieces;
    *ret_shift_ms = pieces[0].at_ms - pieces[0].from_ms;
    for (size_t i = 1; i < timeline->count; i++)
        if (pieces[i].at_ms - pieces[i].from_ms != *ret_shift_ms)
            return false;
    return true;
}

/* --- their files ------------------------------------------------------------------------------ */

static struct job job_of_sound(const struct job *version, const struct carried_sound *sound)
{
    struct job job = { .version = version->version, .pass = JOB_PASS_TRACK };
    memcpy(job.id, sound->job_id, UUID_TEXT_SIZE);
    memcpy(job.lecture_id, version->lecture_id, UUID_TEXT_SIZE);
    return job;
}

static void remove_files(
    const struct settings *settings, const struct job *version, const struct carried_sound *sound)
{
    job_input_remove(settings, sound->job_id);
    sound_original_remove(settings, version->lecture_id, sound->id);
}

/* *ret_kept is false where the recording is not there. */
static bool take_recording(const struct settings *settings, const struct job *version,
    const struct carried_sound *sound, bool *ret_kept, struct problem *problem)
{
    struct job job = job_of_sound(version, sound);
    int fd = sound_original_open(settings, version->lecture_id, sound->before_id);
    *ret_kept = fd >= 0;
    if (fd < 0)
        return true;
    bool taken
        = job_input_take(settings, sound->job_id, fd, true, problem)
          && (!settings->keep_originals || sound_original_keep(settings, &job, sound->id, problem));
    (void)close(fd);
    return taken;
}

/* A list of languages, as findings have it. */
static void name_language(char list[FINDING_TEXT_SIZE], const char *language)
{
    size_t length = strlen(list);
    (void)snprintf(
        list + length, FINDING_TEXT_SIZE - length, "%s%s", length > 0 ? ", " : "", language);
}

static void tell(struct media_report *report, enum finding_code code, const char *languages)
{
    if (languages[0] != '\0')
        media_report_find(report, finding_with((struct finding){ .code = code }, languages));
}

static void leave_all(struct carried_sounds *sounds, struct media_report *report)
{
    char languages[FINDING_TEXT_SIZE] = "";
    for (size_t i = 0; i < sounds->count; i++)
        name_language(languages, sounds->sounds[i].language);
    tell(report, FINDING_INTERPRETER_OUT_OF_STEP, languages);
    sounds->count = 0;
}

static bool take_all(struct carried_sounds *sounds, const struct settings *settings,
    struct media_report *report, int64_t shift_ms, struct problem *problem)
{
    char missing[FINDING_TEXT_SIZE] = "";
    size_t count = 0;
    bool taken = true;
    for (size_t i = 0; taken && i < sounds->count; i++) {
        bool kept;
        struct carried_sound sound = sounds->sounds[i];
        sound.offset_ms += shift_ms;
        taken = take_recording(settings, sounds->job, &sound, &kept, problem);
        if (kept)
            sounds->sounds[count++] = sound;
        else
            name_language(missing, sound.language);
    }
    sounds->count = count;
    tell(report, FINDING_INTERPRETER_NOT_KEPT, missing);
    return taken;
}

bool sounds_carry_take(struct db *db, const struct settings *settings, const struct job *job,
    struct media_report *report, struct carried_sounds *ret_sounds, struct problem *problem)
{
    struct search search = { .found = ret_sounds };
    int64_t shift_ms;
    ret_sounds->job = job;
    ret_sounds->count = 0;
    if (job->version <= 1)
        return true;
    if (!db_read(db, find_tracks, &search, problem)) {
        ret_sounds->count = 0;
        return false;
    }
    media_timeline_cut(&search.timeline, report->duration_ms);
    if (search.timeline.count == 0)
        ret_sounds->count = 0;
    else if (!find_shift(&search.timeline, &shift_ms))
        leave_all(ret_sounds, report);
    else
        return take_all(ret_sounds, settings, report, shift_ms, problem);
    return true;
}

/* --- their rows ------------------------------------------------------------------------------- */

bool sounds_carry_queue(
    struct db_connection *connection, struct carried_sounds *sounds, struct problem *problem)
{
    for (size_t i = 0; i < sounds->count; i++) {
        struct carried_sound *sound = &sounds->sounds[i];
        struct job job = job_of_sound(sounds->job, sound);
        struct sound_wish wish = { .lecture_id = job.lecture_id,
            .language = sound->language,
            .file_name = sound->file_name,
            .offset_ms = sound->offset_ms };
        if (!row_exists(connection,
                "SELECT 1 FROM sound_track WHERE id = $1 AND state <> 'removed'", sound->before_id,
                &sound->is_queued, problem)
            || (sound->is_queued
                && !lecture_sound_queue(
                    connection, &wish, sound->id, CARRIED_REVISION, &job, problem)))
            return false;
    }
    return true;
}

void sounds_carry_end(
    const struct settings *settings, const struct carried_sounds *sounds, bool published)
{
    for (size_t i = 0; i < sounds->count; i++)
        if (!published || !sounds->sounds[i].is_queued)
            remove_files(settings, sounds->job, &sounds->sounds[i]);
}
