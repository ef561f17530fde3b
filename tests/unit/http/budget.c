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

static void a_transfer_has_a_grace_and_then_a_least_average_rate(void **state)
{
    (void)state;
    static const struct {
        uint64_t bytes;
        int64_t rate, expected_ms;
    } cases[] = {
        { 0, 512, 30000 },
        { UINT64_C(512) * 29, 512, 30000 },
        { UINT64_C(512) * 31, 512, 31000 },
        { UINT64_C(512) * 3600, 512, 3600000 },
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
        assert_int_equal(
            rate_deadline_ms(1000, cases[i].bytes, cases[i].rate), 1000 + cases[i].expected_ms);
    assert_true(rate_deadline_ms(1000, UINT64_MAX, 1) > INT64_C(1) << 50);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_budget_refills_with_time_up_to_its_most),
        cmocka_unit_test(a_transfer_has_a_grace_and_then_a_least_average_rate),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
