/*
 * Immutable files kept mapped and shared: segments and captions are sent from here.
 *
 * A file is opened once and mapped once; references are counted; the cache keeps files that nobody uses any more up to
 * mapped_bytes_max and drops the least recently used.  Residency is asked with mincore() before a range is touched, so
 * that a loop never waits for the disk; cold ranges are brought in by the disk pool (MADV_POPULATE_READ).
 *
 * Ownership  media_map_open() gives a reference, media_map_release() takes it back; media_map_retain() adds one.
 * Threads    safe from any thread; media_map_open() blocks (open, mmap) and belongs on a pool thread.
 */
#ifndef LECTERN_HTTP_FILE_BODY_H
#define LECTERN_HTTP_FILE_BODY_H

#include "base/problem.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct media_map;

void media_map_set_limit(uint64_t mapped_bytes_max);
struct media_map *media_map_open(const char *path, struct problem *problem);
/* For loops: a reference when the file is open already, else NULL at once; never blocks. */
struct media_map *media_map_find(const char *path);
struct media_map *media_map_retain(struct media_map *map);
void media_map_release(struct media_map *map);
uint64_t media_map_size(const struct media_map *map);
/* First byte; valid while a reference is held. */
const char *media_map_bytes(const struct media_map *map);
bool media_map_is_resident(const struct media_map *map, uint64_t offset, uint64_t count);
/* Blocks.  false when the file has shrunk below the range. */
bool media_map_bring_in(struct media_map *map, uint64_t offset, uint64_t count);

#endif
