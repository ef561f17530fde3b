#include "media/ladder.h"

#include "../unit.h"
#include "base/files.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static struct ladder ladder;

static void the_example_file_is_what_the_program_prints(void **state)
{
    (void)state;
    char *printed = NULL, *kept = NULL;
    size_t printed_length = 0, kept_length = 0;
    struct problem problem = { 0 };
    struct ladder read;
    static const char path[] = LECTERN_SOURCE_DIR "/config/ladder.conf";
    FILE *stream = open_memstream(&printed, &printed_length);
    ladder_print_example(stream);
    assert_int_equal(fclose(stream), 0);
    assert_true(file_read_whole(path, 1 << 20, &kept, &kept_length, &problem));
    /* When this fails: build/release/lectern settings --ladder > config/ladder.conf */
    assert_string_equal(kept, printed);
    if (!ladder_load(&read, path, &problem))
        fail_msg("%s", problem.detail);
    assert_memory_equal(&read, &ladder, sizeof read);
    free(printed);
    free(kept);
}

static void a_ladder_survives_json(void **state)
{
    (void)state;
    struct ladder read;
    struct problem problem = { 0 };
    json_t *json = ladder_to_json(&ladder);
    assert_true(ladder_from_json(json, &read, &problem));
    assert_memory_equal(&read, &ladder, sizeof read);
    json_decref(json);
}

static bool load(const char *bytes, struct ladder *ret_ladder, struct problem *problem)
{
    char path[] = "/tmp/lectern-ladder-XXXXXX";
    int fd = mkstemp(path);
    assert_int_equal(write(fd, bytes, strlen(bytes)), strlen(bytes));
    (void)close(fd);
    bool loaded = ladder_load(ret_ladder, path, problem);
    assert_int_equal(unlink(path), 0);
    return loaded;
}

#define RUNG(name)                                                                                 \
    "[" name "]\nframes-per-second = 20\nquality = 26\nbits-per-second = 90000\nkey-ms = 2000\n"

static void what_a_file_does_not_name_is_not_made(void **state)
{
    (void)state;
    struct ladder read;
    struct problem problem = { 0 };
    assert_true(load("# small\n" RUNG("270p") RUNG("540p"), &read, &problem));
    assert_int_equal(read.count, 2);
    assert_int_equal(read.rungs[1].lines, 540);
    assert_int_equal(read.rungs[1].bits_per_second, 90000);
    assert_int_equal(read.stills.lines, 0);
    assert_true(load("", &read, &problem));
    assert_int_equal(read.count, 0);
}

static void a_ladder_that_makes_no_sense_is_refused_in_words(void **state)
{
    (void)state;
    static const struct {
        const char *bytes, *word;
    } cases[] = {
        { "quality = 20\n", "is no rung" },
        { "[big]\nquality = 20\n", "[big] is no rung" },
        { "[0240p]\nquality = 20\n", "is no rung" },
        { "[5000p]\nquality = 20\n", "is no rung" },
        { RUNG("480p") RUNG("240p"), "growing order" },
        { "[240p]\nquality = 26\n", "has no 'frames-per-second'" },
        { "[240p]\nquality = 26\n" RUNG("480p"), "has no 'frames-per-second'" },
        { "[240p]\nquality = good\n", "whole number from 10 to 45" },
        { "[240p]\nquality = 5\n", "whole number from 10 to 45" },
        { "[240p]\nquality = 26\nquality = 26\n", "twice" },
        { "[240p]\nlines = 200\n", "has no value 'lines'" },
        { "[240p]\nspeed = 1\n", "has no value 'speed'" },
        { "[stills]\nquality = 30\nbits-per-second = 20000\n", "has no 'lines'" },
        { "[240p]\nrubbish\n", "Line 2" },
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct ladder read;
        struct problem problem = { 0 };
        if (load(cases[i].bytes, &read, &problem))
            fail_msg("taken: %s", cases[i].bytes);
        if (!strstr(problem.detail, cases[i].word))
            fail_msg("%s: %s", cases[i].bytes, problem.detail);
    }
}

static void rungs_are_never_larger_than_the_picture_nor_useless(void **state)
{
    (void)state;
    static const struct {
        const char *story;
        struct ladder_picture picture;
        const char *rungs;
    } cases[] = {
        { "full HD", { 1920, 1080, 30000, 9000000, false },
            "240p 426x240/2 360p 640x360/2 480p 854x480/1 720p 1280x720/1 1080p 1920x1080/1" },
        { "a phone held upright", { 1080, 1920, 30000, 9000000, false },
            "240p 240x426/2 360p 360x640/2 480p 480x854/1 720p 720x1280/1 1080p 1080x1920/1" },
        { "4:3", { 1024, 768, 25000, 900000, false },
            "240p 320x240/2 360p 480x360/1 480p 640x480/1 720p 960x720/1" },
        { "cinema", { 1920, 804, 24000, 900000, false },
            "240p 428x178/2 360p 640x268/1 480p 854x358/1 720p 1280x536/1 1080p 1920x804/1" },
        { "copied at 720 lines", { 1280, 720, 25000, 900000, true },
            "240p 426x240/2 360p 640x360/1 480p 854x480/1" },
        { "copied, small and light", { 320, 180, 25000, 100000, true }, "" },
        { "copied, small and heavy", { 320, 180, 25000, 900000, true }, "240p 320x180/2" },
        { "tiny", { 64, 36, 25000, 10000, false }, "240p 64x36/2" },
        { "hardly more than a rung", { 680, 382, 25000, 900000, false },
            "240p 428x240/2 360p 640x360/1" },
        { "odd sides", { 353, 289, 10000, 900000, false }, "240p 294x240/1 360p 354x290/1" },
        { "sixty a second", { 1280, 720, 59940, 900000, false },
            "240p 426x240/4 360p 640x360/3 480p 854x480/2 720p 1280x720/2" },
        { "a slow screen", { 1280, 720, 5000, 900000, false },
            "240p 426x240/1 360p 640x360/1 480p 854x480/1 720p 1280x720/1" },
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct ladder_choice choices[LADDER_RUNGS_MAX];
        size_t count = ladder_choose(&ladder, &cases[i].picture, choices), length = 0;
        char said[300] = "";
        for (size_t k = 0; k < count; k++)
            length += (size_t)snprintf(said + length, sizeof said - length, "%s%s %dx%d/%d",
                k > 0 ? " " : "", choices[k].name, choices[k].width, choices[k].height,
                choices[k].step);
        if (strcmp(said, cases[i].rungs) != 0)
            fail_msg("%s: %s", cases[i].story, said);
    }
}

static void stills_have_the_shape_of_the_picture(void **state)
{
    (void)state;
    struct ladder_picture picture = { 1440, 1080, 30000, 9000000, true };
    struct ladder_choice choice;
    struct ladder none = { 0 };
    assert_true(ladder_choose_stills(&ladder, &picture, &choice));
    assert_string_equal(choice.name, "stills");
    assert_int_equal(choice.width, 480);
    assert_int_equal(choice.height, 360);
    assert_false(ladder_choose_stills(&none, &picture, &choice));
}

static void a_picture_that_cannot_be_copied_is_encoded_without_a_ladder_too(void **state)
{
    (void)state;
    struct ladder none = { 0 };
    struct ladder_picture picture = { 1920, 1080, 30000, 9000000, false };
    struct ladder_choice choices[LADDER_RUNGS_MAX];
    assert_int_equal(ladder_choose(&none, &picture, choices), 1);
    assert_string_equal(choices[0].name, "720p");
    picture.copied = true;
    assert_int_equal(ladder_choose(&none, &picture, choices), 0);
}

static void a_rung_that_hardly_saves_anything_is_dropped(void **state)
{
    (void)state;
    static const struct {
        const char *story;
        int64_t averages[5];
        const char *rungs; /* d: dropped, k: kept, P: published before */
        const char *expected;
    } cases[] = {
        { "well apart", { 100, 200, 400, 800 }, "rrrr", "kkkk" },
        { "two alike", { 100, 380, 400, 800 }, "rrrr", "kdkk" },
        { "just 70 %", { 70, 100 }, "rr", "kk" },
        { "just over", { 71, 100 }, "rr", "dk" },
        { "all alike", { 90, 95, 100 }, "rrr", "ddk" },
        { "measured against what stays", { 65, 90, 100 }, "rrr", "kdk" },
        { "below a heavy copy", { 200, 400, 4000 }, "rrP", "kkk" },
        { "a light copy", { 90, 95, 100 }, "rrP", "ddk" },
        { "what is published stays", { 95, 100 }, "Pr", "kk" },
        { "alone", { 90 }, "r", "k" },
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct ladder_measure measures[5] = { 0 };
        size_t count = strlen(cases[i].rungs);
        for (size_t k = 0; k < count; k++) {
            measures[k].average_bits_per_second = cases[i].averages[k];
            measures[k].published = cases[i].rungs[k] == 'P';
        }
        ladder_drop(measures, count);
        for (size_t k = 0; k < count; k++)
            if (measures[k].dropped != (cases[i].expected[k] == 'd'))
                fail_msg("%s: %zu", cases[i].story, k);
    }
}

static int begin(void **state)
{
    (void)state;
    ladder_init(&ladder);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_example_file_is_what_the_program_prints),
        cmocka_unit_test(a_ladder_survives_json),
        cmocka_unit_test(what_a_file_does_not_name_is_not_made),
        cmocka_unit_test(a_ladder_that_makes_no_sense_is_refused_in_words),
        cmocka_unit_test(rungs_are_never_larger_than_the_picture_nor_useless),
        cmocka_unit_test(stills_have_the_shape_of_the_picture),
        cmocka_unit_test(a_picture_that_cannot_be_copied_is_encoded_without_a_ladder_too),
        cmocka_unit_test(a_rung_that_hardly_saves_anything_is_dropped),
    };
    return cmocka_run_group_tests(tests, begin, NULL);
}
