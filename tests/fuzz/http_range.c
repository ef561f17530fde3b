/* Ranges, conditions, accepted codings and dates: the small grammars of request fields. */
#include "http/byte_range.h"
#include "http/field_rules.h"
#include "http/http_date.h"
#include "http/precondition.h"

#include <stdlib.h>
#include <string.h>

static void check_ranges(const char *text, uint64_t length)
{
    struct byte_range ranges[BYTE_RANGES_MAX];
    size_t count;
    enum byte_range_answer answer = byte_range_read(text, length, 16, ranges, &count);
    if ((answer == BYTE_RANGE_PARTS) != (count > 0) || count > 16)
        abort();
    uint64_t sum = 0;
    for (size_t i = 0; i < count; i++) {
        if (ranges[i].start >= ranges[i].end || ranges[i].end > length)
            abort();
        sum += ranges[i].end - ranges[i].start;
    }
    if (sum > length)
        abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char *text = malloc(size + 1);
    memcpy(text, data, size);
    text[size] = '\0';
    check_ranges(text, 0);
    check_ranges(text, 1000);
    check_ranges(text, UINT64_MAX / 2);
    int64_t instant_ms;
    (void)http_date_read(text, &instant_ms);
    (void)field_accepts_coding(text, "gzip");
    struct precondition precondition = { text, text, text, text, size % 2 == 0 };
    (void)precondition_check(&precondition, "\"v1\"", 1000);
    (void)precondition_range_holds(text, "\"v1\"", 1000);
    free(text);
    return 0;
}
