/*
 * Whole viewings in simulated time, over the real store: honest people in all the ways that they really watch
 * must end with what they watched, within a second; cheaters must not complete.
 */
#include "../unit.h"
#include "house.h"

#include "viewing/completion.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    STEP_MS = 100,     /* of the simulation */
    BEAT_MS = 10000,   /* of server time */
    BUFFER_MS = 30000, /* of lecture time ahead of the playhead */
    JOURNAL_MAX = 400, /* beats; fewer than BEATS_MAX */
    LECTURE_MS = HOUSE_LECTURE_MS
};

static struct house house;

/* What a browser's player does: fetches ahead, plays, journals beats, sends them until acknowledged. */
struct player {
    const struct caller *device;
    struct play_session session;
    int64_t rate_percent;
    int64_t position_ms, fetched_ms; /* lecture time */
    int64_t beat_from_ms, beat_at_ms;
    int64_t next_seq;
    struct beat journal[JOURNAL_MAX];
    size_t journal_count;
    bool online, playing;
    struct spans *truth; /* what the person really saw */
    unsigned flags;      /* all that were answered, but for duplicates */
    bool completed;
};

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

static void journal_beat(struct player *player)
{
    if (player->beat_from_ms == player->position_ms)
        return;
    assert_true(player->journal_count < JOURNAL_MAX);
    player->journal[player->journal_count++] = (struct beat){ .seq = player->next_seq++,
        .from_ms = player->beat_from_ms,
        .to_ms = player->position_ms,
        .rate_percent = player->rate_percent,
        .visible = 1,
        .muted = 0,
        .client_at_ms = -1 };
    player->beat_from_ms = player->position_ms;
    player->beat_at_ms = house_now_ms;
}

static void send_journal(struct player *player)
{
    if (!player->online || player->journal_count == 0)
        return;
    struct beats_answer answer;
    (void)house_take(
        &house, player->device, &player->session, player->journal, player->journal_count, &answer);
    assert_int_equal(answer.acknowledged_seq, player->next_seq - 1);
    for (size_t i = 0; i < answer.flagged_count; i++)
        player->flags |= answer.flagged[i].flags & ~(unsigned)FLAG_DUPLICATE;
    player->completed = answer.completed;
    player->journal_count = 0;
    beats_answer_release(&answer);
}

static void beat(struct player *player)
{
    journal_beat(player);
    send_journal(player);
}

/* A page is opened, or loaded again: a new play session where the person stopped. */
static void open_page(struct player *player, const struct caller *device, int64_t rate_percent,
    int64_t position_ms, struct spans *truth)
{
    *player = (struct player){ .device = device,
        .rate_percent = rate_percent,
        .position_ms = position_ms,
        .fetched_ms = position_ms / HOUSE_SEGMENT_MS * HOUSE_SEGMENT_MS,
        .beat_from_ms = position_ms,
        .beat_at_ms = house_now_ms,
        .online = true,
        .playing = true,
        .truth = truth };
    player->session = house_begin(&house, device, house.lecture_id);
}

static void fetch(struct player *player)
{
    while (player->online && player->fetched_ms < LECTURE_MS
           && player->fetched_ms < player->position_ms + BUFFER_MS) {
        house_deliver(&house, player->device, house.lecture_id, player->fetched_ms,
            player->fetched_ms + HOUSE_SEGMENT_MS);
        player->fetched_ms += HOUSE_SEGMENT_MS;
    }
}

static void advance(struct player *player)
{
    struct problem problem = { 0 };
    int64_t to_ms = player->position_ms + STEP_MS * player->rate_percent / 100;
    to_ms = to_ms > player->fetched_ms ? player->fetched_ms : to_ms; /* the buffer is empty */
    to_ms = to_ms > LECTURE_MS ? LECTURE_MS : to_ms;
    assert_true(spans_add(player->truth, player->position_ms, to_ms, 0, &problem));
    player->position_ms = to_ms;
}

/* Lets server time pass. */
static void pass(struct player *player, int64_t duration_ms)
{
    for (int64_t passed_ms = 0; passed_ms < duration_ms; passed_ms += STEP_MS) {
        fetch(player);
        house_now_ms += STEP_MS;
        if (player->playing)
            advance(player);
        if (house_now_ms - player->beat_at_ms >= BEAT_MS)
            beat(player);
    }
}

static void play_to(struct player *player, int64_t position_ms)
{
    int64_t stalled_until_ms = house_now_ms + 4 * LECTURE_MS;
    while (player->position_ms < position_ms && house_now_ms < stalled_until_ms)
        pass(player, STEP_MS);
}

static void seek(struct player *player, int64_t position_ms)
{
    beat(player);
    player->position_ms = player->beat_from_ms = position_ms;
    player->fetched_ms = position_ms / HOUSE_SEGMENT_MS * HOUSE_SEGMENT_MS;
}

static void pause_player(struct player *player, int64_t duration_ms)
{
    beat(player);
    player->playing = false;
    pass(player, duration_ms);
    player->playing = true;
    player->beat_from_ms = player->position_ms;
}

static void read_credited(struct spans *ret_credited)
{
    struct problem problem = { 0 };
    assert_true(
        spans_read(house_text(&house, "SELECT credited FROM viewing"), ret_credited, &problem));
}

/* Everything that was seen is credited, and nothing else, within a second; nobody is blamed. */
static void assert_whole(const struct player *player, unsigned flags_allowed)
{
    struct spans credited;
    int64_t robbed_ms = 0;
    read_credited(&credited);
    for (size_t i = 0; i < player->truth->count; i++) {
        struct spans missing;
        spans_subtract(
            &credited, player->truth->items[i].from, player->truth->items[i].to, &missing);
        robbed_ms += spans_total(&missing);
        spans_release(&missing);
    }
    int64_t given_ms = spans_total(&credited) - spans_total(player->truth) + robbed_ms;
    if (robbed_ms >= 1000 || given_ms >= 1000)
        fail_msg("%lld ms were robbed and %lld given", (long long)robbed_ms, (long long)given_ms);
    if (player->flags & ~flags_allowed)
        fail_msg("an honest person was flagged %u", player->flags);
    spans_release(&credited);
}

static void assert_complete(const struct player *player)
{
    assert_true(player->completed);
    assert_int_equal(house_number(&house, "SELECT COUNT(*) FROM completion"), 1);
}

static void an_honest_person_at_any_speed_is_whole(void **state)
{
    (void)state;
    static const int64_t rates[] = { 50, 100, 150, 200 };
    for (size_t i = 0; i < COUNT_OF(rates); i++) {
        struct player player;
        struct spans truth = { 0 };
        house_remove(&house);
        house_build(&house);
        open_page(&player, &house.people[0], rates[i], 0, &truth);
        house_now_ms += 700; /* from /play to the first picture */
        player.beat_at_ms = house_now_ms;
        play_to(&player, LECTURE_MS);
        beat(&player);
        assert_whole(&player, 0);
        assert_complete(&player);
        assert_string_equal(house_text(&house, "SELECT credited FROM viewing"), "[[0,1200000]]");
        spans_release(&truth);
    }
}

/* The player starts the very moment that /play was answered, and the first beat comes early. */
static void an_honest_person_without_any_delay_is_whole(void **state)
{
    (void)state;
    struct player player;
    struct spans truth = { 0 };
    open_page(&player, &house.people[0], 200, 0, &truth);
    pass(&player, 200);
    beat(&player);
    play_to(&player, LECTURE_MS);
    beat(&player);
    assert_whole(&player, 0);
    assert_complete(&player);
    spans_release(&truth);
}

static void pauses_and_seeks_rob_nobody(void **state)
{
    (void)state;
    struct player player;
    struct spans truth = { 0 };
    open_page(&player, &house.people[0], 200, 0, &truth);
    pass(&player, 61300);
    pause_player(&player, 180000);
    pass(&player, 20000);
    seek(&player, 700000);
    pass(&player, 33300);
    seek(&player, 100000); /* some of it again */
    pass(&player, 45000);
    pause_player(&player, 2 * 3600000); /* lunch, with the page open and silent */
    pass(&player, 30000);
    seek(&player, 1190000);
    pass(&player, 20000);
    beat(&player);
    assert_whole(&player, 0);
    assert_false(player.completed);
    /* The next day, from the start to the end. */
    house_now_ms += 86400000;
    struct player again;
    open_page(&again, &house.people[0], 150, 0, &truth);
    play_to(&again, LECTURE_MS);
    beat(&again);
    assert_whole(&again, 0);
    assert_complete(&again);
    spans_release(&truth);
}

static void reloads_rob_nobody(void **state)
{
    (void)state;
    struct player player;
    struct spans truth = { 0 };
    open_page(&player, &house.people[0], 200, 0, &truth);
    for (int i = 0; i < 40; i++) {
        pass(&player, 13700);
        journal_beat(&player); /* kept in the journal; the page is gone before it was sent */
        struct player before = player;
        open_page(&player, &house.people[0], 200, before.position_ms, &truth);
        send_journal(&before); /* the new page sends the old one's journal */
        player.flags |= before.flags;
    }
    play_to(&player, LECTURE_MS);
    beat(&player);
    assert_whole(&player, 0);
    assert_complete(&player);
    spans_release(&truth);
}

static void a_network_that_comes_and_goes_robs_nobody(void **state)
{
    (void)state;
    struct player player;
    struct spans truth = { 0 };
    open_page(&player, &house.people[0], 200, 0, &truth);
    while (player.position_ms < LECTURE_MS) {
        player.online = true;
        pass(&player, 47000);
        player.online = false; /* plays from the buffer, then waits */
        pass(&player, 200000);
    }
    player.online = true;
    beat(&player);
    assert_whole(&player, 0);
    assert_complete(&player);
    spans_release(&truth);
}

/* Away for hours with the whole journal, which comes from a page that was never opened again in between. */
static void a_journal_that_comes_hours_later_robs_nobody(void **state)
{
    (void)state;
    struct player player;
    struct spans truth = { 0 };
    open_page(&player, &house.people[0], 200, 0, &truth);
    pass(&player, 25000);
    player.online = false;
    pass(&player, 60000);
    house_now_ms += 5 * 3600000;
    player.online = true;
    send_journal(&player);
    assert_whole(&player, 0);
    spans_release(&truth);
}

static void two_devices_in_turn_rob_nobody(void **state)
{
    (void)state;
    struct player pc, phone;
    struct spans truth = { 0 };
    open_page(&pc, &house.people[0], 200, 0, &truth);
    pass(&pc, 123400);
    pc.online = false; /* the office's line drops; the rest comes later */
    pass(&pc, 9000);
    open_page(&phone, &house.second_device, 200, pc.position_ms, &truth);
    pass(&phone, 60000);
    pc.online = true;
    pc.playing = false;
    beat(&pc);
    assert_int_equal(pc.flags, FLAG_LEASE);
    play_to(&phone, LECTURE_MS);
    beat(&phone);
    assert_whole(&phone, 0);
    assert_complete(&phone);
    spans_release(&truth);
}

/* The server is killed while a player fetches; what was sent in its last second is not on record, and the player keeps on from
 * its buffer. */
static void crashes_rob_nobody(void **state)
{
    (void)state;
    struct player player;
    struct spans truth = { 0 };
    open_page(&player, &house.people[0], 200, 0, &truth);
    for (int crash = 0; crash < 5; crash++) {
        pass(&player, 41000);
        beat(&player);
        /* Let the ring's deliveries reach the store, then lose the next ones. */
        delivery_log_stop(house.log);
        house_run(
            &house, "UPDATE server_run SET alive_at_ms = (SELECT MAX(last_at_ms) FROM viewing)");
        player.fetched_ms += 3 * HOUSE_SEGMENT_MS; /* sent, never recorded */
        db_close(house.db);                        /* without server_run_end() */
        house_now_ms += 1000;
        player.online = false;
        struct house again = house;
        for (int i = 0; i < 30; i++) {
            house_now_ms += STEP_MS;
            advance(&player);
        }
        house_open(&again);
        house = again;
        player.online = true;
    }
    play_to(&player, LECTURE_MS);
    beat(&player);
    assert_whole(&player, FLAG_SERVER_GAP);
    assert_true(player.flags & FLAG_SERVER_GAP);
    assert_complete(&player);
    assert_int_equal(house_number(&house, "SELECT COUNT(*) FROM server_gap"), 5);
    assert_true(
        house_number(&house, "SELECT COUNT(*) FROM watch_interval WHERE reason = 'server-gap'")
        > 0);
    spans_release(&truth);
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
    open_page(&player, &house.people[1], 100, 0, &truth);
    pass(&player, 20000);
    seek(&player, LECTURE_MS - 20000);
    play_to(&player, LECTURE_MS);
    beat(&player);
    assert_int_equal(completions(), 0);
    assert_whole(&player, 0);
    spans_release(&truth);
}

static void a_part_watched_again_and_again_completes_nothing(void **state)
{
    (void)state;
    struct player player;
    struct spans truth = { 0 };
    open_page(&player, &house.people[1], 200, 0, &truth);
    for (int i = 0; i < 60; i++) {
        pass(&player, 20000);
        seek(&player, 0);
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
        open_page(&player, &house.people[1], rates[i], 0, &truth);
        int64_t began_at_ms = house_now_ms;
        play_to(&player, LECTURE_MS);
        beat(&player);
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
        open_page(&players[i], i % 2 ? &house.second_device : &house.people[0], 200,
            i * (LECTURE_MS / TABS), &truth);
    for (int64_t passed_ms = 0; passed_ms < LECTURE_MS / TABS / 2; passed_ms += STEP_MS) {
        house_now_ms += STEP_MS;
        for (int i = 0; i < TABS; i++) {
            fetch(&players[i]);
            advance(&players[i]);
            if (house_now_ms - players[i].beat_at_ms >= BEAT_MS)
                beat(&players[i]);
        }
    }
    for (int i = 0; i < TABS; i++)
        beat(&players[i]);
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

/* A server that was killed is no reason to be given a lecture: the allowance is bounded, and for who was there. */
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
        TEST(an_honest_person_at_any_speed_is_whole),
        TEST(an_honest_person_without_any_delay_is_whole),
        TEST(pauses_and_seeks_rob_nobody),
        TEST(reloads_rob_nobody),
        TEST(a_network_that_comes_and_goes_robs_nobody),
        TEST(a_journal_that_comes_hours_later_robs_nobody),
        TEST(two_devices_in_turn_rob_nobody),
        TEST(crashes_rob_nobody),
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
    return cmocka_run_group_tests_name("simulate", tests, NULL, NULL);
}
