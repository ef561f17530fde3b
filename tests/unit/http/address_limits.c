#include "http/address_limits.h"

#include "../unit.h"

#include <stdio.h>
#include <string.h>

static struct peer_address address_of(const char *text)
{
    struct peer_address address;
    assert_true(peer_address_read(text, strlen(text), &address));
    return address;
}

static struct address_rules rules;

static enum address_answer enter(struct address_limits *limits, const char *text, int64_t now_ms,
    struct address_holding **ret_holding)
{
    struct peer_address address = address_of(text);
    return address_limits_enter(limits, &address, &rules, now_ms, ret_holding);
}

static void an_address_holds_so_many_and_no_more(void **state)
{
    (void)state;
    struct address_limits *limits = address_limits_create();
    rules = (struct address_rules){ 2, 0 };
    struct address_holding *first, *second, *other, *none = NULL;
    assert_int_equal(enter(limits, "192.0.2.1", 0, &first), ADDRESS_WELCOME);
    assert_int_equal(enter(limits, "::ffff:192.0.2.1", 0, &second), ADDRESS_WELCOME);
    assert_ptr_equal(first, second);
    assert_int_equal(address_holding_count(first), 2);
    assert_int_equal(enter(limits, "192.0.2.1", 0, &none), ADDRESS_HOLDS_MOST);
    assert_null(none);
    assert_int_equal(enter(limits, "192.0.2.2", 0, &other), ADDRESS_WELCOME);
    address_limits_leave(second);
    assert_int_equal(enter(limits, "192.0.2.1", 0, &second), ADDRESS_WELCOME);
    address_limits_leave(first);
    address_limits_leave(second);
    address_limits_leave(other);
    address_limits_leave(NULL);
    assert_int_equal(address_holding_count(NULL), 0);
    address_limits_free(limits);
}

static void of_ipv6_the_first_half_is_the_address(void **state)
{
    (void)state;
    struct address_limits *limits = address_limits_create();
    rules = (struct address_rules){ 1, 0 };
    struct address_holding *one, *other, *none;
    assert_int_equal(enter(limits, "2001:db8:1:2::1", 0, &one), ADDRESS_WELCOME);
    assert_int_equal(enter(limits, "2001:db8:1:2:ffff::9", 0, &none), ADDRESS_HOLDS_MOST);
    assert_int_equal(enter(limits, "2001:db8:1:3::1", 0, &other), ADDRESS_WELCOME);
    address_limits_leave(one);
    address_limits_leave(other);
    address_limits_free(limits);
}

static int entered_at(struct address_limits *limits, const char *text, int64_t now_ms)
{
    struct address_holding *holding;
    int count = 0;
    while (enter(limits, text, now_ms, &holding) == ADDRESS_WELCOME) {
        address_limits_leave(holding);
        count++;
    }
    return count;
}

static void an_address_comes_so_fast_and_no_faster(void **state)
{
    (void)state;
    struct address_limits *limits = address_limits_create();
    rules = (struct address_rules){ 0, 10 };
    assert_int_equal(entered_at(limits, "192.0.2.1", 1000), 10 * ADDRESS_BURST_SECONDS);
    assert_int_equal(entered_at(limits, "192.0.2.2", 1000), 10 * ADDRESS_BURST_SECONDS);
    assert_int_equal(entered_at(limits, "192.0.2.1", 1099), 0);
    assert_int_equal(entered_at(limits, "192.0.2.1", 1100), 1);
    assert_int_equal(entered_at(limits, "192.0.2.1", 2100), 10);
    rules.connections_per_second = 20; /* changed while it is remembered */
    assert_int_equal(entered_at(limits, "192.0.2.1", 2100), 20 * ADDRESS_BURST_SECONDS);
    address_limits_free(limits);
}

/* One of many comes, and goes again. */
static enum address_answer pass(struct address_limits *limits, uint32_t number)
{
    const uint8_t four[4]
        = { 10, (uint8_t)(number >> 16), (uint8_t)(number >> 8), (uint8_t)number };
    struct peer_address address;
    struct address_holding *holding = NULL;
    peer_address_of_four(four, &address);
    enum address_answer answer = address_limits_enter(limits, &address, &rules, 0, &holding);
    address_limits_leave(holding);
    return answer;
}

/* Whoever is remembered has used up what may come at once. */
static void those_that_hold_nothing_are_forgotten_in_time(void **state)
{
    (void)state;
    enum { MANY = 3 * ADDRESSES_REMEMBERED };
    struct address_limits *limits = address_limits_create();
    rules = (struct address_rules){ 5, 1 };
    struct address_holding *stays, *holding;
    uint32_t remembered = 0;
    assert_int_equal(enter(limits, "198.51.100.1", 0, &stays), ADDRESS_WELCOME);
    for (uint32_t i = 0; i < MANY; i++)
        for (int times = 0; times < ADDRESS_BURST_SECONDS; times++)
            assert_int_equal(pass(limits, i), ADDRESS_WELCOME);
    for (uint32_t i = MANY; i > 0;
         i--) /* the newest first, as each forgotten one pushes others out */
        remembered += pass(limits, i - 1) == ADDRESS_TOO_FAST;
    assert_in_range(remembered, ADDRESSES_REMEMBERED / 2, ADDRESSES_REMEMBERED);
    assert_int_equal(enter(limits, "198.51.100.1", 0, &holding), ADDRESS_WELCOME);
    assert_ptr_equal(holding, stays);
    address_limits_leave(holding);
    address_limits_leave(stays);
    address_limits_free(limits);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_address_holds_so_many_and_no_more),
        cmocka_unit_test(of_ipv6_the_first_half_is_the_address),
        cmocka_unit_test(an_address_comes_so_fast_and_no_faster),
        cmocka_unit_test(those_that_hold_nothing_are_forgotten_in_time),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
