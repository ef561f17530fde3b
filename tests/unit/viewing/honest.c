/*
 * Whole viewings in simulated time, over the real store: honest people, in all the ways that they
 * really watch, end with what they watched, within a second, and nobody blames them.
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
        player_open(&player, &house, &house.people[0], rates[i], 0, &truth);
        house_now_ms += 700; /* from /play to the first picture */
        player.beat_at_ms = house_now_ms;
        player_play_to(&player, LECTURE_MS);
        player_beat(&player);
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
    player_open(&player, &house, &house.people[0], 200, 0, &truth);
    player_pass(&player, 200);
    player_beat(&player);
    player_play_to(&player, LECTURE_MS);
    player_beat(&player);
    assert_whole(&player, 0);
    assert_complete(&player);
    spans_release(&truth);
}

static void pauses_and_seeks_rob_nobody(void **state)
{
    (void)state;
    struct player player;
    struct spans truth = { 0 };
    player_open(&player, &house, &house.people[0], 200, 0, &truth);
    player_pass(&player, 61300);
    player_pause(&player, 180000);
    player_pass(&player, 20000);
    player_seek(&player, 700000);
    player_pass(&player, 33300);
    player_seek(&player, 100000); /* some of it again */
    player_pass(&player, 45000);
    player_pause(&player, 7200000); /* lunch, with the page open and silent */
    player_pass(&player, 30000);
    player_seek(&player, 1190000);
    player_pass(&player, 20000);
    player_beat(&player);
    assert_whole(&player, 0);
    assert_false(player.completed);
    /* The next day, from the start to the end. */
    house_now_ms += 86400000;
    struct player again;
    player_open(&again, &house, &house.people[0], 150, 0, &truth);
    player_play_to(&again, LECTURE_MS);
    player_beat(&again);
    assert_whole(&again, 0);
    assert_complete(&again);
    spans_release(&truth);
}

static void reloads_rob_nobody(void **state)
{
    (void)state;
    struct player player;
    struct spans truth = { 0 };
    player_open(&player, &house, &house.people[0], 200, 0, &truth);
    for (int i = 0; i < 40; i++) {
        player_pass(&player, 13700);
        player_journal(&player); /* kept in the journal; the page is gone before it was sent */
        struct player before = player;
        player_open(&player, &house, &house.people[0], 200, before.position_ms, &truth);
        player_send(&before); /* the new page sends the old one's journal */
        player.flags |= before.flags;
    }
    player_play_to(&player, LECTURE_MS);
    player_beat(&player);
    assert_whole(&player, 0);
    assert_complete(&player);
    spans_release(&truth);
}

static void a_network_that_comes_and_goes_robs_nobody(void **state)
{
    (void)state;
    struct player player;
    struct spans truth = { 0 };
    player_open(&player, &house, &house.people[0], 200, 0, &truth);
    while (player.position_ms < LECTURE_MS) {
        player.online = true;
        player_pass(&player, 47000);
        player.online = false; /* plays from the buffer, then waits */
        player_pass(&player, 200000);
    }
    player.online = true;
    player_beat(&player);
    assert_whole(&player, 0);
    assert_complete(&player);
    spans_release(&truth);
}

/* Away for hours with the whole journal, which comes from a page that was never opened again in
 * between. */
static void a_journal_that_comes_hours_later_robs_nobody(void **state)
{
    (void)state;
    struct player player;
    struct spans truth = { 0 };
    player_open(&player, &house, &house.people[0], 200, 0, &truth);
    player_pass(&player, 25000);
    player.online = false;
    player_pass(&player, 60000);
    house_now_ms += 18000000;
    player.online = true;
    player_send(&player);
    assert_whole(&player, 0);
    spans_release(&truth);
}

static void two_devices_in_turn_rob_nobody(void **state)
{
    (void)state;
    struct player pc, phone;
    struct spans truth = { 0 };
    player_open(&pc, &house, &house.people[0], 200, 0, &truth);
    player_pass(&pc, 123400);
    pc.online = false; /* the office's line drops; the rest comes later */
    player_pass(&pc, 9000);
    player_open(&phone, &house, &house.second_device, 200, pc.position_ms, &truth);
    player_pass(&phone, 60000);
    pc.online = true;
    pc.playing = false;
    player_beat(&pc);
    assert_int_equal(pc.flags, FLAG_LEASE);
    player_play_to(&phone, LECTURE_MS);
    player_beat(&phone);
    assert_whole(&phone, 0);
    assert_complete(&phone);
    spans_release(&truth);
}

/* The server is killed while a player fetches; what was sent in its last second is not on record,
 * and the player keeps on from its buffer. */
static void crashes_rob_nobody(void **state)
{
    (void)state;
    struct player player;
    struct spans truth = { 0 };
    player_open(&player, &house, &house.people[0], 200, 0, &truth);
    for (int crash = 0; crash < 5; crash++) {
        player_pass(&player, 41000);
        player_beat(&player);
        /* Let the ring's deliveries reach the store, then lose the next ones. */
        delivery_log_stop(house.log);
        house_run(&house,
            "UPDATE server_run SET alive_at_ms = (SELECT MAX(last_at_ms) FROM viewing)"
            " WHERE id = (SELECT MAX(id) FROM server_run)");
        player.fetched_ms += INT64_C(3) * HOUSE_SEGMENT_MS; /* sent, never recorded */
        db_close(house.db);                                 /* without server_run_end() */
        house_now_ms += 1000;
        player.online = false;
        struct house again = house;
        for (int i = 0; i < 30; i++) {
            house_now_ms += STEP_MS;
            player_advance(&player);
        }
        house_open(&again);
        house = again;
        player.online = true;
    }
    player_play_to(&player, LECTURE_MS);
    player_beat(&player);
    assert_whole(&player, FLAG_SERVER_GAP);
    assert_true(player.flags & FLAG_SERVER_GAP);
    assert_complete(&player);
    assert_int_equal(house_number(&house, "SELECT COUNT(*) FROM server_gap"), 5);
    assert_true(
        house_number(&house, "SELECT COUNT(*) FROM watch_interval WHERE reason = 'server-gap'")
        > 0);
    spans_release(&truth);
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
    };
    return cmocka_run_group_tests_name("honest", tests, NULL, NULL);
}
