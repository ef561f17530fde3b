/*
 * Programs, their cohorts, and the lectures in order.  Texts exist per language.
 * Functions with a db_connection run inside db_write (changes) or db_read (json_ functions); scope
 * is checked before, through permission_object().
 * Errors     PROBLEM_INVALID_FIELD names the field; PROBLEM_NOT_FOUND the program that is not
 *            there.
 */
#ifndef LECTERN_CATALOG_PROGRAM_H
#define LECTERN_CATALOG_PROGRAM_H

#include "access/caller.h"
#include "base/settings.h"
#include "store/db.h"

#include <jansson.h>

enum { TITLE_BYTES_MAX = 300, DESCRIPTION_BYTES_MAX = 4000, NAME_BYTES_MAX = 200 };

/* The language of the first text is the program's own, where titles fall back to. */
bool program_add(struct db_connection *connection, const char *language, const char *title,
    const char *description, char ret_id[UUID_TEXT_SIZE], struct problem *problem);
/* Adds or replaces the text of one language (BCP 47, checked). */
bool program_set_text(struct db_connection *connection, const char *program_id,
    const char *language, const char *title, const char *description, struct problem *problem);
/* The whole list, in order; replaces what was.  Afterwards: library_refresh(). */
bool program_set_lectures(struct db_connection *connection, const char *program_id,
    const char *const *lecture_ids, size_t count, struct problem *problem);
/* Appends one, or does nothing if it is there.  Afterwards: library_refresh(). */
bool program_add_lecture(struct db_connection *connection, const char *program_id,
    const char *lecture_id, struct problem *problem);

struct cohort_fields {
    const char *name;
    const char *time_zone;            /* IANA */
    const char *first_day, *last_day; /* YYYY-MM-DD, civil days in that zone */
    /* from settings where the caller says nothing */
    int64_t threshold_percent, gap_ms_max, rate_cap_percent;
};
/* opens_at_ms and closes_at_ms (the end of the last day) are computed with ICU, daylight saving
 * time and all.  Afterwards: library_refresh(). */
bool cohort_add(struct db_connection *connection, const char *program_id,
    const struct cohort_fields *fields, char ret_id[UUID_TEXT_SIZE], struct problem *problem);
/* When its lectures close: cohort_grace_days after the last day. */
int64_t cohort_open_until_ms(const struct settings *settings, int64_t closes_at_ms);

/* [{"id","title","description","text_language","titles":{language:{"title","description"}},
 *   "cohorts":[{"id","name","time_zone","first_day","last_day","opens_at_ms","closes_at_ms",
 *    "participant_count"}...],
 *   "lectures":[{"id","title","text_language","state","published","duration_ms":int|null}...]}...]
 * in the order they were made.  An admin sees all, an organizer those of their scope, others none.
 * `language` picks titles (texts.h); text_language is that of the one picked, "" where there is none. */
json_t *programs_json(struct db_connection *connection, const struct caller *caller,
    const char *language, struct problem *problem);
/* One of the above, whoever asks; PROBLEM_NOT_FOUND. */
json_t *program_json(struct db_connection *connection, const char *program_id, const char *language,
    struct problem *problem);

#endif
