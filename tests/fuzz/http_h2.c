/* A whole HTTP/2 connection behind its preface: the glue between nghttp2 and exchanges. */
#include "http_connection.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    fuzz_connection(&http2_protocol, "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", data, size);
    return 0;
}
