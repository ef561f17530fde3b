/*
 * Why what is missing of a lecture is missing, in the same words for the participant and the
 * organizer: pure, from what was claimed, delivered, credited and withheld.
 *
 * What was seen in a group that waits for its confirmation comes before all else: it is not the person's to mend.
 *
 * A missing stretch falls into pieces, each with the first reason that fits it; what is under
 * EXPLAINED_MS_LEAST goes with its neighbour, as nobody wants to read it.
 */
#ifndef LECTERN_VIEWING_EXPLANATION_H
#define LECTERN_VIEWING_EXPLANATION_H

#include "viewing/coverage.h"

enum { EXPLAINED_MS_LEAST = 1000 };

/* In the order in which they are asked. */
enum missing_reason {
    MISSING_WAITING, /* "group-waiting": seen with others; an organizer has not confirmed it yet */
    MISSING_HIDDEN,  /* "hidden": played in a hidden window, which the rule does not count */
    MISSING_MUTED,   /* "muted": played without sound, likewise */
    MISSING_AHEAD,   /* "ahead": played before what comes before it was watched */
    MISSING_RATE,    /* "too-fast": played faster than the cap */
    MISSING_OFFLINE, /* "offline": played without a line, which the rule holds */
    MISSING_LEASE,   /* "other-device": played after another device of theirs took over */
    MISSING_UNDELIVERED, /* "undelivered": played, but not sent to this person before */
    MISSING_BUDGET,      /* "no-time": played and sent, but there was no time for it, as with two
                            players at once */
    MISSING_REFUSED, /* "group-refused": seen with others, and an organizer did not confirm it */
    MISSING_SKIPPED, /* "skipped": never played */
    MISSING_REASON_COUNT
};
extern const char *const missing_reason_names[MISSING_REASON_COUNT];

struct explained {
    const struct spans *claimed, *delivered, *credited;
    const struct spans *withheld;          /* WITHHELD_COUNT of them */
    const struct spans *waiting, *refused; /* seen in groups; NULL: nothing */
    int64_t duration_ms;
};
struct missing_pieces {
    struct {
        struct span stretch;
        enum missing_reason reason;
    } * items; /* in the order of time, over all that coverage_missing() tells */
    size_t count;
};
void explain_missing(const struct explained *explained, struct missing_pieces *ret_pieces);
void missing_pieces_release(struct missing_pieces *pieces);

#endif
