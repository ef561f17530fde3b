#include "media/thumbnails.h"

#include "../unit.h"

#include <string.h>

static const struct thumbnails grid
    = { .width = 160, .height = 90, .columns = 3, .rows = 2, .interval_ms = 5000, .count = 8 };

static void cues_walk_over_the_sheets(void **state)
{
    (void)state;
    struct text out;
    text_init(&out, 10000);
    thumbnails_write_cues(&grid, 3661500, &out);
    assert_string_equal(out.bytes,
        "WEBVTT\n"
        "\n00:00:00.000 --> 00:00:05.000\nthumbnails-0.jpg#xywh=0,0,160,90\n"
        "\n00:00:05.000 --> 00:00:10.000\nthumbnails-0.jpg#xywh=160,0,160,90\n"
        "\n00:00:10.000 --> 00:00:15.000\nthumbnails-0.jpg#xywh=320,0,160,90\n"
        "\n00:00:15.000 --> 00:00:20.000\nthumbnails-0.jpg#xywh=0,90,160,90\n"
        "\n00:00:20.000 --> 00:00:25.000\nthumbnails-0.jpg#xywh=160,90,160,90\n"
        "\n00:00:25.000 --> 00:00:30.000\nthumbnails-0.jpg#xywh=320,90,160,90\n"
        "\n00:00:30.000 --> 00:00:35.000\nthumbnails-1.jpg#xywh=0,0,160,90\n"
        "\n00:00:35.000 --> 01:01:01.500\nthumbnails-1.jpg#xywh=160,0,160,90\n");
    text_release(&out);
}

static void no_cue_is_after_the_end(void **state)
{
    (void)state;
    struct text out;
    text_init(&out, 10000);
    thumbnails_write_cues(&grid, 5500, &out);
    assert_string_equal(out.bytes,
        "WEBVTT\n"
        "\n00:00:00.000 --> 00:00:05.000\nthumbnails-0.jpg#xywh=0,0,160,90\n"
        "\n00:00:05.000 --> 00:00:05.500\nthumbnails-0.jpg#xywh=160,0,160,90\n");
    text_release(&out);
}

static void what_is_written_is_read(void **state)
{
    (void)state;
    struct problem problem = { 0 };
    struct thumbnails read;
    json_t *json = thumbnails_to_json(&grid);
    assert_true(thumbnails_from_json(json, &read, &problem));
    assert_memory_equal(&read, &grid, sizeof grid);
    assert_int_equal(thumbnails_sheet_count(&read), 2);
    json_decref(json);
}

static void what_cannot_be_is_refused(void **state)
{
    (void)state;
    static const struct {
        const char *key;
        int64_t value;
    } cases[] = { { "width", 0 }, { "height", 5000 }, { "columns", 0 }, { "rows", 65 },
        { "interval_ms", 0 }, { "count", 0 }, { "count", 6001 }, { "count", INT64_MAX } };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct problem problem = { 0 };
        struct thumbnails read;
        json_t *json = thumbnails_to_json(&grid);
        (void)json_object_set_new(json, cases[i].key, json_integer(cases[i].value));
        if (thumbnails_from_json(json, &read, &problem) || !problem_is_set(&problem))
            fail_msg("taken: %s %lld", cases[i].key, (long long)cases[i].value);
        json_decref(json);
    }
}

static void a_lecture_has_enough_thumbnails_and_not_too_many(void **state)
{
    (void)state;
    static const struct {
        int width, height;
        int64_t duration_ms;
        struct thumbnails plan;
        int64_t sheets;
    } cases[] = {
        { 640, 360, 1, { 160, 90, 1, 1, 5000, 1 }, 1 },
        { 640, 360, 0, { 160, 90, 1, 1, 5000, 1 }, 1 },
        { 640, 360, 5000, { 160, 90, 1, 1, 5000, 1 }, 1 },
        { 640, 360, 5001, { 160, 90, 2, 1, 5000, 2 }, 1 },
        { 480, 360, 139000, { 160, 120, 10, 3, 5000, 28 }, 1 },
        { 360, 640, 600000, { 90, 160, 10, 10, 5000, 120 }, 2 },
        { 640, 360, 2000000, { 160, 90, 10, 10, 5000, 400 }, 4 },
        { 640, 360, 2000001, { 160, 90, 10, 10, 6000, 334 }, 4 },
        { 640, 360, 3600000, { 160, 90, 10, 10, 9000, 400 }, 4 },
        { 1000, 10, 86400000, { 160, 2, 10, 10, 216000, 400 }, 4 },
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct thumbnails plan
            = thumbnails_plan(cases[i].width, cases[i].height, cases[i].duration_ms);
        assert_memory_equal(&plan, &cases[i].plan, sizeof plan);
        assert_int_equal(thumbnails_sheet_count(&plan), cases[i].sheets);
    }
}

static void nothing_is_enlarged(void **state)
{
    (void)state;
    int width, height;
    thumbnails_fit(427, 241, 640, &width, &height);
    assert_int_equal(width, 426);
    assert_int_equal(height, 240);
    thumbnails_fit(720, 1280, 640, &width, &height);
    assert_int_equal(width, 360);
    assert_int_equal(height, 640);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(cues_walk_over_the_sheets),
        cmocka_unit_test(no_cue_is_after_the_end),
        cmocka_unit_test(what_is_written_is_read),
        cmocka_unit_test(a_lecture_has_enough_thumbnails_and_not_too_many),
        cmocka_unit_test(nothing_is_enlarged),
        cmocka_unit_test(what_cannot_be_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
