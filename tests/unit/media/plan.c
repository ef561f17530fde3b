#include "media/planning.h"

#include "../unit.h"

#include <libavcodec/avcodec.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static struct settings settings;
static int64_t keys[100];
static const struct media_trim all;

/* A picture track that may be copied: a minute, a key picture every two seconds. */
static struct track good_video(void)
{
    struct track track = { .stream = 0,
        .time_base = { 1, 1000 },
        .packet_count = 1500,
        .end_us = 60000000,
        .edit_end_us = INT64_MAX,
        .jump_back_us = -1,
        .h264_known = true,
        .h264
        = { .profile = 77, .level = 40, .chroma_format = 1, .bit_depth = 8, .frames_only = true },
        .starts_with_key = true,
        .key_pts = keys,
        .key_count = 30,
        .key_gap_us = 2000000 };
    for (size_t i = 0; i < 30; i++)
        keys[i] = (int64_t)i * 2000;
    return track;
}

static struct track good_audio(void)
{
    return (struct track){ .stream = 1,
        .time_base = { 1, 48000 },
        .packet_count = 2812,
        .end_us = 60000000,
        .edit_end_us = INT64_MAX,
        .jump_back_us = -1 };
}

/* One change each, and a word of the reason that must follow. */
static const char *change_video(
    int number, struct track *track, AVCodecParameters *codec, struct media_report *report)
{
    switch (number) {
    case 0:
        codec->codec_id = AV_CODEC_ID_HEVC;
        (void)snprintf(report->video.codec, sizeof report->video.codec, "hevc");
        return "HEVC (H.265)";
    case 1:
        track->h264.bit_depth = 10;
        return "10 bits";
    case 2:
        track->h264.chroma_format = 3;
        return "colours";
    case 3:
        track->h264.profile = 110;
        return "profile 110";
    case 4:
        track->h264.level = 51;
        return "level 5.1";
    case 5:
        track->h264.frames_only = false;
        return "interlaced";
    case 6:
        report->video.rotation_degrees = 180;
        return "turned by 180";
    case 7:
        track->key_gap_us = 6001000;
        return "6.0 s apart";
    case 8:
        track->times_disordered = true;
        return "out of order";
    case 9:
        track->times_missing = true;
        return "missing";
    case 10:
        track->parameters_change = true;
        return "changes in the middle";
    case 11:
        report->video.bits_per_second = 4000001;
        return "4000 kbit/s";
    case 12:
        track->h264_known = false;
        return "cannot be read";
    case 13:
        track->starts_with_key = false;
        return "begin with a whole picture";
    case 14:
        track->start_us = -2000000;
        return "trimmed";
    case 15:
        track->trimmed_us = 1000000;
        return "trimmed";
    case 16:
        track->start_us = 600000;
        return "after the sound";
    case 17:
        track->end_us = 50000000;
        return "before the sound";
    case 18:
        track->damaged_count = 1;
        return "damaged";
    default:
        return NULL;
    }
}

static void a_picture_is_copied_only_by_all_rules(void **state)
{
    (void)state;
    const char *word = "";
    for (int number = -1; word; number++) {
        struct track video = good_video(), audio = good_audio();
        struct media_plan plan;
        struct media_report report = { .video = { .codec = "h264", .bits_per_second = 500000 } };
        AVCodecParameters codec = { .codec_id = AV_CODEC_ID_H264, .field_order = AV_FIELD_UNKNOWN };
        if (number >= 0)
            word = change_video(number, &video, &codec, &report);
        plan_times(&plan, &video, &audio, &all);
        plan_video(&plan, &video, &codec, &settings, false, false, &report);
        bool copied = number < 0 || !word;
        if ((report.video.action == MEDIA_COPY) != copied
            || (word && !strstr(report.video.reason, word)))
            fail_msg("case %d: '%s'", number, report.video.reason);
    }
}

static void progressive_pictures_in_an_interlaced_frame_are_copied(void **state)
{
    (void)state;
    struct track video = good_video(), audio = good_audio();
    struct media_plan plan;
    struct media_report report = { .video = { .codec = "h264" } };
    AVCodecParameters codec = { .codec_id = AV_CODEC_ID_H264, .field_order = AV_FIELD_PROGRESSIVE };
    video.h264.frames_only = false;
    plan_times(&plan, &video, &audio, &all);
    plan_video(&plan, &video, &codec, &settings, false, false, &report);
    assert_int_equal(report.video.action, MEDIA_COPY);
}

static void sound_is_copied_only_as_plain_aac(void **state)
{
    (void)state;
    static uint8_t lc[2] = { 0x11, 0x90 }, he[2] = { 0x2b, 0x11 };
    static const struct {
        const char *word; /* "": copied */
        enum AVCodecID codec;
        uint8_t *config;
        int channels;
        int64_t seam_count, start_us;
        bool disordered, edited;
    } cases[] = {
        { "", AV_CODEC_ID_AAC, lc, 2, 0, 0, false, false },
        { "", AV_CODEC_ID_AAC, NULL, 1, 2, 400000, false, false },
        { "MP3", AV_CODEC_ID_MP3, NULL, 2, 0, 0, false, false },
        { "kind of AAC", AV_CODEC_ID_AAC, he, 2, 0, 0, false, false },
        { "6 channels", AV_CODEC_ID_AAC, lc, 6, 0, 0, false, false },
        { "gaps", AV_CODEC_ID_AAC, lc, 2, 4, 0, false, false },
        { "out of order", AV_CODEC_ID_AAC, lc, 2, 0, 0, true, false },
        { "after the picture", AV_CODEC_ID_AAC, lc, 2, 0, 501000, false, false },
        { "trimmed", AV_CODEC_ID_AAC, lc, 2, 0, 0, false, true },
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct track video = good_video(), audio = good_audio();
        struct media_plan plan;
        struct media_report report = { .audio = { .channels = cases[i].channels } };
        AVCodecParameters codec = { .codec_id = cases[i].codec,
            .extradata = cases[i].config,
            .extradata_size = cases[i].config ? 2 : 0,
            .profile = FF_PROFILE_AAC_LOW };
        (void)snprintf(report.audio.codec, sizeof report.audio.codec, "%s",
            cases[i].codec == AV_CODEC_ID_AAC ? "aac" : "mp3");
        audio.seam_count = cases[i].seam_count;
        audio.start_us = cases[i].start_us;
        audio.times_disordered = cases[i].disordered;
        plan_times(&plan, &video, &audio, &all);
        plan_audio(&plan, &audio, &codec, cases[i].edited, &report);
        bool copied = cases[i].word[0] == '\0';
        if ((report.audio.action == MEDIA_COPY) != copied
            || !strstr(report.audio.reason, cases[i].word))
            fail_msg("case %zu: '%s'", i, report.audio.reason);
    }
}

static void the_lecture_begins_with_its_first_track(void **state)
{
    (void)state;
    static const struct {
        const char *story;
        int64_t video[2], audio[2]; /* start and end in ms; end 0: no such track */
        int64_t origin_ms, duration_ms;
        bool clock_is_free;
    } cases[] = {
        { "together", { 0, 10000 }, { 0, 10000 }, 0, 10000, false },
        { "priming", { 0, 10000 }, { -21, 9990 }, 0, 10000, false },
        { "a stream that starts at ten", { 10000, 20000 }, { 9881, 19700 }, 9881, 10119, false },
        { "late sound", { 0, 10000 }, { 2000, 12000 }, 0, 12000, false },
        { "picture alone", { 1400, 11400 }, { 0, 0 }, 1400, 10000, false },
        { "sound alone", { 0, 0 }, { 25, 3025 }, 25, 3000, false },
        { "all before the beginning", { -5000, -1000 }, { 0, 0 }, 0, 0, false },
        { "a broadcast whose clock wraps", { -1600, 4400 }, { -1640, 4380 }, -1640, 6040, true },
        { "nothing", { 0, 0 }, { 0, 0 }, 0, 0, false },
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct track video = good_video(), audio = good_audio();
        struct media_plan plan;
        video.start_us = cases[i].video[0] * 1000, video.end_us = cases[i].video[1] * 1000;
        audio.start_us = cases[i].audio[0] * 1000, audio.end_us = cases[i].audio[1] * 1000;
        video.clock_is_free = audio.clock_is_free = cases[i].clock_is_free;
        video.stream = video.end_us == 0 ? -1 : 0;
        audio.stream = audio.end_us == 0 ? -1 : 1;
        plan_times(&plan, &video, &audio, &all);
        if (plan.origin_us != cases[i].origin_ms * 1000
            || plan.duration_us != cases[i].duration_ms * 1000)
            fail_msg("%s: %lld, %lld", cases[i].story, (long long)plan.origin_us,
                (long long)plan.duration_us);
    }
}

static void cuts_are_at_key_pictures_and_leave_no_crumbs(void **state)
{
    (void)state;
    static const struct {
        const char *story;
        int64_t duration_ms, keys_ms[12];
        size_t key_count; /* 0: not copied */
        const char *cuts;
    } cases[] = {
        { "every two seconds", 10000, { 0, 2000, 4000, 6000, 8000 }, 5, "4000 8000 " },
        { "every three", 12000, { 0, 3000, 6000, 9000 }, 4, "6000 9000 " },
        { "every five", 20000, { 0, 5000, 10000, 15000 }, 4, "5000 10000 15000 " },
        { "uneven", 14000, { 0, 3900, 4100, 7900, 8000, 12500 }, 6, "4100 8000 12500 " },
        { "a short tail", 8400, { 0, 4000, 8000 }, 3, "4000 " },
        { "half a second is no crumb", 8500, { 0, 4000, 8000 }, 3, "4000 8000 " },
        { "encoded", 10000, { 0 }, 0, "4000 8000 " },
        { "encoded, a short tail", 8499, { 0 }, 0, "4000 " },
        { "shorter than a segment", 3000, { 0 }, 0, "" },
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct track video = good_video(), audio = good_audio();
        struct media_plan plan;
        char cuts[200] = "";
        size_t length = 0;
        video.end_us = cases[i].duration_ms * 1000;
        audio.stream = -1;
        video.key_count = cases[i].key_count;
        memcpy(keys, cases[i].keys_ms, sizeof cases[i].keys_ms);
        plan_times(&plan, &video, &audio, &all);
        plan_cuts(&plan, cases[i].key_count > 0 ? &video : NULL, 4000);
        for (size_t k = 0; k < plan.cut_count; k++)
            length += (size_t)snprintf(
                cuts + length, sizeof cuts - length, "%lld ", (long long)plan.cuts_us[k] / 1000);
        if (strcmp(cuts, cases[i].cuts) != 0)
            fail_msg("%s: %s", cases[i].story, cuts);
        plan_release(&plan);
    }
}

static int load_settings(void **state)
{
    (void)state;
    settings_init(&settings);
    return 0;
}

static int drop_settings(void **state)
{
    (void)state;
    settings_release(&settings);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_picture_is_copied_only_by_all_rules),
        cmocka_unit_test(progressive_pictures_in_an_interlaced_frame_are_copied),
        cmocka_unit_test(sound_is_copied_only_as_plain_aac),
        cmocka_unit_test(the_lecture_begins_with_its_first_track),
        cmocka_unit_test(cuts_are_at_key_pictures_and_leave_no_crumbs),
    };
    return cmocka_run_group_tests(tests, load_settings, drop_settings);
}
