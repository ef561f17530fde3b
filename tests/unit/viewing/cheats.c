/*
 * Whole viewings in simulated time, over the real store: cheaters do not complete, and are credited
 * no faster than real time x cap.
 */
#include "../unit.h"
#include "player.h"

static struct house house;

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

static void read_credited(struct spans *ret_credited)
{
    struct problem problem = { 0 };
    assert_true(
        spans_read(house_text(&house, "SELECT credited FROM viewing"), ret_credited, &problem));
}

static int64_t completions(void)
{
    return house_number(&house, "SELECT COUNT(*) FROM completion");
}

static int64_t credited_ms(void)
{
    struct spans credited;
    read_credited(&credited);
    int64_t total_ms = spans_total(&credited);
    spans_release(&credited);
    return total_ms;
}

static void one_forged_beat_completes_nothing(void **state)
{
    (void)state;
    const struct caller *cheat = &house.people[1];
    struct play_session session = house_begin(&house, cheat, house.lecture_id);
    unsigned flags;
    assert_int_equal(house_take_one(&house, cheat, &session, 0, 0, LECTURE_MS, &flags), 0);
    assert_int_equal(flags, FLAG_UNDELIVERED);
    /* With all segments fetched at once: what the budget pays for. */
    house_deliver(&house, cheat, house.lecture_id, 0, LECTURE_MS);
    house_now_ms += 5000;
    assert_int_equal(house_take_one(&house, cheat, &session, 1, 0, LECTURE_MS, &flags), 12000);
    assert_int_equal(flags, FLAG_TOO_FAST);
    assert_int_equal(completions(), 0);
}

static void a_seek_to_the_end_completes_nothing(void **state)
{
    (void)state;
    struct player player;
    struct spans truth = { 0 };
    player_open(&player, &house, &house.people[1], 100, 0, &truth);
    player_pass(&player, 20000);
    player_seek(&player, LECTURE_MS - 20000);
    player_play_to(&player, LECTURE_MS);
    player_beat(&player);
    assert_int_equal(completions(), 0);
    assert_int_equal(credited_ms(), 40000);
    spans_release(&truth);
}

static void a_part_watched_again_and_again_completes_nothing(void **state)
{
    (void)state;
    struct player player;
    struct spans truth = { 0 };
    player_open(&player, &house, &house.people[1], 200, 0, &truth);
    for (int i = 0; i < 60; i++) {
        player_pass(&player, 20000);
        player_seek(&player, 0);
    }
    assert_int_equal(completions(), 0);
    assert_int_equal(credited_ms(), 40000);
    spans_release(&truth);
}

static void playing_faster_than_allowed_completes_nothing(void **state)
{
    (void)state;
    static const int64_t rates[] = { 400, 1600 };
    for (size_t i = 0; i < COUNT_OF(rates); i++) {
        struct player player;
        struct spans truth = { 0 };
        house_remove(&house);
        house_build(&house);
        player_open(&player, &house, &house.people[1], rates[i], 0, &truth);
        int64_t began_at_ms = house_now_ms;
        player_play_to(&player, LECTURE_MS);
        player_beat(&player);
        assert_int_equal(completions(), 0);
        assert_true(credited_ms() <= 2000 + 2 * (house_now_ms - began_at_ms));
        assert_true(player.flags & FLAG_TOO_FAST);
        spans_release(&truth);
    }
}

/* Many tabs, each playing another part at once, on two devices. */
static void many_tabs_are_no_faster_than_one(void **state)
{
    (void)state;
    enum { TABS = 10 };
    static struct player players[TABS];
    struct spans truth = { 0 };
    int64_t began_at_ms = house_now_ms;
    for (int i = 0; i < TABS; i++)
        player_open(&players[i], &house, i % 2 ? &house.second_device : &house.people[0], 200,
            (int64_t)i * (LECTURE_MS / TABS), &truth);
    for (int64_t passed_ms = 0; passed_ms < LECTURE_MS / TABS / 2; passed_ms += STEP_MS) {
        house_now_ms += STEP_MS;
        for (int i = 0; i < TABS; i++) {
            player_fetch(&players[i]);
            player_advance(&players[i]);
            if (house_now_ms - players[i].beat_at_ms >= BEAT_MS)
                player_beat(&players[i]);
        }
    }
    for (int i = 0; i < TABS; i++)
        player_beat(&players[i]);
    assert_int_equal(spans_total(&truth), LECTURE_MS); /* it was all shown somewhere */
    assert_true(credited_ms() <= 2000 + 2 * (house_now_ms - began_at_ms));
    assert_int_equal(completions(), 0);
    spans_release(&truth);
}

/* The client's clock is nothing: not a later one, not an earlier one. */
static void a_players_clock_and_speed_are_not_believed(void **state)
{
    (void)state;
    const struct caller *cheat = &house.people[1];
    struct play_session session = house_begin(&house, cheat, house.lecture_id);
    house_deliver(&house, cheat, house.lecture_id, 0, LECTURE_MS);
    int64_t began_at_ms = house_now_ms;
    for (int64_t i = 0; i < 100; i++) {
        house_now_ms += 1000;
        struct beat beat = { .seq = i,
            .from_ms = i * 12000,
            .to_ms = i * 12000 + 12000,
            .rate_percent = i % 2 ? 100 : 1,
            .visible = 1,
            .client_at_ms = house_now_ms + i * 86400000 };
        (void)house_take(&house, cheat, &session, &beat, 1, NULL);
    }
    assert_true(credited_ms() <= 2000 + 2 * (house_now_ms - began_at_ms));
    assert_int_equal(completions(), 0);
}

/* New play sessions by the hundred bring no new budget, nor do renewals. */
static void beginning_again_and_again_brings_no_budget(void **state)
{
    (void)state;
    const struct caller *cheat = &house.people[1];
    house_deliver(&house, cheat, house.lecture_id, 0, LECTURE_MS);
    for (int64_t i = 0; i < 200; i++) {
        struct play_session session = house_begin(&house, cheat, house.lecture_id), again;
        struct problem problem = { 0 };
        assert_true(play_renew(house.db, &house.settings, cheat, session.id, &again, &problem));
        (void)house_take_one(&house, cheat, &session, 0, i * 6000, i * 6000 + 6000, NULL);
    }
    assert_int_equal(credited_ms(), 2000);
}

/* Time spent in one lecture buys budget, but does not complete another in a moment. */
static void budget_from_another_lecture_completes_nothing(void **state)
{
    (void)state;
    const struct caller *cheat = &house.people[1];
    struct play_session other = house_begin(&house, cheat, house.other_lecture_id);
    for (int64_t i = 0; i < 200; i++) {
        house_now_ms += 10000;
        (void)house_take_one(&house, cheat, &other, i, 0, 0, NULL);
    }
    struct play_session session = house_begin(&house, cheat, house.lecture_id);
    house_deliver(&house, cheat, house.lecture_id, 0, LECTURE_MS);
    struct beat beat = { .seq = 0, .from_ms = 0, .to_ms = LECTURE_MS };
    struct beats_answer answer;
    house_now_ms += 1000;
    (void)house_take(&house, cheat, &session, &beat, 1, &answer);
    assert_false(answer.completed);
    beats_answer_release(&answer);
}

/* A server that was killed is no reason to be given a lecture: the allowance is bounded, and for
 * who was there. */
static void a_crash_is_no_gift(void **state)
{
    (void)state;
    const struct caller *cheat = &house.people[1];
    struct play_session open = house_begin(&house, cheat, house.lecture_id);
    struct play_session ended = house_begin(&house, &house.people[2], house.lecture_id);
    for (int64_t i = 0; i < 180; i++) { /* half an hour: budget for all of it */
        house_now_ms += 10000;
        (void)house_take_one(&house, cheat, &open, i, 0, 0, NULL);
    }
    delivery_log_stop(house.log);
    house_run(&house, "UPDATE server_run SET alive_at_ms = (SELECT MAX(last_at_ms) FROM viewing)");
    db_close(house.db);
    house_now_ms += 4000;
    house_open(&house);
    struct play_session again;
    struct problem problem = { 0 };
    assert_true(play_renew(house.db, &house.settings, cheat, open.id, &again, &problem));
    unsigned flags;
    assert_int_equal(house_take_one(&house, cheat, &open, 500, 0, LECTURE_MS, &flags),
        house.settings.server_gap_credit_ms);
    assert_int_equal(flags, FLAG_SERVER_GAP | FLAG_UNDELIVERED);
    assert_int_equal(house_take_one(&house, cheat, &open, 501, 600000, LECTURE_MS, &flags),
        house.settings.server_gap_credit_ms);
    assert_int_equal(flags, FLAG_UNDELIVERED);
    /* Ended before the crash, and begun after it: nothing. */
    assert_int_equal(house_take_one(&house, &house.people[2], &ended, 0, 0, 10000, &flags), 0);
    assert_int_equal(flags, FLAG_UNDELIVERED);
    struct play_session later = house_begin(&house, &house.people[3], house.lecture_id);
    assert_int_equal(house_take_one(&house, &house.people[3], &later, 0, 0, 10000, &flags), 0);
    assert_int_equal(flags, FLAG_UNDELIVERED);
    assert_int_equal(completions(), 0);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, build, take_down)
    const struct CMUnitTest tests[] = {
        TEST(one_forged_beat_completes_nothing),
        TEST(a_seek_to_the_end_completes_nothing),
        TEST(a_part_watched_again_and_again_completes_nothing),
        TEST(playing_faster_than_allowed_completes_nothing),
        TEST(many_tabs_are_no_faster_than_one),
        TEST(a_players_clock_and_speed_are_not_believed),
        TEST(beginning_again_and_again_brings_no_budget),
        TEST(budget_from_another_lecture_completes_nothing),
        TEST(a_crash_is_no_gift),
    };
    return cmocka_run_group_tests_name("cheats", tests, NULL, NULL);
}
