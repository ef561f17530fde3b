/* The inside of an opened version, for media_files.c (opens it), media_lists.c (writes its lists) and media_names.c
 * (finds what a name means). */
#ifndef LECTERN_MEDIA_MEDIA_VERSION_H
#define LECTERN_MEDIA_MEDIA_VERSION_H

#include "media/media_files.h"
#include "media/thumbnails.h"

#include <stdatomic.h>

enum { MEDIA_DIGEST_SIZE = 33 /* 128 bits in hex */ };

/* Bytes ready to send. */
struct media_blob {
    char *bytes; /* NULL: there is none */
    size_t count;
    char *gzip_bytes;
    size_t gzip_count;
    char etag[MEDIA_DIGEST_SIZE + 2];
};

struct media_rendition {
    char *path;
    char digest[MEDIA_DIGEST_SIZE]; /* of the table as it lies on disk */
    struct media_blob playlist;
    struct media_blob key_pictures; /* where they are known */
};

struct media_caption {
    char language[36];
    struct media_blob text, playlist;
    struct media_blob *segments; /* caption_segments.h */
    size_t segment_count, cue_count;
};

/* A file that is sent as it lies; path NULL: there is none. */
struct media_image {
    char *path;
    uint64_t bytes;
    char etag[MEDIA_DIGEST_SIZE + 2];
};

struct media_version {
    atomic_int references;
    int64_t duration_ms;
    struct segment_table tables[MEDIA_RENDITIONS_MAX];
    struct media_rendition renditions[MEDIA_RENDITIONS_MAX]; /* beside tables */
    size_t rendition_count;
    struct media_caption captions[MEDIA_CAPTIONS_MAX];
    size_t caption_count;
    struct media_image poster;
    struct thumbnails thumbnails;
    struct media_image *sheets; /* thumbnails_sheet_count() of them; NULL: no thumbnails */
    struct media_blob cues;     /* of the thumbnails */
    struct media_blob master, manifest;
};

/* A digest of bytes, short enough for an ETag and long enough that no two meet. */
void media_digest(const void *bytes, size_t count, char ret_text[MEDIA_DIGEST_SIZE]);
/* Takes the bytes. */
void media_blob_fill(struct media_blob *blob, char *bytes, size_t count);
void media_blob_release(struct media_blob *blob);

/* Playlists, manifest and cues, from all that was opened. */
void media_lists_write(struct media_version *version, const char *language);

#endif
