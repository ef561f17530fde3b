/* Whatever a caption file holds, what is written is clean: no tag but ours, no control character, and reading it again
 * changes nothing. */
#include "media/captions.h"

#include "base/text.h"
#include "media/caption_encoding.h"
#include "media/caption_segments.h"

#include <stdlib.h>
#include <string.h>

static void check_tags(const char *vtt)
{
    static const char *const kept[] = { "b", "i", "u", "c", "v", "lang", "ruby", "rt" };
    for (const char *at = strchr(vtt, '<'); at; at = strchr(at + 1, '<')) {
        const char *name = at + 1 + (at[1] == '/');
        size_t length = strcspn(name, "> .\n"), i = 0;
        while (i < 8 && (strlen(kept[i]) != length || memcmp(kept[i], name, length) != 0))
            i++;
        if (i == 8 || !strchr(name, '>'))
            abort();
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
/* The first byte chooses the language, or an encoding by name; the lecture is an hour long. */
static struct captions_file make_file(const uint8_t *data, size_t size)
{
    static const char *const languages[]
        = { "en", "ja", "zh", "ko", "th", "vi", "mn", "ru", "el", "tr", "he", "ar", "lt", "pl" };
    size_t choice = data[0], language_count = sizeof languages / sizeof languages[0];
    return (struct captions_file){
        .bytes = (const char *)data + 1,
        .count = size - 1,
        .language = languages[choice % language_count],
        .encoding = choice & 0x80 ? caption_encoding_names[choice % caption_encoding_count] : NULL,
        .duration_ms = 3600000,
    };
}

/* Each segment is a file like the whole, and all together show each cue. */
static void check_segments(const struct captions *captions)
{
    struct caption_segments segments;
    size_t seen = 0;
    caption_segments_init(&segments, captions->vtt, captions->vtt_count, 3600000);
    if (segments.span_count != captions->cue_count)
        abort();
    for (size_t i = 0; i < segments.count; i++) {
        struct text text;
        text_init(&text, captions->vtt_count);
        caption_segment_write(&segments, i, &text);
        if (text.overflowed || strncmp(text.bytes, "WEBVTT\n", 7) != 0)
            abort();
        seen += text.length;
        text_release(&text);
    }
    if (seen < captions->vtt_count
        || seen > captions->vtt_count * CAPTION_SEGMENTS_GROWTH + segments.count * 60)
        abort();
    caption_segments_release(&segments);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct captions captions, again;
    struct problem problem = { 0 };
    if (size == 0)
        return 0;
    struct captions_file file = make_file(data, size);
    if (!captions_clean(&file, &captions, &problem)) {
        if (problem.kind != PROBLEM_CAPTIONS_REFUSED
            || !text_is_line(problem.detail, sizeof problem.detail))
            abort();
        return 0;
    }
    if (strlen(captions.vtt) != captions.vtt_count
        || !text_is_utf8(captions.vtt, captions.vtt_count) || strpbrk(captions.vtt, "\x01\x1b\r\t"))
        abort();
    check_tags(captions.vtt);
    check_segments(&captions);
    file = (struct captions_file){
        .bytes = captions.vtt, .count = captions.vtt_count, .language = "en", .duration_ms = 3600000
    };
    if (!captions_clean(&file, &again, &problem)) {
        /* Escapes make a text longer than it was. */
        if (!strstr(problem.detail, "bytes of text"))
            abort();
    } else {
        if (again.vtt_count != captions.vtt_count
            || memcmp(captions.vtt, again.vtt, again.vtt_count) != 0
            || again.cue_count != captions.cue_count || again.repairs.total > 0)
            abort();
        captions_release(&again);
    }
    captions_release(&captions);
    return 0;
}
