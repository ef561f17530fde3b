/*
 * Interpreters' sound goes along with a new version of its lecture.  Their recordings are kept (lecture_sound.h); each is
 * made anew for the new version, as long as its lecture, and begins where the timeline moved it.
 *
 * Way        sounds_carry_take(): second names of the recordings, for jobs that are not there yet -> the transaction that
 *            publishes the version: sounds_carry_queue() -> sounds_carry_end().  A crash in between leaves files without
 *            rows, which the next start removes (ingest_files.h).
 * Step       All pieces of the timeline must be moved alike: one recording cannot follow two shifts.  What stays behind for
 *            that, or because its recording is not there, is a finding of the version's report.  A timeline without pieces
 *            carries nothing, and says nothing: there is nothing in common.
 * Names      A carried track is its language's second in the new version (audio-low-vi-2): the first name is left to a track
 *            of the recording itself, which a later pass may find.
 */
#ifndef LECTERN_CATALOG_SOUND_CARRY_H
#define LECTERN_CATALOG_SOUND_CARRY_H

#include "base/settings.h"
#include "catalog/fields.h"
#include "catalog/job_queue.h"
#include "catalog/lecture.h"
#include "media/report.h"

enum { CARRIED_SOUNDS_MAX = 32 };

struct carried_sound {
    char before_id[UUID_TEXT_SIZE]; /* the track of the version before */
    char id[UUID_TEXT_SIZE], job_id[UUID_TEXT_SIZE];
    char language[LANGUAGE_TAG_SIZE], file_name[FILE_NAME_BYTES_MAX + 1];
    int64_t offset_ms; /* on the new version's clock */
    bool is_queued;
};

struct carried_sounds {
    const struct job *job; /* that makes the new version */
    struct carried_sound sounds[CARRIED_SOUNDS_MAX];
    size_t count;
};

/* Blocks.  ret_sounds is for sounds_carry_end() whatever comes of it; false: the store or the disk failed. */
bool sounds_carry_take(struct db *db, const struct settings *settings, const struct job *job,
    struct media_report *report, struct carried_sounds *ret_sounds, struct problem *problem);
/* Inside db_write.  Those that somebody removed meanwhile stay behind. */
bool sounds_carry_queue(
    struct db_connection *connection, struct carried_sounds *sounds, struct problem *problem);
/* Removes the files of those that were not queued; published: whether that transaction was committed. */
void sounds_carry_end(
    const struct settings *settings, const struct carried_sounds *sounds, bool published);

#endif
