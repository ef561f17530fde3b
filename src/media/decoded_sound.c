#include "media/decoded_sound.h"

#include "media/source.h"

#include <inttypes.h>
#include <libavfilter/buffersink.h>
#include <libavfilter/buffersrc.h>
#include <libavutil/channel_layout.h>
#include <libavutil/mathematics.h>
#include <libavutil/mem.h>
#include <libavutil/samplefmt.h>
#include <stdio.h>

enum {
    HOLE_US
    = 1000000, /* more than the resampler, which would keep the silence in memory, is to fill */
    SILENCE_SAMPLES = 4096
};

void decoded_sound_close(struct decoded_sound *sound)
{
    avfilter_graph_free(&sound->graph);
    avcodec_free_context(&sound->decoder);
    av_frame_free(&sound->decoded);
    av_frame_free(&sound->filtered);
    av_channel_layout_uninit(&sound->in_layout);
}

/* Cuts what lies behind the lecture's end. */
static bool give(struct decoded_sound *sound, AVFrame *frame, struct problem *problem)
{
    int64_t left = sound->samples_most - sound->samples_out;
    if (frame->nb_samples > left)
        frame->nb_samples = (int)left;
    if (frame->nb_samples <= 0)
        return true;
    frame->pts = sound->samples_out;
    sound->samples_out += frame->nb_samples;
    return sound->take(sound->data, frame, problem);
}

static bool give_silence(struct decoded_sound *sound, int64_t until, struct problem *problem)
{
    if (until > sound->samples_most)
        until = sound->samples_most;
    if (until <= sound->samples_out)
        return true;
    AVFrame *frame = av_frame_alloc();
    int result = frame ? 0 : AVERROR(ENOMEM);
    if (frame) {
        frame->format = AV_SAMPLE_FMT_FLTP;
        frame->sample_rate = sound->sample_rate;
        frame->nb_samples = SILENCE_SAMPLES;
        av_channel_layout_default(&frame->ch_layout, sound->channels);
        result = av_frame_get_buffer(frame, 0);
    }
    if (result >= 0)
        (void)av_samples_set_silence(
            frame->extended_data, 0, SILENCE_SAMPLES, sound->channels, AV_SAMPLE_FMT_FLTP);
    bool given = result >= 0;
    while (given && sound->samples_out < until) {
        int64_t left = until - sound->samples_out;
        frame->nb_samples = left < SILENCE_SAMPLES ? (int)left : SILENCE_SAMPLES;
        given = give(sound, frame, problem);
    }
    av_frame_free(&frame);
    return result >= 0 ? given : media_problem_from_av(problem, result, "convert");
}

/* flush: no more sound comes into this graph, which ends. */
static bool drain_graph(struct decoded_sound *sound, bool flush, struct problem *problem)
{
    if (!sound->graph)
        return true;
    int result = flush ? av_buffersrc_add_frame(sound->source, NULL) : 0;
    while (result >= 0) {
        result = av_buffersink_get_frame(sound->sink, sound->filtered);
        if (result < 0)
            break;
        bool given = give(sound, sound->filtered, problem);
        av_frame_unref(sound->filtered);
        if (!given)
            return false;
    }
    if (result != AVERROR(EAGAIN) && result != AVERROR_EOF)
        return media_problem_from_av(problem, result, "convert");
    if (flush)
        avfilter_graph_free(&sound->graph);
    return true;
}

static int connect_chain(
    AVFilterGraph *graph, AVFilterContext *source, AVFilterContext *sink, const char *chain)
{
    AVFilterInOut *outputs = avfilter_inout_alloc(), *inputs = avfilter_inout_alloc();
    int result = AVERROR(ENOMEM);
    if (outputs && inputs) {
        outputs->name = av_strdup("in");
        outputs->filter_ctx = source;
        inputs->name = av_strdup("out");
        inputs->filter_ctx = sink;
        if (outputs->name && inputs->name)
            result = avfilter_graph_parse_ptr(graph, chain, &inputs, &outputs, NULL);
    }
    avfilter_inout_free(&outputs);
    avfilter_inout_free(&inputs);
    return result < 0 ? result : avfilter_graph_config(graph, NULL);
}

int sound_graph_make(AVFilterGraph **ret_graph, AVFilterContext **ret_source,
    AVFilterContext **ret_sink, const AVFrame *like, AVRational time_base, const char *chain)
{
    char arguments[300], layout[128];
    *ret_graph = avfilter_graph_alloc();
    if (!*ret_graph)
        return AVERROR(ENOMEM);
    (*ret_graph)->nb_threads = 1;
    int result = av_channel_layout_describe(&like->ch_layout, layout, sizeof layout);
    if (result < 0)
        return result;
    (void)snprintf(arguments, sizeof arguments,
        "sample_rate=%d:sample_fmt=%d:channel_layout=%s:time_base=%d/%d", like->sample_rate,
        like->format, layout, time_base.num, time_base.den);
    result = avfilter_graph_create_filter(
        ret_source, avfilter_get_by_name("abuffer"), "in", arguments, NULL, *ret_graph);
    if (result >= 0)
        result = avfilter_graph_create_filter(
            ret_sink, avfilter_get_by_name("abuffersink"), "out", NULL, NULL, *ret_graph);
    return result < 0 ? result : connect_chain(*ret_graph, *ret_source, *ret_sink, chain);
}

/* first_pts goes on where an earlier graph, or silence, ended; libswresample counts it in samples that come in.
 * flags=res: it resamples from the beginning, as one that begins to when it first has to stretch forgets where it was. */
static int make_graph(struct decoded_sound *sound, const AVFrame *frame)
{
    char chain[300];
    avfilter_graph_free(&sound->graph);
    av_channel_layout_uninit(&sound->in_layout);
    sound->in_rate = frame->sample_rate;
    sound->in_format = frame->format;
    int result = av_channel_layout_copy(&sound->in_layout, &frame->ch_layout);
    if (result < 0)
        return result;
    (void)snprintf(chain, sizeof chain,
        "aresample=osr=%d:flags=res:async=%d:min_comp=0.005:min_hard_comp=0.05:first_pts=%" PRId64
        ":clev=1:slev=0.5,aformat=sample_fmts=fltp:sample_rates=%d:channel_layouts=%s",
        sound->sample_rate, frame->sample_rate / 200,
        av_rescale(sound->samples_out, frame->sample_rate, sound->sample_rate), sound->sample_rate,
        sound->channels == 1 ? "mono" : "stereo");
    return sound_graph_make(
        &sound->graph, &sound->source, &sound->sink, frame, AV_TIME_BASE_Q, chain);
}

static bool graph_fits(const struct decoded_sound *sound, const AVFrame *frame)
{
    return sound->graph && sound->in_rate == frame->sample_rate && sound->in_format == frame->format
           && av_channel_layout_compare(&sound->in_layout, &frame->ch_layout) == 0;
}

/* A layout that only counts channels is taken for the usual one of that many. */
static void settle_layout(AVFrame *frame)
{
    if (frame->ch_layout.order != AV_CHANNEL_ORDER_UNSPEC)
        return;
    int channels = frame->ch_layout.nb_channels;
    av_channel_layout_uninit(&frame->ch_layout);
    av_channel_layout_default(&frame->ch_layout, channels);
}

/* The graph that fits the frame, after silence where there is a hole before it. */
static bool prepare_graph(
    struct decoded_sound *sound, const AVFrame *frame, int64_t hole_us, struct problem *problem)
{
    bool hole = hole_us > HOLE_US;
    if (graph_fits(sound, frame) && !hole)
        return true;
    if (!drain_graph(sound, true, problem))
        return false;
    int64_t at = av_rescale(frame->pts, sound->sample_rate, 1000000);
    if (hole && !give_silence(sound, at, problem))
        return false;
    int made = make_graph(sound, frame);
    return made >= 0 || media_problem_from_av(problem, made, "convert");
}

static bool take_decoded(struct decoded_sound *sound, struct problem *problem)
{
    AVFrame *frame = sound->decoded;
    int64_t pts = frame->best_effort_timestamp, at_us = sound->next_in_us;
    if (pts != AV_NOPTS_VALUE)
        at_us = av_rescale_q(pts, sound->time_base, AV_TIME_BASE_Q) - sound->origin_us;
    int64_t length_us
        = frame->sample_rate > 0 ? av_rescale(frame->nb_samples, 1000000, frame->sample_rate) : 0;
    int64_t hole_us = at_us - (sound->next_in_us > 0 ? sound->next_in_us : 0);
    sound->next_in_us = at_us + length_us;
    /* Outside of the lecture, or a sound that cannot be. */
    if (length_us == 0 || at_us >= sound->duration_us || sound->next_in_us <= 0)
        return true;
    settle_layout(frame);
    frame->pts = at_us;
    if (!prepare_graph(sound, frame, hole_us, problem))
        return false;
    int result = av_buffersrc_add_frame(sound->source, frame);
    return result >= 0 ? drain_graph(sound, false, problem)
                       : media_problem_from_av(problem, result, "convert");
}

/* packet NULL: the end. */
static bool decode(struct decoded_sound *sound, const AVPacket *packet, struct problem *problem)
{
    int result = avcodec_send_packet(sound->decoder, packet);
    if (result == AVERROR(ENOMEM))
        return media_problem_from_av(problem, result, "decode");
    if (result < 0 && result != AVERROR_EOF)
        sound->damage.errors++;
    for (;;) {
        result = avcodec_receive_frame(sound->decoder, sound->decoded);
        if (result == AVERROR(EAGAIN) || result == AVERROR_EOF)
            return true;
        if (result == AVERROR(ENOMEM))
            return media_problem_from_av(problem, result, "decode");
        if (result < 0) {
            sound->damage.errors++;
            return true;
        }
        bool done = take_decoded(sound, problem);
        av_frame_unref(sound->decoded);
        if (!done)
            return false;
    }
}

bool decoded_sound_put(struct decoded_sound *sound, const AVPacket *packet, struct problem *problem)
{
    sound->damage.packets++;
    return decode(sound, packet, problem)
           && damage_is_bearable(&sound->damage, false, FINDING_SOUND_DAMAGED, problem);
}

bool decoded_sound_finish(struct decoded_sound *sound, struct problem *problem)
{
    if (!decode(sound, NULL, problem) || !drain_graph(sound, true, problem))
        return false;
    if (sound->samples_out == 0)
        return damage_refuse(&sound->damage, FINDING_SOUND_DAMAGED, problem);
    if (!damage_is_bearable(&sound->damage, true, FINDING_SOUND_DAMAGED, problem))
        return false;
    return give_silence(sound, sound->samples_most, problem);
}

static int open_decoder(struct decoded_sound *sound, const AVStream *stream)
{
    const AVCodec *codec = avcodec_find_decoder(stream->codecpar->codec_id);
    sound->decoder = codec ? avcodec_alloc_context3(codec) : NULL;
    if (!sound->decoder)
        return AVERROR_DECODER_NOT_FOUND;
    int result = avcodec_parameters_to_context(sound->decoder, stream->codecpar);
    if (result < 0)
        return result;
    sound->decoder->pkt_timebase = stream->time_base;
    return avcodec_open2(sound->decoder, codec, NULL);
}

static int choose_rate(int rate)
{
    if (rate == 44100 || rate == 22050 || rate == 11025)
        return 44100;
    return rate == 32000 ? 32000 : 48000;
}

bool decoded_sound_open(struct decoded_sound *sound, const AVStream *stream, int64_t origin_us,
    int64_t duration_us, sound_taker take, void *data, struct problem *problem)
{
    const AVCodecParameters *in = stream->codecpar;
    *sound = (struct decoded_sound){
        .take = take,
        .data = data,
        .time_base = stream->time_base,
        .origin_us = origin_us,
        .duration_us = duration_us,
        .sample_rate = choose_rate(in->sample_rate),
        .channels = in->ch_layout.nb_channels == 1 ? 1 : 2,
        .decoded = av_frame_alloc(),
        .filtered = av_frame_alloc(),
    };
    sound->samples_most = av_rescale(duration_us, sound->sample_rate, 1000000);
    int result = sound->decoded && sound->filtered ? open_decoder(sound, stream) : AVERROR(ENOMEM);
    if (result >= 0)
        return true;
    decoded_sound_close(sound);
    return media_problem_from_av(problem, result, "decode");
}
