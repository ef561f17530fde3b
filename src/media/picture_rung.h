/*
 * One rung of the ladder at work, on a thread of its own: takes upright pictures from the one decoder, scales them to its
 * size, leaves out what its rate does not need, encodes them to H.264 that every player plays, and packs them.
 *
 * Times      1/90000 s from the lecture's beginning.  Each cut comes as a picture of exactly its time, in all rungs; so
 *            their segments begin together.  Between cuts a rung asks for key pictures of its own, and where no picture
 *            falls near the place of one, the last is shown again there.
 * Memory     at most RUNG_QUEUE_MAX pictures wait; who brings more waits too.
 * Ownership  picture_rung_open() gives, picture_rung_close() ends, also in the middle of work; it takes NULL.
 * Threads    one brings pictures; the writer belongs to the rung until picture_rung_finish() has returned.
 * Errors     of the rung's thread come out at the next call.
 */
#ifndef LECTERN_MEDIA_PICTURE_RUNG_H
#define LECTERN_MEDIA_PICTURE_RUNG_H

#include "media/fragment.h"
#include "media/ladder.h"

#include <libavutil/frame.h>

enum { RUNG_QUEUE_MAX = 8, PICTURE_TICKS = 90000 };

/* What is the same for all rungs of a lecture. */
struct picture_facts {
    int64_t frames_per_second_milli; /* of what comes in, on average */
    bool steady;                     /* pictures come often and evenly */
    int64_t end_ticks;
    int64_t segment_ms;
};

struct picture_rung;

struct picture_rung *picture_rung_open(const struct ladder_choice *choice,
    const struct picture_facts *facts, int thread_count, int fd, struct problem *problem);
/* Keeps a reference.  cut: a segment begins here. */
bool picture_rung_put(
    struct picture_rung *rung, const AVFrame *frame, bool cut, struct problem *problem);
/* All that came is encoded and written. */
bool picture_rung_finish(struct picture_rung *rung, struct problem *problem);
struct fragment_writer *picture_rung_writer(struct picture_rung *rung);
void picture_rung_close(struct picture_rung *rung);

#endif
