#include "http/static_files.h"

#include "base/files.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

/* Answers over the wire are tested in server.c. */
static void fingerprints_are_told_from_words(void **state)
{
    (void)state;
    static const char *const with[] = { "app-5QXLT2KD.js", "/a/b/app-ABCDEFGH.css",
        "chunk-5QXLT2KD.js.map", "x-y-0a1b2c3d4e.woff2" };
    static const char *const without[] = { "app.js", "app-5QXLT2.js", "icon-precomposed.png",
        "notes-20261122.txt", "icon-1024x1024.png", "a-deadbeef", "index.html", "a-5QXLT2KD/b.js",
        "app-5QXLT2K!.js", "-.js", "" };
    for (size_t i = 0; i < sizeof with / sizeof with[0]; i++)
        if (!static_name_has_fingerprint(with[i]))
            fail_msg("'%s' has one", with[i]);
    for (size_t i = 0; i < sizeof without / sizeof without[0]; i++)
        if (static_name_has_fingerprint(without[i]))
            fail_msg("'%s' has none", without[i]);
}

static void a_folder_that_is_not_there_is_a_problem(void **state)
{
    (void)state;
    struct problem problem = { 0 };
    assert_null(static_files_load("/tmp/lectern-no-such-folder", &problem));
    assert_int_equal(problem.kind, PROBLEM_SETTING);
    static_files_free(NULL);
}

static void a_link_that_is_no_field_value_is_a_problem(void **state)
{
    (void)state;
    static const struct {
        const char *story, *link;
        bool loads;
    } cases[] = {
        { "one line", "</a.css>; rel=preload; as=style\n", true },
        { "two lines", "</a.css>; rel=preload\nSet-Cookie: a=b\n", false },
        { "a carriage return", "</a.css>; rel=preload\r\n", false },
    };
    char folder[] = "/tmp/lectern-static-XXXXXX", path[64];
    assert_non_null(mkdtemp(folder));
    (void)snprintf(path, sizeof path, "%s/page.html.link", folder);
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct problem problem = { 0 };
        assert_true(file_write_whole(path, cases[i].link, strlen(cases[i].link), 0600, &problem));
        struct static_files *files = static_files_load(folder, &problem);
        if ((files != NULL) != cases[i].loads)
            fail_msg("%s: %s", cases[i].story, problem.detail);
        static_files_free(files);
    }
    assert_int_equal(unlink(path), 0);
    assert_int_equal(rmdir(folder), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_link_that_is_no_field_value_is_a_problem),
        cmocka_unit_test(fingerprints_are_told_from_words),
        cmocka_unit_test(a_folder_that_is_not_there_is_a_problem),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
