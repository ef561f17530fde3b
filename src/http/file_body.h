/*
 * Immutable files kept mapped and shared: segments and captions are sent from here.
 *
 * A file is opened once and mapped once; references are counted; the cache keeps files that nobody
 * uses any more up to mapped_bytes_max and drops the least recently used.  Residency is asked with
 * mincore() before a range is touched, so that a loop never waits for the disk; cold ranges are
 * brought in by the disk pool (MADV_POPULATE_READ).
 *
 * Shrinking  files are against the rule (written aside, renamed, never truncated), but must not end
 *            the process.  Touching a mapping behind the end of its file raises SIGBUS.  A handler,
 *            installed with the first map, puts a page of zeros in that place (one mmap() call,
 *            which is safe there) and marks the map as broken; other addresses keep what was
 *            installed before.  Whoever sends from a map asks media_map_is_sound() after reading
 *            and before sending: it sees the mark, and by fstat() a shrink inside of the last page,
 *            which raises nothing.  A broken map never comes out of the cache again.
 *
 * Ownership  media_map_open() gives a reference, media_map_release() takes it back;
 *            media_map_retain() adds one.
 * Threads    safe from any thread; media_map_open() blocks (open, mmap) and belongs on a pool
 *            thread.
 */
#ifndef LECTERN_HTTP_FILE_BODY_H
#define LECTERN_HTTP_FILE_BODY_H

#include "base/problem.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct media_map;

void media_map_set_limit(uint64_t mapped_bytes_max);
/* A regular file; PROBLEM_NOT_FOUND when there is none.  A file that was replaced since it was
 * mapped is mapped anew. */
struct media_map *media_map_open(const char *path, struct problem *problem);
/* What the cache holds, or NULL; never touches the disk, so a loop may call it.  Where files are
 * immutable, this first and media_map_open() on a pool thread only when it gives NULL. */
struct media_map *media_map_find(const char *path);
/* Drops what the cache holds below this path (a file, or a folder and all in it), when files are
 * removed; references that are out stay good. */
void media_map_forget(const char *path);
struct media_map *media_map_retain(struct media_map *map);
void media_map_release(struct media_map *map);
uint64_t media_map_size(const struct media_map *map);
/* First byte; valid while a reference is held. */
const char *media_map_bytes(const struct media_map *map);
/* Asked anew after RESIDENCY_TRUSTED_S seconds only: a wrong yes costs one wait for the disk. */
enum { RESIDENCY_TRUSTED_S = 10 };
bool media_map_is_resident(const struct media_map *map, uint64_t offset, uint64_t count);
/* Blocks.  false when the file has shrunk below the range. */
bool media_map_bring_in(struct media_map *map, uint64_t offset, uint64_t count);
/* Was all that has been read from [0, end) the file's own content? */
bool media_map_is_sound(const struct media_map *map, uint64_t end);

#endif
