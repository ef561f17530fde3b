/* What upload.c (the rows and files of all), upload_writer.c (one at a time), upload_join.c (final
 * ones) and upload_digests.c share. */
#ifndef LECTERN_CATALOG_UPLOAD_STATE_H
#define LECTERN_CATALOG_UPLOAD_STATE_H

#include "catalog/lecture_sound.h"
#include "catalog/upload.h"
#include "catalog/upload_digests.h"
#include "catalog/upload_rows.h"

#include <pthread.h>
#include <stdatomic.h>

/* LET_GO_MS: for a writer to let go that was asked to. */
enum { LET_GO_MS = 2000, HOUR_MS = 3600000 };
/* What upload_prepare() does at once: a fraction of a second of any disk. */
enum { PREPARE_BYTES = 64 << 20 };

struct uploads {
    struct db *db;
    struct ingest *ingest;
    const struct settings *settings;
    pthread_mutex_t lock;
    pthread_cond_t released; /* a writer is gone; steady clock */
    struct upload_writer *writers;
    bool paused; /* nobody becomes a writer */
    struct upload_digests digests;
    pthread_mutex_t looking;
};

/* The lock of an upload: whoever has a writer of its id may touch its row and its file. */
struct upload_writer {
    struct uploads *uploads;
    struct upload_writer *next; /* under the lock */
    char id[UUID_TEXT_SIZE];
    atomic_bool must_let_go;
    struct upload_row row;
    int fd;                /* -1 for one that is handed over already, and before parts are joined */
    int64_t offset_bytes;  /* written */
    int64_t synced_bytes;  /* of these */
    int64_t durable_bytes; /* synced, and stored */
    struct digest *expected_digest; /* of what came since durable_bytes; NULL: none is expected */
    struct upload_checksum expected;
    struct upload_digest whole; /* of the file from its start; may lag behind */
};

/* NULL with PROBLEM_UPLOAD_LOCKED when another does not let go in most_ms; 0 asks nobody. */
struct upload_writer *upload_lock(
    struct uploads *uploads, const char *id, int64_t most_ms, struct problem *problem);
/* Closes the file, and frees the writer. */
void upload_unlock(struct upload_writer *writer);

/* The room that the store leaves to uploads. */
int64_t upload_room_bytes(const struct settings *settings);
/* Whether the disk has room for so many bytes and for what the store needs beside them: a disk that
 * uploads have filled takes no heartbeat.  PROBLEM_STORAGE_FULL. */
bool upload_check_room(const struct settings *settings, int64_t bytes, struct problem *problem);
/* Into PATH_MAX. */
void upload_path(const struct settings *settings, const char *id, char *ret_path);
/* Opens the file of an upload: where it stands is what is stored, unless the file system lost some. */
bool upload_open_file(struct upload_writer *writer, struct problem *problem);
/* Joins at most PREPARE_BYTES of a final upload's parts, each step durable. */
bool upload_join_some(struct upload_writer *writer, struct problem *problem);
/* Row and file, and those of its parts. */
bool upload_remove_locked(struct upload_writer *writer, struct problem *problem);
/* Files of parts that were not joined yet, of an upload whose rows are gone. */
void upload_parts_remove(
    const struct settings *settings, const struct upload_part *parts, size_t count);
/* What a crash left of parts that were joined. */
void upload_joined_remove(struct upload_writer *writer);
/* Hands over a complete upload, whose row and file the writer holds; sets its lecture_id. */
struct sound_wish upload_sound_wish(const struct upload_metadata *metadata); /* lends */
bool upload_hand_over(struct upload_writer *writer, struct problem *problem);

#endif
