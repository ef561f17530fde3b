#include "viewing/coverage.h"

const char *const credit_flag_names[]
    = { "out-of-range", "undelivered", "too-fast", "server-gap", "duplicate", "lease", "scattered",
          "hidden", "muted", "ahead", "malformed", "offline", "offline-held", NULL };
const char *const withheld_names[WITHHELD_COUNT]
    = { "hidden", "muted", "ahead", "rate", "offline", "lease" };

void credit_result_release(struct credit_result *result)
{
    spans_release(&result->added);
    spans_release(&result->added_by_gap);
    spans_release(&result->added_offline);
}

int64_t credit_result_total(const struct credit_result *result)
{
    return spans_total(&result->added) + spans_total(&result->added_by_gap)
           + spans_total(&result->added_offline);
}

void credit_state_release(struct credit_state *state)
{
    spans_release(&state->credited);
    spans_release(&state->delivered);
    spans_release(&state->claimed);
    for (size_t i = 0; i < WITHHELD_COUNT; i++)
        spans_release(&state->withheld[i]);
}

static int64_t least(int64_t left, int64_t right)
{
    return left < right ? left : right;
}

static int64_t most(int64_t left, int64_t right)
{
    return left > right ? left : right;
}

/* A player may end a little behind the length that libavformat found: that is no fault. */
static struct span within_lecture(const struct beat *beat, int64_t duration_ms, unsigned *flags)
{
    if (beat->from_ms < 0 || beat->to_ms < beat->from_ms
        || beat->to_ms > duration_ms + CLOSE_GAP_MS)
        *flags |= FLAG_OUT_OF_RANGE;
    if (beat->malformed)
        *flags |= FLAG_MALFORMED;
    return (struct span){ most(beat->from_ms, 0), least(beat->to_ms, duration_ms) };
}

/* Over the gaps beside the claim that are under CLOSE_GAP_MS. */
static struct span widened(struct span claim, const struct credit_state *state)
{
    struct span wide = claim;
    struct spans before, behind;
    spans_subtract(&state->credited, most(claim.from - CLOSE_GAP_MS, 0), claim.from, &before);
    spans_subtract(
        &state->credited, claim.to, least(claim.to + CLOSE_GAP_MS, state->duration_ms), &behind);
    if (before.count > 0) {
        struct span gap = before.items[before.count - 1];
        if (gap.to == claim.from && gap.from > claim.from - CLOSE_GAP_MS)
            wide.from = gap.from;
    }
    if (behind.count > 0) {
        struct span gap = behind.items[0];
        if (gap.from == claim.to && gap.to < claim.to + CLOSE_GAP_MS)
            wide.to = gap.to;
    }
    spans_release(&before);
    spans_release(&behind);
    return wide;
}

struct crediting {
    struct credit_state *state;
    struct credit_result *result;
    struct span claim;  /* before it was widened */
    int64_t lacking_ms; /* of the claim: new, and neither delivered nor allowed for */
};

/* Credits what a purse pays for, from the start of the stretch.  Returns its length. */
static int64_t pay(struct crediting *crediting, struct span stretch, int64_t *purse_ms,
    struct spans *added, struct problem *problem)
{
    int64_t paid_ms = least(stretch.to - stretch.from, *purse_ms);
    struct problem full = { 0 };
    if (!spans_add(&crediting->state->credited, stretch.from, stretch.from + paid_ms, 0, &full)) {
        crediting->result->flags |= FLAG_SCATTERED;
        return 0;
    }
    *purse_ms -= paid_ms;
    (void)spans_add(added, stretch.from, stretch.from + paid_ms, 0, problem);
    return paid_ms;
}

/* What nothing pays for was claimed too fast, or beside another device; a gap that the claim was widened over was not claimed. */
static void blame_unpaid(struct crediting *crediting, struct span unpaid)
{
    if (most(unpaid.from, crediting->claim.from) < least(unpaid.to, crediting->claim.to))
        crediting->result->flags |= crediting->state->taken_over ? FLAG_LEASE : FLAG_TOO_FAST;
}

static int64_t spend(
    struct crediting *crediting, struct span stretch, struct spans *added, struct problem *problem)
{
    int64_t payable_ms = least(stretch.to - stretch.from, crediting->state->budget_ms);
    blame_unpaid(crediting, (struct span){ stretch.from + payable_ms, stretch.to });
    return pay(crediting, stretch, &crediting->state->budget_ms, added, problem);
}

/* A new stretch that was delivered: the budget pays, and then what an offline grant is worth. */
static void credit_delivered(
    struct crediting *crediting, struct span stretch, struct problem *problem)
{
    struct credit_state *state = crediting->state;
    int64_t payable_ms = least(stretch.to - stretch.from, state->budget_ms);
    (void)pay(crediting, stretch, &state->budget_ms, &crediting->result->added, problem);
    struct span rest = { stretch.from + payable_ms, stretch.to };
    int64_t offline_ms = least(rest.to - rest.from, state->offline_left_ms);
    blame_unpaid(crediting, (struct span){ rest.from + offline_ms, rest.to });
    if (offline_ms > 0 && state->offline_held) {
        crediting->result->flags |= FLAG_HELD;
        state->offline_left_ms -= offline_ms;
    } else if (offline_ms > 0
               && pay(crediting, rest, &state->offline_left_ms, &crediting->result->added_offline,
                      problem)
                      > 0) {
        crediting->result->flags |= FLAG_OFFLINE;
    }
}

/* A new stretch that has no delivery.  Beyond the allowance over a crash it is lacking; a gap that
 * the claim was widened over is neither. */
static void credit_undelivered(
    struct crediting *crediting, struct span stretch, struct problem *problem)
{
    stretch.from = most(stretch.from, crediting->claim.from);
    stretch.to = least(stretch.to, crediting->claim.to);
    if (stretch.from >= stretch.to)
        return;
    int64_t allowed_ms = least(stretch.to - stretch.from, crediting->state->server_gap_left_ms);
    crediting->lacking_ms += stretch.to - stretch.from - allowed_ms;
    if (allowed_ms <= 0)
        return;
    struct span allowed = { stretch.from, stretch.from + allowed_ms };
    int64_t paid_ms = spend(crediting, allowed, &crediting->result->added_by_gap, problem);
    crediting->state->server_gap_left_ms -= paid_ms;
    if (paid_ms > 0)
        crediting->result->flags |= FLAG_SERVER_GAP;
}

/* A stretch that was not credited before, in the order of time. */
static void credit_new(struct crediting *crediting, struct span stretch, struct problem *problem)
{
    struct spans delivered;
    spans_intersect(&crediting->state->delivered, stretch.from, stretch.to, &delivered);
    int64_t position = stretch.from;
    for (size_t i = 0; i < delivered.count; i++) {
        credit_undelivered(crediting, (struct span){ position, delivered.items[i].from }, problem);
        credit_delivered(crediting, delivered.items[i], problem);
        position = delivered.items[i].to;
    }
    credit_undelivered(crediting, (struct span){ position, stretch.to }, problem);
    spans_release(&delivered);
}

/* A remainder under CLOSE_GAP_MS beside delivered parts comes from rounding at a segment's edge: it
 * is not credited, and nobody is blamed for it. */
static bool lacks(const struct crediting *crediting)
{
    if (crediting->lacking_ms == 0 || crediting->lacking_ms >= CLOSE_GAP_MS)
        return crediting->lacking_ms > 0;
    struct spans delivered;
    spans_intersect(
        &crediting->state->delivered, crediting->claim.from, crediting->claim.to, &delivered);
    bool none = delivered.count == 0;
    spans_release(&delivered);
    return none;
}

/* Nothing more can be paid, and all that can be said was said: who claims a day in a thousand
 * pieces keeps nobody busy. */
static bool is_settled(const struct crediting *crediting)
{
    return crediting->state->budget_ms == 0 && crediting->state->offline_left_ms == 0
           && crediting->lacking_ms >= CLOSE_GAP_MS
           && crediting->result->flags & (FLAG_TOO_FAST | FLAG_LEASE);
}

static int64_t reach_over(const struct spans *watched, int64_t reach_ms)
{
    for (size_t i = 0; i < watched->count && watched->items[i].from <= reach_ms + AHEAD_MS; i++)
        reach_ms = most(reach_ms, watched->items[i].to);
    return reach_ms;
}

int64_t credit_reach(const struct credit_state *state)
{
    const struct spans *too = state->policy.watched_too;
    int64_t reach_ms = 0, before_ms;
    do {
        before_ms = reach_ms;
        reach_ms = reach_over(&state->credited, reach_ms);
        reach_ms = too ? reach_over(too, reach_ms) : reach_ms;
    } while (reach_ms > before_ms);
    return reach_ms;
}

/* Why the rule does not let the claim count; 0: it does. */
static unsigned withholding(
    const struct credit_state *state, const struct beat *beat, struct span claim)
{
    if (state->policy.hidden_withheld && beat->visible == 0)
        return FLAG_HIDDEN;
    if (state->policy.muted_withheld && beat->muted == 1)
        return FLAG_MUTED;
    if (state->policy.in_order && claim.from > credit_reach(state) + AHEAD_MS)
        return FLAG_AHEAD;
    return 0;
}

/* For the explanation only, so that what does not fit any more may be left out. */
static void note_withheld(
    struct credit_state *state, const struct beat *beat, struct span claim, unsigned flags)
{
    struct problem full = { 0 };
    int64_t cap_percent = state->policy.rate_cap_percent;
    bool too_fast = flags & FLAG_TOO_FAST && cap_percent > 0 && beat->rate_percent > cap_percent;
    const bool is_so[WITHHELD_COUNT] = { [WITHHELD_HIDDEN] = flags & FLAG_HIDDEN,
        [WITHHELD_MUTED] = flags & FLAG_MUTED,
        [WITHHELD_AHEAD] = flags & FLAG_AHEAD,
        [WITHHELD_RATE] = too_fast,
        [WITHHELD_OFFLINE] = flags & FLAG_HELD,
        [WITHHELD_LEASE] = flags & FLAG_LEASE };
    for (size_t i = 0; i < WITHHELD_COUNT; i++)
        if (is_so[i])
            (void)spans_add(&state->withheld[i], claim.from, claim.to, CLOSE_GAP_MS, &full);
}

static void credit_claim(
    struct crediting *crediting, const struct beat *beat, struct problem *problem)
{
    struct credit_state *state = crediting->state;
    struct span claim = crediting->claim;
    unsigned *flags = &crediting->result->flags;
    /* What was claimed is only told, so its smallest gaps may close for nothing. */
    (void)spans_add(&state->claimed, claim.from, claim.to, CLOSE_GAP_MS, problem);
    *flags |= withholding(state, beat, claim);
    if (!(*flags & (FLAG_HIDDEN | FLAG_MUTED | FLAG_AHEAD))) {
        struct span wide = widened(claim, state);
        struct spans fresh;
        spans_subtract(&state->credited, wide.from, wide.to, &fresh);
        for (size_t i = 0; i < fresh.count && !is_settled(crediting); i++)
            credit_new(crediting, fresh.items[i], problem);
        spans_release(&fresh);
        if (lacks(crediting))
            *flags |= FLAG_UNDELIVERED;
    }
    note_withheld(state, beat, claim, *flags);
}

bool credit_beat(struct credit_state *state, const struct beat *beat,
    struct credit_result *ret_result, struct problem *problem)
{
    struct credit_result result = { 0 };
    struct crediting crediting
        = { state, &result, within_lecture(beat, state->duration_ms, &result.flags), 0 };
    if (crediting.claim.from < crediting.claim.to)
        credit_claim(&crediting, beat, problem);
    if (problem_is_set(problem)) {
        credit_result_release(&result);
        return false;
    }
    *ret_result = result;
    return true;
}

int64_t credit_budget_grow(
    int64_t budget_ms, int64_t since_last_contact_ms, int64_t idle_ms, int64_t rate_cap_percent)
{
    return budget_ms + least(most(since_last_contact_ms, 0), idle_ms) * rate_cap_percent / 100;
}
