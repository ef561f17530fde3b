#include "media/caption_encoding.h"

#include "base/memory.h"
#include "base/text.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

static bool refuse_line(size_t line, struct problem *problem)
{
    return problem_set(problem, PROBLEM_CAPTIONS_REFUSED,
        "Line %zu is not text in UTF-8. Save the caption file as UTF-8 and send it again.", line);
}

static void append_utf8(struct text *out, uint32_t code)
{
    char bytes[4];
    size_t count = 0;
    if (code < 0x80) {
        bytes[count++] = (char)code;
    } else if (code < 0x800) {
        bytes[count++] = (char)(0xc0 | code >> 6);
    } else if (code < 0x10000) {
        bytes[count++] = (char)(0xe0 | code >> 12);
        bytes[count++] = (char)(0x80 | (code >> 6 & 0x3f));
    } else {
        bytes[count++] = (char)(0xf0 | code >> 18);
        bytes[count++] = (char)(0x80 | (code >> 12 & 0x3f));
        bytes[count++] = (char)(0x80 | (code >> 6 & 0x3f));
    }
    if (code >= 0x80)
        bytes[count++] = (char)(0x80 | (code & 0x3f));
    text_append(out, bytes, count);
}

static uint32_t unit_at(const unsigned char *bytes, size_t at, bool big)
{
    return big ? (uint32_t)bytes[at] << 8 | bytes[at + 1]
               : (uint32_t)bytes[at + 1] << 8 | bytes[at];
}

/* RFC 2781 section 2.2 */
static bool from_utf16(
    const unsigned char *bytes, size_t count, bool big, struct text *out, struct problem *problem)
{
    size_t line = 1;
    for (size_t i = 0; i < count; i += 2) {
        uint32_t code = i + 2 <= count ? unit_at(bytes, i, big) : 0;
        if (code >= 0xd800 && code < 0xdc00 && i + 4 <= count) {
            uint32_t low = unit_at(bytes, i + 2, big);
            if (low >= 0xdc00 && low < 0xe000) {
                code = 0x10000 + ((code - 0xd800) << 10) + (low - 0xdc00);
                i += 2;
            }
        }
        if (code == 0 || (code >= 0xd800 && code < 0xe000))
            return refuse_line(line, problem);
        line += code == '\n';
        append_utf8(out, code);
    }
    return true;
}

static size_t line_end(const char *bytes, size_t count, size_t from)
{
    while (from < count && bytes[from] != '\n' && bytes[from] != '\r')
        from++;
    return from;
}

/* Lines end in LF, CR LF or CR; each is looked at for itself, so that the wrong one can be named. */
static bool check_and_unify(
    const char *bytes, size_t count, struct text *out, struct problem *problem)
{
    size_t line = 1;
    for (size_t at = 0; at < count; line++) {
        size_t end = line_end(bytes, count, at);
        if (!text_is_utf8(bytes + at, end - at))
            return refuse_line(line, problem);
        text_append(out, bytes + at, end - at);
        text_append(out, "\n", 1);
        at = end + 1;
        if (end + 1 < count && bytes[end] == '\r' && bytes[end + 1] == '\n')
            at++;
    }
    return true;
}

bool caption_decode(
    const char *bytes, size_t count, char **ret_text, size_t *ret_count, struct problem *problem)
{
    const unsigned char *raw = (const unsigned char *)bytes;
    struct text wide, text;
    text_init(&wide, count * 3 + 4);
    text_init(&text, count * 3 + 4);
    bool decoded = true;
    if (count >= 2 && ((raw[0] == 0xff && raw[1] == 0xfe) || (raw[0] == 0xfe && raw[1] == 0xff))) {
        decoded = from_utf16(raw + 2, count - 2, raw[0] == 0xfe, &wide, problem);
        bytes = wide.bytes ? wide.bytes : "";
        count = wide.length;
    } else if (count >= 3 && memcmp(bytes, "\xef\xbb\xbf", 3) == 0) {
        bytes += 3;
        count -= 3;
    }
    decoded = decoded && check_and_unify(bytes, count, &text, problem);
    if (decoded) {
        *ret_count = text.length;
        *ret_text = text_take(&text);
    }
    text_release(&wide);
    text_release(&text);
    return decoded;
}
