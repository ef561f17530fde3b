/*
 * Uploads in progress (tus 1.0.0, https://tus.io/protocols/resumable-upload): a row, and a file data/uploads/{id}.part.
 *
 * Durability pwrite as bytes come; fdatasync at least every upload_unsynced_bytes_max and before an offset is acknowledged; then the
 *            offset is stored.  After a crash the offset is min(file size, stored offset).  When the last byte is durable the file
 *            is handed to ingest exactly once, also when the server died in between.
 * Lock       one writer an upload; a second one takes over after asking the first to let go (upload_seize), so that a peer that
 *            vanished without FIN blocks nobody.
 * Threads    upload_create, upload_open, upload_sync, upload_finish, upload_remove block; for pool threads.
 */
#ifndef LECTERN_CATALOG_UPLOAD_H
#define LECTERN_CATALOG_UPLOAD_H

#include "catalog/ingest.h"

struct upload_facts {
    char id[UUID_TEXT_SIZE];
    char staff_id[UUID_TEXT_SIZE];
    int64_t length_bytes, offset_bytes, expires_at_ms;
    char metadata[4096];      /* as sent, echoed */
    char lecture_id[UUID_TEXT_SIZE]; /* "" until complete */
};

struct uploads;
struct uploads *uploads_open(struct db *db, struct ingest *ingest, const struct settings *settings, struct problem *problem);
void uploads_free(struct uploads *uploads);

/* metadata: the Upload-Metadata field; keys filename, title, language are used (title falls back to the file's name). Length 0 is refused. */
bool upload_create(struct uploads *uploads, const char *staff_id, int64_t length_bytes, const char *metadata,
    struct upload_facts *ret_facts, struct problem *problem);
/* PROBLEM_UPLOAD_GONE when unknown, expired, or another person's (an admin sees all: staff_id NULL). */
bool upload_find(struct uploads *uploads, const char *id, const char *staff_id, struct upload_facts *ret_facts, struct problem *problem);

struct upload_writer;
/* offset must be where the upload stands: PROBLEM_UPLOAD_OFFSET.  PROBLEM_UPLOAD_LOCKED when the present writer does not let go in 2 s;
 * that writer sees upload_must_let_go() true. */
struct upload_writer *upload_open(struct uploads *uploads, const char *id, const char *staff_id, int64_t offset_bytes, struct problem *problem);
bool upload_must_let_go(struct upload_writer *writer);
/* More than the announced length is PROBLEM_BODY_TOO_LARGE, and nothing of the piece is kept. */
bool upload_write(struct upload_writer *writer, const void *bytes, size_t count, struct problem *problem);
/* Makes what came durable and known; *ret_offset is what may be acknowledged.  Always call before close, also on a lost connection. */
bool upload_sync(struct upload_writer *writer, int64_t *ret_offset, struct problem *problem);
/* Frees the writer; when all is there, hands the file to ingest: ret_facts->lecture_id is set. */
bool upload_close(struct upload_writer *writer, struct upload_facts *ret_facts, struct problem *problem);
bool upload_remove(struct uploads *uploads, const char *id, const char *staff_id, struct problem *problem);
/* Removes what has expired; called now and then. */
bool uploads_expire(struct uploads *uploads, struct problem *problem);
/* [{"id","file_name","title","length_bytes","offset_bytes","created_at_ms","expires_at_ms"}...] of this person, unfinished. */
json_t *uploads_json(struct uploads *uploads, const char *staff_id, struct problem *problem);

#endif
