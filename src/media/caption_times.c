#include "media/caption_times.h"

#include <inttypes.h>
#include <string.h>

static size_t skip_spaces(const char *bytes, size_t count)
{
    size_t at = 0;
    while (at < count && (bytes[at] == ' ' || bytes[at] == '\t'))
        at++;
    return at;
}

static size_t read_digits(const char *bytes, size_t count, size_t digits_max, int64_t *ret_value)
{
    size_t digits = 0;
    while (digits < count && digits < digits_max && bytes[digits] >= '0' && bytes[digits] <= '9')
        digits++;
    return digits > 0 && text_to_int64(bytes, digits, 0, INT64_MAX, ret_value) ? digits : 0;
}

/* The thousandths may be short or missing. */
static size_t read_fraction(
    const char *bytes, size_t count, int64_t *ret_fraction, unsigned *oddities)
{
    *ret_fraction = 0;
    if (count == 0 || (bytes[0] != '.' && bytes[0] != ',')) {
        *oddities |= CAPTION_TIMING_SHORT_FRACTION;
        return 0;
    }
    size_t digits = read_digits(bytes + 1, count - 1, 3, ret_fraction);
    /* A comma without digits parts the two times of SubViewer. */
    if (digits == 0)
        return 0;
    for (size_t i = digits; i < 3; i++)
        *ret_fraction *= 10;
    *oddities |= bytes[0] == ',' ? CAPTION_TIMING_COMMA : CAPTION_TIMING_POINT;
    if (digits < 3)
        *oddities |= CAPTION_TIMING_SHORT_FRACTION;
    return 1 + digits;
}

size_t caption_time_read(const char *bytes, size_t count, int64_t *ret_ms, unsigned *oddities)
{
    int64_t parts[3] = { 0, 0, 0 }, fraction;
    size_t at = 0, part_count = 0;
    for (;;) {
        size_t digits = read_digits(bytes + at, count - at, 5, &parts[part_count]);
        if (digits == 0)
            return 0;
        at += digits;
        part_count++;
        if (part_count == 3 || at == count || bytes[at] != ':')
            break;
        at++;
    }
    if (part_count < 2)
        return 0;
    int64_t hours = part_count == 3 ? parts[0] : 0;
    int64_t minutes = parts[part_count - 2], seconds = parts[part_count - 1];
    at += read_fraction(bytes + at, count - at, &fraction, oddities);
    if (part_count == 2)
        *oddities |= CAPTION_TIMING_WITHOUT_HOURS;
    /* Without hours, 75:00 is an hour and a quarter. */
    if (seconds > 59 || (part_count == 3 && minutes > 59))
        return 0;
    *ret_ms = ((hours * 60 + minutes) * 60 + seconds) * 1000 + fraction;
    return *ret_ms <= CAPTION_TIME_MS_MAX ? at : 0;
}

struct arrow {
    const char *sign;
    bool odd;
};

/* What word processors and thumbs make of "-->"; the longer ones first.  The comma is SubViewer's. */
static const struct arrow odd_arrows[] = {
    { "--\xe2\x80\xba", true },            /* U+203A */
    { "\xe2\x80\x93\xe2\x80\x93>", true }, /* two U+2013 */
    { "-- >", true },
    { "- ->", true },
    { "\xe2\x80\x93>", true }, /* U+2013 */
    { "\xe2\x80\x94>", true }, /* U+2014 */
    { "\xe2\x86\x92", true },  /* U+2192 */
    { "==>", true },
    { "->", true },
    { ",", false },
};

/* Both times around a sign of this length at `at`, and nothing else but what follows a space. */
static bool read_around(
    const char *bytes, size_t count, size_t at, size_t sign_length, struct caption_timing *timing)
{
    size_t from = skip_spaces(bytes, at);
    size_t start = caption_time_read(bytes + from, at - from, &timing->start_ms, &timing->oddities);
    if (start == 0 || from + start + skip_spaces(bytes + from + start, at - from - start) != at)
        return false;
    const char *rest = bytes + at + sign_length;
    size_t left = count - at - sign_length, spaces = skip_spaces(rest, left);
    size_t end
        = caption_time_read(rest + spaces, left - spaces, &timing->end_ms, &timing->oddities);
    if (end == 0 || (spaces + end < left && !strchr(" \t", rest[spaces + end])))
        return false;
    timing->rest = rest + spaces + end;
    timing->rest_count = left - spaces - end;
    return true;
}

/* An odd sign between two good times; anything else that has one is text. */
static bool read_odd(const char *bytes, size_t count, struct caption_timing *timing)
{
    unsigned oddities = 0;
    int64_t ms;
    size_t from = skip_spaces(bytes, count);
    size_t at = from + caption_time_read(bytes + from, count - from, &ms, &oddities);
    if (at == from)
        return false;
    at += skip_spaces(bytes + at, count - at);
    for (size_t i = 0; i < sizeof odd_arrows / sizeof odd_arrows[0]; i++) {
        size_t length = strlen(odd_arrows[i].sign);
        if (count - at <= length || memcmp(bytes + at, odd_arrows[i].sign, length) != 0)
            continue;
        *timing = (struct caption_timing){ .oddities
                                           = odd_arrows[i].odd ? CAPTION_TIMING_ODD_ARROW : 0 };
        return read_around(bytes, count, at, length, timing);
    }
    return false;
}

enum caption_timing_result caption_timing_read(
    const char *bytes, size_t count, struct caption_timing *ret_timing)
{
    struct caption_timing timing = { 0 };
    size_t at = skip_spaces(bytes, count);
    if (at == count)
        return CAPTION_TIMING_NONE;
    const char *arrow = memmem(bytes, count, "-->", 3);
    bool begins_with_digit = bytes[at] >= '0' && bytes[at] <= '9';
    bool means_times = arrow && (begins_with_digit || arrow == bytes + at);
    bool read = means_times ? read_around(bytes, count, (size_t)(arrow - bytes), 3, &timing)
                            : begins_with_digit && read_odd(bytes, count, &timing);
    if (read)
        *ret_timing = timing;
    return read ? CAPTION_TIMING_READ : means_times ? CAPTION_TIMING_WRONG : CAPTION_TIMING_NONE;
}

void caption_time_write(int64_t ms, struct text *out)
{
    text_printf(out, "%02" PRId64 ":%02" PRId64 ":%02" PRId64 ".%03" PRId64, ms / 3600000,
        ms / 60000 % 60, ms / 1000 % 60, ms % 1000);
}
