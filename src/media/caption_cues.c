#include "media/caption_cues.h"

#include "base/memory.h"
#include "media/caption_times.h"
#include "media/captions.h"
#include "media/finding.h"

#include <stdlib.h>
#include <string.h>

enum {
    MENDED_MS = 2000, /* a cue that ends before it begins lasts this long */
    BACK_MS_MAX = 60000
};

static bool refuse_jump(struct caption_cues *cues, size_t line, int64_t back_ms)
{
    return finding_refuse_as(cues->problem, PROBLEM_CAPTIONS_REFUSED,
        (struct finding){ .code = FINDING_CAPTION_JUMP, .numbers = { (int64_t)line, back_ms } });
}

bool caption_cues_add(struct caption_cues *cues, size_t line, int64_t start_ms, int64_t end_ms)
{
    const struct caption_cue *last = caption_cues_last(cues);
    if (cues->count == CAPTION_CUES_MAX)
        return finding_refuse_as(cues->problem, PROBLEM_CAPTIONS_REFUSED,
            (struct finding){ .code = FINDING_CAPTIONS_TOO_MANY,
                .numbers = { (int64_t)line, CAPTION_CUES_MAX } });
    if (last && !cues->unordered && last->start_ms - start_ms > BACK_MS_MAX)
        return refuse_jump(cues, line, last->start_ms - start_ms);
    if (end_ms <= start_ms) {
        end_ms = start_ms + MENDED_MS < CAPTION_TIME_MS_MAX ? start_ms + MENDED_MS
                                                            : CAPTION_TIME_MS_MAX;
        caption_repairs_add(cues->repairs, CAPTION_END_BEFORE_START, line);
    }
    if (cues->count == cues->capacity) {
        cues->capacity = cues->capacity > 0 ? cues->capacity * 2 : 64;
        cues->list = memory_resized(cues->list, cues->capacity, sizeof *cues->list);
    }
    struct caption_cue *cue = &cues->list[cues->count];
    *cue = (struct caption_cue){
        .start_ms = start_ms, .end_ms = end_ms, .order = cues->count, .line = line
    };
    text_init(&cue->text, CAPTION_CUE_BYTES_MAX);
    cues->count++;
    return true;
}

bool caption_cues_add_text(struct caption_cues *cues, const char *bytes, size_t count, size_t line)
{
    struct text *text = &caption_cues_last(cues)->text;
    if (text->length > 0)
        text_append(text, "\n", 1);
    text_append(text, bytes, count);
    return !text->overflowed
           || finding_refuse_as(cues->problem, PROBLEM_CAPTIONS_REFUSED,
               (struct finding){ .code = FINDING_CAPTION_TOO_LONG,
                   .numbers = { (int64_t)line, CAPTION_CUE_BYTES_MAX } });
}

struct caption_cue *caption_cues_last(struct caption_cues *cues)
{
    return cues->count > 0 ? &cues->list[cues->count - 1] : NULL;
}

static int compare_cues(const void *left, const void *right)
{
    const struct caption_cue *a = left, *b = right;
    if (a->start_ms != b->start_ms)
        return a->start_ms < b->start_ms ? -1 : 1;
    return (a->order > b->order) - (a->order < b->order);
}

void caption_cues_sort(struct caption_cues *cues)
{
    for (size_t i = 1; !cues->unordered && i < cues->count; i++)
        if (cues->list[i].start_ms < cues->list[i - 1].start_ms)
            caption_repairs_add(cues->repairs, CAPTION_OUT_OF_ORDER, cues->list[i].line);
    if (cues->count > 1)
        qsort(cues->list, cues->count, sizeof *cues->list, compare_cues);
}

void caption_cues_release(struct caption_cues *cues)
{
    for (size_t i = 0; i < cues->count; i++)
        text_release(&cues->list[i].text);
    free(cues->list);
}

bool caption_lines_next(struct caption_lines *lines, struct caption_line *ret_line)
{
    if (lines->at >= lines->end)
        return false;
    const char *newline = memchr(lines->at, '\n', (size_t)(lines->end - lines->at));
    const char *end = newline ? newline : lines->end;
    *ret_line = (struct caption_line){ lines->at, (size_t)(end - lines->at), ++lines->number };
    lines->at = newline ? newline + 1 : lines->end;
    return true;
}

bool caption_line_is_blank(const struct caption_line *line)
{
    for (size_t i = 0; i < line->count; i++)
        if (line->bytes[i] != ' ' && line->bytes[i] != '\t')
            return false;
    return true;
}

bool caption_line_is_number(const struct caption_line *line)
{
    size_t digits = 0;
    for (size_t i = 0; i < line->count; i++) {
        if (line->bytes[i] >= '0' && line->bytes[i] <= '9')
            digits++;
        else if (line->bytes[i] != ' ' && line->bytes[i] != '\t')
            return false;
    }
    return digits > 0;
}

bool caption_line_begins(const struct caption_line *line, const char *word)
{
    size_t length = strlen(word);
    return line->count >= length && memcmp(line->bytes, word, length) == 0
           && (line->count == length || line->bytes[length] == ' ' || line->bytes[length] == '\t');
}
