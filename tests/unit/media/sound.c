/* How loud sound is, and what follows from that. */
#include "recording.h"

#include "media/sound_name.h"
#include "media/sound_rung.h"

static struct loudness measure(const struct recording *recording)
{
    int fd = make_wav(recording);
    struct loudness loudness = measure_file(fd, llround(recording->seconds * 1e6));
    (void)close(fd);
    return loudness;
}

static void tones_are_as_loud_as_the_standard_says(void **state)
{
    (void)state;
    /* ITU-R BS.1770-4: 997 Hz at 0 dB of full scale in one front channel is -3.01. */
    static const struct {
        const char *story;
        struct recording recording;
        int expected_centi, peak_centi;
    } cases[] = {
        { "one channel", { 48000, 1, 5, { { .amplitude = 0.1 } } }, -2301, -2000 },
        { "two that are alike", { 48000, 2, 5, { { .amplitude = 0.1 }, { .amplitude = 0.1 } } },
            -2000, -2000 },
        { "a telephone", { 8000, 1, 5, { { .amplitude = 0.5 } } }, -903, -602 },
        { "a studio", { 96000, 2, 5, { { .amplitude = 0.5 }, { .amplitude = 0.5 } } }, -602, -602 },
        { "a pause counts for nothing", { 44100, 1, 20, { { .amplitude = 0.1, .to_s = 5 } } },
            -2301, -2000 },
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct loudness loudness = measure(&cases[i].recording);
        if (!loudness.heard || abs(loudness.stereo_centi - cases[i].expected_centi) > 20
            || abs(loudness.peak_centi - cases[i].peak_centi) > 30)
            fail_msg("%s: %d, peak %d", cases[i].story, loudness.stereo_centi, loudness.peak_centi);
    }
}

static void channels_are_told_apart(void **state)
{
    (void)state;
    static const struct {
        const char *story;
        struct recording recording;
        enum sound_mix mix;
        int mono_centi;
    } cases[] = {
        { "one", { 48000, 1, 3, { { .amplitude = 0.1 } } }, SOUND_ONE, -2301 },
        { "alike", { 48000, 2, 3, { { .amplitude = 0.1 }, { .amplitude = 0.1 } } }, SOUND_ALIKE,
            -2301 },
        { "a balance that is off", { 48000, 2, 3, { { .amplitude = 0.1 }, { .amplitude = 0.09 } } },
            SOUND_ALIKE, -2345 },
        { "two that differ",
            { 48000, 2, 3, { { .amplitude = 0.1 }, { .amplitude = 0.1, .frequency = 1400 } } },
            SOUND_STEREO, 0 },
        { "a microphone in the left only", { 48000, 2, 3, { { .amplitude = 0.1 } } }, SOUND_LEFT,
            -2301 },
        { "with hum in the dead one",
            { 48000, 2, 3, { { .amplitude = 0.0005, .frequency = 50 }, { .amplitude = 0.1 } } },
            SOUND_RIGHT, -2301 },
        { "a cable the wrong way round",
            { 48000, 2, 3, { { .amplitude = 0.1 }, { .amplitude = -0.1 } } }, SOUND_OPPOSED,
            -2301 },
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct loudness loudness = measure(&cases[i].recording);
        if (loudness.mix != cases[i].mix
            || (cases[i].mono_centi != 0 && abs(loudness.mono_centi - cases[i].mono_centi) > 20))
            fail_msg("%s: %d, %d", cases[i].story, (int)loudness.mix, loudness.mono_centi);
    }
}

static void the_end_of_the_sound_is_found(void **state)
{
    (void)state;
    static const struct {
        const char *story;
        struct recording recording;
        int64_t end_ms;
    } cases[] = {
        { "to the end", { 48000, 1, 6, { { .amplitude = 0.1 } } }, 6000 },
        { "then nothing", { 48000, 1, 9, { { .amplitude = 0.1, .to_s = 5 } } }, 5000 },
        { "then the hum of the room",
            { 48000, 2, 9,
                { { .amplitude = 0.1, .to_s = 5 }, { .amplitude = 0.001, .from_s = 5 } } },
            5000 },
        { "quiet, but no less to be heard", { 48000, 1, 9, { { .amplitude = 0.003, .to_s = 5 } } },
            5000 },
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct loudness loudness = measure(&cases[i].recording);
        if (llabs(loudness.end_us / 1000 - cases[i].end_ms) > 150)
            fail_msg("%s: %lld ms", cases[i].story, (long long)loudness.end_us / 1000);
    }
}

static void silence_is_left_alone(void **state)
{
    (void)state;
    static const struct recording recordings[] = {
        { 48000, 2, 3, { { .amplitude = 0 } } },
        { 48000, 1, 3, { { .amplitude = 0.0001 } } },
    };
    for (size_t i = 0; i < COUNT_OF(recordings); i++) {
        struct sound_rung rungs[SOUND_RUNGS_MAX];
        struct loudness loudness = measure(&recordings[i]);
        assert_false(loudness.heard);
        assert_int_equal(loudness.end_us, 0);
        assert_int_equal(sound_rungs_choose(&loudness, 48000, 0, 3000, rungs), 1);
        assert_int_equal(rungs[0].gain_centi, 0);
        assert_false(rungs[0].limited);
    }
}

/* --- rungs -------------------------------------------------------------------------------------- */

static void rungs_suit_the_track(void **state)
{
    (void)state;
    static const struct {
        const char *story;
        enum sound_mix mix;
        int rate;
        int64_t bits;
        size_t count;
        int high_rate, high_channels;
        int64_t high_bits;
    } cases[] = {
        { "a telephone", SOUND_ONE, 8000, 128000, 1, 0, 0, 0 },
        { "a voice memo", SOUND_ONE, 48000, 32000, 1, 0, 0, 0 },
        { "half of a CD", SOUND_ONE, 22050, 0, 1, 0, 0, 0 },
        { "a phone", SOUND_ALIKE, 48000, 128000, 2, 48000, 1, 64000 },
        { "a CD", SOUND_STEREO, 44100, 1411200, 2, 44100, 2, 96000 },
        { "an old recorder", SOUND_ONE, 32000, 0, 2, 32000, 1, 48000 },
        { "a studio", SOUND_STEREO, 96000, 0, 2, 48000, 2, 96000 },
        { "a studio of another kind", SOUND_LEFT, 88200, 0, 2, 44100, 1, 64000 },
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct loudness loudness
            = { .heard = true, .mix = cases[i].mix, .stereo_centi = -2000, .mono_centi = -2300 };
        struct sound_rung rungs[SOUND_RUNGS_MAX] = { 0 };
        size_t count = sound_rungs_choose(&loudness, cases[i].rate, cases[i].bits, 3000, rungs);
        if (count != cases[i].count || rungs[0].sample_rate != 24000 || rungs[0].channels != 1
            || rungs[0].bits_per_second != 32000 || rungs[0].gain_centi != 700
            || rungs[1].sample_rate != cases[i].high_rate
            || rungs[1].channels != cases[i].high_channels
            || rungs[1].bits_per_second != cases[i].high_bits)
            fail_msg("%s: %zu rungs, %d", cases[i].story, count, rungs[1].sample_rate);
    }
}

static void renditions_are_named_after_group_and_language(void **state)
{
    (void)state;
    static const struct {
        const char *group, *language;
        int revision;
        const char *expected;
    } cases[] = {
        { "low", "", 1, "audio-low" },
        { "high", "vi", 1, "audio-high-vi" },
        { "low", "zh-Hant", 2, "audio-low-zh-hant-2" },
        { "high", "zh-Hant-T", 99, "audio-high-zh-hant-t-99" },
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        char name[RENDITION_NAME_SIZE];
        sound_rendition_name(cases[i].group, cases[i].language, cases[i].revision, name);
        assert_string_equal(name, cases[i].expected);
    }
}

static void gains_are_bounded(void **state)
{
    (void)state;
    assert_int_equal(loudness_gain_centi(-2350, true, 3000), 750);
    assert_int_equal(loudness_gain_centi(-900, true, 3000), -700);
    assert_int_equal(loudness_gain_centi(-6000, true, 3000), 3000);
    assert_int_equal(loudness_gain_centi(-7500, false, 3000), 0);
    assert_int_equal(loudness_limiting_centi(-1000, 500), 0);
    assert_int_equal(loudness_limiting_centi(-300, 750), 600);
    /* Nine tenths of it is quiet, and the tenth that is loud is taken down by 10 dB. */
    const struct loudness loud = { .energy_by_peak = { [0] = 1, [20] = 9 } };
    assert_int_equal(loudness_lost_centi(&loud, -150), 0);
    assert_int_equal(loudness_lost_centi(&loud, 850), 41);
    assert_true(loudness_is_near(-1800) && loudness_is_near(-1400));
    assert_false(loudness_is_near(-1801) || loudness_is_near(-1399));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(tones_are_as_loud_as_the_standard_says),
        cmocka_unit_test(channels_are_told_apart),
        cmocka_unit_test(the_end_of_the_sound_is_found),
        cmocka_unit_test(silence_is_left_alone),
        cmocka_unit_test(rungs_suit_the_track),
        cmocka_unit_test(renditions_are_named_after_group_and_language),
        cmocka_unit_test(gains_are_bounded),
    };
    return cmocka_run_group_tests(tests, begin, end);
}
