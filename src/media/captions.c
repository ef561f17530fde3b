#include "media/captions.h"

#include "base/memory.h"
#include "base/text.h"
#include "media/caption_cues.h"
#include "media/caption_encoding.h"
#include "media/caption_text.h"
#include "media/caption_times.h"
#include "media/finding.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

enum {
    OVERLAP_MS_MAX = 500,   /* longer ones are meant */
    CUT_UNTOLD_MS_MAX = 500 /* at the end nobody misses this */
};

enum form { FORM_VTT, FORM_VTT_WITHOUT_HEADER, FORM_SRT, FORM_SUBVIEWER, FORM_ASS };
static const char *const form_names[] = {
    [FORM_VTT] = "webvtt",
    [FORM_VTT_WITHOUT_HEADER] = "webvtt",
    [FORM_SRT] = "subrip",
    [FORM_SUBVIEWER] = "subviewer",
    [FORM_ASS] = "substation",
};

static bool begins_ignoring_case(const struct caption_line *line, const char *word)
{
    return line->count >= strlen(word) && strncasecmp(line->bytes, word, strlen(word)) == 0;
}

/* By the first times: points and no number before them are WebVTT's, a comma between them SubViewer's. */
static enum form form_of_times(struct caption_lines lines, struct caption_repairs *repairs)
{
    struct caption_line line;
    bool number = false;
    while (caption_lines_next(&lines, &line)) {
        struct caption_timing timing;
        if (caption_timing_read(line.bytes, line.count, &timing) != CAPTION_TIMING_READ) {
            number = caption_line_is_number(&line);
            continue;
        }
        bool arrow = memmem(line.bytes, line.count, "-->", 3) != NULL;
        if (!arrow && !(timing.oddities & CAPTION_TIMING_ODD_ARROW))
            return FORM_SUBVIEWER;
        if (number || !(timing.oddities & CAPTION_TIMING_POINT)
            || (timing.oddities & CAPTION_TIMING_COMMA))
            return FORM_SRT;
        caption_repairs_add(repairs, CAPTION_HEADER_MISSING, 1);
        return FORM_VTT_WITHOUT_HEADER;
    }
    return FORM_SRT;
}

/* Leaves `lines` behind what says that it is WebVTT. */
static enum form find_form(struct caption_lines *lines, struct caption_repairs *repairs)
{
    struct caption_lines ahead = *lines;
    struct caption_line line;
    bool any = false;
    while (!any && caption_lines_next(&ahead, &line))
        any = !caption_line_is_blank(&line);
    if (!any)
        return FORM_SRT;
    while (line.count > 0 && (*line.bytes == ' ' || *line.bytes == '\t')) {
        line.bytes++;
        line.count--;
    }
    if (begins_ignoring_case(&line, "WEBVTT")) {
        bool right
            = line.number == 1 && line.bytes == lines->at && caption_line_begins(&line, "WEBVTT");
        if (!right)
            caption_repairs_add(repairs, CAPTION_HEADER_WRONG, line.number);
        *lines = ahead;
        return FORM_VTT;
    }
    if (begins_ignoring_case(&line, "[Script Info]") || begins_ignoring_case(&line, "[V4")
        || begins_ignoring_case(&line, "[Events]"))
        return FORM_ASS;
    if (caption_line_begins(&line, "NOTE") || caption_line_begins(&line, "STYLE")) {
        caption_repairs_add(repairs, CAPTION_HEADER_MISSING, 1);
        return FORM_VTT_WITHOUT_HEADER;
    }
    return form_of_times(*lines, repairs);
}

static bool read_cues(struct caption_lines *lines, enum form form, struct caption_cues *cues)
{
    switch (form) {
    case FORM_VTT:
    case FORM_VTT_WITHOUT_HEADER:
        return caption_read_vtt(lines, form == FORM_VTT, cues);
    case FORM_ASS:
        return caption_read_ass(lines, cues);
    case FORM_SRT:
    case FORM_SUBVIEWER:
        break;
    }
    return caption_read_srt(lines, form == FORM_SUBVIEWER, cues);
}

/* SubRip has no two captions at once, so a short overlap is a slip; WebVTT and SubStation mean what they say. */
static void cut_overlaps(struct caption_cues *cues)
{
    for (size_t i = 0; i + 1 < cues->count; i++) {
        struct caption_cue *cue = &cues->list[i];
        int64_t next_ms = cues->list[i + 1].start_ms, overlap_ms = cue->end_ms - next_ms;
        if (overlap_ms <= 0 || overlap_ms > OVERLAP_MS_MAX || next_ms - cue->start_ms < overlap_ms)
            continue;
        cue->end_ms = next_ms;
        caption_repairs_add(cues->repairs, CAPTION_OVERLAP_CUT, cue->line);
    }
}

/* Whether anything of the cue lies within the lecture. */
static bool cut_at_end(
    struct caption_cue *cue, int64_t duration_ms, struct caption_repairs *repairs)
{
    if (duration_ms == 0 || cue->end_ms <= duration_ms)
        return true;
    if (cue->start_ms >= duration_ms) {
        caption_repairs_add(repairs, CAPTION_BEYOND_END, cue->line);
        return false;
    }
    if (cue->end_ms - duration_ms > CUT_UNTOLD_MS_MAX)
        caption_repairs_add(repairs, CAPTION_CUT_AT_END, cue->line);
    cue->end_ms = duration_ms;
    return true;
}

/* A cue without text shows nothing, and is left out. */
static void write_cue(const struct caption_cue *cue, struct text *out, struct captions *captions)
{
    struct text clean;
    text_init(&clean, (size_t)CAPTION_CUE_BYTES_MAX * 8);
    bool changed
        = cue->text.length > 0 && caption_text_write(cue->text.bytes, cue->text.length, &clean);
    struct caption_line whole = { clean.bytes, clean.length, 0 };
    if (clean.length > 0 && !caption_line_is_blank(&whole)) {
        if (changed)
            caption_repairs_add(&captions->repairs, CAPTION_TEXT_CLEANED, cue->line);
        caption_time_write(cue->start_ms, out);
        text_append_string(out, " --> ");
        caption_time_write(cue->end_ms, out);
        text_printf(out, "%s\n", cue->settings);
        text_append(out, clean.bytes, clean.length);
        text_append_string(out, "\n\n");
        captions->cue_count++;
        if (cue->end_ms > captions->last_end_ms)
            captions->last_end_ms = cue->end_ms;
    } else {
        caption_repairs_add(&captions->repairs, CAPTION_EMPTY, cue->line);
    }
    text_release(&clean);
}

static bool refuse_empty(
    const struct caption_cues *cues, enum form form, int64_t duration_ms, bool beyond)
{
    if (beyond)
        return finding_refuse_as(cues->problem, PROBLEM_CAPTIONS_REFUSED,
            (struct finding){ .code = FINDING_CAPTIONS_BEYOND_END, .numbers = { duration_ms } });
    return finding_refuse_as(cues->problem, PROBLEM_CAPTIONS_REFUSED,
        (struct finding){ .code = form != FORM_SRT || cues->count > 0 ? FINDING_CAPTIONS_NONE
                                                                      : FINDING_CAPTIONS_NOT });
}

static bool write_vtt(struct caption_cues *cues, enum form form, int64_t duration_ms,
    struct text *out, struct captions *captions)
{
    size_t beyond = 0;
    text_append_string(out, CAPTIONS_HEAD);
    for (size_t i = 0; i < cues->count; i++) {
        if (cut_at_end(&cues->list[i], duration_ms, &captions->repairs))
            write_cue(&cues->list[i], out, captions);
        else
            beyond++;
    }
    return captions->cue_count > 0
           || refuse_empty(cues, form, duration_ms, beyond > 0 && beyond == cues->count);
}

static bool make(const struct captions_file *file, const char *text, size_t count,
    struct captions *captions, struct problem *problem)
{
    struct caption_lines lines = { text, text + count, 0 };
    struct caption_cues cues = { .repairs = &captions->repairs, .problem = problem };
    struct text out;
    enum form form = find_form(&lines, &captions->repairs);
    text_init(&out, count * 10 + (size_t)CAPTION_CUES_MAX * 256);
    bool made = read_cues(&lines, form, &cues);
    if (made) {
        caption_cues_sort(&cues);
        if (form == FORM_SRT || form == FORM_SUBVIEWER)
            cut_overlaps(&cues);
        made = write_vtt(&cues, form, file->duration_ms, &out, captions);
    }
    if (made) {
        captions->form = form_names[form];
        captions->vtt_count = out.length;
        captions->vtt = text_take(&out);
    }
    caption_cues_release(&cues);
    text_release(&out);
    return made;
}

bool captions_clean(
    const struct captions_file *file, struct captions *ret_captions, struct problem *problem)
{
    struct caption_bytes bytes = { file->bytes, file->count, file->language, file->encoding };
    struct captions captions = { 0 };
    char *text = NULL;
    size_t count = 0;
    bool read
        = caption_decode(&bytes, &text, &count, &captions.encoding, &captions.repairs, problem)
          && make(file, text, count, &captions, problem);
    free(text);
    if (read)
        *ret_captions = captions;
    return read;
}

void captions_release(struct captions *captions)
{
    free(captions->vtt);
    *captions = (struct captions){ 0 };
}
