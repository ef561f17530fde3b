#include "media/sniff.h"

#include "base/text.h"

#include <string.h>
#include <strings.h>

struct mark {
    const char *bytes;
    size_t count, offset;
    enum finding_code code;
};

#define MARK(bytes, offset, code)                                                                  \
    {                                                                                              \
        bytes, sizeof(bytes) - 1, offset, code                                                     \
    }

/* Fixed bytes at a fixed place. */
// clang-format off
static const struct mark marks[] = {
    MARK("\x89PNG\r\n\x1a\n", 0, FINDING_IS_PICTURE),
    MARK("\xff\xd8\xff", 0, FINDING_IS_PICTURE),
    MARK("GIF8", 0, FINDING_IS_PICTURE),
    MARK("WEBPVP8", 8, FINDING_IS_PICTURE),
    MARK("ftypheic", 4, FINDING_IS_PICTURE),
    MARK("ftypmif1", 4, FINDING_IS_PICTURE),
    MARK("ftypavif", 4, FINDING_IS_PICTURE),
    MARK("II*\0", 0, FINDING_IS_PICTURE),
    MARK("MM\0*", 0, FINDING_IS_PICTURE),
    MARK("%PDF-", 0, FINDING_IS_DOCUMENT),
    MARK("{\\rtf", 0, FINDING_IS_DOCUMENT),
    MARK("\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", 0, FINDING_IS_DOCUMENT), /* old Office files */
    MARK("PK\x03\x04", 0, FINDING_IS_ARCHIVE_OR_OFFICE),
    MARK("7z\xbc\xaf\x27\x1c", 0, FINDING_IS_ARCHIVE),
    MARK("Rar!\x1a\x07", 0, FINDING_IS_ARCHIVE),
    MARK("\x1f\x8b\x08", 0, FINDING_IS_ARCHIVE),
    MARK("BZh", 0, FINDING_IS_ARCHIVE),
    MARK("\xfd" "7zXZ\0", 0, FINDING_IS_ARCHIVE),
    MARK("\x28\xb5\x2f\xfd", 0, FINDING_IS_ARCHIVE),
    MARK("ustar", 257, FINDING_IS_ARCHIVE),
    MARK("\x7f" "ELF", 0, FINDING_IS_PROGRAM),
    MARK("MZ", 0, FINDING_IS_PROGRAM),
};
// clang-format on

/* Beginnings of text files, in any case of letters, after a byte order mark and spaces. */
static const struct {
    const char *start;
    enum finding_code code;
} texts[] = {
    { "#EXTM3U", FINDING_IS_PLAYLIST },
    { "#EXT-X-", FINDING_IS_PLAYLIST },
    { "ffconcat", FINDING_IS_PLAYLIST },
    { "[playlist]", FINDING_IS_PLAYLIST },
    { "[reference]", FINDING_IS_PLAYLIST },
    { "<asx", FINDING_IS_PLAYLIST },
    { "<smil", FINDING_IS_PLAYLIST },
    { "<mpd", FINDING_IS_PLAYLIST },
    { "v=0", FINDING_IS_PLAYLIST }, /* SDP */
    { "http://", FINDING_IS_PLAYLIST },
    { "https://", FINDING_IS_PLAYLIST },
    { "rtsp://", FINDING_IS_PLAYLIST },
    { "rtmp://", FINDING_IS_PLAYLIST },
    { "file ", FINDING_IS_PLAYLIST },
    { "file:", FINDING_IS_PLAYLIST },
    { "concat:", FINDING_IS_PLAYLIST },
    { "WEBVTT", FINDING_IS_CAPTIONS },
    { "[Script Info]", FINDING_IS_CAPTIONS },
    { "<!doctype html", FINDING_IS_WEB_PAGE },
    { "<html", FINDING_IS_WEB_PAGE },
    { "<svg", FINDING_IS_PICTURE },
};

static bool contains(const char *text, size_t count, const char *word)
{
    return memmem(text, count, word, strlen(word)) != NULL;
}

static bool is_text(const uint8_t *bytes, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (bytes[i] < 0x20 && bytes[i] != '\n' && bytes[i] != '\r' && bytes[i] != '\t'
            && bytes[i] != '\f')
            return false;
    return true;
}

static enum finding_code text_code(const uint8_t *bytes, size_t count)
{
    const char *text = (const char *)bytes;
    if (count >= 3 && memcmp(text, "\xef\xbb\xbf", 3) == 0) {
        text += 3;
        count -= 3;
    }
    while (count > 0 && *text != '\0' && strchr(" \t\r\n", *text)) {
        text++;
        count--;
    }
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++)
        if (count >= strlen(texts[i].start)
            && strncasecmp(text, texts[i].start, strlen(texts[i].start)) == 0)
            return texts[i].code;
    if (!is_text((const uint8_t *)text, count))
        return FINDING_NONE;
    if (contains(text, count, "<MPD") || contains(text, count, "<smil")
        || contains(text, count, "#EXTM3U"))
        return FINDING_IS_PLAYLIST;
    if (contains(text, count, "<html"))
        return FINDING_IS_WEB_PAGE;
    return contains(text, count, " --> ") ? FINDING_IS_CAPTIONS : FINDING_IS_TEXT;
}

enum finding_code sniff_file(const uint8_t *bytes, size_t count)
{
    if (count == 0)
        return FINDING_FILE_EMPTY;
    for (size_t i = 0; i < sizeof marks / sizeof marks[0]; i++) {
        const struct mark *mark = &marks[i];
        if (count >= mark->offset + mark->count
            && memcmp(bytes + mark->offset, mark->bytes, mark->count) == 0)
            return mark->code;
    }
    return text_code(bytes, count);
}
