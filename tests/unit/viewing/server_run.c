/* When the server ran and when it did not. */
#include "../unit.h"
#include "house.h"

#include <stdio.h>
#include <unistd.h>

static struct house house;
static int64_t wall_ahead_ms;

/* The wall clock is set while the steady one goes on: --wrap=clock_wall_ms. */
int64_t __wrap_clock_wall_ms(void);
int64_t __real_clock_wall_ms(void);
int64_t __wrap_clock_wall_ms(void)
{
    return __real_clock_wall_ms() + wall_ahead_ms;
}

static int build(void **state)
{
    (void)state;
    wall_ahead_ms = 0;
    house_build(&house);
    return 0;
}

static int take_down(void **state)
{
    (void)state;
    house_remove(&house);
    return 0;
}

static void wait_for_store(void)
{
    while (db_writes_waiting(house.db) > 0)
        (void)usleep(1000);
}

static void crash_and_restart(int64_t down_ms)
{
    wait_for_store();
    delivery_log_stop(house.log);
    db_close(house.db);
    house_now_ms += down_ms;
    house_open(&house);
}

static void a_clean_end_leaves_no_gap(void **state)
{
    (void)state;
    house_now_ms += 5000;
    house_close(&house);
    house_now_ms += 5000;
    house_open(&house);
    assert_int_equal(house_number(&house, "SELECT COUNT(*) FROM server_gap"), 0);
    assert_int_equal(house_number(&house, "SELECT COUNT(*) FROM server_run"), 2);
    assert_int_equal(
        house_number(&house, "SELECT ended_at_ms - started_at_ms FROM server_run WHERE id = 1"),
        5000);
}

static void a_crash_leaves_a_gap_from_the_last_sign_of_life(void **state)
{
    (void)state;
    house_now_ms += 7000;
    server_run_alive(house.db);
    wait_for_store();
    int64_t alive_ms = house_now_ms;
    house_now_ms += 400;
    crash_and_restart(3000);
    assert_int_equal(house_number(&house, "SELECT COUNT(*) FROM server_gap"), 1);
    assert_int_equal(house_number(&house, "SELECT from_ms FROM server_gap"), alive_ms);
    assert_int_equal(house_number(&house, "SELECT to_ms FROM server_gap"), alive_ms + 3400);
    assert_int_equal(
        house_number(&house, "SELECT COUNT(*) FROM server_run WHERE ended_at_ms IS NULL"), 2);
    /* A second crash is a second gap; the first is not told again. */
    crash_and_restart(1000);
    assert_int_equal(house_number(&house, "SELECT COUNT(*) FROM server_gap"), 2);
    house_close(&house);
    house_open(&house);
    assert_int_equal(house_number(&house, "SELECT COUNT(*) FROM server_gap"), 2);
}

static int64_t gaps(void)
{
    return house_number(&house, "SELECT COUNT(*) FROM server_gap");
}

/* Of this process, the second run; the first one's own process is only told of. */
static void take_over(void)
{
    struct problem problem = { 0 };
    assert_int_equal(server_run_id(), 1);
    assert_true(server_run_take_over(house.db, 1, &problem));
    assert_int_equal(server_run_id(), 2);
}

static void a_takeover_is_no_crash(void **state)
{
    (void)state;
    struct problem problem = { 0 };
    house_now_ms += 5000;
    take_over();
    assert_int_equal(gaps(), 0);
    house_run(&house, "UPDATE server_run SET ended_at_ms = alive_at_ms WHERE id = 1");
    assert_true(server_run_predecessor_lost(house.db, &problem));
    house_now_ms += 5000;
    house_close(&house);
    house_open(&house);
    assert_int_equal(gaps(), 0);
    assert_int_equal(
        house_number(&house, "SELECT COUNT(*) FROM server_run WHERE ended_at_ms IS NULL"), 1);
}

static void a_server_that_is_lost_while_it_drains_leaves_a_short_gap(void **state)
{
    (void)state;
    struct problem problem = { 0 };
    house_now_ms += 500;
    take_over();
    house_now_ms += 1000;
    assert_true(server_run_predecessor_lost(house.db, &problem));
    assert_int_equal(gaps(), 1);
    assert_int_equal(house_number(&house, "SELECT to_ms - from_ms FROM server_gap"), 1500);
    /* Told once, and by the next start as well. */
    assert_true(server_run_predecessor_lost(house.db, &problem));
    house_close(&house);
    house_open(&house);
    assert_int_equal(gaps(), 1);
}

static void a_start_finds_what_nobody_was_there_to_tell(void **state)
{
    (void)state;
    take_over();
    house_now_ms += 3600 * 1000;
    house_close(&house); /* the second ended well, the first was lost unseen */
    house_now_ms += 3600 * 1000;
    house_open(&house);
    assert_int_equal(gaps(), 1);
    assert_int_equal(house_number(&house, "SELECT to_ms - from_ms FROM server_gap"), 5000);
}

static void who_steps_in_again_tells_of_the_lost_successor(void **state)
{
    (void)state;
    struct problem problem = { 0 };
    house_run(&house, "INSERT INTO server_run (id, started_at_ms, alive_at_ms)"
                      " SELECT id + 1, started_at_ms + 7, alive_at_ms + 7 FROM server_run");
    house_now_ms += 1000;
    assert_true(server_run_successor_lost(house.db, &problem));
    assert_int_equal(gaps(), 1);
    assert_int_equal(house_number(&house, "SELECT to_ms - from_ms FROM server_gap"), 993);
    /* And is still the one whose crash lasts until the next start. */
    server_run_alive(house.db);
    crash_and_restart(60000);
    assert_int_equal(gaps(), 2);
    assert_int_equal(
        house_number(&house, "SELECT to_ms - from_ms FROM server_gap WHERE id = 2"), 60000);
}

static void a_clock_that_was_set_is_recorded(void **state)
{
    (void)state;
    static const struct {
        const char *story;
        int64_t by_ms;
        int64_t jumps;
    } cases[] = { { "steady", 0, 0 }, { "a little", 4000, 0 }, { "small steps add up", 4000, 1 },
        { "an hour forward", 3600000, 2 }, { "steady again", 0, 2 },
        { "an hour back", -3600000, 3 } };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        wall_ahead_ms += cases[i].by_ms;
        server_run_alive(house.db);
        wait_for_store();
        int64_t jumps = house_number(&house, "SELECT COUNT(*) FROM clock_jump");
        if (jumps != cases[i].jumps)
            fail_msg("%s: %lld jumps", cases[i].story, (long long)jumps);
    }
    int64_t back_ms = house_number(&house, "SELECT by_ms FROM clock_jump WHERE id = 3");
    assert_in_range(-back_ms, 3599000, 3601000);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, build, take_down)
    const struct CMUnitTest tests[] = {
        TEST(a_clean_end_leaves_no_gap),
        TEST(a_crash_leaves_a_gap_from_the_last_sign_of_life),
        TEST(a_takeover_is_no_crash),
        TEST(a_server_that_is_lost_while_it_drains_leaves_a_short_gap),
        TEST(a_start_finds_what_nobody_was_there_to_tell),
        TEST(who_steps_in_again_tells_of_the_lost_successor),
        TEST(a_clock_that_was_set_is_recorded),
    };
    return cmocka_run_group_tests_name("server_run", tests, NULL, NULL);
}
