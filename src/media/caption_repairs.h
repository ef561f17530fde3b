/*
 * What was mended in a caption file: codes with the line where it happened, for pages to translate, and an English
 * sentence for each.
 *
 * Kinds      what runs through a whole file (commas for points) is told once, with its first line and how often; what
 *            happened to one caption is told for each.
 * Limits     CAPTION_REPAIRS_MAX are kept; `total` counts all.
 */
#ifndef LECTERN_MEDIA_CAPTION_REPAIRS_H
#define LECTERN_MEDIA_CAPTION_REPAIRS_H

#include <jansson.h>
#include <stddef.h>

enum { CAPTION_REPAIRS_MAX = 100 };

enum caption_repair_code {
    /* of the file's form */
    CAPTION_LINE_ENDS,
    CAPTION_TRAILING_GARBAGE,
    CAPTION_MONGOLIAN_LETTERS,
    CAPTION_HEADER_MISSING,
    CAPTION_HEADER_WRONG,
    CAPTION_COMMA_FOR_POINT,
    CAPTION_POINT_FOR_COMMA,
    CAPTION_HOURS_MISSING,
    CAPTION_FRACTION_SHORT,
    CAPTION_ARROW_WRONG,
    CAPTION_NUMBER_WRONG,
    CAPTION_NUMBER_MISSING,
    CAPTION_BLANK_LINE_MISSING,
    CAPTION_SETTING_DROPPED,
    CAPTION_OVERLAP_CUT,
    /* of one caption */
    CAPTION_BLANK_LINE_INSIDE,
    CAPTION_TEXT_OUTSIDE,
    CAPTION_END_BEFORE_START,
    CAPTION_OUT_OF_ORDER,
    CAPTION_EMPTY,
    CAPTION_TEXT_CLEANED,
    CAPTION_BEYOND_END,
    CAPTION_CUT_AT_END,
    CAPTION_REPAIR_CODE_COUNT
};

struct caption_repair {
    enum caption_repair_code code;
    size_t line;  /* the first one */
    size_t count; /* how often */
};

struct caption_repairs {
    struct caption_repair list[CAPTION_REPAIRS_MAX];
    size_t count;
    size_t total;
};

void caption_repairs_add(
    struct caption_repairs *repairs, enum caption_repair_code code, size_t line);
/* [{"code","line","count","sentence"}...] in order of lines */
json_t *caption_repairs_json(const struct caption_repairs *repairs);

#endif
