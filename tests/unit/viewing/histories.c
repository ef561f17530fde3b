/* Random histories of viewing, credited by the real code, as rows for somebody else to check:
 *   unit_viewing_histories SEED COUNT
 * A history is one person with one budget, who watches two lectures in some tabs and on some devices.
 * Reports come twice, late, out of order, out of range and from the future; deliveries come late or
 * never; the clock is set back; the server crashes.  Prints a line an event, as COPY takes it; the
 * columns and what they must obey are in credits_on_postgres.sql. */
#include "viewing/coverage.h"

#include "chance.h"

#include <stdio.h>
#include <stdlib.h>

enum {
    LECTURES = 2,
    SESSIONS = 4,
    STEPS_LEAST = 6,
    STEPS_MORE = 24,
    BATCH_MAX = 4,
    IDLE_MS = 60000
};

struct tab {
    int64_t lecture, next_seq, position_ms;
    int64_t gap_allowed_ms, gap_credited_ms;
    struct spans received;
};

struct history {
    struct chance *chance;
    long long number;
    int64_t event, now_ms, last_contact_ms, budget_ms, cap_percent;
    bool contacted;
    struct credit_state lectures[LECTURES];
    struct tab tabs[SESSIONS];
};

static bool one_in(struct history *history, int64_t count)
{
    return chance_below(history->chance, count) == 0;
}

static int64_t below(struct history *history, int64_t limit)
{
    return chance_below(history->chance, limit);
}

static void print_spans(const struct spans *spans)
{
    (void)fputs("\t{", stdout);
    for (size_t i = 0; i < spans->count; i++)
        (void)printf("%s[%lld,%lld)", i > 0 ? "," : "", (long long)spans->items[i].from,
            (long long)spans->items[i].to);
    (void)fputs("}", stdout);
}

static void must(bool good)
{
    if (!good)
        abort();
}

static void deliver(struct history *history)
{
    struct tab *tab = &history->tabs[below(history, SESSIONS)];
    struct credit_state *lecture = &history->lectures[tab->lecture];
    int64_t segment_ms = one_in(history, 3) ? 500 : 4000;
    int64_t near_ms = one_in(history, 4) ? below(history, lecture->duration_ms) : tab->position_ms;
    int64_t from_ms = near_ms / segment_ms * segment_ms;
    int64_t to_ms = from_ms + segment_ms * (1 + below(history, 3));
    to_ms = to_ms < lecture->duration_ms ? to_ms : lecture->duration_ms;
    if (from_ms >= to_ms)
        return;
    struct problem problem = { 0 };
    must(spans_add(&lecture->delivered, from_ms, to_ms, 0, &problem));
    (void)printf("%lld\t%lld\t%lld\tf\t%lld\t\\N\t\\N\t%lld\t%lld\t%lld\t%lld\t0\t{}\t{}\t0\t0\n",
        history->number, (long long)history->event++, (long long)history->now_ms,
        (long long)tab->lecture, (long long)from_ms, (long long)to_ms,
        (long long)lecture->duration_ms, (long long)history->cap_percent);
}

/* A contact: server time counts for the one budget, and only forward. */
static void let_time_count(struct history *history)
{
    if (history->contacted)
        history->budget_ms = credit_budget_grow(history->budget_ms,
            history->now_ms - history->last_contact_ms, IDLE_MS, history->cap_percent);
    history->contacted = true;
    history->last_contact_ms = history->now_ms;
}

static struct beat invent(struct history *history, struct tab *tab)
{
    int64_t duration_ms = history->lectures[tab->lecture].duration_ms;
    struct beat beat = { .seq = tab->next_seq, .from_ms = tab->position_ms };
    beat.to_ms = beat.from_ms + 1 + below(history, one_in(history, 4) ? 20000 : 6000);
    if (one_in(history, 6)) /* a gap, which closes or does not */
        beat.from_ms += below(history, 1000);
    if (one_in(history, 8)) { /* a seek */
        beat.from_ms = below(history, duration_ms);
        beat.to_ms = beat.from_ms + below(history, 5000);
    }
    if (one_in(history, 25)) { /* nonsense */
        beat.from_ms = below(history, 4 * duration_ms) - duration_ms;
        beat.to_ms = below(history, 4 * duration_ms) - duration_ms;
    }
    if (one_in(history, 60)) {
        beat.from_ms = one_in(history, 2) ? INT64_MIN : INT64_MAX;
        beat.to_ms = one_in(history, 2) ? INT64_MIN : INT64_MAX;
    }
    if (one_in(history, 8)) /* again, and it may claim something else */
        beat.seq = below(history, tab->next_seq + 1);
    else if (one_in(history, 8)) /* some are late, or never come */
        beat.seq = tab->next_seq + below(history, 3);
    tab->next_seq = beat.seq >= tab->next_seq ? beat.seq + 1 : tab->next_seq;
    if (beat.to_ms > 0 && beat.to_ms < duration_ms)
        tab->position_ms = beat.to_ms;
    else if (beat.to_ms >= duration_ms)
        tab->position_ms = 0;
    return beat;
}

static void take(struct history *history, struct tab *tab, const struct beat *beat)
{
    struct credit_state *lecture = &history->lectures[tab->lecture];
    struct credit_result result = { .flags = FLAG_DUPLICATE };
    struct problem problem = { 0 };
    if (!spans_contain(&tab->received, beat->seq, beat->seq + 1)) {
        lecture->budget_ms = history->budget_ms;
        lecture->server_gap_left_ms = tab->gap_allowed_ms - tab->gap_credited_ms;
        must(credit_beat(lecture, beat, &result, &problem)
             && spans_add(&tab->received, beat->seq, beat->seq + 1, 0, &problem));
        history->budget_ms = lecture->budget_ms;
        tab->gap_credited_ms += spans_total(&result.added_by_gap);
    }
    (void)printf("%lld\t%lld\t%lld\tt\t%lld\t%d\t%lld\t%lld\t%lld\t%lld\t%lld\t%lld",
        history->number, (long long)history->event++, (long long)history->now_ms,
        (long long)tab->lecture, (int)(tab - history->tabs), (long long)beat->seq,
        (long long)beat->from_ms, (long long)beat->to_ms, (long long)lecture->duration_ms,
        (long long)history->cap_percent, (long long)tab->gap_allowed_ms);
    print_spans(&result.added);
    print_spans(&result.added_by_gap);
    (void)printf("\t%lld\t%u\n", (long long)history->budget_ms, result.flags);
    credit_result_release(&result);
}

static void report(struct history *history)
{
    struct tab *tab = &history->tabs[below(history, SESSIONS)];
    let_time_count(history);
    for (int64_t left = 1 + below(history, BATCH_MAX); left > 0; left--) {
        struct beat beat = invent(history, tab);
        take(history, tab, &beat);
    }
}

static void crash(struct history *history)
{
    for (size_t i = 0; i < SESSIONS; i++)
        history->tabs[i].gap_allowed_ms = 5000;
}

static void live(struct history *history)
{
    for (int64_t left = STEPS_LEAST + below(history, STEPS_MORE); left > 0; left--) {
        history->now_ms += below(history, 3000);
        if (one_in(history, 20)) /* away for long, or the clock is set back */
            history->now_ms += below(history, 4) == 0 ? -20000 : below(history, 200000);
        if (one_in(history, 60))
            crash(history);
        if (one_in(history, 5) == 0)
            deliver(history);
        if (below(history, 3) > 0)
            report(history);
    }
}

static void tell_one(struct chance *chance, long long number)
{
    struct history history = { .chance = chance,
        .number = number,
        .now_ms = 1000000,
        .budget_ms = BUDGET_START_MS,
        .cap_percent = 100 + chance_below(chance, 4) * 100 };
    for (size_t i = 0; i < LECTURES; i++)
        history.lectures[i].duration_ms = 3000 + chance_below(chance, 40000);
    for (size_t i = 0; i < SESSIONS; i++)
        history.tabs[i].lecture = (int64_t)(i * LECTURES / SESSIONS);
    live(&history);
    for (size_t i = 0; i < LECTURES; i++)
        credit_state_release(&history.lectures[i]);
    for (size_t i = 0; i < SESSIONS; i++)
        spans_release(&history.tabs[i].received);
}

int main(int argc, char **argv)
{
    if (argc != 3) {
        (void)fprintf(stderr, "usage: %s SEED COUNT\n", argv[0]);
        return 1;
    }
    struct chance chance = { strtoull(argv[1], NULL, 10) };
    long long count = strtoll(argv[2], NULL, 10);
    if (chance.state == 0)
        return 1;
    for (long long number = 0; number < count; number++)
        tell_one(&chance, number);
    return fflush(stdout) == 0 ? 0 : 1;
}
