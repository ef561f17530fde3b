/* PROXY headers: what is whole stays whole with more bytes behind it, and was not so before. */
#include "http/proxy_protocol.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct proxy_header header, other;
    enum proxy_step step = proxy_protocol_read(data, size, &header);
    if (step == PROXY_MORE && size >= PROXY_HEADER_MAX)
        abort();
    if (step != PROXY_WHOLE)
        return 0;
    if (header.length == 0 || header.length > size || header.length > PROXY_HEADER_MAX)
        abort();
    /* A copy of just these bytes: the sanitizer sees a look behind them. */
    uint8_t *bytes = malloc(header.length);
    memcpy(bytes, data, header.length);
    if (proxy_protocol_read(bytes, header.length, &other) != PROXY_WHOLE
        || other.length != header.length || other.told != header.told
        || proxy_protocol_read(bytes, header.length - 1, &other) != PROXY_MORE)
        abort();
    free(bytes);
    return 0;
}
