/* Whatever a unit of supplemental information holds, what is taken is whole triplets, and no more than fit. */
#include "media/cea608.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    uint8_t bytes[CEA608_PICTURE_BYTES_MAX];
    size_t count = cea608_read_unit(data, size, bytes);
    if (count % 3 != 0 || count > CEA608_PICTURE_BYTES_MAX)
        abort();
    return 0;
}
