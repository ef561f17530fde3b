#include "media/segment_table.h"

#include "../unit.h"

#include <string.h>

static struct segment_table video_table(void)
{
    struct segment_table table = {
        .kind = RENDITION_VIDEO,
        .name = "video",
        .codecs = "avc1.64001f",
        .timescale = 90000,
        .width = 1280,
        .height = 720,
        .frames_per_second_milli = 30000,
        .init_bytes = 700,
        .independent = true,
    };
    return table;
}

static uint64_t file_bytes(const struct segment_table *table)
{
    const struct segment *last = &table->segments[table->count - 1];
    return last->offset_bytes + last->size_bytes;
}

static void a_table_survives_json(void **state)
{
    (void)state;
    struct segment_table table = video_table(), read;
    struct problem problem = { 0 };
    segment_table_append(&table, 450, 360000, 5000);
    segment_table_append(&table, 0, 360000, 7000);
    table.segments[1].key_bytes = 1200;
    segment_table_append(&table, 0, 90001, 300);
    json_t *json = segment_table_to_json(&table);
    assert_true(segment_table_from_json(json, file_bytes(&table), &read, &problem));
    assert_int_equal(read.count, 3);
    assert_int_equal(read.segments[0].start_ticks, 450);
    assert_memory_equal(read.segments, table.segments, 3 * sizeof table.segments[0]);
    assert_string_equal(read.codecs, "avc1.64001f");
    assert_int_equal(read.frames_per_second_milli, 30000);
    assert_true(read.independent);
    json_decref(json);
    segment_table_release(&table);
    segment_table_release(&read);
}

/* Versions of old stay playable. */
static void sound_of_old_has_no_group_and_is_the_original(void **state)
{
    (void)state;
    struct segment_table table = { .kind = RENDITION_AUDIO,
        .name = "audio-low-vi",
        .codecs = "mp4a.40.2",
        .language = "vi",
        .group = "low",
        .timescale = 24000,
        .sample_rate = 24000,
        .channels = 1,
        .init_bytes = 700,
        .independent = true };
    struct segment_table read;
    struct problem problem = { 0 };
    segment_table_append(&table, 0, 96000, 5000);
    json_t *json = segment_table_to_json(&table);
    assert_true(segment_table_from_json(json, file_bytes(&table), &read, &problem));
    assert_string_equal(read.group, "low");
    assert_false(read.original);
    segment_table_release(&read);
    (void)json_object_del(json, "group");
    (void)json_object_del(json, "original");
    assert_true(segment_table_from_json(json, file_bytes(&table), &read, &problem));
    assert_string_equal(read.group, "");
    assert_true(read.original);
    segment_table_release(&read);
    segment_table_release(&table);
    json_decref(json);
}

static void a_segment_starts_where_the_last_one_ended(void **state)
{
    (void)state;
    struct segment_table table = video_table();
    for (int i = 0; i < 100; i++)
        segment_table_append(&table, 0, 1000 + i, (uint64_t)(100 + i));
    for (size_t i = 1; i < table.count; i++) {
        const struct segment *one = &table.segments[i - 1], *next = &table.segments[i];
        assert_int_equal(one->start_ticks + one->duration_ticks, next->start_ticks);
        assert_int_equal(one->offset_bytes + one->size_bytes, next->offset_bytes);
    }
    assert_int_equal(table.segments[0].offset_bytes, table.init_bytes);
    segment_table_release(&table);
}

static void milliseconds_are_rounded_to_nearest(void **state)
{
    (void)state;
    struct segment_table table = video_table();
    table.timescale = 48000;
    segment_table_append(&table, 23, 48000, 100); /* 0.479 ms */
    segment_table_append(&table, 0, 25, 100);     /* ends at 1001.0 ms exactly */
    assert_int_equal(segment_start_ms(&table, 0), 0);
    assert_int_equal(segment_end_ms(&table, 0), 1000);
    assert_int_equal(segment_start_ms(&table, 1), 1000);
    assert_int_equal(segment_table_duration_ms(&table), 1001);
    segment_table_release(&table);
}

static void the_peak_is_over_runs_near_the_target(void **state)
{
    (void)state;
    static const struct {
        const char *story;
        struct {
            int64_t seconds;
            uint64_t bytes;
        } segments[5];
        int64_t peak, average;
    } cases[] = {
        { "even", { { 4, 1000 }, { 4, 1000 }, { 4, 1000 } }, 2000, 2000 },
        { "one loud", { { 4, 1000 }, { 4, 3000 }, { 4, 1000 } }, 6000, 3333 },
        { "a short loud one counts with its neighbour only",
            { { 4, 1000 }, { 1, 1000 }, { 4, 1000 } }, 3200, 2667 },
        { "one short segment alone", { { 1, 500 } }, 4000, 4000 },
        { "one that is longer than any run", { { 30, 15000 } }, 4000, 4000 },
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct segment_table table = video_table();
        for (size_t k = 0; k < 5 && cases[i].segments[k].seconds > 0; k++)
            segment_table_append(
                &table, 0, cases[i].segments[k].seconds * 90000, cases[i].segments[k].bytes);
        int64_t peak = segment_table_peak_bits_per_second(&table, 4000);
        int64_t average = segment_table_average_bits_per_second(&table);
        if (peak != cases[i].peak || average != cases[i].average)
            fail_msg(
                "%s: peak %lld, average %lld", cases[i].story, (long long)peak, (long long)average);
        segment_table_release(&table);
    }
}

static void a_table_from_a_stranger_is_checked(void **state)
{
    (void)state;
#define HEAD "\"kind\":\"video\",\"name\":\"video\",\"codecs\":\"avc1.64001f\",\"language\":\"\","
#define SIZES                                                                                      \
    "\"width\":16,\"height\":16,\"frames_per_second_milli\":0,\"sample_rate\":0,\"channels\":0,"
#define TAIL "\"init_bytes\":700,\"independent\":true,\"start_ticks\":0,"
    static const struct {
        const char *story, *json;
    } cases[] = {
        { "no object", "[]" },
        { "nothing in it", "{}" },
        { "a path as name",
            "{\"kind\":\"video\",\"name\":\"../x\",\"codecs\":\"avc1.64001f\",\"language\":\"\","
            "\"timescale\":1000," SIZES TAIL "\"segments\":[[1000,100]]}" },
        { "a quote in codecs",
            "{\"kind\":\"video\",\"name\":\"video\",\"codecs\":\"a\\\"\\nb\",\"language\":\"\","
            "\"timescale\":1000," SIZES TAIL "\"segments\":[[1000,100]]}" },
        { "an unknown kind", "{\"kind\":\"text\",\"name\":\"video\",\"codecs\":\"x\",\"language\":"
                             "\"\",\"timescale\":1000," SIZES TAIL "\"segments\":[[1000,100]]}" },
        { "timescale 0", "{" HEAD "\"timescale\":0," SIZES TAIL "\"segments\":[[1000,100]]}" },
        { "no segments", "{" HEAD "\"timescale\":1000," SIZES TAIL "\"segments\":[]}" },
        { "a segment of no length",
            "{" HEAD "\"timescale\":1000," SIZES TAIL "\"segments\":[[0,100]]}" },
        { "a negative length",
            "{" HEAD "\"timescale\":1000," SIZES TAIL "\"segments\":[[-5,100]]}" },
        { "a length beyond all time",
            "{" HEAD "\"timescale\":1000," SIZES TAIL "\"segments\":[[9223372036854775807,100]]}" },
        { "longer than an hour",
            "{" HEAD "\"timescale\":1000," SIZES TAIL "\"segments\":[[3600001,100]]}" },
        { "no size", "{" HEAD "\"timescale\":1000," SIZES TAIL "\"segments\":[[1000,0]]}" },
        { "a size beyond the file",
            "{" HEAD "\"timescale\":1000," SIZES TAIL "\"segments\":[[1000,101]]}" },
        { "less than the file",
            "{" HEAD "\"timescale\":1000," SIZES TAIL "\"segments\":[[1000,99]]}" },
        { "a real number",
            "{" HEAD "\"timescale\":1000," SIZES TAIL "\"segments\":[[1000.5,100]]}" },
        { "a first picture that is more than its segment",
            "{" HEAD "\"timescale\":1000," SIZES TAIL "\"segments\":[[1000,100,101]]}" },
        { "four numbers",
            "{" HEAD "\"timescale\":1000," SIZES TAIL "\"segments\":[[1000,100,1,1]]}" },
        { "a group that is no name",
            "{\"kind\":\"audio\",\"name\":\"audio\",\"codecs\":\"mp4a.40.2\",\"language\":\"\","
            "\"group\":\"a b\",\"timescale\":1000,\"width\":0,\"height\":0,"
            "\"frames_per_second_milli\":0,\"sample_rate\":48000,\"channels\":2," TAIL
            "\"segments\":[[1000,100]]}" },
        { "sound without a rate",
            "{\"kind\":\"audio\",\"name\":\"audio\",\"codecs\":\"mp4a.40.2\",\"language\":\"\","
            "\"timescale\":1000," SIZES TAIL "\"segments\":[[1000,100]]}" },
    };
    const char *good = "{" HEAD "\"timescale\":1000," SIZES TAIL "\"segments\":[[1000,100]]}";
    struct segment_table table;
    struct problem none = { 0 };
    json_t *json = json_loads(good, 0, NULL);
    assert_true(segment_table_from_json(json, 800, &table, &none));
    segment_table_release(&table);
    json_decref(json);
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct problem problem = { 0 };
        json = json_loads(cases[i].json, 0, NULL);
        assert_non_null(json);
        if (segment_table_from_json(json, 800, &table, &problem))
            fail_msg("taken: %s", cases[i].story);
        assert_true(problem_is_set(&problem));
        json_decref(json);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_table_survives_json),
        cmocka_unit_test(sound_of_old_has_no_group_and_is_the_original),
        cmocka_unit_test(a_segment_starts_where_the_last_one_ended),
        cmocka_unit_test(milliseconds_are_rounded_to_nearest),
        cmocka_unit_test(the_peak_is_over_runs_near_the_target),
        cmocka_unit_test(a_table_from_a_stranger_is_checked),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
