/*
 * Handouts: files that go with a lecture, such as its slides, for participants to keep.
 *
 * Kinds      by the name's ending and the first bytes together: documents, tables, slides, pictures, plain text,
 *            archives.  Nothing that a browser would run (HTML, SVG), and all are sent as attachments.
 * Bounds     handout-bytes-max each, handouts-max a lecture.
 * Files      data/handouts/{id}; {id}.draft while it comes in.  The file is whole and synced before its row is; one
 *            without a row goes at the next start (ingest_files.h).
 * Threads    all but the JSON block on the disk: pool threads.  One draft is one thread's at a time.
 */
#ifndef LECTERN_CATALOG_HANDOUT_H
#define LECTERN_CATALOG_HANDOUT_H

#include "base/settings.h"
#include "store/db.h"

#include <jansson.h>

/* What an ending stands for, or NULL; bytes are the first ones of the file, HANDOUT_SNIFF_BYTES or all.  NULL where they
 * do not fit the ending. */
enum { HANDOUT_SNIFF_BYTES = 1024 };
const char *handout_type(const char *file_name, const char *bytes, size_t count);

struct handout_draft;
/* PROBLEM_INVALID_FIELD "name" for a name that is no file's, or of no kind that is taken; PROBLEM_CONFLICT while the
 * lecture is not ready or has too many.  NULL on failure. */
struct handout_draft *handout_begin(struct db *db, const struct settings *settings,
    const char *lecture_id, const char *file_name, struct problem *problem);
/* PROBLEM_BODY_TOO_LARGE, PROBLEM_STORAGE_FULL. */
bool handout_write(
    struct handout_draft *draft, const void *bytes, size_t count, struct problem *problem);
/* Ends the draft in any case.  *ret_handout (may be NULL): as in handouts_json().  PROBLEM_INVALID_FIELD "name" where
 * the file is not what its name says. */
bool handout_finish(struct handout_draft *draft, const char *staff_id, json_t **ret_handout,
    struct problem *problem);
void handout_abandon(struct handout_draft *draft); /* accepts NULL */

bool handout_remove(struct db *db, const struct settings *settings, const char *lecture_id,
    const char *handout_id, const char *staff_id, struct problem *problem);
/* Into PATH_MAX. */
void handout_path(const struct settings *settings, const char *handout_id, char *ret_path);

/* {lecture id: [{"id","name","content_type","size_bytes"}...]} from rows of (lecture id, id, file name, type, size).
 * Ends the rows. */
json_t *handouts_read(struct db_rows *rows, struct problem *problem);
/* Those of one lecture; empty when it has none. */
json_t *handouts_json(const json_t *handouts, const char *lecture_id);

#endif
