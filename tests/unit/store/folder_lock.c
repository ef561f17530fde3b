/* The lock of the data folder, also where one process hands it to another. */
#include "store/folder_lock.h"
#include "store_folder.h"

#include <fcntl.h>
#include <string.h>
#include <unistd.h>

static int take(const char *folder, enum problem_kind *ret_kind)
{
    struct problem problem = { 0 };
    int lock = folder_lock(folder, &problem);
    *ret_kind = problem.kind;
    return lock;
}

static void a_lock_is_held_until_the_last_who_shares_it_lets_go(void **state)
{
    (void)state;
    char *folder = store_folder_make();
    struct problem problem = { 0 };
    enum problem_kind kind;
    int first = take(folder, &kind);
    assert_true(first >= 0);
    int second = folder_lock_share(folder, first, &problem);
    assert_true(second >= 0);
    folder_unlock(first);
    assert_int_equal(take(folder, &kind), -1);
    assert_int_equal(kind, PROBLEM_CONFLICT);
    folder_unlock(second);
    int third = take(folder, &kind);
    assert_true(third >= 0);
    folder_unlock(third);
    store_folder_remove(folder);
}

static void what_is_not_the_held_lock_of_this_folder_is_refused(void **state)
{
    (void)state;
    char *folder = store_folder_make(), *other = store_folder_make();
    enum problem_kind kind;
    char path[200];
    int held = take(folder, &kind), elsewhere = take(other, &kind);
    (void)snprintf(path, sizeof path, "%s/lock", folder);
    int merely_open = open(path, O_RDWR | O_CLOEXEC);
    const struct {
        const char *story;
        int fd;
    } cases[] = { { "none", -1 }, { "another folder's", elsewhere },
        { "the file, but not the lock", merely_open } };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct problem problem = { 0 };
        if (folder_lock_share(folder, cases[i].fd, &problem) >= 0
            || problem.kind != PROBLEM_CONFLICT)
            fail_msg("%s: %s", cases[i].story, problem.detail);
    }
    (void)close(merely_open);
    folder_unlock(held);
    folder_unlock(elsewhere);
    store_folder_remove(folder);
    store_folder_remove(other);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_lock_is_held_until_the_last_who_shares_it_lets_go),
        cmocka_unit_test(what_is_not_the_held_lock_of_this_folder_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
