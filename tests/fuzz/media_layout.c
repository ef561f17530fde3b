/* Boxes of an MP4 and heads of other containers from strangers, read without a demuxer: what is told of them stays within
 * what the rest counts with, and reading ends. */
#include "media/mp4_layout.h"
#include "media/promise.h"
#include "media/sniff.h"

#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct mp4_layout layout;
    int fd = memfd_create("input", MFD_CLOEXEC);
    if (fd < 0 || write(fd, data, size) != (ssize_t)size)
        abort();
    mp4_layout_read(fd, (int64_t)size, &layout);
    if (layout.edit_count > MP4_EDITS_MAX || layout.fragments_us < 0
        || layout.fragments_us >= INT64_C(1000000000000000))
        abort();
    for (size_t i = 0; i < layout.edit_count; i++)
        if (layout.edits[i].end_us < 0 || !mp4_layout_edit(&layout, layout.edits[i].track_id))
            abort();
    int64_t promised = promised_bytes(fd);
    if (promised < 0 || promised > (INT64_C(1) << 56))
        abort();
    enum finding_code code = sniff_file(data, size < SNIFF_BYTES ? size : SNIFF_BYTES);
    if (code < FINDING_NONE || code >= FINDING_COUNT
        || (code != FINDING_NONE && finding_kinds[code].severity != FINDING_PROBLEM))
        abort();
    (void)close(fd);
    return 0;
}
