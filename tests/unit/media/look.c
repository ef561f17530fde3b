/* The look alone, at files made for the purpose: what is odd about each is told, with its figures, and nothing else. */
#include "job_world.h"

#include "media/probe.h"

#include <libavutil/log.h>

static struct job_world world;

#define PICTURE "-f lavfi -i testsrc=size=320x180:rate=10:duration=6 "
#define SOUND "-f lavfi -i sine=frequency=440:duration=6 "
#define H264 "-c:v libx264 -preset ultrafast -pix_fmt yuv420p -g 20 -sc_threshold 0 "
#define AAC "-c:a aac -b:a 48k "
#define PICTURE25 "-f lavfi -i testsrc=size=320x180:rate=25:duration=6 "
#define MPEG2 "-c:v mpeg2video -q:v 3 -bf 2 -c:a mp2 "
#define HEVC                                                                                       \
    "-c:v libx265 -preset ultrafast -x265-params log-level=none:keyint=20 -pix_fmt yuv420p "

/* false, with a word, where there is no ffmpeg. */
static bool make(const char *arguments, const char *name, char ret_path[200])
{
    char command[1200];
    world_path(&world, name, ret_path);
    (void)snprintf(command, sizeof command, "ffmpeg -v error -y %s%s", arguments, ret_path);
    int code = world_run(&world, command);
    if (code == 127)
        print_message("skipped: there is no ffmpeg to make %s\n", name);
    else if (code != 0)
        fail_msg("%s", command);
    return code == 0;
}

/* true: it would become a lecture. */
static bool look(const char *path, struct media_report *ret_report, struct finding *ret_refusal)
{
    struct media_probe probe;
    struct problem problem = { 0 };
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    assert_true(fd >= 0);
    bool good = media_probe_run(&probe, fd, &world.settings, NULL, &problem);
    *ret_report = probe.report;
    *ret_refusal = finding_of_problem(&problem);
    assert_int_equal(good, !problem_is_set(&problem));
    media_probe_release(&probe);
    (void)close(fd);
    return good;
}

static const struct finding *found(const struct media_report *report, enum finding_code code)
{
    for (int i = 0; i < report->finding_count; i++)
        if (report->findings[i].code == code)
            return &report->findings[i];
    return NULL;
}

static void tell_all(const struct media_report *report)
{
    for (int i = 0; i < report->finding_count; i++) {
        char words[2 * FINDING_SENTENCE_SIZE];
        finding_words(&report->findings[i], words, sizeof words);
        print_message("   %s: %s\n", finding_kinds[report->findings[i].code].code, words);
    }
}

enum { ANY = -1 };

static void what_is_odd_is_told_with_its_figures(void **state)
{
    (void)state;
    static const struct {
        const char *name, *arguments;
        enum finding_code codes[4];
        int64_t least, most; /* of the first finding's first figure; ANY: not looked at */
        const char *text;    /* of the first finding, or NULL */
    } cases[] = {
        { "plain.mp4", PICTURE SOUND H264 AAC, { FINDING_NONE }, ANY, ANY, NULL },
        { "plain.mkv", PICTURE SOUND H264 AAC, { FINDING_NONE }, ANY, ANY, NULL },
        { "plain.ts", PICTURE SOUND H264 AAC, { FINDING_NONE }, ANY, ANY, NULL },
        { "plain.flv", PICTURE SOUND H264 AAC "-ar 44100 ", { FINDING_NONE }, ANY, ANY, NULL },
        { "fragmented.mp4", PICTURE SOUND H264 AAC "-movflags frag_keyframe+empty_moov ",
            { FINDING_NONE }, ANY, ANY, NULL },
        { "silent.mp4", PICTURE H264, { FINDING_NO_SOUND }, ANY, ANY, NULL },
        { "voice.m4a", SOUND AAC, { FINDING_NO_PICTURE }, ANY, ANY, NULL },
        { "few-keys.mp4", PICTURE SOUND H264 "-g 1000 -vf setpts=2*PTS " AAC,
            { FINDING_KEY_FRAMES_FAR_APART, FINDING_SOUND_SHORT }, 11000, 12100, NULL },
        { "two-languages.mp4",
            PICTURE SOUND SOUND "-map 0 -map 1 -map 2 " H264 AAC
                                "-metadata:s:a:0 language=eng -metadata:s:a:1 language=jpn ",
            { FINDING_SEVERAL_SOUNDS }, 2, 2, "eng, jpn" },
        { "nameless-tracks.mp4", PICTURE SOUND SOUND "-map 0 -map 1 -map 2 " H264 AAC,
            { FINDING_SEVERAL_SOUNDS }, 2, 2, "und" },
        { "two-pictures.mkv", PICTURE PICTURE SOUND "-map 0 -map 1 -map 2 " H264 AAC,
            { FINDING_SEVERAL_PICTURES }, 2, 2, NULL },
        { "wide-pixels.mp4", PICTURE SOUND "-vf setsar=4/3 " H264 AAC,
            { FINDING_PIXELS_NOT_SQUARE }, 4, 4, NULL },
        { "fine-colours.mp4", PICTURE SOUND H264 "-pix_fmt yuv444p10le " AAC,
            { FINDING_DEEP_COLOUR, FINDING_FINE_CHROMA }, 10, 10, NULL },
        { "hdr.mp4", PICTURE SOUND H264 "-color_trc smpte2084 " AAC, { FINDING_HDR }, ANY, ANY,
            NULL },
        { "interlaced.mp4", PICTURE SOUND "-vf interlace " H264 "-flags +ilme+ildct " AAC,
            { FINDING_INTERLACED }, ANY, ANY, NULL },
        { "small.mp4", PICTURE SOUND "-vf scale=160:90 " H264 AAC, { FINDING_PICTURE_SMALL }, 160,
            160, NULL },
        { "odd-size.avi", PICTURE SOUND "-vf scale=321:181 -pix_fmt yuvj420p -c:v mjpeg -c:a mp3 ",
            { FINDING_PICTURE_ODD_SIZE }, 321, 321, NULL },
        { "late-sound.mp4", PICTURE "-itsoffset 2 " SOUND "-t 6 " H264 AAC, { FINDING_SOUND_LATE },
            1900, 2100, NULL },
        { "late-picture.mp4", "-itsoffset 2 " PICTURE SOUND "-t 6 -vsync 0 " H264 AAC,
            { FINDING_PICTURE_LATE }, 1900, 2100, NULL },
        { "early-end.mkv", PICTURE "-t 3 " SOUND H264 AAC, { FINDING_SOUND_SHORT }, 2900, 3100,
            NULL },
        { "surround.mp4", PICTURE SOUND H264 AAC "-ac 6 ", { FINDING_SOUND_CHANNELS }, 6, 6, NULL },
        { "uneven.mp4",
            PICTURE SOUND
            "-vf select='not(mod(n,7))+not(mod(n,11))+not(mod(n,3))' -vsync vfr " H264 AAC,
            { FINDING_FRAME_RATE_VARIES }, ANY, ANY, NULL },
        { "stands-still.mp4",
            PICTURE SOUND "-vf select='not(between(n,20,44))' -vsync vfr " H264 AAC,
            { FINDING_PICTURE_GAPS }, 1, 1, NULL },
        { "clock-wraps.ts", PICTURE SOUND H264 AAC "-output_ts_offset 95440.5 ",
            { FINDING_CLOCK_WRAPS }, ANY, ANY, NULL },
        { "uncompressed.mov", PICTURE SOUND H264 "-c:a pcm_s16le -ac 2 ",
            { FINDING_SOUND_BITS_HIGH }, 1400000, 1420000, NULL },
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        char path[200];
        struct media_report report;
        struct finding refusal;
        if (!make(cases[i].arguments, cases[i].name, path))
            return;
        print_message("%s\n", cases[i].name);
        if (!look(path, &report, &refusal))
            fail_msg("refused: %s", finding_kinds[refusal.code].code);
        tell_all(&report);
        int expected = 0;
        while (expected < 4 && cases[i].codes[expected] != FINDING_NONE)
            if (!found(&report, cases[i].codes[expected++]))
                fail_msg("not told: %s", finding_kinds[cases[i].codes[expected - 1]].code);
        assert_int_equal(report.finding_count, expected);
        const struct finding *first = found(&report, cases[i].codes[0]);
        if (first && cases[i].least != ANY)
            assert_in_range(first->numbers[0], cases[i].least, cases[i].most);
        if (first && cases[i].text)
            assert_string_equal(first->text, cases[i].text);
    }
}

/* To the picture: a sample table says where the last whole one lies. */
static void the_place_of_a_cut_is_told_to_the_second(void **state)
{
    (void)state;
    static const struct {
        const char *name, *arguments;
        int permille;
        enum finding_code refusal, finding; /* FINDING_NONE: not that */
        int64_t held_least_ms, held_most_ms;
    } cases[] = {
        { "whole.mp4", PICTURE SOUND H264 AAC "-movflags +faststart ", 1000, FINDING_NONE,
            FINDING_NONE, 0, 0 },
        { "half.mov", PICTURE SOUND H264 AAC "-movflags +faststart ", 500, FINDING_CUT_OFF,
            FINDING_NONE, 2000, 4000 },
        { "nearly.mov", PICTURE SOUND H264 AAC "-movflags +faststart ", 985, FINDING_NONE,
            FINDING_CUT_OFF_SALVAGED, 5600, 5990 },
        { "no-index.mov", PICTURE SOUND H264 AAC, 900, FINDING_INDEX_MISSING, FINDING_NONE, 0, 0 },
        { "half.mkv", PICTURE SOUND H264 AAC, 500, FINDING_CUT_OFF, FINDING_NONE, 2000, 4000 },
        { "nearly.mkv", PICTURE SOUND H264 AAC, 985, FINDING_NONE, FINDING_CUT_OFF_SALVAGED, 5500,
            6000 },
        { "half.avi", PICTURE SOUND "-c:v mpeg4 -c:a mp3 ", 500, FINDING_CUT_OFF, FINDING_NONE,
            2000, 4500 },
        { "half.flv", PICTURE SOUND H264 AAC "-ar 44100 ", 500, FINDING_CUT_OFF, FINDING_NONE, 2000,
            4000 },
        { "half.wav", SOUND, 500, FINDING_CUT_OFF, FINDING_NONE, 2900, 3100 },
        { "nearly.wav", SOUND, 985, FINDING_NONE, FINDING_CUT_OFF_SALVAGED, 5800, 5990 },
        { "half.aiff", SOUND, 500, FINDING_CUT_OFF, FINDING_NONE, 2900, 3100 },
        { "half.flac", SOUND, 500, FINDING_CUT_OFF, FINDING_NONE, 2000, 4000 },
        { "fragments.mp4", PICTURE SOUND H264 AAC "-movflags frag_keyframe+empty_moov ", 700,
            FINDING_NONE, FINDING_LAST_PART_MISSING, 2000, 5000 },
        { "indexed-fragments.mp4", PICTURE SOUND H264 AAC "-movflags dash+global_sidx ", 700,
            FINDING_CUT_OFF, FINDING_NONE, 2000, 5000 },
        { "within-a-picture.ts", PICTURE SOUND H264 AAC, 650, FINDING_NONE,
            FINDING_LAST_PICTURE_TORN, 3000, 4500 },
        { "within-a-key-picture.ts", PICTURE SOUND H264 AAC, 700, FINDING_NONE,
            FINDING_LAST_PICTURE_TORN, 3000, 4500 },
        { "whole.ts", PICTURE SOUND H264 AAC, 1000, FINDING_NONE, FINDING_NONE, 0, 0 },
        { "mpeg2.ts", PICTURE25 SOUND MPEG2, 650, FINDING_NONE, FINDING_LAST_PICTURE_TORN, 3000,
            4500 },
        { "mpeg2.mpg", PICTURE25 SOUND MPEG2, 650, FINDING_NONE, FINDING_LAST_PICTURE_TORN, 3000,
            4500 },
        { "mpeg2-whole.ts", PICTURE25 SOUND MPEG2, 1000, FINDING_NONE, FINDING_NONE, 0, 0 },
        { "mpeg2-whole.mpg", PICTURE25 SOUND MPEG2, 1000, FINDING_NONE, FINDING_NONE, 0, 0 },
        { "mpeg4.ts", PICTURE SOUND "-c:v mpeg4 -q:v 3 -bf 2 " AAC, 650, FINDING_NONE,
            FINDING_LAST_PICTURE_TORN, 3000, 4500 },
        { "mpeg4-whole.ts", PICTURE SOUND "-c:v mpeg4 -q:v 3 -bf 2 " AAC, 1000, FINDING_NONE,
            FINDING_NONE, 0, 0 },
        { "hevc-whole.ts", PICTURE SOUND HEVC AAC, 1000, FINDING_NONE, FINDING_NONE, 0, 0 },
        { "within-a-picture.avi", PICTURE "-c:v mpeg4 -q:v 3 ", 970, FINDING_NONE,
            FINDING_CUT_OFF_SALVAGED, 5500, 6000 },
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        char path[200];
        struct stat facts;
        struct media_report report;
        struct finding refusal;
        if (!make(cases[i].arguments, cases[i].name, path))
            return;
        assert_int_equal(stat(path, &facts), 0);
        assert_int_equal(truncate(path, facts.st_size * cases[i].permille / 1000), 0);
        bool good = look(path, &report, &refusal);
        print_message("%s: %s\n", cases[i].name, finding_kinds[refusal.code].code);
        tell_all(&report);
        assert_int_equal(good, cases[i].refusal == FINDING_NONE);
        assert_int_equal(refusal.code, cases[i].refusal);
        const struct finding *told = good ? found(&report, cases[i].finding) : &refusal;
        if (cases[i].finding != FINDING_NONE)
            assert_non_null(told);
        assert_int_equal(good && found(&report, FINDING_LAST_PICTURE_TORN),
            cases[i].finding == FINDING_LAST_PICTURE_TORN);
        /* A picture that is left out is no damage to be looked at. */
        if (report.video.codec[0] != '\0')
            assert_null(found(&report, FINDING_DAMAGED_PACKETS));
        if (cases[i].held_most_ms > 0)
            assert_in_range(told->numbers[0], cases[i].held_least_ms, cases[i].held_most_ms);
    }
}

static void nothing_cut_off_is_taken_where_the_setting_says_so(void **state)
{
    (void)state;
    char path[200];
    struct stat facts;
    struct media_report report;
    struct finding refusal;
    if (!make(PICTURE SOUND H264 AAC "-movflags +faststart ", "last-picture.mp4", path))
        return;
    assert_int_equal(stat(path, &facts), 0);
    assert_int_equal(truncate(path, facts.st_size - 2000), 0);
    world.settings.media_missing_percent_max = 0;
    assert_false(look(path, &report, &refusal));
    world.settings.media_missing_percent_max = 5;
    assert_int_equal(refusal.code, FINDING_CUT_OFF);
    assert_true(look(path, &report, &refusal));
}

#define ONE_A_SECOND "-f lavfi -i color=size=64x36:rate=1:duration="

/* Each is asked twice: with the least that the file needs, and with one less. */
static void no_file_claims_more_than_the_limits_allow(void **state)
{
    (void)state;
    struct settings *limits = &world.settings;
    const struct {
        const char *name, *arguments;
        int64_t *limit, enough;
        enum finding_code code;
        int64_t told; /* one of the refusal's figures */
    } cases[] = {
        { "streams.mp4", PICTURE SOUND SOUND "-map 0 -map 1 -map 2 " H264 AAC,
            &limits->media_streams_max, 3, FINDING_STREAMS_TOO_MANY, 2 },
        { "streams.mkv", PICTURE SOUND SOUND "-map 0 -map 1 -map 2 " H264 AAC,
            &limits->media_streams_max, 3, FINDING_STREAMS_TOO_MANY, 2 },
        { "streams.ts", PICTURE SOUND SOUND "-map 0 -map 1 -map 2 " H264 AAC,
            &limits->media_streams_max, 3, FINDING_STREAMS_TOO_MANY, 2 },
        { "wide.mp4", PICTURE H264, &limits->media_side_pixels_max, 320, FINDING_PICTURE_TOO_LARGE,
            320 },
        { "high.mkv", PICTURE H264 "-vf scale=90:160 ", &limits->media_side_pixels_max, 160,
            FINDING_PICTURE_TOO_LARGE, 160 },
        { "wide.avi", PICTURE "-c:v mpeg4 ", &limits->media_side_pixels_max, 320,
            FINDING_PICTURE_TOO_LARGE, 320 },
        { "samples.mp4", PICTURE H264, &limits->media_samples_max, 60, FINDING_CLAIMS_PICTURES,
            60 },
        { "samples.mkv", PICTURE H264, &limits->media_samples_max, 60, FINDING_SAMPLES_TOO_MANY,
            59 },
        { "long.mp4", ONE_A_SECOND "7200 " H264, &limits->media_duration_hours_max, 2,
            FINDING_TOO_LONG, 1 },
        { "long.mkv", ONE_A_SECOND "7200 " H264, &limits->media_duration_hours_max, 2,
            FINDING_TOO_LONG, 1 },
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        char path[200];
        struct media_report report;
        struct finding refusal;
        if (!make(cases[i].arguments, cases[i].name, path))
            return;
        int64_t usual = *cases[i].limit;
        *cases[i].limit = cases[i].enough;
        if (!look(path, &report, &refusal))
            fail_msg("%s is within its limit: %s", cases[i].name, finding_kinds[refusal.code].code);
        *cases[i].limit = cases[i].enough - 1;
        if (look(path, &report, &refusal) || refusal.code != cases[i].code)
            fail_msg("%s: %s", cases[i].name, finding_kinds[refusal.code].code);
        *cases[i].limit = usual;
        if (refusal.numbers[0] != cases[i].told && refusal.numbers[1] != cases[i].told)
            fail_msg("%s: %lld, %lld", cases[i].name, (long long)refusal.numbers[0],
                (long long)refusal.numbers[1]);
    }
}

static int open_world(void **state)
{
    (void)state;
    av_log_set_level(AV_LOG_QUIET);
    world_open(&world);
    return 0;
}

static int close_world(void **state)
{
    (void)state;
    world_close(&world);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_odd_is_told_with_its_figures),
        cmocka_unit_test(the_place_of_a_cut_is_told_to_the_second),
        cmocka_unit_test(nothing_cut_off_is_taken_where_the_setting_says_so),
        cmocka_unit_test(no_file_claims_more_than_the_limits_allow),
    };
    return cmocka_run_group_tests(tests, open_world, close_world);
}
