#include "http/byte_range.h"

#include "base/text.h"
#include "http/field_rules.h"

#include <stdbool.h>
#include <string.h>
#include <strings.h>

enum range_kind { RANGE_MALFORMED, RANGE_OUTSIDE, RANGE_WITHIN };

static bool read_number(const char *bytes, size_t length, uint64_t *ret_value)
{
    int64_t value;
    if (!text_to_int64(bytes, length, 0, INT64_MAX, &value))
        return false;
    *ret_value = (uint64_t)value;
    return true;
}

/* "500-999", "500-", "-500" */
static enum range_kind read_range(
    const char *bytes, size_t count, uint64_t length, struct byte_range *ret_range)
{
    const char *dash = memchr(bytes, '-', count);
    if (!dash)
        return RANGE_MALFORMED;
    size_t before = (size_t)(dash - bytes);
    size_t after = count - before - 1;
    uint64_t first = 0, last = UINT64_MAX;
    if (before == 0) {
        uint64_t suffix;
        if (!read_number(dash + 1, after, &suffix))
            return RANGE_MALFORMED;
        if (suffix == 0 || length == 0)
            return RANGE_OUTSIDE;
        *ret_range = (struct byte_range){ suffix < length ? length - suffix : 0, length };
        return RANGE_WITHIN;
    }
    if (!read_number(bytes, before, &first) || (after > 0 && !read_number(dash + 1, after, &last))
        || last < first)
        return RANGE_MALFORMED;
    if (first >= length)
        return RANGE_OUTSIDE;
    *ret_range = (struct byte_range){ first, last < length - 1 ? last + 1 : length };
    return RANGE_WITHIN;
}

static bool any_overlap(const struct byte_range *ranges, size_t count)
{
    for (size_t i = 0; i < count; i++)
        for (size_t j = i + 1; j < count; j++)
            if (ranges[i].start < ranges[j].end && ranges[j].start < ranges[i].end)
                return true;
    return false;
}

enum byte_range_answer byte_range_read(const char *field_value, uint64_t length, size_t ranges_max,
    struct byte_range ret_ranges[BYTE_RANGES_MAX], size_t *ret_count)
{
    *ret_count = 0;
    if (strncasecmp(field_value, "bytes=", 6) != 0)
        return BYTE_RANGE_WHOLE;
    if (ranges_max > BYTE_RANGES_MAX)
        ranges_max = BYTE_RANGES_MAX;
    size_t asked = 0, within = 0;
    const char *cursor = field_value + 6, *member;
    size_t member_length;
    while (field_list_next(&cursor, &member, &member_length)) {
        if (++asked > ranges_max)
            return BYTE_RANGE_WHOLE;
        enum range_kind kind = read_range(member, member_length, length, &ret_ranges[within]);
        if (kind == RANGE_MALFORMED)
            return BYTE_RANGE_WHOLE;
        within += kind == RANGE_WITHIN;
    }
    if (asked == 0 || any_overlap(ret_ranges, within))
        return BYTE_RANGE_WHOLE;
    if (within == 0)
        return BYTE_RANGE_UNSATISFIABLE;
    *ret_count = within;
    return BYTE_RANGE_PARTS;
}
