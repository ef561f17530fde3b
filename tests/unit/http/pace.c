#include "http/pace.h"

#include "../unit.h"

static const int64_t second_us = 1000000;

static void a_pace_lets_a_burst_go_and_then_so_much_a_second(void **state)
{
    (void)state;
    enum { RATE = 100000, BATCH = 10000 };
    struct pace *pace = pace_create(RATE);
    int64_t now_us = 5 * second_us, sent = 0;
    for (; pace_wait_us(pace, now_us) == 0; sent += BATCH)
        pace_charge(pace, BATCH, now_us);
    assert_int_equal(
        sent, RATE + BATCH); /* a second's worth, and a batch that is paid afterwards */
    assert_int_equal(pace_wait_us(pace, now_us), BATCH * second_us / RATE);
    sent = 0;
    for (int64_t end_us = now_us + 10 * second_us; now_us < end_us; sent += BATCH) {
        now_us += pace_wait_us(pace, now_us);
        pace_charge(pace, BATCH, now_us);
    }
    assert_int_equal(sent, 10 * RATE);
    /* Who waits for longer than the burst has no more of it. */
    now_us += 100 * second_us;
    pace_charge(pace, RATE, now_us);
    assert_int_equal(pace_wait_us(pace, now_us), 0);
    pace_charge(pace, 1, now_us);
    assert_int_equal(pace_wait_us(pace, now_us), second_us / RATE);
    pace_release(pace);
}

static void a_batch_is_a_tenth_of_a_second_and_a_record_at_least(void **state)
{
    (void)state;
    static const struct {
        int64_t rate;
        size_t room, expected;
    } cases[] = { { 1, 131072, 16384 }, { 400000, 131072, 40000 }, { 400000, 16384, 16384 },
        { INT64_C(1) << 40, 131072, 131072 } };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct pace *pace = pace_create(cases[i].rate);
        assert_int_equal(pace_batch(pace, cases[i].room), cases[i].expected);
        pace_release(pace);
    }
}

static void a_pace_lives_as_long_as_somebody_holds_it(void **state)
{
    (void)state;
    struct pace *pace = pace_create(1);
    assert_true(pace_is_spare(pace));
    assert_ptr_equal(pace_hold(pace), pace);
    assert_false(pace_is_spare(pace));
    pace_release(pace);
    assert_true(pace_is_spare(pace));
    pace_release(pace);
    pace_release(NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_pace_lets_a_burst_go_and_then_so_much_a_second),
        cmocka_unit_test(a_batch_is_a_tenth_of_a_second_and_a_record_at_least),
        cmocka_unit_test(a_pace_lives_as_long_as_somebody_holds_it),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
