/* What it takes to credit ten million heartbeats again, from what was claimed and delivered, on one core.
 *   crediting
 * 20,000 viewings of 500 heartbeats each: half of them in order, a quarter that jump about, a quarter
 * that claim things at random.  Each heartbeat's segments are added to what was delivered, and its
 * time to the budget.  Prints {"beats": N, "credited_ms": N, "cpu_s": S}. */
#include "viewing/coverage.h"

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

enum {
    VIEWINGS = 20000,
    BEATS = 500,
    BEAT_MS = 10000,
    SEGMENT_MS = 4000,
    LECTURE_MS = BEATS * BEAT_MS,
    IDLE_MS = 600000,
    CAP_PERCENT = 200
};

/* xorshift64*: the same in every run. */
static int64_t chance(int64_t below)
{
    static uint64_t state = 20261122;
    state ^= state >> 12;
    state ^= state << 25;
    state ^= state >> 27;
    return (int64_t)((state * UINT64_C(2685821657736338717) >> 33) % (uint64_t)below);
}

static double spent_s(void)
{
    struct timespec spent;
    (void)clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &spent);
    return (double)spent.tv_sec + (double)spent.tv_nsec / 1e9;
}

static void must(bool good, const struct problem *problem)
{
    if (good)
        return;
    (void)fprintf(stderr, "%s\n", problem->detail);
    exit(1);
}

static void deliver(struct credit_state *state, int64_t from_ms, int64_t to_ms)
{
    struct problem problem = { 0 };
    for (int64_t at_ms = from_ms / SEGMENT_MS * SEGMENT_MS; at_ms < to_ms; at_ms += SEGMENT_MS)
        must(spans_add(&state->delivered, at_ms, at_ms + SEGMENT_MS, 0, &problem), &problem);
}

/* manner: 0 and 1 in order, 2 jumps now and then, 3 at random. */
static int64_t next_position(int manner, int64_t position_ms)
{
    bool jumps = manner == 3 || (manner == 2 && chance(20) == 0);
    return jumps || position_ms + BEAT_MS > LECTURE_MS ? chance(LECTURE_MS - BEAT_MS) : position_ms;
}

static int64_t view(int manner)
{
    struct credit_state state = { .duration_ms = LECTURE_MS, .budget_ms = BUDGET_START_MS };
    struct problem problem = { 0 };
    int64_t position_ms = 0;
    for (int64_t seq = 0; seq < BEATS; seq++) {
        struct credit_result result;
        position_ms = next_position(manner, position_ms);
        struct beat beat = { .seq = seq, .from_ms = position_ms, .to_ms = position_ms + BEAT_MS };
        position_ms = beat.to_ms;
        deliver(&state, beat.from_ms, beat.to_ms);
        state.budget_ms = credit_budget_grow(state.budget_ms, BEAT_MS, IDLE_MS, CAP_PERCENT);
        must(credit_beat(&state, &beat, &result, &problem), &problem);
        credit_result_release(&result);
    }
    int64_t credited_ms = spans_total(&state.credited);
    credit_state_release(&state);
    return credited_ms;
}

int main(void)
{
    int64_t credited_ms = 0;
    double from_s = spent_s();
    for (int i = 0; i < VIEWINGS; i++)
        credited_ms += view(i % 4);
    (void)printf("{\"beats\": %lld, \"credited_ms\": %lld, \"cpu_s\": %.3f}\n",
        (long long)VIEWINGS * BEATS, (long long)credited_ms, spent_s() - from_s);
    return 0;
}
