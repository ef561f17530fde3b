/* A whole HTTP/1.1 connection: reader, bodies, pipelining, answers. */
#include "http_connection.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    fuzz_connection(&http1_protocol, "", data, size);
    return 0;
}
