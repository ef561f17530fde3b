#include "base/problem.h"
#include "../unit.h"

#include <errno.h>
#include <string.h>

static void the_first_cause_is_kept(void **state)
{
    (void)state;
    struct problem problem = { 0 };
    assert_false(problem_is_set(&problem));
    assert_false(problem_set(&problem, PROBLEM_NOT_FOUND, "lecture %d", 7));
    assert_false(problem_set(&problem, PROBLEM_STORAGE, "while cleaning up"));
    assert_false(problem_set_field(&problem, "title", "expected"));
    assert_false(problem_set_errno(&problem, ENOSPC, "write"));
    assert_int_equal(problem.kind, PROBLEM_NOT_FOUND);
    assert_string_equal(problem.detail, "lecture 7");
    assert_string_equal(problem.field, "");
}

static void a_full_disk_and_what_passes_have_kinds_of_their_own(void **state)
{
    (void)state;
    static const int full[] = { ENOSPC, EDQUOT };
    for (size_t i = 0; i < COUNT_OF(full); i++) {
        struct problem problem = { 0 };
        problem_set_errno(&problem, full[i], "write '%s'", "a");
        assert_int_equal(problem.kind, PROBLEM_STORAGE_FULL);
    }
    static const int passing[] = { ENOMEM, EMFILE, ENFILE };
    for (size_t i = 0; i < COUNT_OF(passing); i++) {
        struct problem problem = { 0 };
        problem_set_errno(&problem, passing[i], "open '%s'", "a");
        assert_int_equal(problem.kind, PROBLEM_BUSY);
    }
    struct problem problem = { 0 };
    problem_set_errno(&problem, EIO, "write '%s'", "a");
    assert_int_equal(problem.kind, PROBLEM_STORAGE);
    assert_non_null(strstr(problem.detail, "write 'a': "));
}

static void every_kind_has_a_face_of_its_own(void **state)
{
    (void)state;
    for (int kind = 0; kind < PROBLEM_KIND_COUNT; kind++) {
        const struct problem_face *face = &problem_faces[kind];
        assert_non_null(face->code);
        assert_non_null(face->sentence);
        assert_in_range(face->status, 200, 599);
        assert_int_equal(face->sentence[strlen(face->sentence) - 1], '.');
        for (int other = 0; other < kind; other++)
            assert_string_not_equal(face->code, problem_faces[other].code);
    }
}

static void private_details_are_not_for_persons(void **state)
{
    (void)state;
    struct problem secret = { 0 }, open = { 0 };
    problem_set(&secret, PROBLEM_STORAGE, "open '/secret/path'");
    problem_set(&open, PROBLEM_MEDIA_REFUSED, "The file is empty.");
    assert_null(strstr(problem_sentence(&secret), "/secret"));
    assert_string_equal(problem_sentence(&open), "The file is empty.");
    problem_clear(&open);
    assert_false(problem_is_set(&open));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_first_cause_is_kept),
        cmocka_unit_test(a_full_disk_and_what_passes_have_kinds_of_their_own),
        cmocka_unit_test(every_kind_has_a_face_of_its_own),
        cmocka_unit_test(private_details_are_not_for_persons),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
