/*
 * The files that lectures were made of, kept for further passes, trimming and sound that comes later:
 * data/originals/{lecture}/{version}.input.
 */
#ifndef LECTERN_CATALOG_LECTURE_ORIGINAL_H
#define LECTERN_CATALOG_LECTURE_ORIGINAL_H

#include "base/settings.h"
#include "store/db.h"

#include <jansson.h>

/* [{"lecture_id","version","bytes","title","text_language"}...] largest first; `language` picks titles
 * (texts.h).  Inside db_read. */
json_t *lecture_originals_json(
    struct db_connection *connection, const char *language, struct problem *problem);

/* Removes those of all versions of a lecture; *ret_bytes is how much that was.  Blocks: its own
 * db_write, with an audit row (staff_id as there).  PROBLEM_NOT_FOUND, PROBLEM_CONFLICT with a sentence
 * while a job needs one, or where none is kept. */
bool lecture_original_remove(struct db *db, const struct settings *settings, const char *lecture_id,
    const char *staff_id, int64_t *ret_bytes, struct problem *problem);

#endif
