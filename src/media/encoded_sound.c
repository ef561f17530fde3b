#include "media/encoded_sound.h"

#include "base/memory.h"
#include "media/decoded_sound.h"
#include "media/sound_name.h"

#include <libavfilter/buffersink.h>
#include <libavfilter/buffersrc.h>
#include <libavutil/channel_layout.h>
#include <stdio.h>
#include <stdlib.h>

struct rung {
    const struct sound_rung *facts;
    AVFilterGraph *graph; /* NULL until the first frame */
    AVFilterContext *source, *sink;
    AVCodecContext *encoder;
    int64_t samples_out; /* given to the encoder */
    struct fragment_writer writer;
    bool writer_open;
};

struct encoded_sound {
    struct decoded_sound decoded;
    AVFrame *filtered;
    AVPacket *packet;
    size_t count;
    struct rung rungs[SOUND_RUNGS_MAX];
};

void encoded_sound_close(struct encoded_sound *sound)
{
    if (!sound)
        return;
    decoded_sound_close(&sound->decoded);
    av_frame_free(&sound->filtered);
    av_packet_free(&sound->packet);
    for (size_t i = 0; i < sound->count; i++) {
        avfilter_graph_free(&sound->rungs[i].graph);
        avcodec_free_context(&sound->rungs[i].encoder);
        if (sound->rungs[i].writer_open)
            fragment_writer_close(&sound->rungs[i].writer);
    }
    free(sound);
}

struct fragment_writer *encoded_sound_writer(struct encoded_sound *sound, size_t rung)
{
    return &sound->rungs[rung].writer;
}

/* frame NULL: the end. */
static bool encode(
    struct encoded_sound *sound, struct rung *rung, const AVFrame *frame, struct problem *problem)
{
    int result = avcodec_send_frame(rung->encoder, frame);
    while (result >= 0) {
        result = avcodec_receive_packet(rung->encoder, sound->packet);
        if (result == AVERROR(EAGAIN) || result == AVERROR_EOF)
            return true;
        /* What lies before 0 is the encoder's priming. */
        if (result >= 0 && sound->packet->pts >= 0
            && !fragment_writer_put(&rung->writer, sound->packet, problem))
            return false;
        av_packet_unref(sound->packet);
    }
    return media_problem_from_av(problem, result, "encode");
}

static bool drain(struct encoded_sound *sound, struct rung *rung, struct problem *problem)
{
    AVFrame *frame = sound->filtered;
    int result;
    while ((result = av_buffersink_get_frame(rung->sink, frame)) >= 0) {
        frame->pts = rung->samples_out;
        rung->samples_out += frame->nb_samples;
        bool done = encode(sound, rung, frame, problem);
        av_frame_unref(frame);
        if (!done)
            return false;
    }
    return result == AVERROR(EAGAIN) || result == AVERROR_EOF
           || media_problem_from_av(problem, result, "convert");
}

static int make_graph(struct rung *rung, const AVFrame *like)
{
    char chain[SOUND_CHAIN_SIZE];
    sound_rung_chain(rung->facts, like->ch_layout.nb_channels, chain);
    int result = sound_graph_make(&rung->graph, &rung->source, &rung->sink, like,
        (AVRational){ 1, like->sample_rate }, chain);
    if (result >= 0)
        av_buffersink_set_frame_size(rung->sink, (unsigned)rung->encoder->frame_size);
    return result;
}

static bool take_frame(void *data, const AVFrame *frame, struct problem *problem)
{
    struct encoded_sound *sound = data;
    for (size_t i = 0; i < sound->count; i++) {
        struct rung *rung = &sound->rungs[i];
        int result = rung->graph ? 0 : make_graph(rung, frame);
        if (result >= 0)
            result = av_buffersrc_write_frame(rung->source, frame);
        if (result < 0)
            return media_problem_from_av(problem, result, "convert");
        if (!drain(sound, rung, problem))
            return false;
    }
    return true;
}

bool encoded_sound_put(struct encoded_sound *sound, const AVPacket *packet, struct problem *problem)
{
    return decoded_sound_put(&sound->decoded, packet, problem);
}

static bool finish_rung(struct encoded_sound *sound, struct rung *rung, struct problem *problem)
{
    int result = av_buffersrc_add_frame(rung->source, NULL);
    if (result < 0)
        return media_problem_from_av(problem, result, "convert");
    return drain(sound, rung, problem) && encode(sound, rung, NULL, problem)
           && fragment_writer_finish(&rung->writer, problem);
}

bool encoded_sound_finish(struct encoded_sound *sound, struct problem *problem)
{
    if (!decoded_sound_finish(&sound->decoded, problem))
        return false;
    for (size_t i = 0; i < sound->count; i++)
        if (!finish_rung(sound, &sound->rungs[i], problem))
            return false;
    return true;
}

static int open_encoder(struct rung *rung)
{
    const AVCodec *codec = avcodec_find_encoder_by_name("aac");
    AVCodecContext *encoder = codec ? avcodec_alloc_context3(codec) : NULL;
    rung->encoder = encoder;
    if (!encoder)
        return AVERROR_ENCODER_NOT_FOUND;
    av_channel_layout_default(&encoder->ch_layout, rung->facts->channels);
    encoder->sample_rate = rung->facts->sample_rate;
    encoder->sample_fmt = AV_SAMPLE_FMT_FLTP;
    encoder->time_base = (AVRational){ 1, encoder->sample_rate };
    encoder->bit_rate = rung->facts->bits_per_second;
    encoder->flags |= AV_CODEC_FLAG_GLOBAL_HEADER;
    return avcodec_open2(encoder, codec, NULL);
}

static bool open_rung(
    struct rung *rung, int fd, const struct sound_place *place, struct problem *problem)
{
    struct segment_table table = {
        .kind = RENDITION_AUDIO,
        .original = place->language[0] == '\0',
        .sample_rate = rung->facts->sample_rate,
        .channels = rung->facts->channels,
    };
    (void)snprintf(table.group, sizeof table.group, "%s", rung->facts->group);
    (void)snprintf(table.language, sizeof table.language, "%s", place->language);
    sound_rendition_name(rung->facts->group, place->language, place->revision, table.name);
    AVCodecParameters *codec = avcodec_parameters_alloc();
    int result = codec ? open_encoder(rung) : AVERROR(ENOMEM);
    if (result >= 0)
        result = avcodec_parameters_from_context(codec, rung->encoder);
    rung->writer_open = result >= 0 ? fragment_writer_open(&rung->writer, fd, codec,
                            rung->encoder->time_base, &table, &place->cuts, problem)
                                    : media_problem_from_av(problem, result, "encode");
    avcodec_parameters_free(&codec);
    return rung->writer_open;
}

struct encoded_sound *encoded_sound_open(const AVStream *stream, const struct sound_place *place,
    const struct sound_rung *rungs, const int *fds, size_t count, struct problem *problem)
{
    struct encoded_sound *sound = memory_zeroed(1, sizeof *sound);
    sound->filtered = av_frame_alloc();
    sound->packet = av_packet_alloc();
    bool opened = (sound->filtered && sound->packet)
                  || media_problem_from_av(problem, AVERROR(ENOMEM), "encode");
    opened = opened
             && decoded_sound_open(&sound->decoded, stream, place->origin_us, place->duration_us,
                 take_frame, sound, problem);
    for (size_t i = 0; opened && i < count; i++) {
        sound->rungs[i].facts = &rungs[i];
        sound->count++;
        opened = open_rung(&sound->rungs[i], fds[i], place, problem);
    }
    if (opened)
        return sound;
    encoded_sound_close(sound);
    return NULL;
}
