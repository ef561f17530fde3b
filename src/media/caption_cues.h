/*
 * The captions of a file while it is read, each with its line, and what was mended on the way.  Used by captions.c and
 * the readers of each form.
 *
 * Ownership  the list owns its texts; end with caption_cues_release().
 * Errors     false means that *problem is set: PROBLEM_CAPTIONS_REFUSED with the line.
 */
#ifndef LECTERN_MEDIA_CAPTION_CUES_H
#define LECTERN_MEDIA_CAPTION_CUES_H

#include "base/problem.h"
#include "base/text.h"
#include "media/caption_repairs.h"

enum { CAPTION_SETTINGS_SIZE = 128 };

struct caption_cue {
    int64_t start_ms, end_ms;
    size_t order; /* in the file: what begins at once stays in order */
    size_t line;
    char settings[CAPTION_SETTINGS_SIZE]; /* " align:start", or "" */
    struct text text;
};

struct caption_cues {
    struct caption_cue *list;
    size_t count, capacity;
    bool unordered; /* the form knows no order */
    struct caption_repairs *repairs;
    struct problem *problem;
};

bool caption_cues_add(struct caption_cues *cues, size_t line, int64_t start_ms, int64_t end_ms);
/* To the last cue, as a new line of it. */
bool caption_cues_add_text(struct caption_cues *cues, const char *bytes, size_t count, size_t line);
struct caption_cue *caption_cues_last(struct caption_cues *cues); /* NULL: none */
/* By start; what is out of order counts as mended. */
void caption_cues_sort(struct caption_cues *cues);
void caption_cues_release(struct caption_cues *cues);

/* A line of the file. */
struct caption_line {
    const char *bytes;
    size_t count;
    size_t number; /* from 1 */
};

struct caption_lines {
    const char *at, *end; /* of what is left */
    size_t number;        /* of the line before `at` */
};

bool caption_lines_next(struct caption_lines *lines, struct caption_line *ret_line);
bool caption_line_is_blank(const struct caption_line *line);
bool caption_line_is_number(const struct caption_line *line);
/* As a word: alone, or before a space. */
bool caption_line_begins(const struct caption_line *line, const char *word);

/* The readers: of SubRip and SubViewer, of WebVTT (without its first block where `header` is false), of Advanced
 * SubStation. */
bool caption_read_srt(struct caption_lines *lines, bool subviewer, struct caption_cues *cues);
bool caption_read_vtt(struct caption_lines *lines, bool header, struct caption_cues *cues);
bool caption_read_ass(struct caption_lines *lines, struct caption_cues *cues);

/* The text field of an Advanced SubStation event (which libavcodec's decoders give, too) as WebVTT cue text. */
void caption_ass_text(const char *bytes, size_t count, struct text *out);

#endif
