/* The rows of uploads.  All functions block; safe from any thread. */
#ifndef LECTERN_CATALOG_UPLOAD_ROWS_H
#define LECTERN_CATALOG_UPLOAD_ROWS_H

#include "catalog/upload.h"

struct upload_row {
    struct upload_facts facts;
    struct upload_metadata metadata;
};

bool upload_row_insert(struct db *db, const struct upload_row *row, struct problem *problem);
/* PROBLEM_UPLOAD_GONE when unknown, expired, or not staff_id's (NULL: anybody's). */
bool upload_row_find(struct db *db, const char *id, const char *staff_id,
    struct upload_row *ret_row, struct problem *problem);
/* How far it is durable.  PROBLEM_UPLOAD_GONE when it was removed or handed over meanwhile. */
bool upload_row_advance(struct db *db, const char *id, int64_t offset_bytes, int64_t expires_at_ms,
    struct problem *problem);
bool upload_row_delete(struct db *db, const char *id, struct problem *problem);
/* For ingest_add_file_also(): the upload becomes the lecture's, once.  data: struct upload_row. */
bool upload_row_complete(
    struct db_connection *connection, void *data, const char *lecture_id, struct problem *problem);

/* Ids, ended with free(). */
enum upload_choice {
    UPLOADS_WITH_FILE, /* not handed over */
    UPLOADS_COMPLETE,  /* all bytes are there, and not handed over */
    UPLOADS_EXPIRED
};
bool upload_rows_list(struct db *db, enum upload_choice choice, char (**ret_ids)[UUID_TEXT_SIZE],
    size_t *ret_count, struct problem *problem);
/* As uploads_json(). */
json_t *upload_rows_json(struct db *db, const char *staff_id, struct problem *problem);

#endif
