#include "http/networks.h"

#include "../unit.h"

#include <string.h>

static struct peer_address address_of(const char *text)
{
    struct peer_address address;
    if (!peer_address_read(text, strlen(text), &address))
        fail_msg("'%s' is no address", text);
    return address;
}

static void a_network_holds_the_addresses_that_begin_like_it(void **state)
{
    (void)state;
    static const struct {
        const char *story, *networks, *address;
        bool held;
    } cases[] = {
        { "none", "", "127.0.0.1", false },
        { "one address", "127.0.0.1", "127.0.0.1", true },
        { "its neighbour", "127.0.0.1", "127.0.0.2", false },
        { "the first of a network", "10.0.0.0/8", "10.0.0.0", true },
        { "the last of a network", "10.0.0.0/8", "10.255.255.255", true },
        { "behind it", "10.0.0.0/8", "11.0.0.0", false },
        { "a length within a byte", "192.168.16.0/20", "192.168.31.255", true },
        { "and behind it", "192.168.16.0/20", "192.168.32.0", false },
        { "the second of a list", "127.0.0.1/32, ::1,10.0.0.0/8", "::1", true },
        { "the third of a list", "127.0.0.1/32, ::1,10.0.0.0/8", "10.1.2.3", true },
        { "IPv6", "2001:db8::/33", "2001:db8:7fff::1", true },
        { "IPv6, one bit further", "2001:db8::/33", "2001:db8:8000::1", false },
        { "IPv4 through an IPv6 socket", "127.0.0.0/8", "::ffff:127.0.0.1", true },
        { "a network written as mapped", "::ffff:10.0.0.0/104", "10.9.9.9", true },
        { "all of IPv4", "0.0.0.0/0", "203.0.113.9", true },
        { "which is not all of IPv6", "0.0.0.0/0", "2001:db8::1", false },
        { "all of IPv6", "::/0", "2001:db8::1", true },
        { "which is not all of IPv4", "::/0", "203.0.113.9", false },
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct networks networks;
        struct problem problem = { 0 };
        struct peer_address address = address_of(cases[i].address);
        if (!networks_read("trusted-proxies", cases[i].networks, &networks, &problem)
            || networks_hold(&networks, &address) != cases[i].held)
            fail_msg("%s %s", cases[i].story, problem.detail);
    }
}

static void what_is_no_list_of_networks_is_refused(void **state)
{
    (void)state;
    static const char *const wrong[] = { " ", ",", "10.0.0.0/8,", ",10.0.0.0/8", "10.0.0.0/8 ::1",
        "10.0.0.1/8", "10.0.0.0/33", "10.0.0.0/-1", "10.0.0.0/", "10.0.0.0/08", "10.0.0.0/8/8",
        "10.0.0", "010.0.0.0", "localhost", "::1/129", "2001:db8::1/64", "[::1]", "::1%lo", "/8",
        "1111:1111:1111:1111:1111:1111:1111:1111:1111" };
    for (size_t i = 0; i < COUNT_OF(wrong); i++) {
        struct networks networks;
        struct problem problem = { 0 };
        if (networks_read("trusted-proxies", wrong[i], &networks, &problem)
            || problem.kind != PROBLEM_SETTING || !strstr(problem.detail, "trusted-proxies"))
            fail_msg("'%s': %s", wrong[i], problem.detail);
    }
}

static void a_list_has_a_most(void **state)
{
    (void)state;
    char text[8 * (NETWORKS_MAX + 1)] = "::1";
    struct networks networks;
    struct problem problem = { 0 };
    for (size_t i = 1; i < NETWORKS_MAX; i++)
        memcpy(text + strlen(text), ",::1", 5);
    assert_true(networks_read("trusted-proxies", text, &networks, &problem));
    assert_int_equal(networks.count, NETWORKS_MAX);
    memcpy(text + strlen(text), ",::1", 5);
    assert_false(networks_read("trusted-proxies", text, &networks, &problem));
}

static void an_address_is_told_in_its_family(void **state)
{
    (void)state;
    static const char *const told[][2] = { { "::ffff:192.0.2.1", "192.0.2.1" },
        { "192.0.2.1", "192.0.2.1" }, { "2001:DB8:0::1", "2001:db8::1" } };
    for (size_t i = 0; i < COUNT_OF(told); i++) {
        char text[PEER_TEXT_SIZE];
        struct peer_address address = address_of(told[i][0]);
        peer_address_write(&address, text);
        assert_string_equal(text, told[i][1]);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_network_holds_the_addresses_that_begin_like_it),
        cmocka_unit_test(what_is_no_list_of_networks_is_refused),
        cmocka_unit_test(a_list_has_a_most),
        cmocka_unit_test(an_address_is_told_in_its_family),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
