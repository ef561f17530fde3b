#include "http/file_body.h"

#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

enum { FILE_BYTES = 1024 * 1024 };
static char folder[] = "/tmp/lectern-file-body-XXXXXX";
static char path[80];

static void write_file(const char *name, char fill)
{
    char *bytes = malloc(FILE_BYTES);
    memset(bytes, fill, FILE_BYTES);
    char draft[100];
    (void)snprintf(draft, sizeof draft, "%s.draft", name);
    int fd = open(draft, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    assert_true(fd >= 0);
    assert_int_equal(write(fd, bytes, FILE_BYTES), FILE_BYTES);
    assert_int_equal(close(fd), 0);
    assert_int_equal(rename(draft, name), 0);
    free(bytes);
}

static int make_folder(void **state)
{
    (void)state;
    if (!mkdtemp(folder))
        return -1;
    (void)snprintf(path, sizeof path, "%s/media", folder);
    return 0;
}

static int remove_folder(void **state)
{
    (void)state;
    media_map_forget(folder);
    (void)unlink(path);
    return rmdir(folder);
}

static struct media_map *open_map(void)
{
    struct problem problem = { 0 };
    struct media_map *map = media_map_open(path, &problem);
    assert_non_null(map);
    return map;
}

static void a_file_is_mapped_once(void **state)
{
    (void)state;
    media_map_forget(folder);
    write_file(path, 'a');
    assert_null(media_map_find(path));
    struct media_map *first = open_map();
    struct media_map *second = open_map();
    struct media_map *found = media_map_find(path);
    assert_ptr_equal(first, second);
    assert_ptr_equal(first, found);
    assert_int_equal(media_map_size(first), FILE_BYTES);
    assert_int_equal(media_map_bytes(first)[FILE_BYTES - 1], 'a');
    assert_true(media_map_bring_in(first, 10, FILE_BYTES - 10));
    assert_true(media_map_is_resident(first, 0, FILE_BYTES));
    assert_false(media_map_bring_in(first, FILE_BYTES - 1, 2));
    media_map_release(first);
    media_map_release(second);
    media_map_release(found);
}

static void a_replaced_file_is_mapped_anew(void **state)
{
    (void)state;
    write_file(path, 'a');
    struct media_map *old = open_map();
    write_file(path, 'b');
    struct media_map *new = open_map();
    assert_ptr_not_equal(old, new);
    assert_int_equal(media_map_bytes(old)[0], 'a');
    assert_int_equal(media_map_bytes(new)[0], 'b');
    media_map_release(old);
    media_map_release(new);
}

static void a_forgotten_file_lives_as_long_as_its_references(void **state)
{
    (void)state;
    write_file(path, 'a');
    struct media_map *map = open_map();
    media_map_forget("/tmp/lectern-file-bod"); /* no folder of that name */
    struct media_map *found = media_map_find(path);
    assert_non_null(found);
    media_map_release(found);
    media_map_forget(folder);
    assert_null(media_map_find(path));
    assert_int_equal(media_map_bytes(map)[0], 'a');
    media_map_release(map);
}

static void unused_files_leave_when_the_limit_is_reached(void **state)
{
    (void)state;
    write_file(path, 'a');
    struct media_map *used = open_map();
    media_map_set_limit(1);
    assert_int_equal(media_map_bytes(used)[0], 'a');
    media_map_release(used);
    assert_null(media_map_find(path));
    media_map_set_limit(UINT64_C(2) << 30);
}

static void cold_pages_are_seen_and_brought_in(void **state)
{
    (void)state;
    write_file(path, 'c');
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    assert_int_equal(fdatasync(fd), 0);
    assert_int_equal(posix_fadvise(fd, 0, 0, POSIX_FADV_DONTNEED), 0);
    struct media_map *map = open_map();
    /* A file system in memory keeps all pages; then there is nothing cold to see. */
    unsigned char pages[FILE_BYTES / 4096];
    assert_int_equal(
        mincore(__extension__(void *)(uintptr_t) media_map_bytes(map), FILE_BYTES, pages), 0);
    bool cold = !(pages[0] & 1);
    assert_int_equal(media_map_is_resident(map, 0, 4096), !cold);
    assert_true(media_map_bring_in(map, 0, 4096));
    assert_true(media_map_is_resident(map, 0, 4096));
    media_map_release(map);
    (void)close(fd);
}

static void a_file_that_shrinks_ends_no_process(void **state)
{
    (void)state;
    static const struct {
        const char *story;
        off_t left;
        size_t touched;
    } cases[] = {
        { "to nothing", 0, 0 }, { "to a page", 4096, 8192 },
        { "inside of a page", 5000, 6000 }, /* raises nothing: fstat() must see it */
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        write_file(path, 'd');
        struct media_map *map = open_map();
        assert_true(media_map_is_sound(map, FILE_BYTES));
        assert_int_equal(truncate(path, cases[i].left), 0);
        volatile const char *bytes = media_map_bytes(map);
        assert_int_equal(bytes[cases[i].touched], 0);
        if (media_map_is_sound(map, cases[i].touched + 1))
            fail_msg("%s went unseen", cases[i].story);
        assert_false(media_map_bring_in(map, cases[i].touched, 1));
        media_map_release(map);
        struct media_map *again = open_map();
        assert_int_equal(media_map_size(again), cases[i].left);
        media_map_release(again);
    }
}

static void what_is_no_file_is_a_problem(void **state)
{
    (void)state;
    struct problem missing = { 0 }, directory = { 0 };
    assert_null(media_map_open("/tmp/lectern-file-body-none", &missing));
    assert_int_equal(missing.kind, PROBLEM_NOT_FOUND);
    assert_null(media_map_open(folder, &directory));
    assert_int_equal(directory.kind, PROBLEM_NOT_FOUND);
    media_map_release(NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        /* First: cmocka puts its own SIGBUS handler in place before each test, ours comes with the
         * first map. */
        cmocka_unit_test(a_file_that_shrinks_ends_no_process),
        cmocka_unit_test(a_file_is_mapped_once),
        cmocka_unit_test(a_replaced_file_is_mapped_anew),
        cmocka_unit_test(a_forgotten_file_lives_as_long_as_its_references),
        cmocka_unit_test(unused_files_leave_when_the_limit_is_reached),
        cmocka_unit_test(cold_pages_are_seen_and_brought_in),
        cmocka_unit_test(what_is_no_file_is_a_problem),
    };
    return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
