/*
 * Crediting by rule, pure: what of a claim counts as watched, and why the rest does not
 * (docs/watched.md).
 *
 * The promise: no credit faster than real time x cap, none that was not delivered, nothing counted
 * twice.
 *   1. Only what lies within the lecture, and only in the direction of time (from < to).  A claim
 *      without length is a sign of life and credits nothing.
 *   2. Only what was delivered to this person before the claim; over a recorded crash of the
 *      server, up to an allowance, with the reason server-gap.
 *   3. New content spends the person's one budget, which starts at BUDGET_START_MS and grows by
 *      cap x server time while one of their play sessions is open.  What exceeds it is clamped from
 *      the end of the claim; before that, time without a line pays where a grant proves it (offline.h).
 *   4. Union: what was credited before costs nothing and adds nothing.
 *   5. Where the cohort's rule says so: not what was played in a hidden window, or without sound, or
 *      ahead of what was watched so far.  Such a claim is withheld whole, and spends nothing.
 *   6. Of a device that another has taken over from: what there was time for before that.
 *
 * Gaps under CLOSE_GAP_MS between a claim and what is credited, or an end of the lecture, are
 * rounding of the player's clock: the claim is widened over them.  What that adds must be delivered
 * and is paid for like all else, so that many small claims with small gaps win nothing.
 *
 * Units      milliseconds of lecture time.
 */
#ifndef LECTERN_VIEWING_COVERAGE_H
#define LECTERN_VIEWING_COVERAGE_H

#include "viewing/spans.h"

enum {
    BUDGET_START_MS = 2000,
    CLOSE_GAP_MS = 500,
    AHEAD_MS
    = 2000, /* so far beyond what was watched a claim may begin where seeking is forbidden */
    BEATS_MAX = 500
};

enum credit_flag {
    FLAG_OUT_OF_RANGE = 1, /* "out-of-range": beyond the lecture, or from > to */
    FLAG_UNDELIVERED = 2,  /* "undelivered": some of it had not been delivered to this person */
    FLAG_TOO_FAST = 4,     /* "too-fast": beyond the budget of real time x cap */
    FLAG_SERVER_GAP = 8,   /* "server-gap": credited although a crash may have lost its record */
    FLAG_DUPLICATE = 16,   /* "duplicate": this seq was received before; nothing was done */
    FLAG_LEASE = 32,       /* "lease": another device plays; of after it took over nothing counts */
    FLAG_SCATTERED = 64,   /* "scattered": there are SPANS_MAX stretches, or numbers, already */
    FLAG_HIDDEN = 128,     /* "hidden": played in a hidden window, which the rule does not count */
    FLAG_MUTED = 256,      /* "muted": played without sound, which the rule does not count */
    FLAG_AHEAD = 512,      /* "ahead": beyond what was watched so far, where seeking is forbidden */
    FLAG_MALFORMED = 1024, /* "malformed": it could not be read, and claims nothing */
    FLAG_OFFLINE = 2048,   /* "offline": credited by time that an offline grant makes count */
    FLAG_HELD = 4096       /* "offline-held": the same, but the cohort's rule does not credit it */
};
/* The wire's words, in the order of the bits; NULL ends them. */
extern const char *const credit_flag_names[];

struct beat {
    int64_t seq; /* -1: it has none, so nobody can ever be told that it came */
    int64_t from_ms, to_ms;
    bool malformed;       /* what it claims could not be read, and is nothing: 0 to 0 */
    int64_t rate_percent; /* -1: not told */
    int visible, muted;   /* 0, 1; -1: not told */
    char rendition[24];
    char language[36];
    int64_t client_at_ms; /* -1: not told */
};

/* Why something that was played was not credited, for the explanation; what is neither here nor
 * undelivered found no time in the budget. */
enum withheld {
    WITHHELD_HIDDEN,
    WITHHELD_MUTED,
    WITHHELD_AHEAD,
    WITHHELD_RATE,    /* played faster than the cap, as the player itself says */
    WITHHELD_OFFLINE, /* played without a line, which the rule holds */
    WITHHELD_LEASE,   /* played after another device took over */
    WITHHELD_COUNT
};
/* "hidden", "muted", "ahead", "rate", "offline", "lease" */
extern const char *const withheld_names[WITHHELD_COUNT];

/* What a cohort's rule forbids; {0} forbids nothing. */
struct credit_policy {
    bool hidden_withheld, muted_withheld, in_order;
    int64_t rate_cap_percent;        /* 0: nobody is told to be too fast by their player's word */
    const struct spans *watched_too; /* of other versions, on this one's clock; may be NULL; lent */
};

struct credit_state {
    int64_t duration_ms;
    struct credit_policy policy;
    struct spans credited, delivered, claimed;
    struct spans withheld[WITHHELD_COUNT];
    int64_t budget_ms;
    int64_t server_gap_left_ms; /* allowance over a crash; 0: none */
    int64_t offline_left_ms; /* what an offline grant pays for, when the budget is spent; 0: none */
    bool offline_held;       /* and it is only noticed */
    bool taken_over; /* by another device: budget and grant are what they were worth until then, and
                        what they do not pay for is withheld rather than too fast */
};
struct credit_result {
    struct spans added;         /* newly credited, by delivery */
    struct spans added_by_gap;  /* newly credited with the reason server-gap */
    struct spans added_offline; /* newly credited with the reason offline */
    unsigned flags;             /* enum credit_flag */
};
/* Changes state and tells what was added.  ret_result is to be ended with credit_result_release();
 * false (a fault of this house, no claim causes it) leaves it untouched. */
bool credit_beat(struct credit_state *state, const struct beat *beat,
    struct credit_result *ret_result, struct problem *problem);
/* All that was newly credited. */
int64_t credit_result_total(const struct credit_result *result);
void credit_result_release(struct credit_result *result);
void credit_state_release(struct credit_state *state);

/* How far one may go where seeking is forbidden: the end of what was watched from the start on. */
int64_t credit_reach(const struct credit_state *state);

/* The budget after server time has passed: grows by rate_cap_percent of the time since the last
 * contact, at most idle_ms of it (a play session ends then).  It never shrinks. */
int64_t credit_budget_grow(
    int64_t budget_ms, int64_t since_last_contact_ms, int64_t idle_ms, int64_t rate_cap_percent);

#endif
