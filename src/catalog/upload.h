/*
 * Uploads in progress (tus 1.0.0, https://tus.io/protocols/resumable-upload): a row, and a file
 * data/uploads/{id}.part.
 *
 * Durability pwrite as bytes come; fdatasync at least every upload_unsynced_bytes_max and before an
 *            offset is acknowledged; then the offset is stored.  After a crash the offset is
 *            min(file size, stored offset).  When the last byte is durable the file is handed to
 *            ingest exactly once, also when the server died in between.
 * Lock       one writer an upload; a second one takes over after asking the first to let go
 *            (upload_must_let_go), so that a peer that vanished without FIN blocks nobody.
 * Threads    all functions block (disk, store) and are for pool threads, unless they say otherwise.
 *            A writer belongs to one thread at a time; everything else is safe from any thread.
 */
#ifndef LECTERN_CATALOG_UPLOAD_H
#define LECTERN_CATALOG_UPLOAD_H

#include "catalog/ingest.h"
#include "catalog/upload_metadata.h"

struct upload_facts {
    char id[UUID_TEXT_SIZE];
    char staff_id[UUID_TEXT_SIZE]; /* "" for nobody's */
    int64_t length_bytes, offset_bytes, expires_at_ms;
    char metadata[UPLOAD_METADATA_SIZE]; /* as sent, echoed */
    char lecture_id[UUID_TEXT_SIZE];     /* "" until complete */
};

struct uploads;
/* After ingest_start(): removes files without a row, and hands over what was complete. */
struct uploads *uploads_open(
    struct db *db, struct ingest *ingest, const struct settings *settings, struct problem *problem);
/* Beside a server that still lives (a takeover): removes nothing and hands nothing over, which
 * uploads_expire() does later. */
struct uploads *uploads_open_beside(
    struct db *db, struct ingest *ingest, const struct settings *settings);
/* Asks every writer to let go, and gives no upload a writer until uploads_resume(): PROBLEM_BUSY.  True
 * once there is none, within most_ms: another process may then go on with them. */
bool uploads_pause(struct uploads *uploads, int64_t most_ms);
void uploads_resume(struct uploads *uploads);
/* When every writer is closed, and before ingest_stop().  Accepts NULL. */
void uploads_free(struct uploads *uploads);

/* metadata: the Upload-Metadata field, or NULL; see upload_metadata.h.  Length 0 is refused
 * (PROBLEM_INVALID_FIELD), too long is PROBLEM_BODY_TOO_LARGE, and more than the disk has room for
 * PROBLEM_STORAGE_FULL at once.  staff_id may be NULL: nobody's, seen by admins. */
bool upload_create(struct uploads *uploads, const char *staff_id, int64_t length_bytes,
    const char *metadata, struct upload_facts *ret_facts, struct problem *problem);
/* PROBLEM_UPLOAD_GONE when unknown, expired, or another person's (an admin sees all: staff_id
 * NULL). */
bool upload_find(struct uploads *uploads, const char *id, const char *staff_id,
    struct upload_facts *ret_facts, struct problem *problem);

struct upload_writer;
/* offset must be where the upload stands: PROBLEM_UPLOAD_OFFSET.  PROBLEM_UPLOAD_LOCKED when the
 * present writer does not let go in 2 s; that writer sees upload_must_let_go() true.  PROBLEM_BUSY
 * while paused.  A complete
 * upload may be opened at its end: closing it tells the lecture again, or hands over what could not
 * be before. */
struct upload_writer *upload_open(struct uploads *uploads, const char *id, const char *staff_id,
    int64_t offset_bytes, struct problem *problem);
/* Never blocks. */
bool upload_must_let_go(struct upload_writer *writer);
/* More than the announced length is PROBLEM_BODY_TOO_LARGE, and nothing of the piece is kept. */
bool upload_write(
    struct upload_writer *writer, const void *bytes, size_t count, struct problem *problem);
/* Makes what came durable and known; *ret_offset is what may be acknowledged.  Always call before
 * close, also on a lost connection.  On failure *ret_offset is untouched: nothing new may be
 * acknowledged. */
bool upload_sync(struct upload_writer *writer, int64_t *ret_offset, struct problem *problem);
/* Frees the writer; when all is there and durable, hands the file to ingest: ret_facts->lecture_id
 * is set.  false when it could not be handed over: it stays complete, and is tried again when it is
 * next opened, by uploads_expire() and at start. */
bool upload_close(
    struct upload_writer *writer, struct upload_facts *ret_facts, struct problem *problem);
/* Instead of sync and close, where no thread could be had for them: what is not durable yet comes
 * again.  Never blocks. */
void upload_abandon(struct upload_writer *writer);
/* PROBLEM_UPLOAD_GONE, PROBLEM_UPLOAD_LOCKED.  Its lecture, where it has one, stays. */
bool upload_remove(
    struct uploads *uploads, const char *id, const char *staff_id, struct problem *problem);
/* Removes what has expired, and hands over what could not be before; called now and then. */
bool uploads_expire(struct uploads *uploads, struct problem *problem);
/* [{"id","file_name","title","length_bytes","offset_bytes","created_at_ms","expires_at_ms"}...] of
 * this person (NULL: of all), unfinished, newest first. */
json_t *uploads_json(struct uploads *uploads, const char *staff_id, struct problem *problem);

#endif
