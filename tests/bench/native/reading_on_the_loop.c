/* Lectern as it would be if it read media on its loops: every page is taken for resident, so cold
 * ones are waited for by whoever touches them, and nobody reads ahead.  Linked with --wrap into a
 * second binary, which the benchmark of the cold cache sets beside the real one. */
#include "http/cold_read.h"
#include "http/file_body.h"

__typeof__(media_map_is_resident) __real_media_map_is_resident, __wrap_media_map_is_resident;

bool __wrap_media_map_is_resident(const struct media_map *map, uint64_t offset, uint64_t count)
{
    (void)__real_media_map_is_resident(map, offset, count); /* at the same cost */
    return true;
}

__typeof__(cold_read_ahead) __wrap_cold_read_ahead;

void __wrap_cold_read_ahead(
    struct http_loop *loop, struct media_map *map, uint64_t offset, uint64_t count)
{
    (void)loop;
    (void)map;
    (void)offset;
    (void)count;
}
