/*
 * The SHA-256 of each upload, computed as its bytes come; and how far it was looked at.  Between two requests it waits here, as
 * long as the process lives and UPLOAD_DIGESTS_MAX others do not push it out: what is missing is
 * read from the file when the upload is whole.
 *
 * Threads    any, under a lock of its own; a struct upload_digest belongs to the upload's writer.
 */
#ifndef LECTERN_CATALOG_UPLOAD_DIGESTS_H
#define LECTERN_CATALOG_UPLOAD_DIGESTS_H

#include "base/digest.h"
#include "base/secure.h"

#include <pthread.h>

enum { UPLOAD_DIGESTS_MAX = 64 };

struct upload_digest {
    struct digest *digest;
    int64_t bytes;        /* that went in, from the file's start */
    int64_t looked_bytes; /* that were there at the last look (upload_look); INT64_MAX: no more */
};

struct upload_digests {
    pthread_mutex_t lock;
    struct {
        char id[UUID_TEXT_SIZE];
        struct upload_digest kept;
        uint64_t kept_at; /* by a count of puts */
    } slots[UPLOAD_DIGESTS_MAX];
    uint64_t put_count;
};

void upload_digests_init(struct upload_digests *digests);
void upload_digests_release(struct upload_digests *digests);
/* The one that waits, or a new one; a digest of more than durable_bytes is of no use. */
struct upload_digest upload_digests_take(
    struct upload_digests *digests, const char *id, int64_t durable_bytes);
/* Takes it over. */
void upload_digests_put(
    struct upload_digests *digests, const char *id, struct upload_digest *digest);

#endif
