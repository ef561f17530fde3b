/*
 * Brings cold pages of a mapped file in on the disk pool, and tells the loop.
 *
 * Ownership  a cold_read frees itself; who waits for it holds a lent pointer until ready() is
 *            called, or forgets it.
 * Threads    called on the loop.
 */
#ifndef LECTERN_HTTP_COLD_READ_H
#define LECTERN_HTTP_COLD_READ_H

#include <stdbool.h>
#include <stdint.h>

struct cold_read;
struct http_loop;
struct media_map;

/* whole=false: the file could not be read that far.  NULL: the pool is full, and ready() will not
 * be called. */
struct cold_read *cold_read_start(struct http_loop *loop, struct media_map *map, uint64_t offset,
    uint64_t count, void (*ready)(void *data, bool whole), void *data);
/* ready() will not be called. */
void cold_read_forget(struct cold_read *read);
/* For what will be asked for soon; nobody waits. */
void cold_read_ahead(
    struct http_loop *loop, struct media_map *map, uint64_t offset, uint64_t count);

#endif
