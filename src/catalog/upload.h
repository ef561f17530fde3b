/*
 * Uploads in progress (tus 1.0.0, https://tus.io/protocols/resumable-upload): a row, and a file
 * data/uploads/{id}.part.
 *
 * Kinds      an upload that is whole by itself; a partial one, whose bytes wait for others; a final
 *            one, made of whole partial ones.  The first of these becomes its file, the others are
 *            copied behind it one by one and removed, each step durable before the next, so that a
 *            crash loses none and the disk holds at most one part twice.
 * Bounds     of a person's unfinished uploads, and of all: upload-person-count-max,
 *            upload-person-bytes-max, upload-total-bytes-max, by what they announce.
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
#include "catalog/upload_fields.h"
#include "catalog/upload_metadata.h"

#define UPLOAD_LENGTH_UNKNOWN (-1) /* announced later */

struct upload_facts {
    char id[UUID_TEXT_SIZE];
    char staff_id[UUID_TEXT_SIZE]; /* "" for nobody's */
    enum upload_kind kind;
    int64_t length_bytes; /* or UPLOAD_LENGTH_UNKNOWN */
    int64_t offset_bytes; /* of a final upload: of its parts, this much is joined */
    int64_t expires_at_ms;
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

struct upload_wish {
    const char *staff_id; /* NULL: nobody's, seen by admins */
    int64_t length_bytes; /* of a final upload: ignored */
    const char *metadata; /* the Upload-Metadata field, or NULL; see upload_metadata.h */
    const char *concat;   /* the Upload-Concat field, or NULL; see upload_fields.h */
};
/* Length 0 is refused (PROBLEM_INVALID_FIELD), too long is PROBLEM_BODY_TOO_LARGE, more than this
 * person may have under way PROBLEM_UPLOAD_QUOTA, and more than the disk has room for
 * PROBLEM_STORAGE_FULL, at once.  The parts of a final upload must be whole, and this person's:
 * else PROBLEM_BAD_REQUEST; asked for once more, it is the same upload. */
bool upload_create(struct uploads *uploads, const struct upload_wish *wish,
    struct upload_facts *ret_facts, struct problem *problem);
/* PROBLEM_UPLOAD_GONE when unknown, expired, or another person's (an admin sees all: staff_id
 * NULL). */
bool upload_find(struct uploads *uploads, const char *id, const char *staff_id,
    struct upload_facts *ret_facts, struct problem *problem);
/* The same, after whoever writes now has let go, so that the offset is where the next one goes on.
 * PROBLEM_UPLOAD_LOCKED where it does not within 2 s.  While paused: as stored. */
bool upload_settle(struct uploads *uploads, const char *id, const char *staff_id,
    struct upload_facts *ret_facts, struct problem *problem);
/* The Upload-Concat field as it came, to be ended with free(); NULL where there was none, or with
 * *problem. */
char *upload_concat_field(struct uploads *uploads, const char *id, struct problem *problem);

struct upload_writer;
#define UPLOAD_AT_ITS_END INT64_MAX /* opens a final upload, to have it joined and handed over */
/* offset must be where the upload stands: PROBLEM_UPLOAD_OFFSET.  A final one takes no bytes:
 * PROBLEM_UPLOAD_FINAL.  PROBLEM_UPLOAD_LOCKED when the
 * present writer does not let go in 2 s; that writer sees upload_must_let_go() true.  PROBLEM_BUSY
 * while paused.  A complete
 * upload may be opened at its end: closing it tells the lecture again, or hands over what could not
 * be before. */
struct upload_writer *upload_open(struct uploads *uploads, const char *id, const char *staff_id,
    int64_t offset_bytes, struct problem *problem);
/* The length of an upload that was begun without one; PROBLEM_CONFLICT where it has another. */
bool upload_set_length(struct upload_writer *writer, int64_t length_bytes, struct problem *problem);
/* Of all bytes until upload_sync(): nothing of them is acknowledged before, and with another digest
 * nothing is kept (PROBLEM_UPLOAD_CHECKSUM). */
void upload_expect(struct upload_writer *writer, const struct upload_checksum *checksum);
/* Never blocks. */
bool upload_must_let_go(struct upload_writer *writer);
/* More than the announced length is PROBLEM_BODY_TOO_LARGE, and nothing of the piece is kept. */
bool upload_write(
    struct upload_writer *writer, const void *bytes, size_t count, struct problem *problem);
/* Whether so much has come that the file should be looked at, before the rest is sent for nothing.
 * Never blocks. */
bool upload_look_due(const struct upload_writer *writer);
/* Looks, in the sandbox, for some seconds at most.  false: it cannot become a lecture, whatever
 * follows (PROBLEM_MEDIA_REFUSED), and is removed; the writer is still to be closed. */
bool upload_look(struct upload_writer *writer, struct problem *problem);
/* Makes what came durable and known; *ret_offset is what may be acknowledged.  Always call before
 * close, also on a lost connection.  On failure *ret_offset is untouched: nothing new may be
 * acknowledged. */
bool upload_sync(struct upload_writer *writer, int64_t *ret_offset, struct problem *problem);
/* When all is there and durable: some of the work before the file can be handed over (joining parts,
 * the digest of what came before this writer), a bounded stretch of it; true while there is more. */
bool upload_prepare(struct upload_writer *writer, struct problem *problem);
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
/* {"uploads":[{"id","kind":"whole"|"partial"|"final","file_name","title","length_bytes":int|null,
 * "offset_bytes","created_at_ms","expires_at_ms"}...],"limits":{"file_bytes_max","bytes_left",
 * "uploads_left"}}: of this person (NULL: of all), unfinished, newest first; and what may still be
 * begun. */
json_t *uploads_json(struct uploads *uploads, const char *staff_id, struct problem *problem);
/* {"id","kind","file_name","title","length_bytes":int|null,"offset_bytes","expires_at_ms",
 * "lecture_id":id|null,"sha256":text|null}; errors as upload_find(). */
json_t *upload_json(
    struct uploads *uploads, const char *id, const char *staff_id, struct problem *problem);

#endif
