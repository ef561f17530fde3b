/*
 * A sound track decoded and encoded anew: AAC-LC, mono or stereo, 48 or 44.1 kHz.  Silence fills gaps and a late
 * beginning, overlaps and what lies before the lecture's beginning are cut away, so that it stays in step.
 */
#include "media/output_track.h"

#include "base/memory.h"

#include <inttypes.h>
#include <libavcodec/avcodec.h>
#include <libavfilter/avfilter.h>
#include <libavfilter/buffersink.h>
#include <libavfilter/buffersrc.h>
#include <libavutil/channel_layout.h>
#include <libavutil/mathematics.h>
#include <libavutil/mem.h>
#include <stdio.h>
#include <stdlib.h>

enum { MONO_BITS = 64000, STEREO_BITS = 96000, ERRORS_LEAST = 10, ERRORS_EARLY = 100 };

struct encoded_audio {
    struct output_track base;
    AVCodecContext *decoder, *encoder;
    AVFilterGraph *graph;
    AVFilterContext *source, *sink;
    AVFrame *decoded, *filtered;
    AVPacket *encoded;
    AVChannelLayout in_layout; /* what the graph was made for */
    int in_rate, in_format;
    int64_t next_in_us;  /* where the next decoded sound belongs when it has no time */
    int64_t samples_out; /* given to the encoder */
    int64_t packets, errors;
};

static void close_encoded(struct output_track *base)
{
    struct encoded_audio *track = (struct encoded_audio *)base;
    avfilter_graph_free(&track->graph);
    avcodec_free_context(&track->decoder);
    avcodec_free_context(&track->encoder);
    av_frame_free(&track->decoded);
    av_frame_free(&track->filtered);
    av_packet_free(&track->encoded);
    av_channel_layout_uninit(&track->in_layout);
    fragment_writer_close(&base->writer);
    free(track);
}

static bool refuse_damaged(const struct encoded_audio *track, struct problem *problem)
{
    return finding_refuse(problem, (struct finding){ .code = FINDING_SOUND_DAMAGED,
                                       .numbers = { track->errors < track->packets ? 90 : 1 } });
}

static bool too_damaged(const struct encoded_audio *track, int64_t errors_least)
{
    return track->errors > errors_least && track->errors * 10 > track->packets;
}

/* frame NULL: the end. */
static bool encode(struct encoded_audio *track, const AVFrame *frame, struct problem *problem)
{
    int result = avcodec_send_frame(track->encoder, frame);
    while (result >= 0) {
        result = avcodec_receive_packet(track->encoder, track->encoded);
        if (result == AVERROR(EAGAIN) || result == AVERROR_EOF)
            return true;
        /* The encoder's priming lies before 0: players would have to be told to leave it out. */
        if (result >= 0 && track->encoded->pts >= 0
            && !fragment_writer_put(&track->base.writer, track->encoded, problem))
            return false;
        av_packet_unref(track->encoded);
    }
    return media_problem_from_av(problem, result, "encode");
}

/* flush: no more sound comes into this graph. */
static bool drain_graph(struct encoded_audio *track, bool flush, struct problem *problem)
{
    int result = flush ? av_buffersrc_add_frame(track->source, NULL) : 0;
    while (result >= 0) {
        result = av_buffersink_get_frame(track->sink, track->filtered);
        if (result == AVERROR(EAGAIN) || result == AVERROR_EOF)
            return true;
        if (result < 0)
            break;
        /* One count over all graphs: the encoder wants times without seams. */
        track->filtered->pts = track->samples_out;
        track->samples_out += track->filtered->nb_samples;
        bool done = encode(track, track->filtered, problem);
        av_frame_unref(track->filtered);
        if (!done)
            return false;
    }
    return media_problem_from_av(problem, result, "convert");
}

static int connect(struct encoded_audio *track, const char *chain)
{
    AVFilterInOut *outputs = avfilter_inout_alloc(), *inputs = avfilter_inout_alloc();
    int result = AVERROR(ENOMEM);
    if (outputs && inputs) {
        outputs->name = av_strdup("in");
        outputs->filter_ctx = track->source;
        inputs->name = av_strdup("out");
        inputs->filter_ctx = track->sink;
        if (outputs->name && inputs->name)
            result = avfilter_graph_parse_ptr(track->graph, chain, &inputs, &outputs, NULL);
    }
    avfilter_inout_free(&outputs);
    avfilter_inout_free(&inputs);
    return result < 0 ? result : avfilter_graph_config(track->graph, NULL);
}

static int make_source(struct encoded_audio *track, const AVFrame *frame)
{
    char arguments[300], layout[128];
    int result = av_channel_layout_describe(&frame->ch_layout, layout, sizeof layout);
    if (result < 0)
        return result;
    (void)snprintf(arguments, sizeof arguments,
        "sample_rate=%d:sample_fmt=%d:channel_layout=%s:time_base=1/1000000", frame->sample_rate,
        frame->format, layout);
    result = avfilter_graph_create_filter(
        &track->source, avfilter_get_by_name("abuffer"), "in", arguments, NULL, track->graph);
    if (result < 0)
        return result;
    return avfilter_graph_create_filter(
        &track->sink, avfilter_get_by_name("abuffersink"), "out", NULL, NULL, track->graph);
}

/* async=1 fills and trims without stretching; first_pts goes on where an earlier graph ended. */
static int make_graph(struct encoded_audio *track, const AVFrame *frame)
{
    char chain[300];
    avfilter_graph_free(&track->graph);
    track->graph = avfilter_graph_alloc();
    if (!track->graph)
        return AVERROR(ENOMEM);
    track->graph->nb_threads = 1;
    track->in_rate = frame->sample_rate;
    track->in_format = frame->format;
    int result = av_channel_layout_copy(&track->in_layout, &frame->ch_layout);
    if (result >= 0)
        result = make_source(track, frame);
    if (result < 0)
        return result;
    (void)snprintf(chain, sizeof chain,
        "aresample=osr=%d:async=1:min_hard_comp=0.05:first_pts=%" PRId64
        ",aformat=sample_fmts=fltp:sample_rates=%d:channel_layouts=%s",
        track->encoder->sample_rate, track->samples_out, track->encoder->sample_rate,
        track->encoder->ch_layout.nb_channels == 1 ? "mono" : "stereo");
    result = connect(track, chain);
    if (result >= 0)
        av_buffersink_set_frame_size(track->sink, (unsigned)track->encoder->frame_size);
    return result;
}

static bool graph_fits(const struct encoded_audio *track, const AVFrame *frame)
{
    return track->graph && track->in_rate == frame->sample_rate && track->in_format == frame->format
           && av_channel_layout_compare(&track->in_layout, &frame->ch_layout) == 0;
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

static bool take_decoded(struct encoded_audio *track, struct problem *problem)
{
    const struct media_probe *probe = track->base.probe;
    AVFrame *frame = track->decoded;
    int64_t pts = frame->best_effort_timestamp, at_us = track->next_in_us;
    if (pts != AV_NOPTS_VALUE)
        at_us = av_rescale_q(pts, probe->audio.time_base, AV_TIME_BASE_Q) - probe->plan.origin_us;
    int64_t length_us
        = frame->sample_rate > 0 ? av_rescale(frame->nb_samples, 1000000, frame->sample_rate) : 0;
    track->next_in_us = at_us + length_us;
    /* Outside of the lecture, or a sound that cannot be. */
    if (length_us == 0 || at_us >= probe->plan.duration_us || track->next_in_us <= 0)
        return true;
    settle_layout(frame);
    if (!graph_fits(track, frame)) {
        if (track->graph && !drain_graph(track, true, problem))
            return false;
        int made = make_graph(track, frame);
        if (made < 0)
            return media_problem_from_av(problem, made, "convert");
    }
    frame->pts = at_us;
    int result = av_buffersrc_add_frame(track->source, frame);
    return result >= 0 ? drain_graph(track, false, problem)
                       : media_problem_from_av(problem, result, "convert");
}

/* packet NULL: the end. */
static bool decode(struct encoded_audio *track, const AVPacket *packet, struct problem *problem)
{
    int result = avcodec_send_packet(track->decoder, packet);
    if (result == AVERROR(ENOMEM))
        return media_problem_from_av(problem, result, "decode");
    if (result < 0 && result != AVERROR_EOF)
        track->errors++;
    for (;;) {
        result = avcodec_receive_frame(track->decoder, track->decoded);
        if (result == AVERROR(EAGAIN) || result == AVERROR_EOF)
            return true;
        if (result == AVERROR(ENOMEM))
            return media_problem_from_av(problem, result, "decode");
        if (result < 0) {
            track->errors++;
            return true;
        }
        bool done = take_decoded(track, problem);
        av_frame_unref(track->decoded);
        if (!done)
            return false;
    }
}

static bool put_sound(struct output_track *base, AVPacket *packet, struct problem *problem)
{
    struct encoded_audio *track = (struct encoded_audio *)base;
    track->packets++;
    return decode(track, packet, problem)
           && (!too_damaged(track, ERRORS_EARLY) || refuse_damaged(track, problem));
}

static bool finish_sound(struct output_track *base, struct problem *problem)
{
    struct encoded_audio *track = (struct encoded_audio *)base;
    if (!decode(track, NULL, problem) || (track->graph && !drain_graph(track, true, problem)))
        return false;
    if (track->samples_out == 0 || too_damaged(track, ERRORS_LEAST))
        return refuse_damaged(track, problem);
    return encode(track, NULL, problem) && fragment_writer_finish(&base->writer, problem);
}

static int open_decoder(struct encoded_audio *track, const AVCodecParameters *parameters)
{
    const AVCodec *codec = avcodec_find_decoder(parameters->codec_id);
    track->decoder = codec ? avcodec_alloc_context3(codec) : NULL;
    if (!track->decoder)
        return AVERROR_DECODER_NOT_FOUND;
    int result = avcodec_parameters_to_context(track->decoder, parameters);
    if (result < 0)
        return result;
    track->decoder->pkt_timebase = track->base.probe->audio.time_base;
    return avcodec_open2(track->decoder, codec, NULL);
}

static int open_encoder(struct encoded_audio *track, const AVCodecParameters *in)
{
    const AVCodec *codec = avcodec_find_encoder_by_name("aac");
    AVCodecContext *encoder = codec ? avcodec_alloc_context3(codec) : NULL;
    track->encoder = encoder;
    if (!encoder)
        return AVERROR_ENCODER_NOT_FOUND;
    bool cd_family
        = in->sample_rate == 44100 || in->sample_rate == 22050 || in->sample_rate == 11025;
    int channels = in->ch_layout.nb_channels == 1 ? 1 : 2;
    av_channel_layout_default(&encoder->ch_layout, channels);
    encoder->sample_rate = cd_family ? 44100 : 48000;
    encoder->sample_fmt = AV_SAMPLE_FMT_FLTP;
    encoder->time_base = (AVRational){ 1, encoder->sample_rate };
    encoder->bit_rate = channels == 1 ? MONO_BITS : STEREO_BITS;
    encoder->flags |= AV_CODEC_FLAG_GLOBAL_HEADER;
    return avcodec_open2(encoder, codec, NULL);
}

static bool open_writer(
    struct encoded_audio *track, const char *language, int fd, struct problem *problem)
{
    struct fragment_cuts cuts = output_track_cuts(track->base.probe);
    struct segment_table table = {
        .kind = RENDITION_AUDIO,
        .group = "high",
        .original = language[0] == '\0',
        .sample_rate = track->encoder->sample_rate,
        .channels = track->encoder->ch_layout.nb_channels,
    };
    (void)snprintf(table.language, sizeof table.language, "%s", language);
    (void)snprintf(
        table.name, sizeof table.name, "audio-high%s%s", table.original ? "" : "-", language);
    AVCodecParameters *codec = avcodec_parameters_alloc();
    int result = codec ? avcodec_parameters_from_context(codec, track->encoder) : AVERROR(ENOMEM);
    bool opened = result >= 0 ? fragment_writer_open(&track->base.writer, fd, codec,
                      track->encoder->time_base, &table, &cuts, problem)
                              : media_problem_from_av(problem, result, "encode");
    avcodec_parameters_free(&codec);
    return opened;
}

struct output_track *encoded_audio_open(
    const struct media_probe *probe, const char *language, int fd, struct problem *problem)
{
    struct encoded_audio *track = memory_zeroed(1, sizeof *track);
    const AVCodecParameters *in = probe->source.format->streams[probe->audio.stream]->codecpar;
    track->base = (struct output_track){
        .put = put_sound, .finish = finish_sound, .close = close_encoded, .probe = probe
    };
    track->decoded = av_frame_alloc();
    track->filtered = av_frame_alloc();
    track->encoded = av_packet_alloc();
    int result = track->decoded && track->filtered && track->encoded ? open_decoder(track, in)
                                                                     : AVERROR(ENOMEM);
    if (result >= 0)
        result = open_encoder(track, in);
    bool opened = result >= 0 ? open_writer(track, language, fd, problem)
                              : media_problem_from_av(problem, result, "decode");
    if (opened)
        return &track->base;
    close_encoded(&track->base);
    return NULL;
}
