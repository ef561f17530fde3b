/* Sound from one end to the other: made here, measured, encoded, decoded again and measured again. */
#include "../unit.h"

#include "base/memory.h"
#include "media/decoded_sound.h"
#include "media/encoded_sound.h"
#include "media/loudness.h"
#include "media/sound_rung.h"

#include <libavfilter/buffersink.h>
#include <libavfilter/buffersrc.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

static struct settings settings;

static int begin(void **state)
{
    (void)state;
    settings_init(&settings);
    av_log_set_level(AV_LOG_QUIET);
    return 0;
}

static int end(void **state)
{
    (void)state;
    settings_release(&settings);
    return 0;
}

/* --- sound made here ---------------------------------------------------------------------------- */

/* What a channel holds at a moment: a tone of 997 Hz, between two moments. */
struct tone {
    double amplitude, from_s, to_s;
    double frequency;
};

struct recording {
    int rate, channels;
    double seconds;
    struct tone tones[8]; /* of each channel */
};

static void put_u32(uint8_t *at, uint32_t value)
{
    for (int i = 0; i < 4; i++)
        at[i] = (uint8_t)(value >> (8 * i));
}

/* WAVE_FORMAT_PCM of 16 bits, with the header of 44 bytes that everybody writes. */
static int make_wav(const struct recording *recording)
{
    size_t samples = (size_t)lround(recording->seconds * recording->rate);
    size_t bytes = samples * (size_t)recording->channels * 2;
    uint8_t header[44] = "RIFF....WAVEfmt ";
    put_u32(header + 4, (uint32_t)(bytes + 36));
    put_u32(header + 16, 16);
    put_u32(header + 20, 1 | (uint32_t)recording->channels << 16);
    put_u32(header + 24, (uint32_t)recording->rate);
    put_u32(header + 28, (uint32_t)(recording->rate * recording->channels * 2));
    put_u32(header + 32, (uint32_t)(recording->channels * 2) | 16 << 16);
    memcpy(header + 36, "data", 4);
    put_u32(header + 40, (uint32_t)bytes);
    int16_t *data = memory_zeroed(samples * (size_t)recording->channels, sizeof *data);
    for (size_t i = 0; i < samples; i++)
        for (int c = 0; c < recording->channels; c++) {
            const struct tone *tone = &recording->tones[c];
            double at = (double)i / recording->rate;
            double frequency = tone->frequency > 0 ? tone->frequency : 997;
            if (at >= tone->from_s && (tone->to_s <= 0 || at < tone->to_s))
                data[i * (size_t)recording->channels + (size_t)c] = (int16_t)lround(
                    32767 * tone->amplitude * sin(2 * 3.14159265358979 * frequency * at));
        }
    int fd = memfd_create("wav", MFD_CLOEXEC);
    assert_true(fd >= 0);
    assert_int_equal(write(fd, header, 44), 44);
    assert_int_equal(write(fd, data, bytes), bytes);
    free(data);
    return fd;
}

static struct loudness measure(const struct recording *recording)
{
    struct media_source source = { 0 };
    struct loudness loudness;
    struct problem problem = { 0 };
    int fd = make_wav(recording);
    if (!media_source_open(&source, fd, &settings, &problem)
        || !loudness_measure(
            &source, 0, 0, llround(recording->seconds * 1e6), NULL, &loudness, &problem))
        fail_msg("%s", problem.detail);
    media_source_close(&source);
    (void)close(fd);
    return loudness;
}

/* --- measuring ---------------------------------------------------------------------------------- */

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
    assert_true(loudness_is_near(-1800) && loudness_is_near(-1400));
    assert_false(loudness_is_near(-1801) || loudness_is_near(-1399));
}

/* --- encoding ----------------------------------------------------------------------------------- */

struct heard {
    float *samples; /* of the first channel */
    size_t count;
    int rate;
    double peak;
};

static bool hear(void *data, const AVFrame *frame, struct problem *problem)
{
    (void)problem;
    struct heard *heard = data;
    size_t more = (size_t)frame->nb_samples;
    heard->samples = memory_resized(heard->samples, heard->count + more, sizeof(float));
    memcpy(heard->samples + heard->count, frame->extended_data[0], more * sizeof(float));
    heard->count += more;
    heard->rate = frame->sample_rate;
    return true;
}

/* The packed file decoded, as the clock in it says. */
static struct heard decode_packed(int fd, int64_t duration_us)
{
    struct media_source source = { 0 };
    struct decoded_sound sound;
    struct heard heard = { 0 };
    struct problem problem = { 0 };
    AVPacket *packet = av_packet_alloc();
    assert_true(media_source_open(&source, fd, &settings, &problem));
    media_source_select(&source, -1, 0);
    assert_true(decoded_sound_open(
        &sound, source.format->streams[0], 0, duration_us, hear, &heard, &problem));
    while (media_source_read(&source, packet, &problem) == 1) {
        assert_true(decoded_sound_put(&sound, packet, &problem));
        av_packet_unref(packet);
    }
    assert_true(decoded_sound_finish(&sound, &problem));
    decoded_sound_close(&sound);
    media_source_close(&source);
    av_packet_free(&packet);
    return heard;
}

/* Where it first comes up to half of its highest. */
static double onset_s(const struct heard *heard)
{
    float most = 0;
    size_t at = 0;
    for (size_t i = 0; i < heard->count; i++)
        most = fmaxf(most, fabsf(heard->samples[i]));
    while (at < heard->count && fabsf(heard->samples[at]) < most / 2)
        at++;
    return (double)at / heard->rate;
}

struct encoded {
    int fds[SOUND_RUNGS_MAX];
    size_t count;
    struct sound_rung rungs[SOUND_RUNGS_MAX];
    int64_t ticks[SOUND_RUNGS_MAX]; /* that all segments take */
};

/* The lecture begins at origin_us of the recording, and is so long. */
static struct encoded encode_all(
    const struct recording *recording, int64_t origin_us, int64_t duration_us)
{
    struct encoded encoded = { 0 };
    struct media_source source = { 0 };
    struct loudness loudness;
    struct problem problem = { 0 };
    static const int64_t cuts_us[] = { 2000000, 4000000 };
    struct sound_place place = {
        .origin_us = origin_us,
        .duration_us = duration_us,
        .cuts = { .end_us = duration_us, .cuts_us = cuts_us, .cut_count = 2 },
        .language = "",
        .revision = 1,
    };
    int fd = make_wav(recording);
    AVPacket *packet = av_packet_alloc();
    assert_true(media_source_open(&source, fd, &settings, &problem));
    assert_true(loudness_measure(&source, 0, origin_us, duration_us, NULL, &loudness, &problem));
    encoded.count = sound_rungs_choose(&loudness, recording->rate, 0, 3000, encoded.rungs);
    for (size_t i = 0; i < encoded.count; i++)
        encoded.fds[i] = memfd_create("packed", MFD_CLOEXEC);
    assert_true(media_source_rewind(&source, &problem));
    struct encoded_sound *sound = encoded_sound_open(
        source.format->streams[0], &place, encoded.rungs, encoded.fds, encoded.count, &problem);
    assert_non_null(sound);
    while (media_source_read(&source, packet, &problem) == 1) {
        assert_true(encoded_sound_put(sound, packet, &problem));
        av_packet_unref(packet);
    }
    assert_true(encoded_sound_finish(sound, &problem));
    for (size_t i = 0; i < encoded.count; i++) {
        const struct segment_table *table = &encoded_sound_writer(sound, i)->table;
        for (size_t k = 0; k < table->count; k++)
            encoded.ticks[i] += table->segments[k].duration_ticks;
    }
    encoded_sound_close(sound);
    av_packet_free(&packet);
    media_source_close(&source);
    (void)close(fd);
    return encoded;
}

static struct loudness measure_packed(int fd, int64_t duration_us)
{
    struct media_source source = { 0 };
    struct loudness loudness;
    struct problem problem = { 0 };
    assert_true(media_source_open(&source, fd, &settings, &problem));
    if (!loudness_measure(&source, 0, 0, duration_us, NULL, &loudness, &problem))
        fail_msg("%s", problem.detail);
    media_source_close(&source);
    return loudness;
}

static void every_rung_is_as_loud_as_it_should_be(void **state)
{
    (void)state;
    static const struct {
        const char *story;
        struct recording recording;
    } cases[] = {
        { "quiet", { 48000, 1, 6, { { .amplitude = 0.02 } } } },
        { "loud", { 44100, 2, 6, { { .amplitude = 0.9 }, { .amplitude = 0.9 } } } },
        { "two that differ",
            { 48000, 2, 6, { { .amplitude = 0.05 }, { .amplitude = 0.03, .frequency = 700 } } } },
        { "one dead", { 32000, 2, 6, { { .amplitude = 0 }, { .amplitude = 0.05 } } } },
        { "opposed", { 96000, 2, 6, { { .amplitude = 0.05 }, { .amplitude = -0.05 } } } },
        { "six channels, speech in the centre", { 48000, 6, 6, { [2] = { .amplitude = 0.05 } } } },
        { "a telephone", { 11025, 1, 6, { { .amplitude = 0.02 } } } },
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct encoded encoded = encode_all(&cases[i].recording, 0, 6000000);
        for (size_t k = 0; k < encoded.count; k++) {
            struct loudness loudness = measure_packed(encoded.fds[k], 6000000);
            if (abs(loudness.stereo_centi + 1600) > 50)
                fail_msg(
                    "%s, %s: %d", cases[i].story, encoded.rungs[k].group, loudness.stereo_centi);
            (void)close(encoded.fds[k]);
        }
    }
}

/* What goes into the encoder, which rounds peaks as it likes. */
static int peak_of_chain_centi(const struct sound_rung *rung, double amplitude)
{
    char chain[SOUND_CHAIN_SIZE], measured[SOUND_CHAIN_SIZE + 60];
    AVFilterGraph *graph = NULL;
    AVFilterContext *source, *sink;
    AVFrame *frame = av_frame_alloc(), *out = av_frame_alloc();
    double peak = 0;
    frame->format = AV_SAMPLE_FMT_FLTP;
    frame->sample_rate = 48000;
    frame->nb_samples = 48000;
    av_channel_layout_default(&frame->ch_layout, 1);
    assert_int_equal(av_frame_get_buffer(frame, 0), 0);
    float *samples = (float *)frame->extended_data[0];
    /* A quarter of the rate, an eighth of a turn late: no sample is near the peaks (BS.1770-4 annex 2). */
    for (int i = 0; i < 48000; i++)
        samples[i] = (float)(amplitude * sin(3.14159265358979 * (0.5 * i + 0.25)));
    frame->pts = 0;
    sound_rung_chain(rung, 1, chain);
    (void)snprintf(measured, sizeof measured, "%s,ebur128=metadata=1:peak=true", chain);
    assert_true(
        sound_graph_make(&graph, &source, &sink, frame, (AVRational){ 1, 48000 }, measured) >= 0);
    assert_true(av_buffersrc_add_frame(source, frame) >= 0);
    assert_true(av_buffersrc_add_frame(source, NULL) >= 0);
    while (av_buffersink_get_frame(sink, out) >= 0) {
        peak = strtod(av_dict_get(out->metadata, "lavfi.r128.true_peak", NULL, 0)->value, NULL);
        av_frame_unref(out);
    }
    avfilter_graph_free(&graph);
    av_frame_free(&frame);
    av_frame_free(&out);
    return (int)lround(2000 * log10(peak));
}

static void peaks_between_samples_stay_below_the_limit(void **state)
{
    (void)state;
    struct sound_rung rung = { .group = "high",
        .sample_rate = 48000,
        .channels = 1,
        .mix = SOUND_ONE,
        .gain_centi = 600,
        .limited = true };
    assert_in_range(-peak_of_chain_centi(&rung, 0.9), 140, 200);
    rung.limited = false;
    rung.gain_centi = -600;
    assert_in_range(-peak_of_chain_centi(&rung, 0.9), 610, 710);
}

/* Speech with one bang: it comes up to the target, and the bang is taken down. */
static void a_bang_does_not_keep_speech_quiet(void **state)
{
    (void)state;
    static const struct recording recording = { 48000, 2, 6,
        { { .amplitude = 0.05 },
            { .amplitude = 0.9, .from_s = 3, .to_s = 3.004, .frequency = 250 } } };
    struct encoded encoded = encode_all(&recording, 0, 6000000);
    for (size_t k = 0; k < encoded.count; k++) {
        assert_true(encoded.rungs[k].limited);
        struct loudness loudness = measure_packed(encoded.fds[k], 6000000);
        if (abs(loudness.stereo_centi + 1600) > 100 || loudness.peak_centi > -50)
            fail_msg("%s: %d, peak %d", encoded.rungs[k].group, loudness.stereo_centi,
                loudness.peak_centi);
        (void)close(encoded.fds[k]);
    }
}

static void sound_stays_where_it_was(void **state)
{
    (void)state;
    static const struct {
        const char *story;
        struct recording recording;
        int64_t origin_us;
        double expected_s;
    } cases[] = {
        { "as recorded", { 48000, 1, 6, { { .amplitude = 0.3, .from_s = 2.5 } } }, 0, 2.5 },
        { "low rate", { 8000, 1, 6, { { .amplitude = 0.3, .from_s = 2.5 } } }, 0, 2.5 },
        { "limited",
            { 44100, 2, 6,
                { { .amplitude = 0.9, .from_s = 2.5, .to_s = 2.51 }, { .amplitude = 0.03 } } },
            0, 2.5 },
        { "an interpreter who is late", { 48000, 1, 6, { { .amplitude = 0.3, .from_s = 2.5 } } },
            1000000, 1.5 },
        { "one who is early, at another rate",
            { 22050, 1, 6, { { .amplitude = 0.3, .from_s = 2.5 } } }, -1500000, 4.0 },
        { "an interpreter who is early", { 48000, 1, 6, { { .amplitude = 0.3, .from_s = 2.5 } } },
            -1500000, 4.0 },
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct encoded encoded = encode_all(&cases[i].recording, cases[i].origin_us, 6000000);
        for (size_t k = 0; k < encoded.count; k++) {
            struct heard heard = decode_packed(encoded.fds[k], 6000000);
            double at = onset_s(&heard);
            if (fabs(at - cases[i].expected_s) > 0.005)
                fail_msg("%s, %s: %f s", cases[i].story, encoded.rungs[k].group, at);
            assert_int_equal(encoded.ticks[k], (int64_t)encoded.rungs[k].sample_rate * 6);
            free(heard.samples);
            (void)close(encoded.fds[k]);
        }
    }
}

/* Packets as a recorder wrote them whose clock is off, or that lost some. */
static double onset_of_disturbed(
    const struct recording *recording, double speed, double lost_from_s, double lost_to_s)
{
    struct media_source source = { 0 };
    struct decoded_sound sound;
    struct heard heard = { 0 };
    struct problem problem = { 0 };
    int fd = make_wav(recording);
    AVPacket *packet = av_packet_alloc();
    assert_true(media_source_open(&source, fd, &settings, &problem));
    const AVStream *stream = source.format->streams[0];
    int64_t duration_us = llround(recording->seconds * 1.1e6);
    assert_true(decoded_sound_open(&sound, stream, 0, duration_us, hear, &heard, &problem));
    while (media_source_read(&source, packet, &problem) == 1) {
        double at_s = (double)packet->pts * av_q2d(stream->time_base);
        packet->pts = packet->dts = llround((double)packet->pts * speed);
        if (at_s < lost_from_s || at_s >= lost_to_s)
            assert_true(decoded_sound_put(&sound, packet, &problem));
        av_packet_unref(packet);
    }
    assert_true(decoded_sound_finish(&sound, &problem));
    assert_int_equal(heard.count, llround(recording->seconds * 1.1 * heard.rate));
    double onset = onset_s(&heard);
    free(heard.samples);
    decoded_sound_close(&sound);
    media_source_close(&source);
    av_packet_free(&packet);
    (void)close(fd);
    return onset;
}

static void sound_stays_in_step_with_its_clock(void **state)
{
    (void)state;
    static const struct {
        const char *story;
        double speed, lost_from_s, lost_to_s, expected_s;
        int rate;
    } cases[] = {
        { "a clock that is slow", 1.002, 0, 0, 18.036, 48000 },
        { "a clock that is fast", 0.998, 0, 0, 17.964, 44100 },
        { "a gap of half a second", 1, 5, 5.5, 18, 48000 },
        { "a gap of ten seconds", 1, 4, 14, 18, 22050 },
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct recording recording
            = { cases[i].rate, 1, 20, { { .amplitude = 0.3, .from_s = 18 } } };
        double at = onset_of_disturbed(
            &recording, cases[i].speed, cases[i].lost_from_s, cases[i].lost_to_s);
        if (fabs(at - cases[i].expected_s) > 0.02)
            fail_msg("%s: %f s", cases[i].story, at);
    }
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
        cmocka_unit_test(every_rung_is_as_loud_as_it_should_be),
        cmocka_unit_test(peaks_between_samples_stay_below_the_limit),
        cmocka_unit_test(a_bang_does_not_keep_speech_quiet),
        cmocka_unit_test(sound_stays_where_it_was),
        cmocka_unit_test(sound_stays_in_step_with_its_clock),
    };
    return cmocka_run_group_tests(tests, begin, end);
}
