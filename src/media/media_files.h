/*
 * A published lecture version on disk, opened: its segment tables, and its playlists as bytes ready to send.
 *
 * Folder     DIR/report.json, DIR/<rendition>.cmaf (init segment, then all segments), DIR/<rendition>.json
 *            (segment table), DIR/captions/<language>.vtt, DIR/poster.jpg, DIR/thumbnails.json with
 *            DIR/thumbnails-<n>.jpg (media/thumbnails.h).  Files never change once published.  Renditions may be
 *            added; captions may come and go; then the version is opened anew.
 * Names      below /media/{lecture}/{version}/ : master.m3u8, manifest.mpd, <rendition>/playlist.m3u8,
 *            <rendition>/iframes.m3u8, <rendition>/init.mp4, <rendition>/<number>.m4s (from 0, decimal, no leading
 *            zeros), captions/<language>/playlist.m3u8, captions/<language>/<number>.vtt
 *            (caption_segments.h), captions/<language>.vtt (whole), poster.jpg, thumbnails.vtt,
 *            thumbnails-<number>.jpg
 * Order      video renditions first, then stills, then audio, each by name.
 * Ownership  reference counted; media_version_open() blocks and gives one reference.
 * Threads    read-only once opened; retain and release are safe from any thread.
 */
#ifndef LECTERN_MEDIA_MEDIA_FILES_H
#define LECTERN_MEDIA_MEDIA_FILES_H

#include "base/problem.h"
#include "media/report.h"
#include "media/segment_table.h"

#include <stddef.h>
#include <stdint.h>

enum { MEDIA_RENDITIONS_MAX = 64, MEDIA_CAPTIONS_MAX = 100 };

struct media_version;

/* NULL means *problem is set: PROBLEM_STORAGE where a file is missing, PROBLEM_INVALID_FIELD where a table or the
 * report does not hold. */
struct media_version *media_version_open(const char *folder, struct problem *problem);
/* The same with these renditions alone: while a version grows, its folder holds more than what is published.
 * language: the lecture's, BCP 47, which names its own sound; NULL where nobody said. */
struct media_version *media_version_open_only(const char *folder, const char *const *names,
    size_t count, const char *language, struct problem *problem);
struct media_version *media_version_retain(struct media_version *version);
void media_version_release(struct media_version *version); /* takes NULL */

/* The end of the longest rendition. */
int64_t media_version_duration_ms(const struct media_version *version);
size_t media_version_rendition_count(const struct media_version *version);
const struct segment_table *media_version_rendition(
    const struct media_version *version, size_t index);
/* BCP 47 tags of the caption files, in order. */
size_t media_version_caption_count(const struct media_version *version);
const char *media_version_caption_language(const struct media_version *version, size_t index);
size_t media_version_caption_cues(const struct media_version *version, size_t index);

/* MEDIA_PLAYLIST: the manifest too; MEDIA_CAPTIONS: the cues of the thumbnails too. */
enum media_object_kind { MEDIA_PLAYLIST, MEDIA_INIT, MEDIA_SEGMENT, MEDIA_CAPTIONS, MEDIA_IMAGE };

/* What a name below the version means.  Either bytes (playlists, captions: in memory, lent as long as the version;
 * gzip beside them), or a range of a packed file, or a file as a whole. */
struct media_object {
    enum media_object_kind kind;
    const char *content_type;
    const char *etag;  /* strong, quoted; lent, by the version or by etag_buffer */
    bool immutable;    /* else it revalidates (master, manifest, captions) */
    const char *bytes; /* MEDIA_PLAYLIST, MEDIA_CAPTIONS */
    size_t count;
    const char *gzip_bytes; /* NULL when not worth it */
    size_t gzip_count;
    const char *path; /* MEDIA_INIT, MEDIA_SEGMENT: packed file; MEDIA_IMAGE */
    uint64_t offset_bytes, size_bytes;
    const struct segment_table
        *table;               /* MEDIA_INIT, MEDIA_SEGMENT, and MEDIA_PLAYLIST of a rendition */
    size_t number;            /* MEDIA_SEGMENT */
    int64_t start_ms, end_ms; /* MEDIA_SEGMENT: the span of lecture time that it delivers */
};
/* No allocation, no blocking: for the loop.  false: no such name.  The etag of a packed range is written to
 * etag_buffer: a digest of its table and its place, which holds as packed files never change. */
enum { MEDIA_ETAG_SIZE = 80 };
bool media_version_find(const struct media_version *version, const char *name,
    char etag_buffer[MEDIA_ETAG_SIZE], struct media_object *ret_object);

#endif
