#include "media/caption_repairs.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>

struct face {
    const char *name;
    bool once; /* told once, with a count */
    const char *sentence;
};

// clang-format off
static const struct face faces[CAPTION_REPAIR_CODE_COUNT] = {
    [CAPTION_LINE_ENDS] = { "line-ends", true,
        "lines end in a carriage return alone" },
    [CAPTION_TRAILING_GARBAGE] = { "trailing-garbage", true,
        "what stands behind the end of the text was left out" },
    [CAPTION_MONGOLIAN_LETTERS] = { "mongolian-letters", true,
        "\xd0\x84 and \xd0\x87, which old Mongolian fonts draw as \xd3\xa8 and \xd2\xae, became these" },
    [CAPTION_HEADER_MISSING] = { "header-missing", true,
        "the first line, WEBVTT, is missing" },
    [CAPTION_HEADER_WRONG] = { "header-wrong", true,
        "the first line should begin with WEBVTT, in capitals and alone" },
    [CAPTION_COMMA_FOR_POINT] = { "comma-for-point", true,
        "times have a comma where WebVTT wants a point" },
    [CAPTION_POINT_FOR_COMMA] = { "point-for-comma", true,
        "times have a point where SubRip wants a comma" },
    [CAPTION_HOURS_MISSING] = { "hours-missing", true,
        "times have no hours" },
    [CAPTION_FRACTION_SHORT] = { "fraction-short", true,
        "times do not have three digits behind the second" },
    [CAPTION_ARROW_WRONG] = { "arrow-wrong", true,
        "the arrow between two times should be -->" },
    [CAPTION_NUMBER_WRONG] = { "number-wrong", true,
        "captions are not numbered in order" },
    [CAPTION_NUMBER_MISSING] = { "number-missing", true,
        "captions have no number" },
    [CAPTION_BLANK_LINE_MISSING] = { "blank-line-missing", true,
        "no blank line parts this caption from the one above" },
    [CAPTION_SETTING_DROPPED] = { "setting-dropped", true,
        "what stands behind the times was left out" },
    [CAPTION_OVERLAP_CUT] = { "overlap-cut", true,
        "captions that ran into the next one by less than half a second end where that begins" },
    [CAPTION_BLANK_LINE_INSIDE] = { "blank-line-inside", false,
        "this text belongs to the caption above the blank line" },
    [CAPTION_TEXT_OUTSIDE] = { "text-outside", false,
        "text that belongs to no caption was left out" },
    [CAPTION_END_BEFORE_START] = { "end-before-start", false,
        "this caption ended before it began, and is shown for two seconds" },
    [CAPTION_OUT_OF_ORDER] = { "out-of-order", false,
        "this caption begins before the one above it, and was put in its place" },
    [CAPTION_EMPTY] = { "empty", false,
        "a caption without text was left out" },
    [CAPTION_TEXT_CLEANED] = { "text-cleaned", false,
        "markup or control characters that captions cannot have were left out or are shown as text" },
    [CAPTION_BEYOND_END] = { "beyond-end", false,
        "this caption begins after the lecture's end, and was left out" },
    [CAPTION_CUT_AT_END] = { "cut-at-end", false,
        "this caption was cut at the lecture's end" },
};
// clang-format on

void caption_repairs_add(
    struct caption_repairs *repairs, enum caption_repair_code code, size_t line)
{
    repairs->total++;
    for (size_t i = 0; faces[code].once && i < repairs->count; i++) {
        if (repairs->list[i].code != code)
            continue;
        repairs->list[i].count++;
        if (line < repairs->list[i].line)
            repairs->list[i].line = line;
        return;
    }
    if (repairs->count < CAPTION_REPAIRS_MAX)
        repairs->list[repairs->count++] = (struct caption_repair){ code, line, 1 };
}

enum { SENTENCE_SIZE = 200 };

/* "Line 48: this caption ended before it began, and is shown for two seconds." */
static void write_sentence(const struct caption_repair *repair, char ret_sentence[SENTENCE_SIZE])
{
    int length = snprintf(
        ret_sentence, SENTENCE_SIZE, "Line %zu: %s", repair->line, faces[repair->code].sentence);
    size_t used = (size_t)length;
    if (repair->count > 1)
        (void)snprintf(ret_sentence + used, SENTENCE_SIZE - used, " (%zu times).", repair->count);
    else
        (void)snprintf(ret_sentence + used, SENTENCE_SIZE - used, ".");
}

static int compare_lines(const void *left, const void *right)
{
    const struct caption_repair *a = left, *b = right;
    if (a->line != b->line)
        return a->line < b->line ? -1 : 1;
    return (a->code > b->code) - (a->code < b->code);
}

json_t *caption_repairs_json(const struct caption_repairs *repairs)
{
    struct caption_repairs sorted = *repairs;
    json_t *array = json_array();
    qsort(sorted.list, sorted.count, sizeof sorted.list[0], compare_lines);
    for (size_t i = 0; i < sorted.count; i++) {
        const struct caption_repair *repair = &sorted.list[i];
        char sentence[SENTENCE_SIZE];
        write_sentence(repair, sentence);
        (void)json_array_append_new(
            array, json_pack("{s:s, s:I, s:I, s:s}", "code", faces[repair->code].name, "line",
                       (json_int_t)repair->line, "count", (json_int_t)repair->count, "sentence",
                       sentence));
    }
    return array;
}
