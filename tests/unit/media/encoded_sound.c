/* Sound from one end to the other: made here, measured, encoded, decoded again and measured again. */
#include "recording.h"

#include "media/decoded_sound.h"
#include "media/encoded_sound.h"
#include "media/sound_level.h"

#include <libavfilter/buffersink.h>
#include <libavfilter/buffersrc.h>

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
    int chosen_gain_centi;          /* of the first rung, before what was limited was given back */
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
    const struct loudness_stretch stretch = { .origin_us = origin_us, .duration_us = duration_us };
    assert_true(loudness_measure(&source, 0, &stretch, &loudness, &problem));
    encoded.count = sound_rungs_choose(&loudness, recording->rate, 0, 3000, encoded.rungs);
    encoded.chosen_gain_centi = encoded.rungs[0].gain_centi;
    assert_true(
        sound_level(&source, 0, &stretch, &loudness, 3000, encoded.rungs, encoded.count, &problem));
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
            struct loudness loudness = measure_file(encoded.fds[k], 6000000);
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
        struct loudness loudness = measure_file(encoded.fds[k], 6000000);
        if (abs(loudness.stereo_centi + 1600) > 100 || loudness.peak_centi > -50)
            fail_msg("%s: %d, peak %d", encoded.rungs[k].group, loudness.stereo_centi,
                loudness.peak_centi);
        (void)close(encoded.fds[k]);
    }
}

/* Knocks all the time: what the limiter takes of them, and of the speech around them, is given back. */
static void what_is_full_of_peaks_comes_up_too(void **state)
{
    (void)state;
    static const struct {
        const char *story;
        struct recording recording;
        bool reaches; /* the target; else it comes as near as may be */
    } cases[] = {
        { "a hammer next door",
            { 48000, 2, 8,
                { { .amplitude = 0.06 },
                    { .amplitude = 0.9, .to_s = 0.004, .every_s = 0.25, .frequency = 250 } } },
            true },
        { "applause between words",
            { 44100, 2, 8,
                { { .amplitude = 0.05, .to_s = 0.7, .every_s = 1 },
                    { .amplitude = 0.9, .to_s = 0.002, .every_s = 0.11, .frequency = 400 } } },
            true },
        { "a metronome alone",
            { 48000, 1, 8,
                { { .amplitude = 0.9, .to_s = 0.002, .every_s = 0.5, .frequency = 500 } } },
            false },
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct encoded encoded = encode_all(&cases[i].recording, 0, 8000000);
        assert_true(encoded.rungs[0].gain_centi > encoded.chosen_gain_centi + 100);
        assert_true(
            encoded.rungs[0].gain_centi <= encoded.chosen_gain_centi + SOUND_LEVEL_RAISE_CENTI);
        for (size_t k = 0; k < encoded.count; k++) {
            struct loudness loudness = measure_file(encoded.fds[k], 8000000);
            print_message("%s, %s: gain %d (%d), %d, peak %d\n", cases[i].story,
                encoded.rungs[k].group, encoded.rungs[k].gain_centi, encoded.chosen_gain_centi,
                loudness.stereo_centi, loudness.peak_centi);
            if (cases[i].reaches && abs(loudness.stereo_centi + 1600) > 100)
                fail_msg(
                    "%s, %s: %d", cases[i].story, encoded.rungs[k].group, loudness.stereo_centi);
            assert_true(loudness.stereo_centi < -1500);
            (void)close(encoded.fds[k]);
        }
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
        cmocka_unit_test(every_rung_is_as_loud_as_it_should_be),
        cmocka_unit_test(peaks_between_samples_stay_below_the_limit),
        cmocka_unit_test(a_bang_does_not_keep_speech_quiet),
        cmocka_unit_test(what_is_full_of_peaks_comes_up_too),
        cmocka_unit_test(sound_stays_where_it_was),
        cmocka_unit_test(sound_stays_in_step_with_its_clock),
    };
    return cmocka_run_group_tests(tests, begin, end);
}
