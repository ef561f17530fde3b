#include "http/forwarded.h"

#include "../unit.h"

#include <string.h>

enum { FIELDS_MAX = 3 };

static const char *client_of(const char *const (*fields)[2])
{
    static char text[PEER_TEXT_SIZE];
    struct http_field given[FIELDS_MAX];
    struct networks trusted;
    struct problem problem = { 0 };
    struct peer_address peer, client;
    size_t count = 0;
    for (; count < FIELDS_MAX && fields[count][0]; count++)
        given[count] = (struct http_field){ fields[count][0], fields[count][1] };
    assert_true(networks_read("", "10.0.0.0/8, 2001:db8:aaaa::/48", &trusted, &problem));
    assert_true(peer_address_read("10.0.0.1", 8, &peer));
    forwarded_find_client(given, count, &trusted, &peer, &client);
    peer_address_write(&client, text);
    return text;
}

struct story {
    const char *story;
    const char *fields[FIELDS_MAX][2];
    const char *client;
};

static void check(const struct story *cases, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        const char *client = client_of(cases[i].fields);
        if (strcmp(client, cases[i].client) != 0)
            fail_msg("%s: %s", cases[i].story, client);
    }
}

#define USUAL "x-forwarded-for"
static void the_client_is_the_first_that_is_no_proxy_of_ours(void **state)
{
    (void)state;
    static const struct story cases[] = {
        { "no field", { { "host", "a" } }, "10.0.0.1" },
        { "one hop", { { USUAL, "192.0.2.7" } }, "192.0.2.7" },
        { "IPv6", { { USUAL, "2001:db8::7" } }, "2001:db8::7" },
        { "IPv6 in brackets, with a port", { { USUAL, "[2001:db8::7]:4711" } }, "2001:db8::7" },
        { "IPv4 with a port", { { USUAL, "192.0.2.7:4711" } }, "192.0.2.7" },
        { "mapped", { { USUAL, "::ffff:192.0.2.7" } }, "192.0.2.7" },
        { "a forged one before it", { { USUAL, "1.2.3.4, 192.0.2.7" } }, "192.0.2.7" },
        { "garbage before it", { { USUAL, "<script>, 192.0.2.7" } }, "192.0.2.7" },
        { "two proxies of ours", { { USUAL, "1.2.3.4,192.0.2.7 , 10.0.0.2" } }, "192.0.2.7" },
        { "two lines", { { USUAL, "192.0.2.7" }, { USUAL, "10.0.0.2" } }, "192.0.2.7" },
        { "all are ours", { { USUAL, "10.0.0.9, 2001:db8:aaaa::2" } }, "10.0.0.9" },
        { "empty elements", { { USUAL, ", 192.0.2.7,, " } }, "192.0.2.7" },
        { "standard", { { "forwarded", "for=192.0.2.7" } }, "192.0.2.7" },
        { "standard, all of it",
            { { "forwarded", "For=1.2.3.4, proto=https ; for=\"192.0.2.7:80\";by=\"[::1]:_x\"" } },
            "192.0.2.7" },
        { "standard, IPv6", { { "forwarded", "for=\"[2001:db8::7]:4711\"" } }, "2001:db8::7" },
        { "standard, escaped", { { "forwarded", "for=\"192.0.2\\.7\"" } }, "192.0.2.7" },
        { "standard, a comma within quotes",
            { { "forwarded", "for=192.0.2.7;host=\"a, for=1.2.3.4\"" } }, "192.0.2.7" },
        { "both say the same",
            { { "forwarded", "for=192.0.2.7" }, { USUAL, "1.2.3.4, 192.0.2.7" } }, "192.0.2.7" },
    };
    check(cases, COUNT_OF(cases));
}

static void in_doubt_the_client_is_the_last_proxy_that_is_known(void **state)
{
    (void)state;
    static const struct story cases[] = {
        { "unknown", { { USUAL, "192.0.2.7, unknown" } }, "10.0.0.1" },
        { "unknown to the second proxy", { { USUAL, "unknown, 10.0.0.2" } }, "10.0.0.2" },
        { "garbage", { { USUAL, "192.0.2.7 10.0.0.2" } }, "10.0.0.1" },
        { "a port that is none", { { USUAL, "192.0.2.7:http" } }, "10.0.0.1" },
        { "an open bracket", { { USUAL, "[2001:db8::7" } }, "10.0.0.1" },
        { "IPv4 in brackets", { { USUAL, "[192.0.2.7]" } }, "10.0.0.1" },
        { "a zone", { { USUAL, "fe80::1%eth0" } }, "10.0.0.1" },
        { "standard, hidden", { { "forwarded", "for=_hidden" } }, "10.0.0.1" },
        { "standard, without for", { { "forwarded", "for=192.0.2.7, proto=http" } }, "10.0.0.1" },
        { "standard, IPv6 without brackets", { { "forwarded", "for=\"2001:db8::7\"" } },
            "10.0.0.1" },
        { "standard, for twice", { { "forwarded", "for=192.0.2.7;for=192.0.2.8" } }, "10.0.0.1" },
        { "an open quote of the client's", { { "forwarded", "for=\", for=192.0.2.7" } },
            "10.0.0.1" },
        { "and one that closes in the proxy's",
            { { "forwarded", "for=\"1.2.3.4, for=\"[2001:db8::7]\"" } }, "10.0.0.1" },
        { "an escape at the end", { { "forwarded", "for=\"192.0.2.7\\" } }, "10.0.0.1" },
        { "no equals sign", { { "forwarded", "for 192.0.2.7" } }, "10.0.0.1" },
        { "a broken line before a sound one",
            { { "forwarded", "for=\"" }, { "forwarded", "for=192.0.2.7" } }, "10.0.0.1" },
        { "each says another", { { "forwarded", "for=1.2.3.4" }, { USUAL, "192.0.2.7" } },
            "10.0.0.1" },
        { "a broken one beside a sound one", { { "forwarded", "for=\"" }, { USUAL, "192.0.2.7" } },
            "10.0.0.1" },
    };
    check(cases, COUNT_OF(cases));
}

static void of_many_hops_the_last_ones_count(void **state)
{
    (void)state;
    char value[40 * FORWARDED_HOPS_MAX] = "192.0.2.7";
    const char *const fields[FIELDS_MAX][2] = { { USUAL, value } };
    for (int i = 0; i < FORWARDED_HOPS_MAX - 1; i++)
        memcpy(value + strlen(value), ", 10.0.0.2", 11);
    assert_string_equal(client_of(fields), "192.0.2.7");
    memcpy(value + strlen(value), ", 10.0.0.2", 11);
    assert_string_equal(client_of(fields), "10.0.0.2");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_client_is_the_first_that_is_no_proxy_of_ours),
        cmocka_unit_test(in_doubt_the_client_is_the_last_proxy_that_is_known),
        cmocka_unit_test(of_many_hops_the_last_ones_count),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
