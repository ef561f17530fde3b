/* How much room a pass needs: what the ladder's rungs may take, and no more. */
#include "../unit.h"

#include "catalog/job_room.h"

enum { HOUR_MS = 3600000 };

static struct settings settings;

static struct media_report lecture(int width, int height, enum media_action video)
{
    return (struct media_report){
        .duration_ms = HOUR_MS,
        .size_bytes = 500000000,
        .video = { .action = video,
            .width = width,
            .height = height,
            .frames_per_second_milli = 25000,
            .bits_per_second = 1000000 },
        .audio = { .action = MEDIA_TRANSCODE },
    };
}

static int64_t megabytes(enum job_pass pass, const struct media_report *report)
{
    return job_room_needed_bytes(&settings, pass, report) / 1000000;
}

static void room_grows_with_the_rungs_that_are_made(void **state)
{
    (void)state;
    struct media_report small = lecture(320, 240, MEDIA_TRANSCODE);
    struct media_report full = lecture(1920, 1080, MEDIA_TRANSCODE);
    /* Stills and 240p of 120 kbit/s in all, with sound and what is around. */
    assert_in_range(megabytes(JOB_PASS_FIRST, &small), 54, 200);
    assert_int_equal(megabytes(JOB_PASS_FIRST, &full), megabytes(JOB_PASS_FIRST, &small));
    /* Above 240p there is nothing to be made of it but other languages. */
    assert_in_range(megabytes(JOB_PASS_REST, &small), 0, 300);
    /* 360p to 1080p: 4050 kbit/s. */
    assert_in_range(megabytes(JOB_PASS_REST, &full), 1822, 2300);
}

static void an_upright_picture_needs_as_much_as_one_that_lies(void **state)
{
    (void)state;
    struct media_report lying = lecture(1280, 720, MEDIA_TRANSCODE);
    struct media_report upright = lecture(1280, 720, MEDIA_TRANSCODE);
    upright.video.rotation_degrees = 90;
    assert_int_equal(megabytes(JOB_PASS_REST, &lying), megabytes(JOB_PASS_REST, &upright));
}

static void what_is_copied_needs_the_size_of_the_file_once(void **state)
{
    (void)state;
    struct media_report encoded = lecture(1920, 1080, MEDIA_TRANSCODE);
    struct media_report copied = lecture(1920, 1080, MEDIA_COPY);
    assert_int_equal(megabytes(JOB_PASS_FIRST, &copied), megabytes(JOB_PASS_FIRST, &encoded) + 500);
    assert_true(megabytes(JOB_PASS_REST, &copied) < megabytes(JOB_PASS_REST, &encoded));
}

static void sound_alone_needs_little(void **state)
{
    (void)state;
    struct media_report sound = lecture(0, 0, MEDIA_NONE);
    assert_in_range(megabytes(JOB_PASS_FIRST, &sound), 57, 100);
    assert_int_equal(megabytes(JOB_PASS_TRACK, &sound), megabytes(JOB_PASS_FIRST, &sound));
    assert_int_equal(job_room_needed_bytes(&settings, JOB_PASS_FIRST, NULL), 0);
}

static int open_settings(void **state)
{
    (void)state;
    settings_init(&settings);
    return 0;
}

static int close_settings(void **state)
{
    (void)state;
    settings_release(&settings);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(room_grows_with_the_rungs_that_are_made),
        cmocka_unit_test(an_upright_picture_needs_as_much_as_one_that_lies),
        cmocka_unit_test(what_is_copied_needs_the_size_of_the_file_once),
        cmocka_unit_test(sound_alone_needs_little),
    };
    return cmocka_run_group_tests(tests, open_settings, close_settings);
}
