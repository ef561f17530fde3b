/*
 * A clean WebVTT file (captions.h) cut for HLS (RFC 8216 section 3.5): segments of CAPTION_SEGMENT_MS, each a WebVTT file of
 * its own on the same timeline, with every cue that shows at any time of it; a cue across a cut stands in both, whole, and
 * players show it once.
 *
 * Bounds     captions that never end would stand in all segments.  Where the segments together would be more than
 *            CAPTION_SEGMENTS_GROWTH times the file, there is one segment.
 * Ownership  borrows the bytes; end with caption_segments_release(), which takes zeros.
 * Threads    pure.
 */
#ifndef LECTERN_MEDIA_CAPTION_SEGMENTS_H
#define LECTERN_MEDIA_CAPTION_SEGMENTS_H

#include "base/text.h"

enum { CAPTION_SEGMENT_MS = 30000, CAPTION_SEGMENTS_GROWTH = 4 };

struct caption_span {
    int64_t start_ms, end_ms;
    int64_t latest_end_ms; /* of this cue and all before */
    const char *bytes;     /* of the whole cue, with its blank line */
    size_t count;
    const char *text; /* within it, without the last line's end */
    size_t text_count;
};

struct caption_segments {
    struct caption_span *spans; /* by start */
    size_t span_count;
    size_t count; /* of segments, 1 at least */
    int64_t duration_ms;
};

void caption_segments_init(
    struct caption_segments *segments, const char *vtt, size_t vtt_count, int64_t duration_ms);
void caption_segments_release(struct caption_segments *segments);

/* Of segment `number`; the last one ends with the lecture. */
int64_t caption_segment_start_ms(const struct caption_segments *segments, size_t number);
int64_t caption_segment_end_ms(const struct caption_segments *segments, size_t number);
void caption_segment_write(
    const struct caption_segments *segments, size_t number, struct text *out);

#endif
