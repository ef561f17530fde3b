/*
 * What a lecture's file was, as it came: its length and its SHA-256.  Two lectures of one file are
 * told of each other, as nobody means to send a file twice.
 */
#ifndef LECTERN_CATALOG_LECTURE_FILE_H
#define LECTERN_CATALOG_LECTURE_FILE_H

#include "base/digest.h"
#include "store/db.h"

#include <jansson.h>

struct lecture_file {
    int64_t size_bytes;
    char sha256[DIGEST_SHA256_TEXT_SIZE];
};

/* Reads all of it: not for a loop. */
bool lecture_file_read(int fd, struct lecture_file *ret_file, struct problem *problem);
/* Inside db_write. */
bool lecture_file_insert(struct db_connection *connection, const char *lecture_id, int64_t version,
    const struct lecture_file *file, struct problem *problem);
/* Inside db_read.  {lecture's id:{"size_bytes","sha256","same_as":[id...]}} of each lecture's newest
 * file: of all, or of one. */
json_t *lecture_files_json(
    struct db_connection *connection, const char *lecture_id, struct problem *problem);

#endif
