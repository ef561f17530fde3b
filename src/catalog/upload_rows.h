/* The rows of uploads.  All functions block; safe from any thread. */
#ifndef LECTERN_CATALOG_UPLOAD_ROWS_H
#define LECTERN_CATALOG_UPLOAD_ROWS_H

#include "catalog/upload.h"

struct upload_row {
    struct upload_facts facts;
    struct upload_metadata metadata;
};

/* Within this person's bounds, and those of all: PROBLEM_UPLOAD_QUOTA.  concat: as it came, or
 * NULL. */
bool upload_row_insert(struct db *db, const struct settings *settings, const struct upload_row *row,
    const char *concat, struct problem *problem);
/* Makes a final upload of its parts: fills in its length, and its id where it was made before. */
bool upload_row_insert_final(struct db *db, const struct settings *settings, struct upload_row *row,
    const struct upload_concat *concat, const char *concat_field, struct problem *problem);
/* What was announced without a length gets one, within the same bounds. */
bool upload_row_set_length(struct db *db, const struct settings *settings,
    const struct upload_row *row, int64_t length_bytes, struct problem *problem);
/* PROBLEM_UPLOAD_GONE when unknown, expired, not staff_id's (NULL: anybody's), or part of a final
 * one. */
bool upload_row_find(struct db *db, const char *id, const char *staff_id,
    struct upload_row *ret_row, struct problem *problem);
/* How far it is durable.  PROBLEM_UPLOAD_GONE when it was removed or handed over meanwhile. */
bool upload_row_advance(struct db *db, const char *id, int64_t offset_bytes, int64_t expires_at_ms,
    struct problem *problem);
/* With its parts, if it is a final one. */
bool upload_row_delete(struct db *db, const char *id, struct problem *problem);
/* NULL without a *problem: there is no such field. */
char *upload_row_concat(struct db *db, const char *id, struct problem *problem);

/* What unfinished uploads of a person (NULL: of all) announce.  Inside db_read or db_write. */
struct upload_use {
    int64_t count, bytes;
};
bool upload_use_read(struct db_connection *connection, const char *staff_id,
    struct upload_use *ret_use, struct problem *problem);

/* The parts of a final upload, in order; ended with free(). */
struct upload_part {
    char id[UUID_TEXT_SIZE];
    int64_t length_bytes;
};
bool upload_rows_parts(struct db *db, const char *final_id, struct upload_part **ret_parts,
    size_t *ret_count, struct problem *problem);
/* For ingest_add_file(): the upload becomes the lecture's, once.  data: struct upload_row. */
bool upload_row_complete(
    struct db_connection *connection, void *data, const char *lecture_id, struct problem *problem);

/* Ids, ended with free(). */
enum upload_choice {
    UPLOADS_WITH_FILE, /* not handed over */
    UPLOADS_COMPLETE,  /* all bytes are there, if in parts; and not handed over */
    UPLOADS_EXPIRED
};
bool upload_rows_list(struct db *db, enum upload_choice choice, char (**ret_ids)[UUID_TEXT_SIZE],
    size_t *ret_count, struct problem *problem);
/* As uploads_json(), where the disk has room for so many bytes. */
json_t *upload_rows_json(struct db *db, const struct settings *settings, const char *staff_id,
    int64_t room_bytes, struct problem *problem);
/* As upload_json(). */
json_t *upload_row_json(
    struct db *db, const char *id, const char *staff_id, struct problem *problem);

#endif
