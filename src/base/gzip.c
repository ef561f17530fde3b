#include "base/gzip.h"

#include "base/memory.h"

#include <limits.h>
#include <stdbool.h>
#include <stdlib.h>
#define ZLIB_CONST /* next_in may point to what must not change */
#include <zlib.h>

enum {
    WINDOW_BITS = 15,
    WITH_GZIP_WRAPPER = 16, /* zlib's way to ask for it */
    MEMORY_LEVEL = 8,
};

char *gzip_pack(const void *bytes, size_t count, enum gzip_effort effort, size_t *ret_count)
{
    z_stream zip = { 0 };
    if (count < GZIP_BYTES_LEAST || count > UINT_MAX
        || deflateInit2(&zip, (int)effort, Z_DEFLATED, WINDOW_BITS + WITH_GZIP_WRAPPER,
               MEMORY_LEVEL, Z_DEFAULT_STRATEGY)
               != Z_OK)
        return NULL;
    /* Room for less than there is: what does not fit is not worth packing. */
    char *packed = memory_try_alloc(count - 1);
    if (!packed) {
        (void)deflateEnd(&zip);
        return NULL;
    }
    zip.next_in = (const Bytef *)bytes;
    zip.avail_in = (uInt)count;
    zip.next_out = (Bytef *)packed;
    zip.avail_out = (uInt)(count - 1);
    bool whole = deflate(&zip, Z_FINISH) == Z_STREAM_END;
    size_t length = zip.total_out;
    (void)deflateEnd(&zip);
    if (!whole) {
        free(packed);
        return NULL;
    }
    *ret_count = length;
    char *trimmed = memory_try_resized(packed, length, 1);
    return trimmed ? trimmed : packed;
}
