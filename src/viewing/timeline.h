/*
 * How the time of one version of a lecture becomes that of another, so that nobody loses what they
 * watched when a lecture is trimmed or replaced; private to viewing/.
 *
 * Piece      [from_ms, to_ms) of the version before is the same content as the stretch of that
 *            length at at_ms of this one.  Pieces ascend and stay apart on both sides.  What lies
 *            in none was cut, or is new.  A version without pieces has nothing in common with the
 *            one before it.
 * Carrying   stretches go from version to version along the pieces, forward or back, through all in
 *            between; credit stays on the version that was watched, and is carried on reading.
 * Limits     what would be more than SPANS_MAX stretches is left out: whoever has a thousand
 *            separate ones loses the last rather than the report.
 * Units      milliseconds of lecture time.
 */
#ifndef LECTERN_VIEWING_TIMELINE_H
#define LECTERN_VIEWING_TIMELINE_H

#include "base/secure.h"
#include "store/db.h"
#include "viewing/spans.h"

struct timeline_piece {
    char lecture_id[UUID_TEXT_SIZE];
    int64_t version; /* that it leads to, from the one before */
    int64_t from_ms, to_ms, at_ms;
};
/* {0} has none. */
struct timelines {
    struct timeline_piece *pieces; /* by lecture, version and place */
    size_t count, capacity;
};

/* lecture_id NULL: of all lectures. */
bool timelines_read(struct db_connection *connection, const char *lecture_id,
    struct timelines *ret_timelines, struct problem *problem);
void timelines_release(struct timelines *timelines);

/* Stretches of from_version, as those of to_version. */
void timelines_carry(const struct timelines *timelines, const char *lecture_id,
    int64_t from_version, int64_t to_version, const struct spans *spans, struct spans *ret_carried);
/* A moment; where its content was cut, the next that is left, or 0 where none is. */
int64_t timelines_carry_moment(const struct timelines *timelines, const char *lecture_id,
    int64_t from_version, int64_t to_version, int64_t moment_ms);

#endif
