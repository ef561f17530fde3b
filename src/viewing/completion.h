/*
 * When a lecture is complete: pure.  The rule belongs to a cohort and is versioned; completion is
 * sticky, so this is asked only while there is none.
 *
 * Units      milliseconds of lecture time; real_ms of server time.
 */
#ifndef LECTERN_VIEWING_COMPLETION_H
#define LECTERN_VIEWING_COMPLETION_H

#include "viewing/spans.h"

struct completion_rule {
    int64_t version;
    int64_t threshold_percent; /* of unique content */
    int64_t gap_ms_max;        /* longest stretch that may be missing; 0 allows any */
    int64_t rate_cap_percent;
    bool real_time;        /* asks for as much server time as playing takes at the cap */
    bool in_order;         /* nobody may go further than what they watched so far */
    bool offline_counts;   /* what was played without a line; else it is held */
    bool hidden_counts;    /* what was played in a hidden window */
    bool muted_counts;     /* and without sound */
    bool silence_left_out; /* of what must be watched, where a lecture ends with it */
};

/* What must be watched of a lecture: all but the silence at its end.  Of one that is silent for
 * more than half of its length nothing is left out: there the pictures are the lecture. */
int64_t completion_needed_ms(int64_t duration_ms, int64_t trailing_silence_ms);
/* duration_ms: completion_needed_ms() where the rule leaves silence out.  All of: enough unique
 * content; no longer gap than allowed; and, where the rule asks for it, real_ms (server time in
 * contact with this lecture) >= content / rate cap, where BUDGET_START_MS of content is free, as it
 * is for the budget: a player's clock and the widening of claims round by less than that. */
bool completion_reached(const struct completion_rule *rule, const struct spans *credited,
    int64_t duration_ms, int64_t real_ms);
/* union / duration, 0 to 1; a lecture without length gives 0. */
double coverage_ratio(const struct spans *credited, int64_t duration_ms);
/* What is not in `credited`; gaps under CLOSE_GAP_MS are left out. */
void coverage_missing(const struct spans *credited, int64_t duration_ms, struct spans *ret_missing);

#endif
