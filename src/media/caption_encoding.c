#include "media/caption_encoding.h"

#include "base/memory.h"
#include "base/text.h"
#include "media/caption_legacy.h"
#include "media/finding.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

// clang-format off
const char *const caption_encoding_names[] = {
    "UTF-8", "UTF-16LE", "UTF-16BE",
    "Shift_JIS", "EUC-JP", "ISO-2022-JP", "GB18030", "Big5", "EUC-KR", "windows-874", "windows-1258",
    "windows-1251", "KOI8-R", "KOI8-U", "IBM866", "ISO-8859-5",
    "windows-1252", "ISO-8859-15", "macintosh", "windows-1250", "ISO-8859-2", "windows-1253", "windows-1254",
    "windows-1255", "windows-1256", "windows-1257",
};
// clang-format on
const size_t caption_encoding_count
    = sizeof caption_encoding_names / sizeof caption_encoding_names[0];

static bool refuse_line(const char *encoding, size_t line, struct problem *problem)
{
    return finding_refuse_as(problem, PROBLEM_CAPTIONS_REFUSED,
        finding_with(
            (struct finding){ .code = FINDING_CAPTIONS_ENCODING, .numbers = { (int64_t)line } },
            encoding));
}

static bool refuse_guess(const struct caption_guess *guess, struct problem *problem)
{
    char encodings[FINDING_TEXT_SIZE];
    (void)snprintf(encodings, sizeof encodings, "%s, %s", guess->encoding, guess->other);
    return finding_refuse_as(problem, PROBLEM_CAPTIONS_REFUSED,
        finding_with((struct finding){ .code = FINDING_CAPTIONS_ENCODING_OPEN }, encodings));
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
            return refuse_line(big ? "UTF-16BE" : "UTF-16LE", line, problem);
        line += code == '\n';
        append_utf8(out, code);
    }
    return true;
}

/* The file behind its byte order mark, and the constant that names what it is in. */
struct bytes {
    const char *bytes;
    size_t count;
    const char *encoding; /* NULL: not known yet */
    size_t garbage;       /* bytes behind the text, left out */
};

enum { UTF_8, UTF_16LE, UTF_16BE };

static bool take_mark(struct bytes *file, const char *mark, size_t length, const char *encoding)
{
    if (file->count < length || memcmp(file->bytes, mark, length) != 0)
        return false;
    file->bytes += length;
    file->count -= length;
    file->encoding = encoding;
    return true;
}

/* UTF-16 without a mark: the arrow, that every caption file has, in two-byte units at an even place. */
static const char *find_wide_arrow(const char *bytes, size_t count)
{
    for (size_t at = 0; at + 6 <= count; at += 2) {
        if (memcmp(bytes + at, "-\0-\0>\0", 6) == 0)
            return caption_encoding_names[UTF_16LE];
        if (memcmp(bytes + at, "\0-\0-\0>", 6) == 0)
            return caption_encoding_names[UTF_16BE];
    }
    return NULL;
}

static bool is_utf8(const struct bytes *file, size_t *ret_line)
{
    size_t line = 1;
    for (size_t at = 0; at < file->count; line++) {
        size_t end = at;
        while (end < file->count && file->bytes[end] != '\n' && file->bytes[end] != '\r')
            end++;
        if (!text_is_utf8(file->bytes + at, end - at)) {
            *ret_line = line;
            return false;
        }
        bool pair = end + 1 < file->count && memcmp(file->bytes + end, "\r\n", 2) == 0;
        at = end + (pair ? 2 : 1);
    }
    return true;
}

/* A switch to another set of characters: ISO-2022-JP (RFC 1468), which else would pass for UTF-8. */
static bool has_switches(const struct bytes *file)
{
    return memmem(file->bytes, file->count, "\x1b$", 2) != NULL;
}

/* A file that was meant to be UTF-8 and has a fault: most of what is not ASCII holds. */
static bool is_nearly_utf8(const struct bytes *file)
{
    size_t good = 0, bad = 0;
    for (size_t at = 0; at < file->count;) {
        size_t length = 2;
        if ((unsigned char)file->bytes[at] < 0x80) {
            at++;
            continue;
        }
        while (length <= 4 && at + length <= file->count && !text_is_utf8(file->bytes + at, length))
            length++;
        bool holds = length <= 4 && at + length <= file->count;
        good += holds;
        bad += !holds;
        at += holds ? length : 1;
    }
    return good > bad * 4;
}

static bool guess(struct bytes *file, const char *language, struct problem *problem)
{
    size_t line = 0;
    if (!has_switches(file) && is_utf8(file, &line)) {
        file->encoding = caption_encoding_names[UTF_8];
        return true;
    }
    if (is_nearly_utf8(file))
        return refuse_line("UTF-8", line, problem);
    struct caption_guess guess = caption_legacy_guess(language, file->bytes, file->count);
    if (guess.other)
        return refuse_guess(&guess, problem);
    file->encoding = guess.encoding;
    return guess.encoding
           || finding_refuse_as(problem, PROBLEM_CAPTIONS_REFUSED,
               (struct finding){
                   .code = FINDING_CAPTIONS_ENCODING_UNKNOWN, .numbers = { (int64_t)line } });
}

static const char *find_name(const char *name)
{
    for (size_t i = UTF_8; i <= UTF_16BE; i++)
        if (text_equal_ignoring_case(name, caption_encoding_names[i]))
            return caption_encoding_names[i];
    return caption_legacy_find(name);
}

/* What editors of old and faulty disks leave behind the text: Ctrl-Z, and zeros. */
static void strip_garbage(struct bytes *file)
{
    while (file->count > 0
           && (file->bytes[file->count - 1] == 0x1a || file->bytes[file->count - 1] == 0)) {
        file->count--;
        file->garbage++;
    }
}

static bool is_wide(const char *encoding)
{
    return encoding == caption_encoding_names[UTF_16LE]
           || encoding == caption_encoding_names[UTF_16BE];
}

static bool find_encoding(
    struct bytes *file, const struct caption_bytes *given, struct problem *problem)
{
    bool marked = take_mark(file, "\xef\xbb\xbf", 3, caption_encoding_names[UTF_8])
                  || take_mark(file, "\xff\xfe", 2, caption_encoding_names[UTF_16LE])
                  || take_mark(file, "\xfe\xff", 2, caption_encoding_names[UTF_16BE]);
    bool named = !marked && given->encoding && given->encoding[0] != '\0';
    if (named) {
        file->encoding = find_name(given->encoding);
        if (!file->encoding)
            return problem_set_field(problem, "encoding",
                "'encoding' must be the name of one, such as UTF-8, Shift_JIS or windows-1251.");
    } else if (!marked) {
        file->encoding = find_wide_arrow(file->bytes, file->count);
    }
    if (is_wide(file->encoding))
        return true;
    strip_garbage(file);
    return file->encoding || guess(file, given->language, problem);
}

static bool convert(const struct bytes *file, struct text *out, struct problem *problem)
{
    size_t line;
    if (file->encoding == caption_encoding_names[UTF_8]) {
        if (!is_utf8(file, &line))
            return refuse_line(file->encoding, line, problem);
        text_append(out, file->bytes, file->count);
        return true;
    }
    if (is_wide(file->encoding))
        return from_utf16((const unsigned char *)file->bytes, file->count,
            file->encoding == caption_encoding_names[UTF_16BE], out, problem);
    return caption_legacy_decode(file->encoding, file->bytes, file->count, out, &line)
           || refuse_line(file->encoding, line, problem);
}

/* Old Mongolian fonts draw two letters of windows-1251 that Mongolian has no use for as the two that it lacks. */
static size_t mongolian_length(const char *bytes, size_t count, const char **ret_letter)
{
    static const struct {
        char from[3], to[3];
    } letters[] = {
        { "\xd0\x84", "\xd3\xa8" }, /* U+0404 U+04E8 */
        { "\xd1\x94", "\xd3\xa9" }, /* U+0454 U+04E9 */
        { "\xd0\x87", "\xd2\xae" }, /* U+0407 U+04AE */
        { "\xd1\x97", "\xd2\xaf" }, /* U+0457 U+04AF */
    };
    for (size_t i = 0; count >= 2 && i < sizeof letters / sizeof letters[0]; i++)
        if (memcmp(bytes, letters[i].from, 2) == 0) {
            *ret_letter = letters[i].to;
            return 2;
        }
    return 0;
}

/* Lines end in LF, CR LF or CR; other control characters are left out. */
static void unify(
    const struct text *in, bool mongolian, struct text *out, struct caption_repairs *repairs)
{
    size_t line = 1, cleaned_line = 0;
    for (size_t at = 0; at < in->length;) {
        const char *letter = NULL, *bytes = in->bytes + at;
        size_t length = mongolian ? mongolian_length(bytes, in->length - at, &letter) : 0;
        if (length > 0) {
            text_append(out, letter, length);
            caption_repairs_add(repairs, CAPTION_MONGOLIAN_LETTERS, line);
        } else if (*bytes == '\r') {
            bool pair = at + 1 < in->length && bytes[1] == '\n';
            if (!pair && at + 1 < in->length)
                caption_repairs_add(repairs, CAPTION_LINE_ENDS, line);
            text_append(out, "\n", 1);
            length = pair ? 2 : 1;
            line++;
        } else if ((unsigned char)*bytes < 0x20 && *bytes != '\n' && *bytes != '\t') {
            /* Before lines are read: what stands behind it could become a line of times by its going. */
            if (cleaned_line != line)
                caption_repairs_add(repairs, CAPTION_TEXT_CLEANED, line);
            cleaned_line = line;
            length = 1;
        } else {
            text_append(out, bytes, 1);
            length = 1;
            line += *bytes == '\n';
        }
        at += length;
    }
    if (out->length > 0 && out->bytes[out->length - 1] != '\n')
        text_append(out, "\n", 1);
}

static size_t count_lines(const struct text *text)
{
    size_t lines = 0;
    for (size_t i = 0; i < text->length; i++)
        lines += text->bytes[i] == '\n';
    return lines > 0 ? lines : 1;
}

bool caption_decode(const struct caption_bytes *given, char **ret_text, size_t *ret_count,
    const char **ret_encoding, struct caption_repairs *repairs, struct problem *problem)
{
    struct bytes file = { given->bytes, given->count, NULL, 0 };
    struct text wide, text;
    text_init(&wide, file.count * 4 + 16);
    text_init(&text, file.count * 4 + 16);
    bool decoded = find_encoding(&file, given, problem) && convert(&file, &wide, problem);
    if (decoded) {
        bool old_font
            = strcmp(file.encoding, "windows-1251") == 0 && strncmp(given->language, "mn", 2) == 0;
        unify(&wide, old_font, &text, repairs);
        if (file.garbage > 0)
            caption_repairs_add(repairs, CAPTION_TRAILING_GARBAGE, count_lines(&text));
        *ret_encoding = file.encoding;
        *ret_count = text.length;
        *ret_text = text.bytes ? text_take(&text) : memory_strdup("");
    }
    text_release(&wide);
    text_release(&text);
    return decoded;
}
