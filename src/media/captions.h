/*
 * Caption files: WebVTT (W3C) and SubRip read strictly enough to be safe and leniently enough to be useful, written as
 * clean WebVTT on the lecture's timeline (X-TIMESTAMP-MAP at 0, RFC 8216 section 3.5), cues in order of time.
 *
 * Reading     UTF-8 with or without a byte order mark, UTF-16 with one; lines that end in LF, CR LF or CR; SRT commas,
 *             missing hours, missing numbers, missing blank lines.  Cues that end before they begin are given two
 *             seconds; cues out of order are sorted; both count as repaired.  Cues may overlap.
 * Text        is text: only <b> <i> <u> <c> <v> <lang> <ruby> <rt> are kept, other formatting (<font>, {\an8}) is
 *             dropped, and anything else that looks like a tag is shown as it was written.  So nothing in a caption can
 *             become a script.
 * Limits      CAPTION_CUES_MAX cues, CAPTION_CUE_BYTES_MAX of text in one.  The whole is bounded by the caller.
 * Ownership   *ret_vtt is the caller's, to be ended with free(); it has a NUL behind its count.
 * Errors      PROBLEM_CAPTIONS_REFUSED with a sentence that names the line.
 */
#ifndef LECTERN_MEDIA_CAPTIONS_H
#define LECTERN_MEDIA_CAPTIONS_H

#include "base/problem.h"

#include <stddef.h>
#include <stdint.h>

enum { CAPTION_CUES_MAX = 20000, CAPTION_CUE_BYTES_MAX = 4096 };

struct captions_facts {
    size_t cue_count;
    int64_t last_end_ms;
    size_t repaired_count; /* cues whose times or text were mended */
};

bool captions_to_vtt(const char *bytes, size_t count, char **ret_vtt, size_t *ret_vtt_count,
    struct captions_facts *ret_facts, struct problem *problem);

#endif
