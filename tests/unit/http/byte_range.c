#include "http/byte_range.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

enum { RANGES_MAX = 4 };

static void ranges_are_read_as_rfc_9110_says(void **state)
{
    (void)state;
    static const struct {
        const char *field;
        uint64_t length;
        enum byte_range_answer answer;
        const char *ranges; /* "start-end " each, end exclusive */
    } cases[] = {
        { "bytes=0-499", 1000, BYTE_RANGE_PARTS, "0-500 " },
        { "bytes=500-", 1000, BYTE_RANGE_PARTS, "500-1000 " },
        { "bytes=-1", 1000, BYTE_RANGE_PARTS, "999-1000 " },
        { "bytes=-2000", 1000, BYTE_RANGE_PARTS, "0-1000 " },
        { "bytes=999-5000", 1000, BYTE_RANGE_PARTS, "999-1000 " },
        { "Bytes=0-0, 2-2 ,-1", 1000, BYTE_RANGE_PARTS, "0-1 2-3 999-1000 " },
        { "bytes=2-2,0-0", 1000, BYTE_RANGE_PARTS, "2-3 0-1 " },
        { "bytes=,0-0,", 1000, BYTE_RANGE_PARTS, "0-1 " },
        { "bytes=0-0,5000-", 1000, BYTE_RANGE_PARTS, "0-1 " },
        { "bytes=1000-", 1000, BYTE_RANGE_UNSATISFIABLE, "" },
        { "bytes=-0", 1000, BYTE_RANGE_UNSATISFIABLE, "" },
        { "bytes=0-", 0, BYTE_RANGE_UNSATISFIABLE, "" },
        { "bytes=-5", 0, BYTE_RANGE_UNSATISFIABLE, "" },
        { "bytes=", 1000, BYTE_RANGE_WHOLE, "" },
        { "bytes=-", 1000, BYTE_RANGE_WHOLE, "" },
        { "bytes=5", 1000, BYTE_RANGE_WHOLE, "" },
        { "bytes=5-4", 1000, BYTE_RANGE_WHOLE, "" },
        { "bytes=a-b", 1000, BYTE_RANGE_WHOLE, "" },
        { "bytes=+1-2", 1000, BYTE_RANGE_WHOLE, "" },
        { "bytes=0-1-2", 1000, BYTE_RANGE_WHOLE, "" },
        { "bytes=0-99999999999999999999", 1000, BYTE_RANGE_WHOLE, "" },
        { "lines=0-1", 1000, BYTE_RANGE_WHOLE, "" },
        { "bytes 0-1", 1000, BYTE_RANGE_WHOLE, "" },
        { "", 1000, BYTE_RANGE_WHOLE, "" },
        { "bytes=0-0,2-2,4-4,6-6,8-8", 1000, BYTE_RANGE_WHOLE, "" },
        { "bytes=0-,0-,0-", 1000, BYTE_RANGE_WHOLE, "" },
        { "bytes=0-10,10-20", 1000, BYTE_RANGE_WHOLE, "" },
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct byte_range ranges[BYTE_RANGES_MAX];
        size_t count, length = 0;
        char text[200] = "";
        enum byte_range_answer answer
            = byte_range_read(cases[i].field, cases[i].length, RANGES_MAX, ranges, &count);
        for (size_t j = 0; j < count; j++)
            length += (size_t)snprintf(text + length, sizeof text - length, "%llu-%llu ",
                (unsigned long long)ranges[j].start, (unsigned long long)ranges[j].end);
        if (answer != cases[i].answer || strcmp(text, cases[i].ranges) != 0)
            fail_msg("'%s' of %llu: answer %d, '%s'", cases[i].field,
                (unsigned long long)cases[i].length, (int)answer, text);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(ranges_are_read_as_rfc_9110_says) };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
