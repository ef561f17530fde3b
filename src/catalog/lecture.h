/*
 * Lectures: texts, state, captions.  A lecture's files lie in data/lectures/{id}/{version}/ (media/media_files.h).
 *
 * state      "preparing" (a job waits or runs), "ready", "refused", "failed"
 * published  participants see a lecture only when it is ready and published
 */
#ifndef LECTERN_CATALOG_LECTURE_H
#define LECTERN_CATALOG_LECTURE_H

#include "access/caller.h"
#include "base/settings.h"
#include "store/db.h"

#include <jansson.h>

struct lecture_fields {
    const char *language;    /* BCP 47: of the sound and of this title */
    const char *title;
    const char *description; /* "" for none */
    const char *provider_id; /* may be NULL */
    const char *file_name;   /* as the admin's machine called it; shown, never used as a path */
};
bool lecture_add(struct db_connection *connection, const struct lecture_fields *fields, char ret_id[UUID_TEXT_SIZE],
    struct problem *problem);
bool lecture_set_text(struct db_connection *connection, const char *lecture_id, const char *language, const char *title,
    const char *description, struct problem *problem);
/* PROBLEM_CONFLICT with a sentence when it is not ready. */
bool lecture_publish(struct db_connection *connection, const char *lecture_id, bool published, struct problem *problem);
bool lecture_set_provider(struct db_connection *connection, const char *lecture_id, const char *provider_id, struct problem *problem);

/* Reads, cleans and stores a caption file beside the lecture's current version (blocks; does its own db_write).
 * The file is in place before the row is, and a row without a file cannot be. */
bool lecture_set_captions(struct db *db, const struct settings *settings, const char *lecture_id, const char *language,
    const char *bytes, size_t count, struct problem *problem);
bool lecture_remove_captions(struct db *db, const struct settings *settings, const char *lecture_id, const char *language,
    struct problem *problem);

/* [{"id","title","titles","language","state","published","version","duration_ms","file_name","provider","captions":[languages],
 *   "job":{"id","state","permille","reason","report"}|null,"report":{...}|null,"created_at_ms"}...] newest first. */
json_t *lectures_json(struct db_connection *connection, const char *language, struct problem *problem);
json_t *lecture_json(struct db_connection *connection, const char *lecture_id, const char *language, struct problem *problem);
/* data/lectures/{id}/{version}, into ret_path (PATH_MAX). */
void lecture_folder(const struct settings *settings, const char *lecture_id, int64_t version, char *ret_path);

/* What a participant's page shows: {"program":{...},"cohort":{...},"lectures":[{"id","title","description","language","provider",
 *   "duration_ms","captions":[...],"required","ready"}...]} */
json_t *participant_program_json(struct db_connection *connection, const struct caller *caller, const char *language,
    struct problem *problem);

#endif
