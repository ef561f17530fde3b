#include "base/files.h"
#include "../unit.h"

#include <dirent.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

static char folder[] = "/tmp/lectern-files-XXXXXX";

static int make_folder(void **state)
{
    (void)state;
    return mkdtemp(folder) && chdir(folder) == 0 ? 0 : -1;
}

static int remove_folder(void **state)
{
    (void)state;
    struct problem problem = { 0 };
    return folder_remove(folder, &problem) && access(folder, F_OK) != 0 ? 0 : -1;
}

static int drafts_left(void)
{
    int count = 0;
    DIR *entries = opendir(".");
    for (struct dirent *entry; (entry = readdir(entries));)
        count += strstr(entry->d_name, ".draft.") != NULL;
    (void)closedir(entries);
    return count;
}

static void a_file_is_replaced_whole(void **state)
{
    (void)state;
    struct problem problem = { 0 };
    char *bytes;
    size_t count;
    struct stat facts;
    assert_true(file_write_whole("key", "one", 3, 0600, &problem));
    assert_true(file_write_whole("key", "seven!!", 7, 0600, &problem));
    assert_true(file_read_whole("key", 7, &bytes, &count, &problem));
    assert_int_equal(count, 7);
    assert_string_equal(bytes, "seven!!");
    free(bytes);
    assert_int_equal(stat("key", &facts), 0);
    assert_int_equal(facts.st_mode & 0777, 0600);
}

static void what_cannot_be_written_leaves_the_old(void **state)
{
    (void)state;
    struct problem problem = { 0 };
    struct rlimit before, small;
    char *bytes, large[8192] = { 0 };
    size_t count;
    assert_true(file_write_whole("kept", "old", 3, 0600, &problem));
    assert_int_equal(getrlimit(RLIMIT_FSIZE, &before), 0);
    small = (struct rlimit){ 4096, before.rlim_max };
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &small), 0);
    bool written = file_write_whole("kept", large, sizeof large, 0600, &problem);
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &before), 0);
    assert_false(written);
    assert_int_equal(problem.kind, PROBLEM_STORAGE);
    problem_clear(&problem);
    assert_true(file_read_whole("kept", 100, &bytes, &count, &problem));
    assert_string_equal(bytes, "old");
    free(bytes);
    assert_int_equal(drafts_left(), 0);
}

static void reading_is_bounded(void **state)
{
    (void)state;
    struct problem problem = { 0 };
    char *bytes = NULL;
    size_t count;
    assert_true(file_write_whole("four", "1234", 4, 0600, &problem));
    assert_false(file_read_whole("four", 3, &bytes, &count, &problem));
    problem_clear(&problem);
    assert_false(file_read_whole("missing", 3, &bytes, &count, &problem));
    problem_clear(&problem);
    assert_false(file_read_whole(".", 100000, &bytes, &count, &problem));
    assert_null(bytes);
}

static void folders_are_made_and_removed_with_all_below(void **state)
{
    (void)state;
    struct problem problem = { 0 };
    assert_true(folder_make("a/b/c", 0700, &problem));
    assert_true(folder_make("a/b/c", 0700, &problem));
    assert_true(file_write_whole("a/b/c/file", "x", 1, 0600, &problem));
    assert_true(file_write_whole("outside", "x", 1, 0600, &problem));
    assert_int_equal(symlink("../../outside", "a/b/link"), 0);
    assert_true(folder_remove("a", &problem));
    assert_int_not_equal(access("a", F_OK), 0);
    assert_int_equal(access("outside", F_OK), 0);
    assert_true(folder_remove("a", &problem));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_file_is_replaced_whole),
        cmocka_unit_test(what_cannot_be_written_leaves_the_old),
        cmocka_unit_test(reading_is_bounded),
        cmocka_unit_test(folders_are_made_and_removed_with_all_below),
    };
    (void)signal(SIGXFSZ, SIG_IGN);
    return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
