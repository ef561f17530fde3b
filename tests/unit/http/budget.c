#include "http/budget.h"

#include "http/connection.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static int taken_at(struct budget *budget, int64_t now_ms)
{
    int count = 0;
    while (count < 1000 && budget_take(budget, now_ms))
        count++;
    return count;
}

static void a_budget_refills_with_time_up_to_its_most(void **state)
{
    (void)state;
    struct budget budget;
    budget_init(&budget, 100, 10, 5000);
    assert_int_equal(taken_at(&budget, 5000), 100);
    assert_int_equal(taken_at(&budget, 5099), 0);
    assert_int_equal(taken_at(&budget, 5100), 1);
    assert_int_equal(taken_at(&budget, 6100), 10);
    assert_int_equal(taken_at(&budget, INT64_MAX / 2), 100);
    budget_earn(&budget, 7);
    assert_int_equal(taken_at(&budget, INT64_MAX / 2), 7);
    budget_earn(&budget, INT64_MAX / 2);
    assert_int_equal(taken_at(&budget, INT64_MAX / 2), 100);
}

/* The presets, whose figures these cases speak of. */
static const struct settings settings = { .transfer_grace_ms = 30000, .transfer_stall_ms = 60000 };

static void a_transfer_has_a_grace_a_least_rate_and_may_not_stall(void **state)
{
    (void)state;
    static const struct {
        const char *story;
        uint64_t bytes;
        int64_t rate, progress_ms, expected_ms;
    } cases[] = {
        { "nothing came", 0, 512, 0, 30000 },
        { "the grace is longer", UINT64_C(512) * 29, 512, 0, 30000 },
        { "the rate is held", UINT64_C(512) * 31, 512, 1000, 31000 },
        { "fast, and then silent", UINT64_C(512) * 3600, 512, 5000, 65000 },
        { "fast for an hour", UINT64_C(512) * 3600, 512, 3590000, 3600000 },
        { "more than can be", UINT64_MAX, 1, 7000, 67000 },
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct transfer transfer = { 1000, 1000 + cases[i].progress_ms, cases[i].bytes, 0 };
        int64_t deadline_ms = transfer_deadline_ms(&transfer, &settings, cases[i].rate) - 1000;
        if (deadline_ms != cases[i].expected_ms)
            fail_msg("%s: %lld", cases[i].story, (long long)deadline_ms);
    }
}

static void time_that_a_transfer_waits_for_us_is_not_the_peers(void **state)
{
    (void)state;
    enum { RATE = 1000 };
    struct transfer transfer;
    transfer_begin(&transfer, 5000);
    transfer.bytes = 10 * RATE;
    assert_int_equal(transfer_deadline_ms(&transfer, &settings, RATE), 35000);
    transfer_stop(&transfer, 15000);
    transfer_stop(&transfer, 20000); /* it stands still already */
    assert_true(transfer_deadline_ms(&transfer, &settings, RATE) == NO_DEADLINE);
    transfer_go_on(&transfer, 115000);
    transfer_go_on(&transfer, 120000); /* and goes on already */
    assert_int_equal(
        transfer_deadline_ms(&transfer, &settings, RATE), 135000); /* 100 s later than before */
    transfer.bytes = 1000 * RATE;
    assert_int_equal(
        transfer_deadline_ms(&transfer, &settings, RATE), 175000); /* and it has not stalled */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_budget_refills_with_time_up_to_its_most),
        cmocka_unit_test(a_transfer_has_a_grace_a_least_rate_and_may_not_stall),
        cmocka_unit_test(time_that_a_transfer_waits_for_us_is_not_the_peers),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
