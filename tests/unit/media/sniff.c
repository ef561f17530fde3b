#include "media/sniff.h"

#include "../unit.h"

#include <string.h>

static void what_is_no_lecture_is_called_by_its_name(void **state)
{
    (void)state;
    static const struct {
        const char *bytes, *word; /* NULL: may be a lecture */
        size_t count;             /* 0: a text */
    } cases[] = {
        { "#EXTM3U\n#EXT-X-VERSION:3\n#EXTINF:1,\nhttp://10.0.0.1/x.ts\n", "playlist", 0 },
        { "\xef\xbb\xbf#EXTM3U\n", "playlist", 0 },
        { "  \r\n#extm3u\n", "playlist", 0 },
        { "ffconcat version 1.0\nfile /etc/passwd\n", "playlist", 0 },
        { "file '/etc/passwd'\n", "playlist", 0 },
        { "v=0\r\no=- 0 0 IN IP4 127.0.0.1\r\n", "playlist", 0 },
        { "<?xml version=\"1.0\"?>\n<MPD xmlns=\"urn:mpeg:dash:schema:mpd:2011\">", "playlist", 0 },
        { "<MPD>", "playlist", 0 },
        { "[playlist]\nFile1=http://x\n", "playlist", 0 },
        { "https://example.org/video.mp4\n", "playlist", 0 },
        { "# a comment\n#EXTM3U\n", "playlist", 0 },
        { "WEBVTT\n\n00:00.000 --> 00:01.000\nHello\n", "caption", 0 },
        { "1\n00:00:00,000 --> 00:00:01,000\nHello\n", "caption", 0 },
        { "<!DOCTYPE html><html>", "web page", 0 },
        { "<?xml version=\"1.0\"?>\n<html>", "web page", 0 },
        { "Dear colleagues,\n", "text", 0 },
        { "%PDF-1.7\n%\xe2\xe3\xcf\xd3", "document", 0 },
        { "\x89PNG\r\n\x1a\n", "picture", 0 },
        { "\xff\xd8\xff\xe0", "picture", 0 },
        { "\0\0\0\x18"
          "ftypheic",
            "picture", 12 },
        { "PK\x03\x04", "archive", 0 },
        { "\0\0\0\x18"
          "ftypisom",
            NULL, 12 },
        { "\x1a\x45\xdf\xa3\x01\x00\x00\x00", NULL, 8 },
        { "RIFF\x10\x20\x30\x40"
          "AVI LIST",
            NULL, 16 },
        { "ID3\x03\x00\x00\x00", NULL, 7 },
        { "\x47\x40\x00\x10\x00", NULL, 5 },
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        size_t count = cases[i].count > 0 ? cases[i].count : strlen(cases[i].bytes);
        const char *sentence = sniff_refusal((const uint8_t *)cases[i].bytes, count);
        if ((sentence == NULL) != (cases[i].word == NULL)
            || (sentence && !strstr(sentence, cases[i].word)))
            fail_msg("case %zu (%s): %s", i, cases[i].bytes, sentence ? sentence : "taken");
    }
    assert_non_null(strstr(sniff_refusal((const uint8_t *)"", 0), "empty"));
}

int main(void)
{
    const struct CMUnitTest tests[]
        = { cmocka_unit_test(what_is_no_lecture_is_called_by_its_name) };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
