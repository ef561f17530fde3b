/* Real files that nobody of this project made, each with what a correct server does with it. */
#include "job_world.h"

#define FOLDER LECTERN_SOURCE_DIR "/../shared/media-samples/"

static struct job_world world;

static bool sample_is_there(const char *name, char ret_path[300])
{
    (void)snprintf(ret_path, 300, FOLDER "%s", name);
    if (access(ret_path, R_OK) == 0)
        return true;
    print_message("skipped: the samples are not there: %s\n", name);
    return false;
}

static void each_sample_becomes_a_lecture_or_is_refused_in_words(void **state)
{
    (void)state;
    static const struct {
        const char *name;
        enum media_action video, audio;
        int64_t duration_ms, tolerance_ms;
        const char *refusal; /* a word of it; NULL: it becomes a lecture */
    } cases[] = {
        { "h264-aac-cea608.ts", MEDIA_TRANSCODE, MEDIA_TRANSCODE, 10119, 20, NULL },
        { "h264-aac-chapters.mkv", MEDIA_TRANSCODE, MEDIA_TRANSCODE, 5023, 30, NULL },
        { "h264-aac-rot90.mp4", MEDIA_TRANSCODE, MEDIA_TRANSCODE, 1003, 20, NULL },
        { "h264-ac3-srt.mkv", MEDIA_TRANSCODE, MEDIA_TRANSCODE, 1071, 40, NULL },
        { "h264-editlist-bframes.mp4", MEDIA_TRANSCODE, MEDIA_NONE, 12500, 0, NULL },
        { "h264-pcm.mov", MEDIA_TRANSCODE, MEDIA_TRANSCODE, 2000, 25, NULL },
        { "hevc-only.mp4", MEDIA_TRANSCODE, MEDIA_NONE, 1000, 0, NULL },
        { "mp3-cover-art.mp3", MEDIA_NONE, MEDIA_TRANSCODE, 2808, 30, NULL },
        { "mpeg4-mp3.avi", MEDIA_TRANSCODE, MEDIA_TRANSCODE, 4087, 30, NULL },
        { "people-139s.mp4", MEDIA_COPY, MEDIA_NONE, 139400, 0, NULL },
        { "qt-596s-cut.mp4", MEDIA_NONE, MEDIA_NONE, 0, 0, "cut off at 0:00:00 of 0:09:56" },
        { "screen-vfr.mov", MEDIA_TRANSCODE, MEDIA_TRANSCODE, 10440, 25, NULL },
        { "vp9-vorbis.webm", MEDIA_TRANSCODE, MEDIA_TRANSCODE, 1012, 40, NULL },
        { "zero-duration.mp4", MEDIA_NONE, MEDIA_NONE, 0, 0, "no length" },
        { "MANIFEST.tsv", MEDIA_NONE, MEDIA_NONE, 0, 0, "text file" },
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        char path[300];
        if (!sample_is_there(cases[i].name, path))
            continue;
        print_message("%s\n", cases[i].name);
        world_prepare(&world, path);
        if (cases[i].refusal) {
            check_not_ready(&world, MEDIA_REFUSED, cases[i].refusal);
            assert_int_equal(world.probed, 0);
            continue;
        }
        check_version(&world, cases[i].duration_ms, cases[i].tolerance_ms);
        /* Once more when the sound has been measured. */
        assert_int_equal(world.probed, cases[i].audio == MEDIA_NONE ? 1 : 2);
        assert_int_equal(world.result.report.video.action, cases[i].video);
        if (world.result.report.audio.action != cases[i].audio)
            fail_msg("%s: sound %d, %s", cases[i].name, (int)world.result.report.audio.action,
                world.result.report.audio.reason);
        assert_int_equal(world.result.report.video.action == MEDIA_TRANSCODE,
            world.result.report.video.reason[0] != '\0');
    }
}

static void a_long_one_is_understood_and_can_be_cancelled(void **state)
{
    (void)state;
    char path[300];
    if (!sample_is_there("h264-aac-362s.mp4", path))
        return;
    world.cancel_at_permille = 160; /* behind the measuring of its sound */
    world_prepare(&world, path);
    world.cancel_at_permille = 0;
    check_not_ready(&world, MEDIA_CANCELLED, "Cancelled");
    assert_int_equal(world.probed, 2);
    assert_int_equal(world.result.report.duration_ms, 362767);
    assert_non_null(strstr(world.result.report.video.reason, "8.3 s apart"));
    assert_int_equal(world.result.report.audio.action, MEDIA_TRANSCODE);
}

static void the_first_picture_of_an_edit_list_is_not_lost(void **state)
{
    (void)state;
    char path[300], command[500], said[200], *words;
    size_t count;
    if (!sample_is_there("h264-editlist-bframes.mp4", path))
        return;
    world_prepare(&world, path);
    check_version(&world, 12500, 0);
    /* 13 pictures; ffmpeg's own edit list handling drops the first and shifts the rest by half a second. */
    (void)snprintf(command, sizeof command,
        "ffmpeg -v info -copyts -i %s/240p.cmaf -vf mpdecimate=hi=64:lo=32:frac=0.001,showinfo -f "
        "null -",
        world.version);
    if (world_run(&world, command) == 127) {
        print_message("skipped: there is no ffmpeg to look with\n");
        return;
    }
    world_path(&world, "said", said);
    world_read(said, &words, &count);
    assert_non_null(strstr(words, "pts_time:0 "));
    assert_non_null(strstr(words, "pts_time:0.5 "));
    assert_non_null(strstr(words, "pts_time:11.5 "));
    free(words);
}

static void a_picture_that_lies_on_its_side_is_set_upright(void **state)
{
    (void)state;
    char path[300];
    struct problem problem = { 0 };
    if (!sample_is_there("h264-aac-rot90.mp4", path))
        return;
    world_prepare(&world, path);
    struct media_version *version = media_version_open(world.version, &problem);
    assert_non_null(version);
    const struct segment_table *largest = media_version_rendition(version, 1);
    assert_string_equal(largest->name, "360p");
    assert_int_equal(largest->width, 288);
    assert_int_equal(largest->height, 352);
    media_version_release(version);
}

static int open_world(void **state)
{
    (void)state;
    world_open(&world);
    return 0;
}

static int close_world(void **state)
{
    (void)state;
    world_close(&world);
    return 0;
}

int main(int argc, char **argv)
{
    if (argc > 1 && strcmp(argv[1], "media-job") == 0)
        return media_job_child(argc, argv);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_sample_becomes_a_lecture_or_is_refused_in_words),
        cmocka_unit_test(a_long_one_is_understood_and_can_be_cancelled),
        cmocka_unit_test(the_first_picture_of_an_edit_list_is_not_lost),
        cmocka_unit_test(a_picture_that_lies_on_its_side_is_set_upright),
    };
    return cmocka_run_group_tests(tests, open_world, close_world);
}
