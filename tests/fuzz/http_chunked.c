/* The chunked coding: cut anywhere, the same data and the same verdict. */
#include "http/chunked.h"
#include "http/request_builder.h"

#include <stdlib.h>
#include <string.h>

static const struct request_limits limits = {
    .chunk_extension_bytes_max = 256,
    .chunk_extensions_bytes_max = 16384,
    .trailer_bytes_max = 4096,
};

struct outcome {
    enum chunked_state state;
    size_t consumed, count;
    uint64_t sum;
};

static struct outcome decode(const char *bytes, size_t count, size_t step)
{
    struct chunked chunked;
    struct outcome outcome = { 0 };
    chunked_init(&chunked, &limits);
    while (outcome.consumed < count && chunked.state != CHUNKED_ENDED
           && chunked.state != CHUNKED_REFUSED) {
        size_t left = count - outcome.consumed;
        const char *data;
        size_t data_count;
        size_t consumed = chunked_read(
            &chunked, bytes + outcome.consumed, left < step ? left : step, &data, &data_count);
        if (consumed == 0 || consumed > left || data_count > consumed)
            abort();
        for (size_t i = 0; i < data_count; i++)
            outcome.sum = outcome.sum * 31 + (unsigned char)data[i];
        outcome.count += data_count;
        outcome.consumed += consumed;
    }
    outcome.state = chunked.state;
    return outcome;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct outcome whole = decode((const char *)data, size, size ? size : 1);
    struct outcome cut = decode((const char *)data, size, 3);
    if (whole.state != cut.state || whole.consumed != cut.consumed || whole.count != cut.count
        || whole.sum != cut.sum)
        abort();
    return 0;
}
