/*
 * Caption files: WebVTT (W3C), SubRip, SubViewer and Advanced SubStation, read strictly enough to be safe and leniently
 * enough to be useful, written as clean WebVTT on the lecture's timeline (X-TIMESTAMP-MAP at 0, RFC 8216 section 3.5),
 * cues in order of time.
 *
 * Reading     any encoding (caption_encoding.h); lines that end in LF, CR LF or CR.  Where the meaning is clear it is
 *             mended, and told with its line (caption_repairs.h): a missing header, missing hours, numbers and blank
 *             lines, commas for points, arrows of word processors; ends before starts, cues out of order by up to a
 *             minute, small overlaps, what lies beyond the lecture's end.  Larger overlaps stay: two people speak.
 * Text        is text: only <b> <i> <u> <c> <v> <lang> <ruby> <rt> are kept, other formatting (<font>, {\an8}) is
 *             dropped, and anything else that looks like a tag is shown as it was written.  So nothing in a caption can
 *             become a script.
 * Limits      CAPTION_CUES_MAX cues, CAPTION_CUE_BYTES_MAX of text in one.  The whole is bounded by the caller.
 * Ownership   captions_clean() gives; end with captions_release(), which takes zeros.
 * Errors      PROBLEM_CAPTIONS_REFUSED with a sentence that names the line; PROBLEM_INVALID_FIELD "encoding".
 */
#ifndef LECTERN_MEDIA_CAPTIONS_H
#define LECTERN_MEDIA_CAPTIONS_H

#include "base/problem.h"
#include "media/caption_repairs.h"

#include <stddef.h>
#include <stdint.h>

/* How clean files begin. */
#define CAPTIONS_HEAD "WEBVTT\nX-TIMESTAMP-MAP=MPEGTS:0,LOCAL:00:00:00.000\n\n"

enum { CAPTION_CUES_MAX = 20000, CAPTION_CUE_BYTES_MAX = 4096 };

struct captions_file {
    const char *bytes;
    size_t count;
    const char *language; /* BCP 47 */
    const char *encoding; /* as a person named it; NULL: find out */
    int64_t duration_ms;  /* of the lecture; 0: nobody knows, and nothing is cut */
};

struct captions {
    char *vtt; /* with a NUL behind its count */
    size_t vtt_count;
    size_t cue_count;
    int64_t last_end_ms;
    const char *form;     /* "webvtt", "subrip", "subviewer" or "substation" */
    const char *encoding; /* "UTF-8", "Shift_JIS"... */
    struct caption_repairs repairs;
};

bool captions_clean(
    const struct captions_file *file, struct captions *ret_captions, struct problem *problem);
void captions_release(struct captions *captions);

#endif
