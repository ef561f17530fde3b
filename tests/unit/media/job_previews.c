/* What a child says of poster and thumbnails is believed as far as its bytes bear it out. */
#include "media/job_previews.h"

#include "../unit.h"

#include "base/files.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static char folder[] = "/tmp/lectern-previews-XXXXXX";
static struct job_outputs outputs;
static const char picture[] = "\xff\xd8-\xff\xd9";
enum { PICTURE_BYTES = sizeof picture - 1, OUTPUT = 2 };

static const struct preview_sizes two_sheets = {
    .thumbnails
    = { .width = 160, .height = 90, .columns = 10, .rows = 10, .interval_ms = 5000, .count = 101 },
    .sheet_bytes = { PICTURE_BYTES, PICTURE_BYTES },
    .poster_bytes = PICTURE_BYTES,
};

static int begin(void **state)
{
    (void)state;
    struct problem problem = { 0 };
    (void)snprintf(folder, sizeof folder, "/tmp/lectern-previews-XXXXXX");
    return mkdtemp(folder) && job_outputs_open(&outputs, folder, &problem) ? 0 : -1;
}

static int end(void **state)
{
    (void)state;
    struct problem problem = { 0 };
    job_outputs_close(&outputs);
    return folder_remove(folder, &problem) ? 0 : -1;
}

static bool take(struct job_previews *previews, json_t *line)
{
    struct problem problem = { 0 };
    bool taken;
    bool good = job_previews_take(previews, line, &taken, &problem);
    assert_true(taken);
    json_decref(line);
    return good;
}

static bool keep(const char *bytes)
{
    struct job_previews previews = { 0 };
    struct problem problem = { 0 };
    assert_true(take(&previews, job_previews_to_json(&two_sheets, OUTPUT)));
    assert_true(file_write_at(outputs.fds[OUTPUT], bytes, strlen(bytes), 0, NULL));
    return job_previews_keep(&previews, &outputs, &problem);
}

static bool is_there(const char *name)
{
    char path[100];
    (void)snprintf(path, sizeof path, "%s/%s", folder, name);
    return access(path, R_OK) == 0;
}

static void pictures_are_parted_by_their_sizes(void **state)
{
    (void)state;
    assert_true(keep("\xff\xd8"
                     "0"
                     "\xff\xd9"
                     "\xff\xd8"
                     "1"
                     "\xff\xd9"
                     "\xff\xd8"
                     "p"
                     "\xff\xd9"));
    static const struct {
        const char *name;
        char within;
    } files[] = { { "thumbnails-0.jpg", '0' }, { "thumbnails-1.jpg", '1' }, { "poster.jpg", 'p' } };
    for (size_t i = 0; i < COUNT_OF(files); i++) {
        char path[100], *bytes;
        size_t count;
        struct problem problem = { 0 };
        (void)snprintf(path, sizeof path, "%s/%s", folder, files[i].name);
        assert_true(file_read_whole(path, 100, &bytes, &count, &problem));
        assert_int_equal(count, PICTURE_BYTES);
        assert_int_equal(bytes[2], files[i].within);
        free(bytes);
    }
    assert_true(is_there("thumbnails.json"));
    assert_false(is_there("thumbnails-2.jpg"));
}

static void what_is_no_jpeg_is_refused(void **state)
{
    (void)state;
    static const char *const cases[] = { "",
        "\xff\xd8"
        "0"
        "\xff\xd9",
        "\xff\xd8"
        "0"
        "\xff\xd9"
        "\xff\xd8"
        "1"
        "\xff\xd9"
        "<svg>",
        "\xff\xd8"
        "0"
        "\xff\xd9"
        "\xff\xd8"
        "1"
        "\xff\xd9"
        "\xff\xd8"
        "p"
        "\xff\xd9"
        "more" };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        assert_int_equal(ftruncate(outputs.fds[OUTPUT], 0), 0);
        assert_false(keep(cases[i]));
        assert_false(is_there("thumbnails.json"));
    }
}

static void a_line_that_cannot_be_is_refused(void **state)
{
    (void)state;
    static const struct {
        const char *key;
        json_int_t value;
    } cases[] = { { "output", -1 }, { "output", JOB_OUTPUTS }, { "thumbnails", 1 },
        { "sheet_bytes", 1 }, { "poster_bytes", 3 }, { "poster_bytes", INT64_MAX } };
    struct job_previews previews = { 0 };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        json_t *line = job_previews_to_json(&two_sheets, OUTPUT);
        (void)json_object_set_new(
            json_object_get(line, "previews"), cases[i].key, json_integer(cases[i].value));
        if (take(&previews, line))
            fail_msg("taken: %s %lld", cases[i].key, (long long)cases[i].value);
    }
    struct preview_sizes sizes = two_sheets;
    sizes.sheet_bytes[1] = 0;
    assert_false(take(&previews, job_previews_to_json(&sizes, OUTPUT)));
    json_t *line = job_previews_to_json(&two_sheets, OUTPUT);
    (void)json_array_remove(json_object_get(json_object_get(line, "previews"), "sheet_bytes"), 1);
    assert_false(take(&previews, line));
    line = job_previews_to_json(&two_sheets, OUTPUT);
    json_t *thumbnails = json_object_get(json_object_get(line, "previews"), "thumbnails");
    (void)json_object_set_new(thumbnails, "count", json_integer(THUMBNAILS_MADE_MAX + 1));
    assert_false(take(&previews, line));
    assert_false(previews.told);
}

static void they_are_told_once(void **state)
{
    (void)state;
    struct job_previews previews = { 0 };
    assert_true(take(&previews, job_previews_to_json(&two_sheets, OUTPUT)));
    assert_false(take(&previews, job_previews_to_json(&two_sheets, OUTPUT)));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(pictures_are_parted_by_their_sizes, begin, end),
        cmocka_unit_test_setup_teardown(what_is_no_jpeg_is_refused, begin, end),
        cmocka_unit_test(a_line_that_cannot_be_is_refused),
        cmocka_unit_test(they_are_told_once),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
