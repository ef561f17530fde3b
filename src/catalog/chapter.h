/*
 * Chapters of a lecture: where its parts begin, and what they are called in each language.
 *
 * Shape      [{"start_ms", "titles": {language: title}}...], in order of time
 * Bounds     chapters-max of them, each inside the lecture, titles of CHAPTER_TITLE_BYTES_MAX.
 * Errors     PROBLEM_INVALID_FIELD names the chapter: "chapters/3/start_ms".
 */
#ifndef LECTERN_CATALOG_CHAPTER_H
#define LECTERN_CATALOG_CHAPTER_H

#include "base/settings.h"
#include "store/db.h"

#include <jansson.h>

enum { CHAPTER_TITLE_BYTES_MAX = 200, CHAPTER_LANGUAGES_MAX = 30 };

/* Replaces all of them; an empty array removes them.  Inside db_write.  PROBLEM_CONFLICT while the lecture is not
 * ready. */
bool chapters_set(struct db_connection *connection, const struct settings *settings,
    const char *lecture_id, const json_t *chapters, struct problem *problem);
/* The same where there are none yet: what a file brought along never replaces what a person wrote. */
bool chapters_set_first(struct db_connection *connection, const struct settings *settings,
    const char *lecture_id, const json_t *chapters, struct problem *problem);
json_t *chapters_json(
    struct db_connection *connection, const char *lecture_id, struct problem *problem);

/* "0:05:30 Safety first", a line a chapter, as video sites and people write them, into the shape above with titles in
 * this language.  The caller's; NULL: PROBLEM_INVALID_FIELD with the line. */
json_t *chapters_from_text(
    const char *text, size_t count, const char *language, struct problem *problem);

/* {lecture id: chapters} from rows of (lecture id, start_ms, language, title) in this order.  Ends the rows. */
json_t *chapters_read(struct db_rows *rows, struct problem *problem);
/* [{"start_ms","title","titles":{...}}] of one lecture, titles picked as in texts.h; without the third where `all` is
 * false. */
json_t *chapters_picked(const json_t *chapters, const char *lecture_id, const char *language,
    const char *own, bool all);

#endif
