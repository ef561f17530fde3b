/* Parameter sets and access units from strangers; a first byte below 5 is the length of lengths. */
#include "media/h264.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct h264_framing framing = { 0 };
    struct h264_parameters parameters;
    char codecs[H264_CODECS_SIZE];
    if (h264_read_extradata(data, size, &framing, &parameters)) {
        h264_codecs(&parameters, codecs);
        if (strlen(codecs) != 11 || framing.length_bytes < 0 || framing.length_bytes > 4)
            abort();
    }
    if (size < 1 || data[0] > 4)
        return 0;
    struct h264_unit unit;
    size_t at = 0, units = 0;
    framing.length_bytes = data[0];
    while (h264_next_unit(data + 1, size - 1, framing, &at, &unit)) {
        if (unit.bytes < data + 1 || unit.bytes + unit.count > data + size || at > size - 1
            || ++units > size)
            abort();
    }
    (void)h264_read_picture(data + 1, size - 1, framing);
    return 0;
}
