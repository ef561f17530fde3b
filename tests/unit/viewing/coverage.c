/* Crediting by rule: stories, and beside a slow oracle that decides every millisecond alone. */
#include "viewing/coverage.h"
#include "../unit.h"

#include "chance.h"

#include <stdlib.h>
#include <string.h>

static void set_spans(struct spans *spans, const char *text)
{
    struct problem problem = { 0 };
    assert_true(spans_read(text, spans, &problem));
}

static void assert_spans(const struct spans *spans, const char *expected, const char *story)
{
    struct text text;
    text_init(&text, SPANS_TEXT_MAX);
    spans_write(spans, &text);
    if (strcmp(text.bytes, expected) != 0)
        fail_msg("%s: %s instead of %s", story, text.bytes, expected);
    text_release(&text);
}

struct story {
    const char *story;
    int64_t duration_ms;
    const char *credited, *delivered;
    int64_t budget_ms, server_gap_left_ms;
    int64_t from_ms, to_ms;
    /* then */
    const char *added, *added_by_gap;
    unsigned flags;
    int64_t budget_left_ms;
};

// clang-format off
static const struct story stories[] = {
    /* story, duration, credited, delivered, budget, gap left, claim, added, by gap, flags, budget left */
    { "an honest ten seconds", 60000, "[]", "[[0,60000]]", 22000, 0, 0, 10000, "[[0,10000]]", "[]", 0, 12000 },
    { "the next ten", 60000, "[[0,10000]]", "[[0,60000]]", 12000, 0, 10000, 20000, "[[10000,20000]]", "[]", 0, 2000 },
    { "watched again", 60000, "[[0,10000]]", "[[0,60000]]", 12000, 0, 0, 10000, "[]", "[]", 0, 12000 },
    { "half of it again", 60000, "[[0,10000]]", "[[0,60000]]", 12000, 0, 5000, 15000, "[[10000,15000]]", "[]", 0, 7000 },
    { "nothing delivered", 60000, "[]", "[]", 22000, 0, 0, 10000, "[]", "[]", FLAG_UNDELIVERED, 22000 },
    { "half delivered", 60000, "[]", "[[0,4000]]", 22000, 0, 0, 8000, "[[0,4000]]", "[]", FLAG_UNDELIVERED, 18000 },
    { "a hole in what was delivered", 60000, "[]", "[[0,4000],[8000,12000]]", 22000, 0, 0, 12000, "[[0,4000],[8000,12000]]", "[]", FLAG_UNDELIVERED, 14000 },
    { "watched before, not delivered again", 60000, "[[0,10000]]", "[]", 9000, 0, 0, 10000, "[]", "[]", 0, 9000 },
    { "the whole lecture in one forged beat", 60000, "[]", "[[0,60000]]", 2000, 0, 0, 60000, "[[0,2000]]", "[]", FLAG_TOO_FAST, 0 },
    { "no budget at all", 60000, "[]", "[[0,60000]]", 0, 0, 0, 10000, "[]", "[]", FLAG_TOO_FAST, 0 },
    { "the budget ends behind a hole", 60000, "[[2000,4000]]", "[[0,60000]]", 3000, 0, 0, 10000, "[[0,2000],[4000,5000]]", "[]", FLAG_TOO_FAST, 0 },
    { "a replay needs no budget", 60000, "[[0,10000]]", "[[0,60000]]", 0, 0, 0, 10000, "[]", "[]", 0, 0 },
    { "without length", 60000, "[]", "[[0,60000]]", 2000, 0, 5000, 5000, "[]", "[]", 0, 2000 },
    { "backwards", 60000, "[]", "[[0,60000]]", 2000, 0, 9000, 5000, "[]", "[]", FLAG_OUT_OF_RANGE, 2000 },
    { "before the start", 60000, "[]", "[[0,60000]]", 9000, 0, -5000, 1000, "[[0,1000]]", "[]", FLAG_OUT_OF_RANGE, 8000 },
    { "a little behind the end", 60000, "[]", "[[0,60000]]", 9000, 0, 59000, 60400, "[[59000,60000]]", "[]", 0, 8000 },
    { "far behind the end", 60000, "[]", "[[0,60000]]", 9000, 0, 59000, 70000, "[[59000,60000]]", "[]", FLAG_OUT_OF_RANGE, 8000 },
    { "wholly behind the end", 60000, "[]", "[[0,60000]]", 9000, 0, 61000, 70000, "[]", "[]", FLAG_OUT_OF_RANGE, 9000 },
    { "the farthest values", 60000, "[]", "[[0,60000]]", 2000, 0, INT64_MIN, INT64_MAX, "[[0,2000]]", "[]", FLAG_OUT_OF_RANGE | FLAG_TOO_FAST, 0 },
    { "the farthest values, reversed", 60000, "[]", "[[0,60000]]", 2000, 0, INT64_MAX, INT64_MIN, "[]", "[]", FLAG_OUT_OF_RANGE, 2000 },
    { "a lecture without length", 0, "[]", "[[0,60000]]", 2000, 0, 0, 400, "[]", "[]", 0, 2000 },
    /* rounding */
    { "a gap of 499 ms closes and is paid", 60000, "[[0,1000]]", "[[0,60000]]", 9000, 0, 1499, 2000, "[[1000,2000]]", "[]", 0, 8000 },
    { "a gap of 500 ms stays", 60000, "[[0,1000]]", "[[0,60000]]", 9000, 0, 1500, 2000, "[[1500,2000]]", "[]", 0, 8500 },
    { "a gap behind closes", 60000, "[[2400,3000]]", "[[0,60000]]", 9000, 0, 1000, 2000, "[[1000,2400]]", "[]", 0, 7600 },
    { "the first moments close", 60000, "[]", "[[0,60000]]", 9000, 0, 300, 2000, "[[0,2000]]", "[]", 0, 7000 },
    { "the last moments close", 60000, "[]", "[[0,60000]]", 9000, 0, 58000, 59700, "[[58000,60000]]", "[]", 0, 7000 },
    { "an undelivered gap does not close, and nobody is blamed", 60000, "[[0,1000]]", "[[0,1000],[1300,60000]]", 9000, 0, 1300, 2000, "[[1300,2000]]", "[]", 0, 8300 },
    { "a gap beside a claim that has no budget stays open", 60000, "[[0,1000]]", "[[0,60000]]", 0, 0, 1400, 2000, "[]", "[]", FLAG_TOO_FAST, 0 },
    { "what is missing of the last segment's edge is no fault", 60000, "[]", "[[0,59980]]", 9000, 0, 58000, 60000, "[[58000,59980]]", "[]", 0, 7020 },
    { "a short claim of nothing delivered is one", 60000, "[]", "[]", 9000, 0, 58000, 58020, "[]", "[]", FLAG_UNDELIVERED, 9000 },
    /* over a crash */
    { "lost records are made good", 60000, "[]", "[[0,4000]]", 22000, 120000, 0, 10000, "[[0,4000]]", "[[4000,10000]]", FLAG_SERVER_GAP, 12000 },
    { "up to the allowance", 60000, "[]", "[[0,4000]]", 22000, 5000, 0, 10000, "[[0,4000]]", "[[4000,9000]]", FLAG_SERVER_GAP | FLAG_UNDELIVERED, 13000 },
    { "and within the budget", 60000, "[]", "[[0,4000]]", 5000, 120000, 0, 10000, "[[0,4000]]", "[[4000,5000]]", FLAG_SERVER_GAP | FLAG_TOO_FAST, 0 },
    { "a crash does not change what was delivered", 60000, "[]", "[[0,60000]]", 22000, 120000, 0, 10000, "[[0,10000]]", "[]", 0, 12000 },
};
// clang-format on

static void a_claim_is_credited_by_rule(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(stories); i++) {
        const struct story *story = &stories[i];
        struct credit_state credit = { .duration_ms = story->duration_ms,
            .budget_ms = story->budget_ms,
            .server_gap_left_ms = story->server_gap_left_ms };
        set_spans(&credit.credited, story->credited);
        set_spans(&credit.delivered, story->delivered);
        struct beat beat = { .from_ms = story->from_ms, .to_ms = story->to_ms };
        struct credit_result result;
        struct problem problem = { 0 };
        int64_t before_ms = spans_total(&credit.credited);
        assert_true(credit_beat(&credit, &beat, &result, &problem));
        assert_spans(&result.added, story->added, story->story);
        assert_spans(&result.added_by_gap, story->added_by_gap, story->story);
        if (result.flags != story->flags)
            fail_msg("%s: flags %u instead of %u", story->story, result.flags, story->flags);
        if (credit.budget_ms != story->budget_left_ms)
            fail_msg("%s: budget %lld is left", story->story, (long long)credit.budget_ms);
        assert_int_equal(spans_total(&credit.credited),
            before_ms + spans_total(&result.added) + spans_total(&result.added_by_gap));
        credit_result_release(&result);
        credit_state_release(&credit);
    }
}

static void the_claimed_is_kept_apart(void **state)
{
    (void)state;
    struct credit_state credit = { .duration_ms = 60000 };
    static const struct beat beats[] = { { .from_ms = 0, .to_ms = 10000 },
        { .from_ms = 10300, .to_ms = 20000 }, { .from_ms = 50000, .to_ms = 99000 } };
    for (size_t i = 0; i < 3; i++) {
        struct credit_result result;
        struct problem problem = { 0 };
        assert_true(credit_beat(&credit, &beats[i], &result, &problem));
        credit_result_release(&result);
    }
    assert_spans(&credit.claimed, "[[0,20000],[50000,60000]]", "claimed");
    assert_spans(&credit.credited, "[]", "credited");
    credit_state_release(&credit);
}

static void many_small_claims_with_small_gaps_win_nothing(void **state)
{
    (void)state;
    struct credit_state credit = { .duration_ms = 60000, .budget_ms = 2000 };
    set_spans(&credit.delivered, "[[0,60000]]");
    for (int64_t from_ms = 0; from_ms < 60000; from_ms += 499) {
        struct beat beat = { .from_ms = from_ms, .to_ms = from_ms + 1 };
        struct credit_result result;
        struct problem problem = { 0 };
        assert_true(credit_beat(&credit, &beat, &result, &problem));
        credit_result_release(&result);
    }
    assert_int_equal(spans_total(&credit.credited), 2000);
    assert_int_equal(credit.budget_ms, 0);
    credit_state_release(&credit);
}

static void a_record_full_of_stretches_credits_no_more(void **state)
{
    (void)state;
    struct credit_state credit
        = { .duration_ms = INT64_C(3000) * SPANS_MAX, .budget_ms = INT64_C(3000) * SPANS_MAX };
    struct problem problem = { 0 };
    assert_true(spans_add(&credit.delivered, 0, credit.duration_ms, 0, &problem));
    for (int64_t i = 0; i < SPANS_MAX + 50; i++) {
        struct beat beat = { .from_ms = i * 2000 + 1000, .to_ms = i * 2000 + 1001 };
        struct credit_result result;
        assert_true(credit_beat(&credit, &beat, &result, &problem));
        assert_int_equal(result.flags, i < SPANS_MAX ? 0 : FLAG_SCATTERED);
        credit_result_release(&result);
    }
    assert_int_equal(spans_total(&credit.credited), SPANS_MAX);
    assert_int_equal(credit.budget_ms, SPANS_MAX * 3000 - SPANS_MAX);
    assert_in_range(credit.claimed.count, 1, SPANS_MAX);
    credit_state_release(&credit);
}

enum { ORACLE_MS = 4000, ORACLE_BEATS = 60000 };

struct oracle {
    bool credited[ORACLE_MS], delivered[ORACLE_MS], claimed_now[ORACLE_MS];
    int64_t budget_ms, gap_left_ms;
};

/* Whether the not credited milliseconds around `at`, outside of [from, to), are fewer than 500 and
 * end at the claim. */
static void widen(const struct oracle *oracle, int64_t *from, int64_t *to)
{
    int64_t before = *from;
    while (before > 0 && !oracle->credited[before - 1])
        before--;
    int64_t behind = *to;
    while (behind < ORACLE_MS && !oracle->credited[behind])
        behind++;
    *from = *from - before < CLOSE_GAP_MS ? before : *from;
    *to = behind - *to < CLOSE_GAP_MS ? behind : *to;
}

/* Decides every millisecond alone, in order.  Returns how many were credited. */
static int64_t oracle_beat(struct oracle *oracle, int64_t from, int64_t to)
{
    int64_t credited_ms = 0;
    int64_t wide_from = from;
    int64_t wide_to = to;
    widen(oracle, &wide_from, &wide_to);
    for (int64_t at = wide_from; at < wide_to; at++) {
        bool in_claim = at >= from && at < to;
        bool by_gap = !oracle->delivered[at] && in_claim && oracle->gap_left_ms > 0;
        if (oracle->credited[at] || oracle->budget_ms == 0 || (!oracle->delivered[at] && !by_gap))
            continue;
        oracle->credited[at] = true;
        oracle->budget_ms--;
        oracle->gap_left_ms -= by_gap;
        credited_ms++;
    }
    return credited_ms;
}

static void begin_oracle(struct oracle *oracle, struct credit_state *credit, struct chance *chance)
{
    memset(oracle, 0, sizeof *oracle);
    credit_state_release(credit);
    oracle->budget_ms = chance_below(chance, 2000);
    oracle->gap_left_ms = chance_below(chance, 3) == 0 ? chance_below(chance, 900) : 0;
    *credit = (struct credit_state){ .duration_ms = ORACLE_MS,
        .budget_ms = oracle->budget_ms,
        .server_gap_left_ms = oracle->gap_left_ms };
}

static void deliver(struct oracle *oracle, struct credit_state *credit, struct chance *chance)
{
    struct problem problem = { 0 };
    int64_t segment = chance_below(chance, 8) * 500;
    assert_true(spans_add(&credit->delivered, segment, segment + 500, 0, &problem));
    memset(oracle->delivered + segment, true, 500);
}

static void random_claims_equal_an_oracle(void **state)
{
    (void)state;
    static const uint64_t seed = 4242;
    print_message("  seed %llu\n", (unsigned long long)seed);
    struct chance chance = { seed };
    struct oracle *oracle = calloc(1, sizeof *oracle);
    struct credit_state credit = { 0 };
    for (int64_t step = 0; step < ORACLE_BEATS; step++) {
        if (step == 0 || chance_below(&chance, 30) == 0)
            begin_oracle(oracle, &credit, &chance);
        if (chance_below(&chance, 2) == 0)
            deliver(oracle, &credit, &chance);
        int64_t earned_ms = chance_below(&chance, 4) == 0 ? chance_below(&chance, 600) : 0;
        oracle->budget_ms += earned_ms;
        credit.budget_ms += earned_ms;
        int64_t from = chance_below(&chance, ORACLE_MS);
        int64_t to = from + 1 + chance_below(&chance, chance_below(&chance, 4) == 0 ? 3000 : 300);
        to = to > ORACLE_MS ? ORACLE_MS : to;
        int64_t expected_ms = oracle_beat(oracle, from, to);
        struct beat beat = { .from_ms = from, .to_ms = to };
        struct credit_result result;
        struct problem problem = { 0 };
        assert_true(credit_beat(&credit, &beat, &result, &problem));
        int64_t added_ms = spans_total(&result.added) + spans_total(&result.added_by_gap);
        if (added_ms != expected_ms || credit.budget_ms != oracle->budget_ms
            || credit.server_gap_left_ms != oracle->gap_left_ms)
            fail_msg("step %lld: %lld ms instead of %lld", (long long)step, (long long)added_ms,
                (long long)expected_ms);
        for (size_t i = 0; i < credit.credited.count; i++)
            for (int64_t at = credit.credited.items[i].from; at < credit.credited.items[i].to; at++)
                if (!oracle->credited[at])
                    fail_msg("step %lld: %lld is credited", (long long)step, (long long)at);
        credit_result_release(&result);
    }
    credit_state_release(&credit);
    free(oracle);
}

static void the_budget_grows_with_server_time(void **state)
{
    (void)state;
    static const struct {
        const char *story;
        int64_t budget_ms, since_ms, cap_percent, expected_ms;
    } cases[] = {
        { "ten seconds at twice", 2000, 10000, 200, 22000 },
        { "ten seconds at real time", 2000, 10000, 100, 12000 },
        { "one and a half", 0, 1001, 150, 1501 },
        { "at once", 2000, 0, 200, 2000 },
        { "a clock that went back takes nothing away", 2000, -50000, 200, 2000 },
        { "an open session of ten minutes", 0, 600000, 200, 1200000 },
        { "away for a day", 0, 86400000, 200, 1200000 },
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++)
        assert_int_equal(
            credit_budget_grow(cases[i].budget_ms, cases[i].since_ms, 600000, cases[i].cap_percent),
            cases[i].expected_ms);
}

static void every_flag_has_a_word(void **state)
{
    (void)state;
    unsigned flag = 1;
    for (size_t i = 0; credit_flag_names[i + 1]; i++)
        flag *= 2;
    assert_int_equal(flag, FLAG_HELD);
    assert_string_equal(credit_flag_names[2], "too-fast");
    assert_string_equal(credit_flag_names[5], "lease");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_claim_is_credited_by_rule),
        cmocka_unit_test(the_claimed_is_kept_apart),
        cmocka_unit_test(many_small_claims_with_small_gaps_win_nothing),
        cmocka_unit_test(a_record_full_of_stretches_credits_no_more),
        cmocka_unit_test(random_claims_equal_an_oracle),
        cmocka_unit_test(the_budget_grows_with_server_time),
        cmocka_unit_test(every_flag_has_a_word),
    };
    return cmocka_run_group_tests_name("coverage", tests, NULL, NULL);
}
