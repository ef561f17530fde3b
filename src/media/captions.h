/*
 * Caption files: WebVTT (W3C) and SubRip read strictly enough to be safe and leniently enough to be useful, written as
 * clean WebVTT.  Text is text: tags other than <b> <i> <u> <c> <v> <lang> <ruby> are shown as text or dropped, never kept.
 *
 * Ownership  *ret_vtt is the caller's, to be ended with free().
 * Errors     PROBLEM_CAPTIONS_REFUSED with a sentence that names the line.
 */
#ifndef LECTERN_MEDIA_CAPTIONS_H
#define LECTERN_MEDIA_CAPTIONS_H

#include "base/problem.h"

#include <stddef.h>
#include <stdint.h>

struct captions_facts {
    size_t cue_count;
    int64_t last_end_ms;
    size_t repaired_count; /* cues whose times or text were mended */
};

bool captions_to_vtt(const char *bytes, size_t count, char **ret_vtt, size_t *ret_vtt_count,
    struct captions_facts *ret_facts, struct problem *problem);

#endif
