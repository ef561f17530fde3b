/*
 * Lectures: texts, state, captions.  A lecture's files lie in data/lectures/{id}/{version}/
 * (media/media_files.h).
 *
 * state      "preparing" (a job waits or runs), "ready", "refused", "failed"
 * published  participants see a lecture only when it is ready and published
 *
 * Functions with a db_connection run inside db_write (changes) or db_read (json_ functions); scope
 * is checked before, through permission_object().
 * Errors     PROBLEM_INVALID_FIELD names the field; PROBLEM_NOT_FOUND the lecture that is not
 *            there.
 */
#ifndef LECTERN_CATALOG_LECTURE_H
#define LECTERN_CATALOG_LECTURE_H

#include "access/caller.h"
#include "base/settings.h"
#include "media/captions.h"
#include "store/db.h"

#include <jansson.h>

enum { FILE_NAME_BYTES_MAX = 255 };

struct lecture_fields {
    const char *language; /* BCP 47: of the sound and of this title */
    const char *title;
    const char *description; /* "" for none */
    const char *provider_id; /* may be NULL */
    const char *file_name;   /* as the admin's machine called it; shown, never used as a path */
};
bool lecture_add(struct db_connection *connection, const struct lecture_fields *fields,
    char ret_id[UUID_TEXT_SIZE], struct problem *problem);
/* Adds or replaces the text of one language; NULL keeps what is there: language NULL means the
 * lecture's own, title NULL is for a language that has a title already. */
bool lecture_change_text(struct db_connection *connection, const char *lecture_id,
    const char *language, const char *title, const char *description, struct problem *problem);
/* PROBLEM_CONFLICT with a sentence when it is not ready.  Afterwards: library_refresh(). */
bool lecture_publish(struct db_connection *connection, const char *lecture_id, bool published,
    struct problem *problem);
/* For a file that never became a lecture: all its rows go, and it leaves the programs that list it.
 * PROBLEM_CONFLICT with a sentence once it has a version, as records may name that, and while a job
 * waits or runs.  Afterwards: library_refresh(). */
bool lecture_remove(
    struct db_connection *connection, const char *lecture_id, struct problem *problem);
/* NULL: none. */
bool lecture_set_provider(struct db_connection *connection, const char *lecture_id,
    const char *provider_id, struct problem *problem);

/* While it is held, nobody else in this process changes captions of any lecture. */
void lecture_captions_hold(void);
void lecture_captions_let_go(void);

struct captions_given {
    const char *lecture_id, *language;
    const char *bytes;
    size_t count;
    const char *encoding; /* NULL: find out */
};
/* Reads, cleans and stores a caption file beside the lecture's current version (blocks; does its
 * own db_write).  The file is in place before the row is, and a row without a file cannot be.
 * Afterwards: library_refresh_lecture().  PROBLEM_CONFLICT while the lecture is not ready,
 * PROBLEM_CAPTIONS_REFUSED, PROBLEM_BODY_TOO_LARGE.  *ret_captions: end with captions_release(). */
bool lecture_set_captions(struct db *db, const struct settings *settings,
    const struct captions_given *given, struct captions *ret_captions, struct problem *problem);
/* The same, but nothing is stored: what would become of it. */
bool lecture_try_captions(struct db *db, const struct settings *settings,
    const struct captions_given *given, struct captions *ret_captions, struct problem *problem);
/* {"language","encoding","form","cue_count","repaired_count","repairs":[{"code","line","count",
 *   "sentence"}],"first":[{"start_ms","end_ms","text"}]}: what a person wants to know of it. */
json_t *lecture_captions_told(const struct captions *captions, const char *language);
bool lecture_remove_captions(struct db *db, const struct settings *settings, const char *lecture_id,
    const char *language, struct problem *problem);

/* [{"id","title","description","text_language","titles":{language:{"title","description"}},
 *   "language","state","published","version":int|null,"version_at_ms":int|null,
 *   "duration_ms":int|null,"file_name","provider":name|null,"provider_id","captions":[languages],
 *   "chapters":[{"start_ms","title","titles"}],"handouts":[{"id","name","content_type","size_bytes"}],
 *   "job":{"id","lecture_id","state","permille","reason","report"}|null,"report":{...}|null,
 *   "created_at_ms"}...] newest first.  `language` picks titles (texts.h);
 * text_language is that of the one picked, "" where there is none. */
json_t *lectures_json(
    struct db_connection *connection, const char *language, struct problem *problem);
/* The same in somebody's scope: an admin sees all, an organizer those of their programs, others
 * none. */
json_t *lectures_of_json(struct db_connection *connection, const struct caller *caller,
    const char *language, struct problem *problem);
json_t *lecture_json(struct db_connection *connection, const char *lecture_id, const char *language,
    struct problem *problem);
/* data/lectures/{id}/{version}, into ret_path (PATH_MAX). */
void lecture_folder(
    const struct settings *settings, const char *lecture_id, int64_t version, char *ret_path);

/* What a participant's page shows:
 * {"id","name","language","program":{"id","title","description","text_language"},
 *  "cohort":{"id","name","time_zone","first_day","last_day","opens_at_ms","closes_at_ms",
 *   "open_until_ms"},
 *  "lectures":[{"id","version","title","description","text_language","language",
 *   "provider":name|null,"duration_ms","captions":[...],"chapters":[{"start_ms","title"}],
 *   "handouts":[...],"required","ready":true}...]}: the
 *   published, ready ones, in the program's order.  `language` picks titles; NULL: the language of the participant's record. */
json_t *participant_program_json(struct db_connection *connection, const struct settings *settings,
    const struct caller *caller, const char *language, struct problem *problem);

#endif
