#include "http/cold_read.h"

#include "base/memory.h"
#include "http/file_body.h"
#include "http/loop.h"

#include <event2/event.h>
#include <stdlib.h>

struct cold_read {
    struct http_loop *loop;
    struct media_map *map;
    uint64_t offset, count;
    bool whole;
    void (*ready)(void *data, bool whole);
    void *data;
};

static void deliver_ready(void *data)
{
    struct cold_read *read = data;
    if (read->ready)
        read->ready(read->data, read->whole);
    media_map_release(read->map);
    free(read);
}

static void bring_in(void *data)
{
    struct cold_read *read = data;
    read->whole = media_map_bring_in(read->map, read->offset, read->count);
    mailbox_post(read->loop->worker.mailbox, deliver_ready, read);
}

struct cold_read *cold_read_start(struct http_loop *loop, struct media_map *map, uint64_t offset,
    uint64_t count, void (*ready)(void *data, bool whole), void *data)
{
    struct workers *pool = loop->server_settings->disk_pool;
    struct cold_read *read = memory_alloc(sizeof *read);
    *read = (struct cold_read){ loop, media_map_retain(map), offset, count, false, ready, data };
    if (pool && workers_submit(pool, bring_in, read))
        return read;
    media_map_release(map);
    free(read);
    return NULL;
}

void cold_read_forget(struct cold_read *read)
{
    if (read)
        read->ready = NULL;
}

void cold_read_ahead(struct http_loop *loop, struct media_map *map, uint64_t offset, uint64_t count)
{
    if (!media_map_is_resident(map, offset, count))
        (void)cold_read_start(loop, map, offset, count, NULL, NULL);
}
