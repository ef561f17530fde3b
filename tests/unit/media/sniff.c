#include "media/sniff.h"

#include "../unit.h"

#include <string.h>

static void what_is_no_lecture_is_called_by_its_name(void **state)
{
    (void)state;
    static const struct {
        const char *bytes;
        enum finding_code code; /* FINDING_NONE: may be a lecture */
        size_t count;           /* 0: a text */
    } cases[] = {
        { "#EXTM3U\n#EXT-X-VERSION:3\n#EXTINF:1,\nhttp://10.0.0.1/x.ts\n", FINDING_IS_PLAYLIST, 0 },
        { "\xef\xbb\xbf#EXTM3U\n", FINDING_IS_PLAYLIST, 0 },
        { "  \r\n#extm3u\n", FINDING_IS_PLAYLIST, 0 },
        { "ffconcat version 1.0\nfile /etc/passwd\n", FINDING_IS_PLAYLIST, 0 },
        { "file '/etc/passwd'\n", FINDING_IS_PLAYLIST, 0 },
        { "v=0\r\no=- 0 0 IN IP4 127.0.0.1\r\n", FINDING_IS_PLAYLIST, 0 },
        { "<?xml version=\"1.0\"?>\n<MPD xmlns=\"urn:mpeg:dash:schema:mpd:2011\">",
            FINDING_IS_PLAYLIST, 0 },
        { "<MPD>", FINDING_IS_PLAYLIST, 0 },
        { "[playlist]\nFile1=http://x\n", FINDING_IS_PLAYLIST, 0 },
        { "https://example.org/video.mp4\n", FINDING_IS_PLAYLIST, 0 },
        { "# a comment\n#EXTM3U\n", FINDING_IS_PLAYLIST, 0 },
        { "WEBVTT\n\n00:00.000 --> 00:01.000\nHello\n", FINDING_IS_CAPTIONS, 0 },
        { "1\n00:00:00,000 --> 00:00:01,000\nHello\n", FINDING_IS_CAPTIONS, 0 },
        { "<!DOCTYPE html><html>", FINDING_IS_WEB_PAGE, 0 },
        { "<?xml version=\"1.0\"?>\n<html>", FINDING_IS_WEB_PAGE, 0 },
        { "Dear colleagues,\n", FINDING_IS_TEXT, 0 },
        { "%PDF-1.7\n%\xe2\xe3\xcf\xd3", FINDING_IS_DOCUMENT, 0 },
        { "\x89PNG\r\n\x1a\n", FINDING_IS_PICTURE, 0 },
        { "\xff\xd8\xff\xe0", FINDING_IS_PICTURE, 0 },
        { "\0\0\0\x18"
          "ftypheic",
            FINDING_IS_PICTURE, 12 },
        { "PK\x03\x04", FINDING_IS_ARCHIVE_OR_OFFICE, 0 },
        { "\0\0\0\x18"
          "ftypisom",
            FINDING_NONE, 12 },
        { "\x1a\x45\xdf\xa3\x01\x00\x00\x00", FINDING_NONE, 8 },
        { "RIFF\x10\x20\x30\x40"
          "AVI LIST",
            FINDING_NONE, 16 },
        { "ID3\x03\x00\x00\x00", FINDING_NONE, 7 },
        { "\x47\x40\x00\x10\x00", FINDING_NONE, 5 },
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        size_t count = cases[i].count > 0 ? cases[i].count : strlen(cases[i].bytes);
        enum finding_code code = sniff_file((const uint8_t *)cases[i].bytes, count);
        if (code != cases[i].code)
            fail_msg("case %zu (%s): %s", i, cases[i].bytes, finding_kinds[code].code);
    }
    assert_int_equal(sniff_file((const uint8_t *)"", 0), FINDING_FILE_EMPTY);
}

int main(void)
{
    const struct CMUnitTest tests[]
        = { cmocka_unit_test(what_is_no_lecture_is_called_by_its_name) };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
