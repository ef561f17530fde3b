/* WebVTT, SubRip and SubViewer: line by line, into cues. */
#include "media/caption_cues.h"

#include "media/caption_times.h"
#include "media/finding.h"

#include <string.h>

/* "line:90%", "align:start" and their like; what is none of them is dropped. */
static bool is_setting(const char *bytes, size_t count)
{
    static const char *const names[] = { "align:", "position:", "line:", "size:", "vertical:" };
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        size_t length = strlen(names[i]);
        if (count <= length || count > 40 || memcmp(bytes, names[i], length) != 0)
            continue;
        for (size_t k = length; k < count; k++)
            if (!strchr("abcdefghijklmnopqrstuvwxyz0123456789.,%-", bytes[k]))
                return false;
        return true;
    }
    return false;
}

static size_t next_word(const char **bytes, size_t *count)
{
    size_t length = 0;
    while (*count > 0 && (**bytes == ' ' || **bytes == '\t')) {
        (*bytes)++;
        (*count)--;
    }
    while (length < *count && (*bytes)[length] != ' ' && (*bytes)[length] != '\t')
        length++;
    return length;
}

/* What stands behind the times; SubRip has no settings. */
static void read_settings(
    const struct caption_timing *timing, bool vtt, size_t line, struct caption_cues *cues)
{
    struct caption_cue *cue = caption_cues_last(cues);
    const char *bytes = timing->rest;
    size_t count = timing->rest_count, used = 0, length;
    while ((length = next_word(&bytes, &count)) > 0) {
        if (vtt && is_setting(bytes, length) && used + length + 2 < CAPTION_SETTINGS_SIZE) {
            cue->settings[used++] = ' ';
            memcpy(cue->settings + used, bytes, length);
            used += length;
        } else {
            caption_repairs_add(cues->repairs, CAPTION_SETTING_DROPPED, line);
        }
        bytes += length;
        count -= length;
    }
    cue->settings[used] = '\0';
}

static bool refuse_times(const struct caption_line *line, struct problem *problem)
{
    return finding_refuse_as(problem, PROBLEM_CAPTIONS_REFUSED,
        (struct finding){ .code = FINDING_CAPTION_TIMES, .numbers = { (int64_t)line->number } });
}

static void note_oddities(
    unsigned oddities, unsigned wanted, size_t line, struct caption_repairs *repairs)
{
    static const struct {
        unsigned oddity;
        enum caption_repair_code code;
    } codes[] = {
        { CAPTION_TIMING_COMMA, CAPTION_COMMA_FOR_POINT },
        { CAPTION_TIMING_POINT, CAPTION_POINT_FOR_COMMA },
        { CAPTION_TIMING_WITHOUT_HOURS, CAPTION_HOURS_MISSING },
        { CAPTION_TIMING_SHORT_FRACTION, CAPTION_FRACTION_SHORT },
        { CAPTION_TIMING_ODD_ARROW, CAPTION_ARROW_WRONG },
    };
    for (size_t i = 0; i < sizeof codes / sizeof codes[0]; i++)
        if (oddities & wanted & codes[i].oddity)
            caption_repairs_add(repairs, codes[i].code, line);
}

/* The last line of the last cue's text where that is a number: the next cue's, which no blank line parts from it. */
static bool take_trailing_number(struct caption_cues *cues)
{
    struct caption_cue *cue = caption_cues_last(cues);
    if (!cue || cue->text.length == 0)
        return false;
    const char *newline = memrchr(cue->text.bytes, '\n', cue->text.length);
    size_t start = newline ? (size_t)(newline - cue->text.bytes) + 1 : 0;
    struct caption_line last = { cue->text.bytes + start, cue->text.length - start, 0 };
    if (!caption_line_is_number(&last))
        return false;
    cue->text.length = newline ? start - 1 : 0;
    cue->text.bytes[cue->text.length] = '\0';
    return true;
}

/* --- SubRip ----------------------------------------------------------------------------------- */

struct srt {
    struct caption_cues *cues;
    bool subviewer;
    bool after_blank, outside;
    struct caption_line pending; /* a number that may be the next cue's; bytes NULL: none */
    int64_t number;              /* of the last cue; -1: none yet */
};

static int64_t number_of(const struct caption_line *line)
{
    int64_t value = 0;
    for (size_t i = 0; i < line->count && value < INT32_MAX; i++)
        if (line->bytes[i] >= '0' && line->bytes[i] <= '9')
            value = value * 10 + (line->bytes[i] - '0');
    return value;
}

static void check_number(struct srt *srt, size_t line)
{
    if (srt->subviewer)
        return;
    if (!srt->pending.bytes) {
        caption_repairs_add(srt->cues->repairs, CAPTION_NUMBER_MISSING, line);
        return;
    }
    int64_t number = number_of(&srt->pending);
    if (srt->number >= 0 && number != srt->number + 1)
        caption_repairs_add(srt->cues->repairs, CAPTION_NUMBER_WRONG, srt->pending.number);
    srt->number = number;
}

static bool begin_srt_cue(
    struct srt *srt, const struct caption_line *line, const struct caption_timing *timing)
{
    static const unsigned subrip_wants = CAPTION_TIMING_POINT | CAPTION_TIMING_WITHOUT_HOURS
                                         | CAPTION_TIMING_SHORT_FRACTION | CAPTION_TIMING_ODD_ARROW;
    struct caption_cues *cues = srt->cues;
    if (cues->count > 0 && !srt->after_blank) {
        bool number = take_trailing_number(cues);
        caption_repairs_add(
            cues->repairs, CAPTION_BLANK_LINE_MISSING, line->number - (number ? 1 : 0));
        if (number)
            srt->number++;
        else
            check_number(srt, line->number);
    } else {
        check_number(srt, line->number);
    }
    note_oddities(timing->oddities, srt->subviewer ? 0 : subrip_wants, line->number, cues->repairs);
    if (!caption_cues_add(cues, line->number, timing->start_ms, timing->end_ms))
        return false;
    read_settings(timing, false, line->number, cues);
    srt->pending.bytes = NULL;
    srt->after_blank = false;
    return true;
}

static bool add_srt_text(struct srt *srt, const struct caption_line *line)
{
    struct caption_cues *cues = srt->cues;
    if (cues->count == 0) {
        if (!srt->outside)
            caption_repairs_add(cues->repairs, CAPTION_TEXT_OUTSIDE, line->number);
        srt->outside = true;
        return true;
    }
    if (srt->after_blank && caption_cues_last(cues)->text.length > 0)
        caption_repairs_add(cues->repairs, CAPTION_BLANK_LINE_INSIDE, line->number);
    srt->after_blank = false;
    return caption_cues_add_text(cues, line->bytes, line->count, line->number);
}

/* A number that no times follow was text after all. */
static bool flush_pending(struct srt *srt)
{
    struct caption_line number = srt->pending;
    srt->pending.bytes = NULL;
    return !number.bytes || add_srt_text(srt, &number);
}

/* The text goes on until the next times; what follows a blank line is text too, unless it is the next cue's number. */
bool caption_read_srt(struct caption_lines *lines, bool subviewer, struct caption_cues *cues)
{
    struct srt srt = { .cues = cues, .subviewer = subviewer, .after_blank = true, .number = -1 };
    struct caption_line line;
    while (caption_lines_next(lines, &line)) {
        struct caption_timing timing;
        enum caption_timing_result result = caption_timing_read(line.bytes, line.count, &timing);
        if (result == CAPTION_TIMING_WRONG)
            return refuse_times(&line, cues->problem);
        bool good = true;
        if (result == CAPTION_TIMING_READ) {
            good = begin_srt_cue(&srt, &line, &timing);
        } else if (caption_line_is_blank(&line)) {
            srt.after_blank = true;
        } else if (srt.after_blank && caption_line_is_number(&line)) {
            good = flush_pending(&srt);
            srt.pending = line;
            srt.after_blank = true;
        } else {
            good = flush_pending(&srt) && add_srt_text(&srt, &line);
        }
        if (!good)
            return false;
    }
    return true;
}

/* --- WebVTT ----------------------------------------------------------------------------------- */

static void skip_block(struct caption_lines *lines)
{
    struct caption_line line;
    while (caption_lines_next(lines, &line) && !caption_line_is_blank(&line))
        ;
}

static bool begin_vtt_cue(
    struct caption_cues *cues, const struct caption_line *line, const struct caption_timing *timing)
{
    static const unsigned webvtt_wants
        = CAPTION_TIMING_COMMA | CAPTION_TIMING_SHORT_FRACTION | CAPTION_TIMING_ODD_ARROW;
    note_oddities(timing->oddities, webvtt_wants, line->number, cues->repairs);
    if (!caption_cues_add(cues, line->number, timing->start_ms, timing->end_ms))
        return false;
    read_settings(timing, true, line->number, cues);
    return true;
}

/* WebVTT: times begin a new cue even where the blank line is missing. */
static bool read_vtt_text(struct caption_lines *lines, struct caption_cues *cues)
{
    struct caption_line line;
    while (caption_lines_next(lines, &line) && !caption_line_is_blank(&line)) {
        struct caption_timing timing;
        enum caption_timing_result result = caption_timing_read(line.bytes, line.count, &timing);
        bool good;
        if (result == CAPTION_TIMING_WRONG)
            return refuse_times(&line, cues->problem);
        if (result == CAPTION_TIMING_READ) {
            bool number = take_trailing_number(cues);
            caption_repairs_add(
                cues->repairs, CAPTION_BLANK_LINE_MISSING, line.number - (number ? 1 : 0));
            good = begin_vtt_cue(cues, &line, &timing);
        } else {
            good = caption_cues_add_text(cues, line.bytes, line.count, line.number);
        }
        if (!good)
            return false;
    }
    return true;
}

/* A block's times, on its first line or behind a name. */
static enum caption_timing_result find_times(struct caption_lines *lines, struct caption_line *line,
    struct caption_timing *timing, bool *ret_ended)
{
    enum caption_timing_result result = caption_timing_read(line->bytes, line->count, timing);
    struct caption_line second;
    *ret_ended = false;
    if (result != CAPTION_TIMING_NONE)
        return result;
    if (!caption_lines_next(lines, &second) || caption_line_is_blank(&second)) {
        *ret_ended = true;
        return result;
    }
    result = caption_timing_read(second.bytes, second.count, timing);
    if (result != CAPTION_TIMING_NONE)
        *line = second;
    return result;
}

static bool is_silent(const struct caption_line *line)
{
    return caption_line_begins(line, "NOTE") || caption_line_begins(line, "STYLE")
           || caption_line_begins(line, "REGION");
}

/* Blocks parted by blank lines: the header, comments, styles and regions are dropped, cues may have a name. */
bool caption_read_vtt(struct caption_lines *lines, bool header, struct caption_cues *cues)
{
    struct caption_line line;
    if (header)
        skip_block(lines);
    while (caption_lines_next(lines, &line)) {
        struct caption_timing timing;
        bool ended;
        if (caption_line_is_blank(&line))
            continue;
        if (is_silent(&line)) {
            skip_block(lines);
            continue;
        }
        enum caption_timing_result result = find_times(lines, &line, &timing, &ended);
        if (result == CAPTION_TIMING_WRONG)
            return refuse_times(&line, cues->problem);
        if (result == CAPTION_TIMING_NONE) {
            caption_repairs_add(cues->repairs, CAPTION_TEXT_OUTSIDE, line.number);
            if (!ended)
                skip_block(lines);
            continue;
        }
        if (!begin_vtt_cue(cues, &line, &timing) || !read_vtt_text(lines, cues))
            return false;
    }
    return true;
}
