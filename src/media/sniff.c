#include "media/sniff.h"

#include "base/text.h"

#include <string.h>
#include <strings.h>

static const char playlist[]
    = "This is a playlist, not a video. Send the video file that it points to.";
static const char picture[] = "This is a picture, not a video.";
static const char document[]
    = "This is a document, not a video. Handouts are added to a lecture later.";
static const char archive[] = "This is an archive, not a video. Unpack it and send the video file.";
static const char captions[]
    = "This is a caption file, not a video. Add it to a lecture under its language.";
static const char page[]
    = "This is a web page, not a video. Download the video itself and send that.";
static const char plain[] = "This is a text file, not a video.";

struct mark {
    const char *bytes;
    size_t count, offset;
    const char *sentence;
};

#define MARK(bytes, offset, sentence)                                                              \
    {                                                                                              \
        bytes, sizeof(bytes) - 1, offset, sentence                                                 \
    }

/* Fixed bytes at a fixed place. */
// clang-format off
static const struct mark marks[] = {
    MARK("\x89PNG\r\n\x1a\n", 0, picture),
    MARK("\xff\xd8\xff", 0, picture),
    MARK("GIF8", 0, picture),
    MARK("WEBPVP8", 8, picture),
    MARK("ftypheic", 4, picture),
    MARK("ftypmif1", 4, picture),
    MARK("ftypavif", 4, picture),
    MARK("II*\0", 0, picture),
    MARK("MM\0*", 0, picture),
    MARK("%PDF-", 0, document),
    MARK("{\\rtf", 0, document),
    MARK("\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", 0, document), /* old Office files */
    MARK("PK\x03\x04", 0, "This is an archive or an Office document, not a video."),
    MARK("7z\xbc\xaf\x27\x1c", 0, archive),
    MARK("Rar!\x1a\x07", 0, archive),
    MARK("\x1f\x8b\x08", 0, archive),
    MARK("BZh", 0, archive),
    MARK("\xfd" "7zXZ\0", 0, archive),
    MARK("\x28\xb5\x2f\xfd", 0, archive),
    MARK("ustar", 257, archive),
    MARK("\x7f" "ELF", 0, "This is a program, not a video."),
    MARK("MZ", 0, "This is a program, not a video."),
};
// clang-format on

/* Beginnings of text files, in any case of letters, after a byte order mark and spaces. */
static const struct {
    const char *start, *sentence;
} texts[] = {
    { "#EXTM3U", playlist },
    { "#EXT-X-", playlist },
    { "ffconcat", playlist },
    { "[playlist]", playlist },
    { "[reference]", playlist },
    { "<asx", playlist },
    { "<smil", playlist },
    { "<mpd", playlist },
    { "v=0", playlist }, /* SDP */
    { "http://", playlist },
    { "https://", playlist },
    { "rtsp://", playlist },
    { "rtmp://", playlist },
    { "file ", playlist },
    { "file:", playlist },
    { "concat:", playlist },
    { "WEBVTT", captions },
    { "[Script Info]", captions },
    { "<!doctype html", page },
    { "<html", page },
    { "<svg", picture },
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

static const char *text_refusal(const uint8_t *bytes, size_t count)
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
            return texts[i].sentence;
    if (!is_text((const uint8_t *)text, count))
        return NULL;
    if (contains(text, count, "<MPD") || contains(text, count, "<smil")
        || contains(text, count, "#EXTM3U"))
        return playlist;
    if (contains(text, count, "<html"))
        return page;
    return contains(text, count, " --> ") ? captions : plain;
}

const char *sniff_refusal(const uint8_t *bytes, size_t count)
{
    if (count == 0)
        return "The file is empty. Send it again.";
    for (size_t i = 0; i < sizeof marks / sizeof marks[0]; i++) {
        const struct mark *mark = &marks[i];
        if (count >= mark->offset + mark->count
            && memcmp(bytes + mark->offset, mark->bytes, mark->count) == 0)
            return mark->sentence;
    }
    return text_refusal(bytes, count);
}
