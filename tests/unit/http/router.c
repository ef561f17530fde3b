#include "http/router.h"

#include "base/text.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

static void handler(struct exchange *exchange)
{
    (void)exchange;
}

// clang-format off
static const struct route routes[] = {
    { HTTP_GET,    "/",                                0, BODY_NONE,     0,   handler },
    { HTTP_GET,    "/lectures",                        0, BODY_NONE,     0,   handler },
    { HTTP_POST,   "/lectures",                        0, BODY_WHOLE,    100, handler },
    { HTTP_GET,    "/lectures/new",                    0, BODY_NONE,     0,   handler },
    { HTTP_GET,    "/lectures/{id}",                   0, BODY_NONE,     0,   handler },
    { HTTP_DELETE, "/lectures/{id}",                   0, BODY_NONE,     0,   handler },
    { HTTP_GET,    "/media/{lecture}/{version}/{file...}", 0, BODY_NONE, 0,   handler },
    { HTTP_OPTIONS, "/uploads",                        0, BODY_NONE,     0,   handler },
};
// clang-format on

static void paths_find_their_rows(void **state)
{
    (void)state;
    static const struct {
        enum http_method method;
        enum router_answer answer;
        const char *path;
        size_t row;
        const char *parameters[3];
    } cases[] = {
        { HTTP_GET, ROUTER_FOUND, "/", 0, { 0 } },
        { HTTP_HEAD, ROUTER_FOUND, "/", 0, { 0 } },
        { HTTP_GET, ROUTER_FOUND, "/lectures", 1, { 0 } },
        { HTTP_POST, ROUTER_FOUND, "/lectures", 2, { 0 } },
        { HTTP_GET, ROUTER_FOUND, "/lectures/new", 3, { 0 } },
        { HTTP_GET, ROUTER_FOUND, "/lectures/7", 4, { "7" } },
        { HTTP_DELETE, ROUTER_FOUND, "/lectures/new", 5, { "new" } },
        { HTTP_GET, ROUTER_FOUND, "/media/a/b/c", 6, { "a", "b", "c" } },
        { HTTP_GET, ROUTER_FOUND, "/media/a/b/c/d.m4s", 6, { "a", "b", "c/d.m4s" } },
        { HTTP_OPTIONS, ROUTER_FOUND, "/uploads", 7, { 0 } },
        { HTTP_GET, ROUTER_NO_PATH, "/media/a/b/", 0, { 0 } },
        { HTTP_GET, ROUTER_NO_PATH, "/media/a/b//etc/passwd", 0, { 0 } },
        { HTTP_GET, ROUTER_NO_PATH, "/media/a/b/c//d.m4s", 0, { 0 } },
        { HTTP_GET, ROUTER_NO_PATH, "//lectures/7", 0, { 0 } },
        { HTTP_GET, ROUTER_NO_PATH, "/media/a/b", 0, { 0 } },
        { HTTP_GET, ROUTER_NO_PATH, "/lectures/", 0, { 0 } },
        { HTTP_GET, ROUTER_NO_PATH, "/lectures/7/", 0, { 0 } },
        { HTTP_GET, ROUTER_NO_PATH, "/lecture", 0, { 0 } },
        { HTTP_GET, ROUTER_NO_PATH, "/lecturess", 0, { 0 } },
        { HTTP_GET, ROUTER_NO_PATH, "", 0, { 0 } },
        { HTTP_GET, ROUTER_NO_PATH, "*", 0, { 0 } },
        { HTTP_PUT, ROUTER_NO_METHOD, "/lectures", 0, { 0 } },
        { HTTP_GET, ROUTER_NO_METHOD, "/uploads", 0, { 0 } },
    };
    struct router *router = router_build(routes, sizeof routes / sizeof routes[0]);
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        char path[64];
        const struct route *route = NULL;
        const char *parameters[EXCHANGE_PARAMETERS_MAX] = { 0 };
        (void)snprintf(path, sizeof path, "%s", cases[i].path);
        enum router_answer answer = router_find(router, cases[i].method, path, &route, parameters);
        if (answer != cases[i].answer)
            fail_msg("'%s': %d", cases[i].path, (int)answer);
        if (answer != ROUTER_FOUND)
            continue;
        assert_ptr_equal(route, &routes[cases[i].row]);
        for (size_t j = 0; j < 3; j++)
            assert_true(text_equal(parameters[j], cases[i].parameters[j]));
    }
    router_free(router);
}

static void allowed_methods_are_told(void **state)
{
    (void)state;
    static const struct {
        const char *path, *allowed;
    } cases[] = {
        { "/lectures", "GET, HEAD, POST, OPTIONS" },
        { "/lectures/7", "GET, HEAD, DELETE, OPTIONS" },
        { "/uploads", "OPTIONS" },
    };
    struct router *router = router_build(routes, sizeof routes / sizeof routes[0]);
    char text[64];
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        router_allowed(router, cases[i].path, text, sizeof text);
        assert_string_equal(text, cases[i].allowed);
    }
    char small[8];
    router_allowed(router, "/lectures", small, sizeof small);
    assert_int_equal(strlen(small), sizeof small - 1);
    router_free(router);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(paths_find_their_rows),
        cmocka_unit_test(allowed_methods_are_told),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
