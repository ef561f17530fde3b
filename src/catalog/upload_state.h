/* What upload.c (the rows and files of all) and upload_writer.c (one at a time) share. */
#ifndef LECTERN_CATALOG_UPLOAD_STATE_H
#define LECTERN_CATALOG_UPLOAD_STATE_H

#include "catalog/upload.h"
#include "catalog/upload_rows.h"

#include <pthread.h>
#include <stdatomic.h>

/* LET_GO_MS: for a writer to let go that was asked to. */
enum { LET_GO_MS = 2000, HOUR_MS = 3600000 };

struct uploads {
    struct db *db;
    struct ingest *ingest;
    const struct settings *settings;
    pthread_mutex_t lock;
    pthread_cond_t released; /* a writer is gone; steady clock */
    struct upload_writer *writers;
    bool paused; /* nobody becomes a writer */
};

/* The lock of an upload: whoever has a writer of its id may touch its row and its file. */
struct upload_writer {
    struct uploads *uploads;
    struct upload_writer *next; /* under the lock */
    char id[UUID_TEXT_SIZE];
    atomic_bool must_let_go;
    struct upload_row row;
    int fd;                /* -1 for one that is handed over already */
    int64_t offset_bytes;  /* written */
    int64_t durable_bytes; /* synced, and stored */
};

/* NULL with PROBLEM_UPLOAD_LOCKED when another does not let go in most_ms; 0 asks nobody. */
struct upload_writer *upload_lock(
    struct uploads *uploads, const char *id, int64_t most_ms, struct problem *problem);
/* Closes the file, and frees the writer. */
void upload_unlock(struct upload_writer *writer);

/* Whether the disk has room for so many bytes and for what the store needs beside them: a disk that
 * uploads have filled takes no heartbeat.  PROBLEM_STORAGE_FULL. */
bool upload_check_room(const struct settings *settings, int64_t bytes, struct problem *problem);
/* Into PATH_MAX. */
void upload_path(const struct settings *settings, const char *id, char *ret_path);
/* Hands over a complete upload, whose row and file the writer holds; sets its lecture_id. */
bool upload_hand_over(struct upload_writer *writer, struct problem *problem);

#endif
