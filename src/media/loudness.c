#include "media/loudness.h"

#include "media/decoded_sound.h"

#include <libavfilter/buffersink.h>
#include <libavfilter/buffersrc.h>
#include <libavutil/channel_layout.h>
#include <libavutil/dict.h>
#include <libavutil/mathematics.h>
#include <math.h>
#include <stdlib.h>

enum {
    STEPS = 120,       /* of one LU, from 0 downwards */
    END_BELOW_LU = 30, /* what is so far below the whole is no more than the room */
    LATE_US = 300000,  /* momentary loudness looks back 400 ms: so late it still sees what ended */
    NOTHING_CENTI = -12000,
};

/* Ratios of energy. */
static const double dead = 1e-4;    /* 40 dB */
static const double alike = 1e-2;   /* 20 dB: a balance that is a little off is no stereo */
static const double opposed = 0.03; /* 15 dB */

enum sound_mix sound_mix_of(double left, double right, double sum, double difference)
{
    if (right < left * dead)
        return SOUND_LEFT;
    if (left < right * dead)
        return SOUND_RIGHT;
    if (sum < difference * opposed)
        return SOUND_OPPOSED;
    return difference <= sum * alike ? SOUND_ALIKE : SOUND_STEREO;
}

int loudness_gain_centi(int loudness_centi, bool heard, int gain_centi_max)
{
    int gain = LOUDNESS_TARGET_CENTI - loudness_centi;
    if (!heard)
        return 0;
    return gain < gain_centi_max ? gain : gain_centi_max;
}

int loudness_limiting_centi(int peak_centi, int gain_centi)
{
    int over = peak_centi + gain_centi - LOUDNESS_PEAK_CENTI;
    return over > 0 ? over : 0;
}

bool loudness_is_near(int loudness_centi)
{
    return abs(loudness_centi - LOUDNESS_TARGET_CENTI) <= LOUDNESS_TOLERANCE_CENTI;
}

/* One ebur128 filter; its figures come as the metadata of a frame every 100 ms. */
struct meter {
    AVFilterGraph *graph;
    AVFilterContext *source, *sink;
    double integrated, range, peak; /* LUFS, LU, linear */
};

struct measuring {
    struct meter stereo, mono; /* of one channel: stereo alone */
    AVFrame *measured;
    int sample_rate;
    double left, right, sum, difference; /* energies */
    double peak;                         /* of samples */
    int64_t now_us;
    int64_t last_us[STEPS]; /* when it was last so loud: [20] is -20 to -21 LUFS */
};

static bool figure_of(const AVFrame *frame, const char *key, double *ret_figure)
{
    const AVDictionaryEntry *entry = av_dict_get(frame->metadata, key, NULL, 0);
    double figure = entry ? strtod(entry->value, NULL) : NAN;
    if (!isfinite(figure))
        return false;
    *ret_figure = figure;
    return true;
}

static void take_momentary(struct measuring *measuring, const AVFrame *frame)
{
    double loudness;
    if (!figure_of(frame, "lavfi.r128.M", &loudness))
        return;
    int step = loudness >= 0 ? 0 : (int)-loudness;
    int64_t end = frame->pts + frame->nb_samples;
    measuring->now_us = av_rescale(end, 1000000, measuring->sample_rate);
    if (step < STEPS)
        measuring->last_us[step] = measuring->now_us;
}

static bool drain_meter(
    struct measuring *measuring, struct meter *meter, bool first, struct problem *problem)
{
    AVFrame *frame = measuring->measured;
    int result;
    while ((result = av_buffersink_get_frame(meter->sink, frame)) >= 0) {
        (void)figure_of(frame, "lavfi.r128.I", &meter->integrated);
        (void)figure_of(frame, "lavfi.r128.LRA", &meter->range);
        (void)figure_of(frame, "lavfi.r128.true_peak", &meter->peak);
        if (first)
            take_momentary(measuring, frame);
        av_frame_unref(frame);
    }
    return result == AVERROR(EAGAIN) || result == AVERROR_EOF
           || media_problem_from_av(problem, result, "measure");
}

static int feed_meter(struct meter *meter, const AVFrame *frame, const char *chain)
{
    int result = 0;
    if (!meter->graph)
        result = sound_graph_make(&meter->graph, &meter->source, &meter->sink, frame,
            (AVRational){ 1, frame->sample_rate }, chain);
    return result < 0 ? result : av_buffersrc_write_frame(meter->source, frame);
}

static void add_energies(struct measuring *measuring, const AVFrame *frame)
{
    const float *left = (const float *)frame->extended_data[0];
    bool two = frame->ch_layout.nb_channels > 1;
    const float *right = two ? (const float *)frame->extended_data[1] : left;
    double energies[4] = { 0 };
    float peak = 0;
    for (int i = 0; i < frame->nb_samples; i++) {
        float l = left[i], r = right[i];
        energies[0] += (double)(l * l);
        energies[1] += (double)(r * r);
        energies[2] += (double)((l + r) * (l + r));
        energies[3] += (double)((l - r) * (l - r));
        peak = fmaxf(peak, fmaxf(fabsf(l), fabsf(r)));
    }
    measuring->left += energies[0];
    measuring->right += energies[1];
    measuring->sum += energies[2];
    measuring->difference += energies[3];
    if (isfinite(peak) && (double)peak > measuring->peak)
        measuring->peak = (double)peak;
}

static bool take_frame(void *data, const AVFrame *frame, struct problem *problem)
{
    struct measuring *measuring = data;
    measuring->sample_rate = frame->sample_rate;
    add_energies(measuring, frame);
    int result
        = feed_meter(&measuring->stereo, frame, "ebur128=metadata=1:peak=true:framelog=verbose");
    if (result >= 0 && frame->ch_layout.nb_channels > 1)
        result = feed_meter(&measuring->mono, frame,
            "pan=mono|c0=0.5*c0+0.5*c1,ebur128=metadata=1:framelog=verbose");
    if (result < 0)
        return media_problem_from_av(problem, result, "measure");
    return drain_meter(measuring, &measuring->stereo, true, problem)
           && (!measuring->mono.graph || drain_meter(measuring, &measuring->mono, false, problem));
}

/* What is left in the meters. */
static bool end_meters(struct measuring *measuring, struct problem *problem)
{
    struct meter *meters[] = { &measuring->stereo, &measuring->mono };
    for (int i = 0; i < 2; i++) {
        int result = meters[i]->graph ? av_buffersrc_add_frame(meters[i]->source, NULL) : 0;
        if (result < 0)
            return media_problem_from_av(problem, result, "measure");
        if (meters[i]->graph && !drain_meter(measuring, meters[i], i == 0, problem))
            return false;
    }
    return true;
}

static int centi(double figure)
{
    double value = figure * 100;
    return value < NOTHING_CENTI    ? NOTHING_CENTI
           : value > -NOTHING_CENTI ? -NOTHING_CENTI
                                    : (int)lround(value);
}

static int64_t end_of_sound(const struct measuring *measuring, double integrated)
{
    int64_t end_us = 0;
    for (int step = 0; step < STEPS && step <= END_BELOW_LU - (int)integrated; step++)
        if (measuring->last_us[step] > end_us)
            end_us = measuring->last_us[step];
    return end_us == measuring->now_us || end_us < LATE_US ? end_us : end_us - LATE_US;
}

/* One channel of two that are alike but for their sign is 3 LU below both.  One that lives beside one that is dead is
 * as loud as both. */
static struct loudness conclude(const struct measuring *measuring)
{
    bool two = measuring->mono.graph != NULL;
    double stereo = measuring->stereo.integrated;
    struct loudness loudness = {
        .heard = centi(stereo) > LOUDNESS_SILENCE_CENTI,
        .mix = two ? sound_mix_of(
                   measuring->left, measuring->right, measuring->sum, measuring->difference)
                   : SOUND_ONE,
        .stereo_centi = centi(stereo),
        .peak_centi = centi(20 * log10(fmax(measuring->peak, measuring->stereo.peak))),
        .range_centi = centi(measuring->stereo.range),
    };
    loudness.mono_centi = loudness.stereo_centi;
    if (loudness.mix == SOUND_OPPOSED)
        loudness.mono_centi = centi(stereo - 10 * log10(2));
    else if (loudness.mix == SOUND_STEREO || loudness.mix == SOUND_ALIKE)
        loudness.mono_centi = centi(measuring->mono.integrated);
    if (loudness.heard)
        loudness.end_us = end_of_sound(measuring, stereo);
    return loudness;
}

static bool measure_packets(struct media_source *source, struct decoded_sound *sound, int stream,
    struct progress *progress, struct problem *problem)
{
    AVPacket *packet = av_packet_alloc();
    if (!packet)
        return media_problem_from_av(problem, AVERROR(ENOMEM), "measure");
    bool done = true;
    int result = 0;
    while (done && (result = media_source_read(source, packet, problem)) == 1) {
        if (packet->stream_index == stream)
            done = decoded_sound_put(sound, packet, problem);
        av_packet_unref(packet);
        progress_at(progress, PROGRESS_MEASURE, sound->samples_out, sound->samples_most);
    }
    av_packet_free(&packet);
    return done && result == 0 && decoded_sound_finish(sound, problem);
}

bool loudness_measure(struct media_source *source, int stream, int64_t origin_us,
    int64_t duration_us, struct progress *progress, struct loudness *ret_loudness,
    struct problem *problem)
{
    struct measuring measuring = {
        .stereo = { .integrated = -120 },
        .mono = { .integrated = -120 },
        .measured = av_frame_alloc(),
    };
    struct decoded_sound sound = { 0 };
    media_source_select(source, -1, stream);
    bool done
        = measuring.measured != NULL || media_problem_from_av(problem, AVERROR(ENOMEM), "measure");
    done = done && media_source_rewind(source, problem)
           && decoded_sound_open(&sound, source->format->streams[stream], origin_us, duration_us,
               take_frame, &measuring, problem)
           && measure_packets(source, &sound, stream, progress, problem)
           && end_meters(&measuring, problem);
    if (done)
        *ret_loudness = conclude(&measuring);
    decoded_sound_close(&sound);
    avfilter_graph_free(&measuring.stereo.graph);
    avfilter_graph_free(&measuring.mono.graph);
    av_frame_free(&measuring.measured);
    return done;
}
