/*
 * What of one version of a lecture is shown where in the next: a trimmed one loses its beginning, a better recording
 * begins ten seconds later.  Along these pieces go what people watched (viewing/timeline.h), captions and chapters.
 *
 * Piece      [from_ms, to_ms) of the version before is the same content as the stretch of that length at at_ms of the
 *            next.  Pieces ascend and stay apart on both sides; what lies in none was cut, or is new.
 * Threads    pure.
 */
#ifndef LECTERN_MEDIA_TIMELINE_H
#define LECTERN_MEDIA_TIMELINE_H

#include "base/problem.h"
#include "base/text.h"

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { MEDIA_PIECES_MAX = 200 };

struct media_piece {
    int64_t from_ms, to_ms, at_ms;
};

struct media_timeline {
    struct media_piece pieces[MEDIA_PIECES_MAX];
    size_t count; /* 0: nothing in common */
};

/* "same": [0, duration_ms) stays where it was; "none"; or [[from_ms,to_ms,at_ms],...], which must lie within duration_ms of
 * the version before.  PROBLEM_INVALID_FIELD "timeline". */
bool media_timeline_read(const json_t *json, int64_t duration_ms,
    struct media_timeline *ret_timeline, struct problem *problem);
/* The same from text, as it comes in a header or from a command. */
bool media_timeline_read_text(const char *text, int64_t duration_ms,
    struct media_timeline *ret_timeline, struct problem *problem);
/* Leaves out what lies behind the end of the next version. */
void media_timeline_cut(struct media_timeline *timeline, int64_t next_duration_ms);

/* A moment of the version before; false: it was cut. */
bool media_timeline_carry(
    const struct media_timeline *timeline, int64_t moment_ms, int64_t *ret_moment_ms);
/* Clean captions (captions.h) of the version before, as those of the next: a caption over a cut is shortened. */
void media_timeline_carry_captions(const struct media_timeline *timeline, const char *vtt,
    size_t vtt_count, struct text *out, size_t *ret_cue_count);

#endif
