/* Time without a line: it counts once, as far as a grant proves it, and no further. */
#include "viewing/offline.h"

#include "../unit.h"
#include "chance.h"
#include "house.h"

#include <string.h>

static struct house house;
static const int64_t hour_ms = 3600000, day_ms = 24 * INT64_C(3600000);

static int build(void **state)
{
    (void)state;
    house_build(&house);
    return 0;
}

static int take_down(void **state)
{
    (void)state;
    house_remove(&house);
    return 0;
}

static const struct caller *lan(void)
{
    return &house.people[0];
}

/* Ten-second stretches from seq 0 on, as a journal brings them back. */
static int64_t bring_back(const struct play_session *session, int64_t granted_at_ms,
    int64_t first_seq, int64_t from_ms, int64_t to_ms, unsigned *ret_flags)
{
    static struct beat beats[BEATS_MAX];
    size_t count = 0;
    for (int64_t at_ms = from_ms; at_ms < to_ms; at_ms += 10000)
        beats[count++] = (struct beat){
            .seq = first_seq + (at_ms - from_ms) / 10000, .from_ms = at_ms, .to_ms = at_ms + 10000
        };
    struct beats_answer answer;
    struct problem problem = { 0 };
    if (!play_take_beats(house.db, house.log, &house.settings, lan(), session->id, beats, count,
            granted_at_ms, &answer, &problem))
        fail_msg("%s", problem.detail);
    *ret_flags = 0;
    for (size_t i = 0; i < answer.flagged_count; i++)
        *ret_flags |= answer.flagged[i].flags;
    int64_t total_ms = spans_total(&answer.credited);
    beats_answer_release(&answer);
    return total_ms;
}

static void an_hour_without_a_line_is_credited_when_it_comes_back(void **state)
{
    (void)state;
    struct play_session session = house_begin(&house, lan(), house.lecture_id);
    assert_int_equal(session.at_ms, house_now_ms);
    house_deliver(&house, lan(), house.lecture_id, 0, HOUSE_LECTURE_MS);
    house_now_ms += 20000;
    unsigned flags;
    assert_int_equal(bring_back(&session, session.at_ms, 0, 0, 20000, &flags), 20000);
    assert_int_equal(flags, 0);
    house_now_ms += hour_ms;
    assert_int_equal(
        bring_back(&session, session.at_ms, 2, 20000, HOUSE_LECTURE_MS, &flags), HOUSE_LECTURE_MS);
    /* ten minutes of it by the budget of an open play session, the rest by the grant */
    assert_int_equal(house_number(&house, "SELECT COUNT(*) FROM completion"), 1);
    assert_int_equal(flags, 0);
}

static void a_slow_return_is_marked_and_counts_as_real_time(void **state)
{
    (void)state;
    house.settings.play_session_idle_ms = 60000;
    struct play_session session = house_begin(&house, lan(), house.lecture_id);
    house_deliver(&house, lan(), house.lecture_id, 0, HOUSE_LECTURE_MS);
    house_now_ms += hour_ms;
    unsigned flags;
    assert_int_equal(
        bring_back(&session, session.at_ms, 0, 0, HOUSE_LECTURE_MS, &flags), HOUSE_LECTURE_MS);
    assert_int_equal(flags, FLAG_OFFLINE);
    int64_t by_budget_ms = 2000 + 2 * 60000;
    assert_int_equal(house_number(&house, "SELECT SUM(to_ms - from_ms) FROM watch_interval"
                                          " WHERE reason = 'offline'"),
        HOUSE_LECTURE_MS - by_budget_ms);
    assert_int_equal(house_number(&house, "SELECT offline_credited_ms FROM play_session"),
        HOUSE_LECTURE_MS - by_budget_ms);
    assert_int_equal(house_number(&house, "SELECT real_ms FROM viewing"),
        60000 + (HOUSE_LECTURE_MS - by_budget_ms) / 2);
    assert_int_equal(house_number(&house, "SELECT COUNT(*) FROM completion"), 1);
}

static void without_a_grant_or_with_a_senseless_one_it_is_too_fast(void **state)
{
    (void)state;
    house.settings.play_session_idle_ms = 60000;
    struct play_session session = house_begin(&house, lan(), house.lecture_id);
    house_deliver(&house, lan(), house.lecture_id, 0, HOUSE_LECTURE_MS);
    int64_t began_ms = house_now_ms;
    house_now_ms += hour_ms;
    unsigned flags;
    assert_int_equal(bring_back(&session, 0, 0, 0, 400000, &flags), 122000);
    assert_int_equal(flags, FLAG_TOO_FAST);
    assert_int_equal(bring_back(&session, house_now_ms + 1, 100, 0, 400000, &flags), 122000);
    assert_int_equal(flags, FLAG_TOO_FAST);
    house_now_ms += house.settings.offline_return_days * day_ms;
    assert_int_equal(bring_back(&session, began_ms, 200, 0, 400000, &flags), 122000 + 120000);
    assert_int_equal(flags, FLAG_TOO_FAST);
}

static void what_was_not_delivered_is_not_credited_offline_either(void **state)
{
    (void)state;
    struct play_session session = house_begin(&house, lan(), house.lecture_id);
    house_deliver(&house, lan(), house.lecture_id, 0, 100000);
    house_now_ms += hour_ms;
    unsigned flags;
    assert_int_equal(bring_back(&session, session.at_ms, 0, 0, 400000, &flags), 100000);
    assert_int_equal(flags, FLAG_UNDELIVERED);
}

static void two_grants_do_not_make_an_hour_of_two(void **state)
{
    (void)state;
    house.settings.play_session_idle_ms = 10000;
    struct play_session first = house_begin(&house, lan(), house.lecture_id);
    struct play_session second = house_begin(&house, lan(), house.other_lecture_id);
    house_deliver(&house, lan(), house.lecture_id, 0, HOUSE_LECTURE_MS);
    house_deliver(&house, lan(), house.other_lecture_id, 0, HOUSE_LECTURE_MS);
    int64_t away_ms = 300000;
    house_now_ms += away_ms;
    unsigned flags;
    int64_t one_ms = bring_back(&first, first.at_ms, 0, 0, HOUSE_LECTURE_MS, &flags);
    int64_t other_ms = bring_back(&second, second.at_ms, 0, 0, HOUSE_LECTURE_MS, &flags);
    assert_true(flags & FLAG_TOO_FAST);
    assert_int_equal(one_ms + other_ms, 2000 + 2 * away_ms);
    /* nor does the same one twice, nor in pieces */
    assert_int_equal(bring_back(&first, first.at_ms, 500, 0, HOUSE_LECTURE_MS, &flags), one_ms);
}

static void a_grant_pays_for_its_own_lecture_once(void **state)
{
    (void)state;
    house.settings.play_session_idle_ms = 10000;
    house_run(&house, "UPDATE lecture_version SET duration_ms = 60000");
    struct play_session session = house_begin(&house, lan(), house.lecture_id);
    house_deliver(&house, lan(), house.lecture_id, 0, 60000);
    house_now_ms += day_ms;
    unsigned flags;
    (void)bring_back(&session, session.at_ms, 0, 0, 60000, &flags);
    assert_int_equal(
        house_number(&house, "SELECT offline_credited_ms FROM play_session"), 60000 - 2000 - 20000);
}

static void no_more_time_counts_than_is_allowed(void **state)
{
    (void)state;
    house.settings.play_session_idle_ms = 10000;
    house.settings.offline_ms_max = 60000;
    struct play_session session = house_begin(&house, lan(), house.lecture_id);
    house_deliver(&house, lan(), house.lecture_id, 0, HOUSE_LECTURE_MS);
    house_now_ms += hour_ms;
    unsigned flags;
    assert_int_equal(
        bring_back(&session, session.at_ms, 0, 0, HOUSE_LECTURE_MS, &flags), 2000 + 2 * 60000);
    assert_int_equal(flags, FLAG_OFFLINE | FLAG_TOO_FAST);
}

static void a_rule_may_hold_it_back(void **state)
{
    (void)state;
    house.settings.play_session_idle_ms = 10000;
    house_run(&house, "UPDATE completion_rule SET offline = 'hold'");
    struct play_session session = house_begin(&house, lan(), house.lecture_id);
    house_deliver(&house, lan(), house.lecture_id, 0, HOUSE_LECTURE_MS);
    house_now_ms += hour_ms;
    unsigned flags;
    assert_int_equal(
        bring_back(&session, session.at_ms, 0, 0, HOUSE_LECTURE_MS, &flags), 2000 + 2 * 10000);
    assert_int_equal(flags, FLAG_HELD);
    assert_int_equal(house_number(&house, "SELECT offline_credited_ms FROM play_session"), 0);
}

static void each_moment_counts_once_whatever_comes_back_when(void **state)
{
    (void)state;
    struct chance chance = { 20261122 };
    for (int round = 0; round < 2000; round++) {
        struct spans counted = { 0 };
        bool truth[1000] = { false };
        /* An hour in a group, say, which counts apart. */
        int64_t apart = chance_below(&chance, 900);
        struct spans elsewhere = { 0 };
        counted_time_add(&elsewhere, apart, apart + 50);
        memset(truth + apart, true, 50);
        for (int step = 0; step < 30; step++) {
            int64_t from = chance_below(&chance, 900), to = from + chance_below(&chance, 100);
            if (chance_below(&chance, 2) == 0) {
                counted_time_add(&counted, from, to);
                memset(truth + from, true, (size_t)(to - from));
                continue;
            }
            struct offline_window window = offline_window(from, to, 1 + chance_below(&chance, 80));
            int64_t left = 0, time = chance_below(&chance, 100), taken = 0;
            for (int64_t at = window.from_ms; at < window.to_ms; at++)
                left += !truth[at];
            struct spans all;
            spans_copy(&counted, &all);
            spans_add_all(&all, &elsewhere);
            assert_int_equal(offline_time_left_ms(&all, window), left);
            spans_release(&all);
            offline_time_take(&counted, &elsewhere, window, time);
            for (int64_t at = window.from_ms; at < window.to_ms && taken < time; at++)
                if (!truth[at]) {
                    truth[at] = true;
                    taken++;
                }
        }
        int64_t expected = 0;
        for (int at = 0; at < 1000; at++)
            expected += truth[at];
        spans_add_all(&counted, &elsewhere);
        spans_release(&elsewhere);
        assert_int_equal(spans_total(&counted), expected);
        spans_release(&counted);
    }
}

static void old_stretches_melt_so_that_they_can_never_count_again(void **state)
{
    (void)state;
    struct spans counted = { 0 };
    for (int64_t i = 0; i < 200; i++)
        counted_time_add(&counted, i * 10, i * 10 + 5);
    assert_int_equal(counted.count, COUNTED_STRETCHES_MAX);
    assert_int_equal(counted.items[0].from, 0);
    assert_int_equal(counted.items[COUNTED_STRETCHES_MAX - 1].to, 1995);
    assert_int_equal(counted.items[1].from, (200 - COUNTED_STRETCHES_MAX + 1) * 10);
    spans_release(&counted);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, build, take_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(an_hour_without_a_line_is_credited_when_it_comes_back),
        TEST(a_slow_return_is_marked_and_counts_as_real_time),
        TEST(without_a_grant_or_with_a_senseless_one_it_is_too_fast),
        TEST(what_was_not_delivered_is_not_credited_offline_either),
        TEST(two_grants_do_not_make_an_hour_of_two),
        TEST(a_grant_pays_for_its_own_lecture_once),
        TEST(no_more_time_counts_than_is_allowed),
        TEST(a_rule_may_hold_it_back),
        cmocka_unit_test(each_moment_counts_once_whatever_comes_back_when),
        cmocka_unit_test(old_stretches_melt_so_that_they_can_never_count_again),
    };
    return cmocka_run_group_tests_name("offline", tests, NULL, NULL);
}
