#include "media/loudness.h"

#include "media/decoded_sound.h"

#include <libavfilter/buffersink.h>
#include <libavfilter/buffersrc.h>
#include <libavutil/channel_layout.h>
#include <libavutil/dict.h>
#include <libavutil/mathematics.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum {
    STEPS = 120,           /* of one LU, from 0 downwards */
    MOMENTS_A_SECOND = 10, /* each as long as the limiter takes to let go */
    END_BELOW_LU = 30,     /* what is so far below the whole is no more than the room */
    LATE_US = 300000, /* momentary loudness looks back 400 ms: so late it still sees what ended */
    NOTHING_CENTI = -12000,
};

/* Ratios of energy. */
static const double dead = 1e-4;    /* 40 dB */
static const double alike = 1e-2;   /* 20 dB: a balance that is a little off is no stereo */
static const double opposed = 0.03; /* 15 dB */

/* What two channels are, from the energies of either, of their sum and of their difference. */
static enum sound_mix mix_of(double left, double right, double sum, double difference)
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

/* As if all of a moment were taken down as far as its highest peak must be. */
int loudness_lost_centi(const struct loudness *loudness, int gain_centi)
{
    double all = 0, left = 0;
    for (int step = 0; step < LOUDNESS_PEAK_STEPS; step++) {
        double over = (gain_centi - LOUDNESS_PEAK_CENTI) / 100.0 - step;
        all += loudness->energy_by_peak[step];
        left += loudness->energy_by_peak[step] * (over > 0 ? pow(10, -over / 10) : 1);
    }
    return left > 0 ? (int)lround(1000 * log10(all / left)) : 0;
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
    struct moment {
        double energy, peak;
        int samples;
    } moment, last; /* the one that is heard now, and the one before */
    double energy_by_peak[LOUDNESS_PEAK_STEPS];
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

/* measuring: told how loud each moment is; or NULL. */
static bool drain_meter(
    struct meter *meter, AVFrame *frame, struct measuring *measuring, struct problem *problem)
{
    int result;
    while ((result = av_buffersink_get_frame(meter->sink, frame)) >= 0) {
        (void)figure_of(frame, "lavfi.r128.I", &meter->integrated);
        (void)figure_of(frame, "lavfi.r128.LRA", &meter->range);
        (void)figure_of(frame, "lavfi.r128.true_peak", &meter->peak);
        if (measuring)
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

static int centi(double figure)
{
    double value = figure * 100;
    return value < NOTHING_CENTI    ? NOTHING_CENTI
           : value > -NOTHING_CENTI ? -NOTHING_CENTI
                                    : (int)lround(value);
}

/* A peak counts for the moment behind it, too. */
static void end_moment(struct measuring *measuring)
{
    double peak = fmax(measuring->moment.peak, measuring->last.peak);
    double below = peak > 0 ? -20 * log10(peak) : LOUDNESS_PEAK_STEPS;
    int step = below <= 0 ? 0 : (int)below;
    if (step < LOUDNESS_PEAK_STEPS)
        measuring->energy_by_peak[step] += measuring->moment.energy;
    measuring->last = measuring->moment;
    measuring->moment = (struct moment){ 0 };
}

static void add_to_moment(
    struct measuring *measuring, double energy, double peak, const AVFrame *frame)
{
    struct moment *moment = &measuring->moment;
    moment->energy += energy;
    moment->peak = fmax(moment->peak, peak);
    moment->samples += frame->nb_samples;
    if (moment->samples * MOMENTS_A_SECOND >= frame->sample_rate)
        end_moment(measuring);
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
    if (!isfinite(peak))
        return;
    measuring->peak = fmax(measuring->peak, (double)peak);
    add_to_moment(measuring, energies[0] + energies[1], (double)peak, frame);
}

static bool take_frame(void *data, const AVFrame *frame, struct problem *problem)
{
    struct measuring *measuring = data;
    measuring->sample_rate = frame->sample_rate;
    add_energies(measuring, frame);
    int result = feed_meter(&measuring->stereo, frame, LOUDNESS_METER ":peak=true");
    if (result >= 0 && frame->ch_layout.nb_channels > 1)
        result = feed_meter(&measuring->mono, frame, "pan=mono|c0=0.5*c0+0.5*c1," LOUDNESS_METER);
    if (result < 0)
        return media_problem_from_av(problem, result, "measure");
    return drain_meter(&measuring->stereo, measuring->measured, measuring, problem)
           && (!measuring->mono.graph
               || drain_meter(&measuring->mono, measuring->measured, NULL, problem));
}

/* What is left in the meter. */
static bool end_meter(
    struct meter *meter, AVFrame *frame, struct measuring *measuring, struct problem *problem)
{
    int result = meter->graph ? av_buffersrc_add_frame(meter->source, NULL) : 0;
    if (result < 0)
        return media_problem_from_av(problem, result, "measure");
    return !meter->graph || drain_meter(meter, frame, measuring, problem);
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
        .mix
        = two ? mix_of(measuring->left, measuring->right, measuring->sum, measuring->difference)
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
    memcpy(loudness.energy_by_peak, measuring->energy_by_peak, sizeof loudness.energy_by_peak);
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

/* All of the stream, from the file's beginning, to the taker. */
static bool decode(struct media_source *source, int stream, const struct loudness_stretch *stretch,
    sound_taker take, void *data, struct problem *problem)
{
    struct decoded_sound sound = { 0 };
    media_source_select(source, -1, stream);
    bool done = media_source_rewind(source, problem)
                && decoded_sound_open(&sound, source->format->streams[stream], stretch->origin_us,
                    stretch->duration_us, take, data, problem)
                && measure_packets(source, &sound, stream, stretch->progress, problem);
    decoded_sound_close(&sound);
    return done;
}

bool loudness_measure(struct media_source *source, int stream,
    const struct loudness_stretch *stretch, struct loudness *ret_loudness, struct problem *problem)
{
    struct measuring measuring = {
        .stereo = { .integrated = -120 },
        .mono = { .integrated = -120 },
        .measured = av_frame_alloc(),
    };
    AVFrame *frame = measuring.measured;
    bool done = frame != NULL || media_problem_from_av(problem, AVERROR(ENOMEM), "measure");
    done = done && decode(source, stream, stretch, take_frame, &measuring, problem)
           && end_meter(&measuring.stereo, frame, &measuring, problem)
           && end_meter(&measuring.mono, frame, NULL, problem);
    if (done) {
        end_moment(&measuring);
        *ret_loudness = conclude(&measuring);
    }
    avfilter_graph_free(&measuring.stereo.graph);
    avfilter_graph_free(&measuring.mono.graph);
    av_frame_free(&measuring.measured);
    return done;
}

/* --- behind a chain ------------------------------------------------------------------------------ */

struct chained {
    struct meter meters[LOUDNESS_CHAINS_MAX];
    const char *const *chains;
    size_t count;
    AVFrame *measured;
};

static bool take_chained(void *data, const AVFrame *frame, struct problem *problem)
{
    struct chained *chained = data;
    for (size_t i = 0; i < chained->count; i++) {
        int result = feed_meter(&chained->meters[i], frame, chained->chains[i]);
        if (result < 0)
            return media_problem_from_av(problem, result, "measure");
        if (!drain_meter(&chained->meters[i], chained->measured, NULL, problem))
            return false;
    }
    return true;
}

bool loudness_behind(struct media_source *source, int stream,
    const struct loudness_stretch *stretch, const char *const *chains, size_t count,
    int ret_centi[LOUDNESS_CHAINS_MAX], struct problem *problem)
{
    struct chained chained = { .chains = chains, .count = count, .measured = av_frame_alloc() };
    for (size_t i = 0; i < count; i++)
        chained.meters[i].integrated = -120;
    bool done
        = chained.measured != NULL || media_problem_from_av(problem, AVERROR(ENOMEM), "measure");
    done = done && decode(source, stream, stretch, take_chained, &chained, problem);
    for (size_t i = 0; done && i < count; i++)
        done = end_meter(&chained.meters[i], chained.measured, NULL, problem);
    for (size_t i = 0; i < count; i++) {
        ret_centi[i] = centi(chained.meters[i].integrated);
        avfilter_graph_free(&chained.meters[i].graph);
    }
    av_frame_free(&chained.measured);
    return done;
}
