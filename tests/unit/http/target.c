#include "http/target.h"

#include "base/text.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

static void a_path_has_one_spelling(void **state)
{
    (void)state;
    static const struct {
        const char *path, *expected;
    } cases[] = {
        { "/", "/" },
        { "/a/b", "/a/b" },
        { "/a/", "/a/" },
        { "/%61%2D%7e", "/a-~" },
        { "/a%20b+c", "/a b+c" },
        { "/%E2%82%AC", "/\xe2\x82\xac" },
        { "/a;b=c", "/a;b=c" },
        { "/...", "/..." },
        { "/.well-known", "/.well-known" },
        { "/%2561", "/%61" }, /* decoded once */
        { "/a..b", "/a..b" },
        { "", NULL },
        { "a", NULL },
        { "//", "//" },
        { "/a//b", "/a//b" },
        { "//example.org/", "//example.org/" },
        { "/a//../b", NULL },
        { "/.", NULL },
        { "/..", NULL },
        { "/../a", NULL },
        { "/a/..", NULL },
        { "/a/./b", NULL },
        { "/a/../b", NULL },
        { "/%2e%2E/a", NULL },
        { "/.%2e/a", NULL },
        { "/a%2Fb", NULL },
        { "/a\\b", NULL },
        { "/a%5Cb", NULL },
        { "/%00", NULL },
        { "/%0a", NULL },
        { "/%7f", NULL },
        { "/%", NULL },
        { "/%4", NULL },
        { "/%4g", NULL },
        { "/%c0%af", NULL },        /* overlong '/' */
        { "/%c0%ae%c0%ae/", NULL }, /* overlong '..' */
        { "/%ed%a0%80", NULL },     /* half of a surrogate pair */
        { "/%ff", NULL },
        { "/%e2%82", NULL },
    };
    struct arena arena;
    arena_init(&arena);
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        const char *decoded = target_decode_path(&arena, cases[i].path, strlen(cases[i].path));
        if (!text_equal(decoded, cases[i].expected))
            fail_msg("'%s' became '%s'", cases[i].path, decoded ? decoded : "(refused)");
    }
    arena_release(&arena);
}

static void targets_are_split(void **state)
{
    (void)state;
    static const struct {
        const char *target, *authority, *path, *query;
    } cases[] = {
        { "/a?b=c", NULL, "/a", "b=c" },
        { "/a?", NULL, "/a", "" },
        { "/a?b?c", NULL, "/a", "b?c" },
        { "/a", NULL, "/a", NULL },
        { "*", NULL, "*", NULL },
        { "http://h/a?b", "h", "/a", "b" },
        { "HTTPS://h:1", "h:1", "/", NULL },
        { "https://h?q", "h", "/", "q" },
        { "", NULL, NULL, NULL },
        { "a", NULL, NULL, NULL },
        { "**", NULL, NULL, NULL },
        { "http:/a", NULL, NULL, NULL },
        { "ftp://h/", NULL, NULL, NULL },
        { "/a b", NULL, NULL, NULL },
        { "/a#b", NULL, NULL, NULL },
        { "/a\x01", NULL, NULL, NULL },
        { "/\xc3\xa4", NULL, NULL, NULL },
        { "/<script>", NULL, NULL, NULL },
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct target target;
        const char *text = cases[i].target;
        bool split = target_split(text, strlen(text), &target);
        if (split != (cases[i].path != NULL))
            fail_msg("'%s' was %s", text, split ? "taken" : "refused");
        if (!split)
            continue;
        assert_int_equal(target.path_length, strlen(cases[i].path));
        assert_memory_equal(target.path, cases[i].path, target.path_length);
        assert_int_equal(target.query != NULL, cases[i].query != NULL);
        if (target.query)
            assert_memory_equal(target.query, cases[i].query, target.query_length);
        assert_int_equal(target.authority != NULL, cases[i].authority != NULL);
        if (target.authority)
            assert_memory_equal(target.authority, cases[i].authority, target.authority_length);
    }
}

static void authorities_are_hosts_with_ports(void **state)
{
    (void)state;
    static const char *const good[] = { "a", "A.example.org", "a:1", "127.0.0.1:65535", "[::1]",
        "[::ffff:1.2.3.4]:8443", "xn--bcher-kva.example", "a_b~c" };
    static const char *const bad[] = { "", ":1", "a:", "a:65536", "a:-1", "a:1x", "a:000001", "a b",
        "a,b", "a@b", "a/b", "[", "[]", "[::1", "[::1]a", "[::1]:", "[g]", "[::::]", "[1.2.3.4]",
        "[fe80::1%25eth0]", "a%20b", "\xc3\xa4" };
    for (size_t i = 0; i < sizeof good / sizeof good[0]; i++)
        if (!target_is_authority(good[i], strlen(good[i])))
            fail_msg("'%s' was refused", good[i]);
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
        if (target_is_authority(bad[i], strlen(bad[i])))
            fail_msg("'%s' was taken", bad[i]);
}

static void a_host_is_looked_for_without_its_port(void **state)
{
    (void)state;
    static const struct {
        const char *authority, *names;
        bool expected;
    } cases[] = {
        { "example.org", "example.org", true },
        { "example.org:8443", "localhost Example.org", true },
        { "[::1]:8443", "[::1]", true },
        { "example.org", "example.com example.organic", false },
        { "example.or", "example.org", false },
        { "", "example.org", false },
        { "example.org", "  ", false },
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
        if (target_host_is_listed(cases[i].authority, cases[i].names) != cases[i].expected)
            fail_msg("'%s' in '%s'", cases[i].authority, cases[i].names);
}

static void query_values_are_decoded_as_forms(void **state)
{
    (void)state;
    static const struct {
        const char *query, *name, *expected;
    } cases[] = {
        { "a=b", "a", "b" },
        { "a=b&c=d", "c", "d" },
        { "a=1&a=2", "a", "1" },
        { "a", "a", "" },
        { "a=", "a", "" },
        { "a=b=c", "a", "b=c" },
        { "a=b+c%20d", "a", "b c d" },
        { "%61=x", "a", "x" },
        { "&&a=b", "a", "b" },
        { "ab=c", "a", NULL },
        { "", "a", NULL },
        { "a=%00", "a", NULL },
        { "a=%ff", "a", NULL },
        { "a=%4", "a", NULL },
    };
    struct arena arena;
    arena_init(&arena);
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        const char *value = target_query_value(&arena, cases[i].query, cases[i].name);
        if (!text_equal(value, cases[i].expected))
            fail_msg(
                "'%s' of '%s' is '%s'", cases[i].name, cases[i].query, value ? value : "(none)");
    }
    arena_release(&arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_path_has_one_spelling),
        cmocka_unit_test(targets_are_split),
        cmocka_unit_test(authorities_are_hosts_with_ports),
        cmocka_unit_test(a_host_is_looked_for_without_its_port),
        cmocka_unit_test(query_values_are_decoded_as_forms),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
