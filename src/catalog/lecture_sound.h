/*
 * A lecture's sound in other languages than its own: an interpreter's recording, sent when the lecture is ready and
 * moved by an offset against it; or a further track of the recording itself, found when that was prepared.
 *
 * Way        row in sound_track (preparing) + a job of the pass "track", input at data/incoming/{job}.input -> the
 *            child makes one or two renditions, cut where the lecture's are -> with their rows the track is ready, and
 *            what was there in this language before goes.
 * Kept       with keep-originals: data/originals/{lecture}/sound-{track}.input, so that the offset can be changed
 *            without sending the file again, and a new version of the lecture has it too (sound_carry.h).
 * Errors     PROBLEM_NOT_FOUND, PROBLEM_CONFLICT with a sentence (not ready, nothing kept), PROBLEM_INVALID_FIELD
 *            ("language", "offset_ms").
 * Threads    safe from any thread; all functions block, but those that take a connection run inside db_read or
 *            db_write.
 */
#ifndef LECTERN_CATALOG_LECTURE_SOUND_H
#define LECTERN_CATALOG_LECTURE_SOUND_H

#include "catalog/ingest.h"

struct sound_wish {
    const char *lecture_id, *language, *file_name;
    int64_t offset_ms; /* when the recording begins on the lecture's clock; may be below 0 */
};

/* Whether it could be added now; before an hour of sound is sent. */
bool lecture_sound_check(struct db *db, const struct sound_wish *wish, struct problem *problem);
/* As ingest_add_file(); `also` may be NULL. */
bool lecture_sound_add(struct ingest *ingest, const struct sound_wish *wish, int input_fd,
    const char *input_path, bool take_over, const struct ingest_also *also,
    char ret_job_id[UUID_TEXT_SIZE], struct problem *problem);
/* Makes the language's newest recording anew, with another offset. */
bool lecture_sound_move(struct ingest *ingest, const char *lecture_id, const char *language,
    int64_t offset_ms, char ret_job_id[UUID_TEXT_SIZE], struct problem *problem);
/* All of it in this language; its job, if it has one, is cancelled.  Afterwards: library_refresh_lecture(). */
bool lecture_sound_remove(
    struct ingest *ingest, const char *lecture_id, const char *language, struct problem *problem);

/* Inside db_write, once its files are there: the job (lecture, version and pass are set) and the track's row.  The wish's language
 * is as field_language() gives it. */
bool lecture_sound_queue(struct db_connection *connection, const struct sound_wish *wish,
    const char *track_id, int64_t revision, struct job *job, struct problem *problem);

/* Of the lecture's current version, by language; several of one where a newer one is being made:
 * [{"language","state":"queued|running|paused|ready|failed|refused|cancelled","permille","offset_ms",
 *   "file_name":name|null,"from_recording","job","reason":sentence|null}...] */
json_t *lecture_sounds_json(
    struct db_connection *connection, const char *lecture_id, struct problem *problem);

/* With the publication of a pass: its track is ready, and what it replaces goes; tracks of the recording get their
 * rows. */
bool lecture_sounds_published(struct db_connection *connection, const struct job *job,
    const struct media_version *made, struct problem *problem);

#endif
