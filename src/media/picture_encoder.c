#include "media/picture_encoder.h"

#include "base/memory.h"
#include "media/source.h"

#include <libavutil/opt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void picture_encoder_init(struct picture_encoder *encoder, const struct ladder_choice *choice,
    const struct picture_facts *facts, int thread_count, int fd)
{
    *encoder = (struct picture_encoder){
        .choice = choice, .facts = facts, .thread_count = thread_count, .fd = fd
    };
}

void picture_encoder_release(struct picture_encoder *encoder)
{
    sws_freeContext(encoder->scaler);
    avcodec_free_context(&encoder->encoder);
    av_packet_free(&encoder->encoded);
    free(encoder->cuts);
    fragment_writer_close(&encoder->writer);
}

int picture_encoder_scale(struct picture_encoder *encoder, const AVFrame *frame, AVFrame *ret_frame)
{
    int width = encoder->choice->width, height = encoder->choice->height;
    if (frame->width == width && frame->height == height)
        return av_frame_ref(ret_frame, frame);
    if (!encoder->scaler)
        encoder->scaler = sws_getContext(frame->width, frame->height, frame->format, width, height,
            AV_PIX_FMT_YUV420P, SWS_BICUBIC, NULL, NULL, NULL);
    if (!encoder->scaler)
        return AVERROR(ENOMEM);
    ret_frame->format = AV_PIX_FMT_YUV420P;
    ret_frame->width = width;
    ret_frame->height = height;
    int result = av_frame_get_buffer(ret_frame, 0);
    if (result >= 0)
        result = av_frame_copy_props(ret_frame, frame);
    if (result >= 0)
        result = sws_scale(encoder->scaler, (const uint8_t *const *)frame->data, frame->linesize, 0,
            frame->height, ret_frame->data, ret_frame->linesize);
    return result;
}

static int64_t rate_milli(const struct picture_encoder *encoder)
{
    if (encoder->choice->index == LADDER_STILLS)
        return 0;
    return encoder->facts->frames_per_second_milli / encoder->choice->step;
}

static void describe_colours(AVCodecContext *context, const AVFrame *frame)
{
    context->color_range = AVCOL_RANGE_MPEG;
    context->color_primaries = frame->color_primaries;
    context->color_trc = frame->color_trc;
    /* What came as RGB was turned into the matrix of its size by the scaler. */
    context->colorspace
        = frame->colorspace == AVCOL_SPC_RGB ? AVCOL_SPC_UNSPECIFIED : frame->colorspace;
}

/* Stills may spend on a slide what a whole segment has; others what two seconds have. */
static void set_rates(const struct picture_encoder *encoder, AVCodecContext *context)
{
    const struct ladder_choice *choice = encoder->choice;
    int64_t buffer_ms = choice->index == LADDER_STILLS ? encoder->facts->segment_ms : 2000;
    int64_t rate = rate_milli(encoder);
    context->framerate = (AVRational){ rate > 1000 ? (int)rate : 1000, 1000 };
    context->rc_max_rate = choice->rung.bits_per_second;
    context->rc_buffer_size = (int)(choice->rung.bits_per_second * buffer_ms / 1000);
    context->thread_count = encoder->thread_count;
    /* Reordered pictures (B) make a file a tenth smaller.  But some players show all pictures late by as much as
     * the order differs, which is seen where pictures are far apart: those come without. */
    if (!encoder->facts->steady || choice->index == LADDER_STILLS)
        context->max_b_frames = 0;
}

static int open_codec(AVCodecContext *context, const AVCodec *codec, int64_t quality)
{
    AVDictionary *options = NULL;
    av_dict_set(&options, "preset", "veryfast", 0);
    av_dict_set_int(&options, "crf", quality, 0);
    av_dict_set(&options, "forced-idr", "1", 0);
    av_dict_set(&options, "sc_threshold", "0", 0);
    av_dict_set(&options, "b-pyramid", "none", 0);
    int result = avcodec_open2(context, codec, &options);
    av_dict_free(&options);
    return result;
}

static int open_encoder(struct picture_encoder *encoder, const AVFrame *frame)
{
    const AVCodec *codec = avcodec_find_encoder_by_name("libx264");
    AVCodecContext *context = codec ? avcodec_alloc_context3(codec) : NULL;
    encoder->encoder = context;
    encoder->encoded = av_packet_alloc();
    if (!context || !encoder->encoded)
        return codec ? AVERROR(ENOMEM) : AVERROR_ENCODER_NOT_FOUND;
    context->width = frame->width;
    context->height = frame->height;
    context->pix_fmt = AV_PIX_FMT_YUV420P;
    context->sample_aspect_ratio = (AVRational){ 1, 1 };
    context->time_base = (AVRational){ 1, PICTURE_TICKS };
    context->gop_size = 100000; /* key pictures come where they are asked for, and nowhere else */
    context->keyint_min = 1;
    context->flags
        = (int)((unsigned)context->flags | AV_CODEC_FLAG_GLOBAL_HEADER | AV_CODEC_FLAG_CLOSED_GOP);
    set_rates(encoder, context);
    describe_colours(context, frame);
    return open_codec(context, codec, encoder->choice->rung.quality);
}

static bool open_writer(
    struct picture_encoder *encoder, const AVFrame *frame, struct problem *problem)
{
    const struct ladder_choice *choice = encoder->choice;
    struct fragment_cuts cuts
        = { .end_us = av_rescale(encoder->facts->end_ticks, 1000000, PICTURE_TICKS) };
    struct segment_table table = {
        .kind = choice->index == LADDER_STILLS ? RENDITION_STILLS : RENDITION_VIDEO,
        .width = choice->width,
        .height = choice->height,
        .frames_per_second_milli = rate_milli(encoder),
    };
    (void)snprintf(table.name, sizeof table.name, "%s", choice->name);
    AVCodecParameters *codec = avcodec_parameters_alloc();
    int result = codec ? open_encoder(encoder, frame) : AVERROR(ENOMEM);
    if (result >= 0)
        result = avcodec_parameters_from_context(codec, encoder->encoder);
    bool opened = result >= 0 ? fragment_writer_open(&encoder->writer, encoder->fd, codec,
                      encoder->encoder->time_base, &table, &cuts, problem)
                              : media_problem_from_av(problem, result, "encode");
    avcodec_parameters_free(&codec);
    return opened;
}

static void remember_cut(struct picture_encoder *encoder, int64_t ticks)
{
    if (encoder->cut_count == encoder->cut_capacity) {
        encoder->cut_capacity = encoder->cut_capacity * 2 + 4;
        encoder->cuts = memory_resized(encoder->cuts, encoder->cut_capacity, sizeof *encoder->cuts);
    }
    encoder->cuts[encoder->cut_count++] = ticks;
}

/* Packets come out in the order of decoding, and no picture passes a key. */
static bool was_cut(struct picture_encoder *encoder, int64_t ticks)
{
    if (encoder->cut_count == 0 || encoder->cuts[0] != ticks)
        return false;
    memmove(encoder->cuts, encoder->cuts + 1, --encoder->cut_count * sizeof *encoder->cuts);
    return true;
}

/* frame NULL: the end. */
static bool encode(struct picture_encoder *encoder, const AVFrame *frame, struct problem *problem)
{
    int result = avcodec_send_frame(encoder->encoder, frame);
    while (result >= 0) {
        result = avcodec_receive_packet(encoder->encoder, encoder->encoded);
        if (result == AVERROR(EAGAIN) || result == AVERROR_EOF)
            return true;
        if (result >= 0 && was_cut(encoder, encoder->encoded->pts))
            fragment_writer_cut(&encoder->writer);
        if (result >= 0 && !fragment_writer_put(&encoder->writer, encoder->encoded, problem))
            return false;
        av_packet_unref(encoder->encoded);
    }
    return media_problem_from_av(problem, result, "encode");
}

bool picture_encoder_put(
    struct picture_encoder *encoder, AVFrame *frame, bool key, bool cut, struct problem *problem)
{
    if (!encoder->encoder && !open_writer(encoder, frame, problem))
        return false;
    frame->pict_type = key ? AV_PICTURE_TYPE_I : AV_PICTURE_TYPE_NONE;
    if (cut)
        remember_cut(encoder, frame->pts);
    return encode(encoder, frame, problem);
}

bool picture_encoder_finish(struct picture_encoder *encoder, struct problem *problem)
{
    if (!encoder->encoder)
        return finding_refuse(problem, (struct finding){ .code = FINDING_PICTURE_UNPLAYABLE });
    return encode(encoder, NULL, problem) && fragment_writer_finish(&encoder->writer, problem);
}
