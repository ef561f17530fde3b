/*
 * A picture track decoded and encoded anew: H.264 that every browser plays, upright, progressive, square pixels, at most
 * 1280 x 720 and about 30 pictures a second, never larger or more than it was.
 *
 * Times are kept as they are, so that recordings of a screen with a variable rate stay in step with their sound.  Where
 * no picture falls near the place of a cut, the last one is shown again there, as a key picture.
 */
#include "media/output_track.h"
#include "media/picture_filter.h"

#include "base/memory.h"

#include <libavcodec/avcodec.h>
#include <libavutil/mathematics.h>
#include <libavutil/opt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    TICKS = 90000,        /* a second */
    STEADY_MILLI = 20000, /* pictures a second */
    KEY_MS_MAX = 2000,
    LATE_KEY_TICKS = TICKS / 10, /* a key picture may come this late after its place */
    BURST_TICKS
    = TICKS * 3 / 100, /* pictures closer than this are left out, whatever the average */
    ERRORS_LEAST = 10,
    ERRORS_EARLY = 100 /* before the end is known */
};

struct encoded_video {
    struct output_track base;
    int fd;
    AVCodecContext *decoder, *encoder;
    struct picture_filter filter;
    AVFrame *decoded, *filtered, *held;
    AVPacket *encoded;
    bool holding;
    bool steady;       /* pictures come often and evenly */
    int64_t key_ticks; /* from one key picture to the next */
    int64_t next_key_ticks;
    int64_t end_ticks;
    int64_t least_step_ticks;
    int64_t last_taken_ticks; /* before the filter */
    int64_t last_sent_ticks;
    int64_t packets, errors;
    int64_t frames_per_second_milli;
};

/* Ladder of lectures: the most that a line needs to carry for a picture of this height. */
static const struct {
    int height;
    int64_t bits_per_second_max;
} ladder[] = {
    { 240, 100000 },
    { 360, 250000 },
    { 480, 500000 },
    { 720, 1100000 },
};

static int64_t bits_for(int width, int height)
{
    size_t last = sizeof ladder / sizeof ladder[0] - 1;
    int shorter = width < height ? width : height;
    for (size_t i = 0; i < last; i++)
        if (shorter <= ladder[i].height)
            return ladder[i].bits_per_second_max;
    return ladder[last].bits_per_second_max;
}

static void close_encoded(struct output_track *base)
{
    struct encoded_video *track = (struct encoded_video *)base;
    picture_filter_release(&track->filter);
    avcodec_free_context(&track->decoder);
    avcodec_free_context(&track->encoder);
    av_frame_free(&track->decoded);
    av_frame_free(&track->filtered);
    av_frame_free(&track->held);
    av_packet_free(&track->encoded);
    fragment_writer_close(&base->writer);
    free(track);
}

static bool refuse_damaged(const struct encoded_video *track, struct problem *problem)
{
    return finding_refuse(problem, (struct finding){ .code = FINDING_PICTURE_DAMAGED,
                                       .numbers = { track->errors < track->packets ? 90 : 1 } });
}

static bool too_damaged(const struct encoded_video *track, int64_t errors_least)
{
    return track->errors > errors_least && track->errors * 10 > track->packets;
}

static void describe_colours(AVCodecContext *encoder, const AVFrame *frame)
{
    encoder->color_range = AVCOL_RANGE_MPEG;
    encoder->color_primaries = frame->color_primaries;
    encoder->color_trc = frame->color_trc;
    /* What came as RGB was turned into the matrix of its size by the scaler. */
    encoder->colorspace
        = frame->colorspace == AVCOL_SPC_RGB ? AVCOL_SPC_UNSPECIFIED : frame->colorspace;
}

static int open_encoder(struct encoded_video *track, const AVFrame *frame)
{
    const AVCodec *codec = avcodec_find_encoder_by_name("libx264");
    AVCodecContext *encoder = codec ? avcodec_alloc_context3(codec) : NULL;
    track->encoder = encoder;
    if (!encoder)
        return AVERROR_ENCODER_NOT_FOUND;
    encoder->width = frame->width;
    encoder->height = frame->height;
    encoder->pix_fmt = AV_PIX_FMT_YUV420P;
    encoder->sample_aspect_ratio = (AVRational){ 1, 1 };
    encoder->time_base = (AVRational){ 1, TICKS };
    encoder->framerate = (AVRational){ (int)track->frames_per_second_milli, 1000 };
    encoder->gop_size = 100000; /* key pictures come where they are asked for, and nowhere else */
    encoder->keyint_min = 1;
    if (!track->steady)
        encoder->max_b_frames = 0;
    encoder->rc_max_rate = bits_for(frame->width, frame->height);
    encoder->rc_buffer_size = (int)encoder->rc_max_rate * 2;
    encoder->thread_count = codec_thread_count();
    encoder->flags
        = (int)((unsigned)encoder->flags | AV_CODEC_FLAG_GLOBAL_HEADER | AV_CODEC_FLAG_CLOSED_GOP);
    describe_colours(encoder, frame);
    AVDictionary *options = NULL;
    av_dict_set(&options, "preset", "veryfast", 0);
    av_dict_set(&options, "crf", "23", 0);
    av_dict_set(&options, "forced-idr", "1", 0);
    av_dict_set(&options, "sc_threshold", "0", 0);
    av_dict_set(&options, "b-pyramid", "none", 0);
    int result = avcodec_open2(encoder, codec, &options);
    av_dict_free(&options);
    return result;
}

static bool open_writer(struct encoded_video *track, const AVFrame *frame, struct problem *problem)
{
    struct fragment_cuts cuts = output_track_cuts(track->base.probe);
    struct segment_table table = {
        .kind = RENDITION_VIDEO,
        .name = "720p",
        .width = frame->width,
        .height = frame->height,
        .frames_per_second_milli = track->frames_per_second_milli,
    };
    AVCodecParameters *codec = avcodec_parameters_alloc();
    int result = codec ? open_encoder(track, frame) : AVERROR(ENOMEM);
    if (result >= 0)
        result = avcodec_parameters_from_context(codec, track->encoder);
    bool opened = result >= 0 ? fragment_writer_open(&track->base.writer, track->fd, codec,
                      track->encoder->time_base, &table, &cuts, problem)
                              : media_problem_from_av(problem, result, "encode");
    avcodec_parameters_free(&codec);
    return opened;
}

/* frame NULL: the end. */
static bool encode(struct encoded_video *track, const AVFrame *frame, struct problem *problem)
{
    if (!track->encoder && (!frame || !open_writer(track, frame, problem)))
        return frame == NULL;
    int result = avcodec_send_frame(track->encoder, frame);
    while (result >= 0) {
        result = avcodec_receive_packet(track->encoder, track->encoded);
        if (result == AVERROR(EAGAIN) || result == AVERROR_EOF)
            return true;
        if (result >= 0 && !fragment_writer_put(&track->base.writer, track->encoded, problem))
            return false;
        av_packet_unref(track->encoded);
    }
    return media_problem_from_av(problem, result, "encode");
}

static bool send_at(struct encoded_video *track, int64_t ticks, struct problem *problem)
{
    AVFrame *frame = track->held;
    frame->pts = ticks;
    frame->pict_type = AV_PICTURE_TYPE_NONE;
    if (ticks >= track->next_key_ticks) {
        frame->pict_type = AV_PICTURE_TYPE_I;
        track->next_key_ticks = (ticks / track->key_ticks + 1) * track->key_ticks;
    }
    track->last_sent_ticks = ticks;
    return encode(track, frame, problem);
}

/* Sends the held picture, and again at each key's place that no picture comes near until `until`. */
static bool send_held(struct encoded_video *track, int64_t until, struct problem *problem)
{
    if (!track->holding)
        return true;
    if (!send_at(track, track->held->pts, problem))
        return false;
    while (until - track->next_key_ticks > LATE_KEY_TICKS)
        if (!send_at(track, track->next_key_ticks, problem))
            return false;
    return true;
}

/* The picture that is on at 0 begins the lecture, whether it was to be shown before or a little after. */
static bool take_filtered(struct encoded_video *track, struct problem *problem)
{
    AVFrame *frame = track->filtered;
    bool first = !track->holding;
    if (frame->pts >= track->end_ticks && !first) {
        av_frame_unref(frame);
        return true;
    }
    if (!first && frame->pts > 0 && !send_held(track, frame->pts, problem))
        return false;
    av_frame_unref(track->held);
    av_frame_move_ref(track->held, frame);
    if (track->held->pts < 0 || first)
        track->held->pts = 0;
    track->holding = true;
    return true;
}

/* frame NULL: the end. */
static bool filter(struct encoded_video *track, AVFrame *frame, struct problem *problem)
{
    int result
        = frame ? picture_filter_put(&track->filter, frame) : picture_filter_finish(&track->filter);
    while (result >= 0) {
        result = picture_filter_get(&track->filter, track->filtered);
        if (result == AVERROR(EAGAIN) || result == AVERROR_EOF)
            return true;
        if (result >= 0 && !take_filtered(track, problem))
            return false;
    }
    return result == AVERROR_EOF || media_problem_from_av(problem, result, "convert");
}

static bool take_decoded(struct encoded_video *track, struct problem *problem)
{
    const struct media_probe *probe = track->base.probe;
    AVFrame *frame = track->decoded;
    int64_t pts = frame->best_effort_timestamp;
    int64_t ticks = track->last_taken_ticks + track->least_step_ticks;
    if (pts != AV_NOPTS_VALUE)
        ticks = av_rescale_q(pts, probe->video.time_base, (AVRational){ 1, TICKS })
                - av_rescale(probe->plan.origin_us, TICKS, 1000000);
    bool too_soon = ticks > 0 && ticks - track->last_taken_ticks < track->least_step_ticks;
    /* A picture whose time goes back cannot be placed. */
    if (track->last_taken_ticks != INT64_MIN / 2
        && (too_soon || ticks <= track->last_taken_ticks || ticks >= track->end_ticks)) {
        av_frame_unref(frame);
        return true;
    }
    track->last_taken_ticks = ticks;
    frame->pts = ticks;
    bool done = filter(track, frame, problem);
    av_frame_unref(frame);
    return done;
}

/* packet NULL: the end. */
static bool decode(struct encoded_video *track, const AVPacket *packet, struct problem *problem)
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
        track->errors += track->decoded->decode_error_flags != 0;
        if (!take_decoded(track, problem))
            return false;
    }
}

static bool put_picture(struct output_track *base, AVPacket *packet, struct problem *problem)
{
    struct encoded_video *track = (struct encoded_video *)base;
    track->packets++;
    return decode(track, packet, problem)
           && (!too_damaged(track, ERRORS_EARLY) || refuse_damaged(track, problem));
}

static bool finish_picture(struct output_track *base, struct problem *problem)
{
    struct encoded_video *track = (struct encoded_video *)base;
    if (!decode(track, NULL, problem) || !filter(track, NULL, problem))
        return false;
    if (!track->holding || too_damaged(track, ERRORS_LEAST))
        return refuse_damaged(track, problem);
    return send_held(track, track->end_ticks, problem) && encode(track, NULL, problem)
           && fragment_writer_finish(&base->writer, problem);
}

static int open_decoder(struct encoded_video *track, const AVCodecParameters *parameters)
{
    const struct media_probe *probe = track->base.probe;
    const AVCodec *codec = avcodec_find_decoder(parameters->codec_id);
    track->decoder = codec ? avcodec_alloc_context3(codec) : NULL;
    if (!track->decoder)
        return AVERROR_DECODER_NOT_FOUND;
    int result = avcodec_parameters_to_context(track->decoder, parameters);
    if (result < 0)
        return result;
    int64_t side = probe->source.settings->media_side_pixels_max;
    track->decoder->pkt_timebase = probe->video.time_base;
    track->decoder->max_pixels = side * side;
    track->decoder->thread_count = codec_thread_count();
    return avcodec_open2(track->decoder, codec, NULL);
}

/* Reordered pictures (B) make a file a tenth smaller.  But some players show all pictures late by as much as the order
 * differs, which is seen where pictures are far apart: those come without. */
static bool is_steady(const struct track *video, int64_t rate_milli)
{
    return rate_milli >= STEADY_MILLI && video->longest_step_us < INT64_C(3000000000) / rate_milli;
}

/* Whole-number decimation down to about 30 a second: 60 gives 30, 50 gives 25. */
static void choose_rate(struct encoded_video *track, int64_t rate_milli)
{
    if (rate_milli < 1000)
        rate_milli = 1000;
    int64_t step = (rate_milli + 32999) / 33000;
    track->frames_per_second_milli = rate_milli / step;
    track->least_step_ticks = (int64_t)TICKS * 1000 / track->frames_per_second_milli * 3 / 4;
    if (track->least_step_ticks > BURST_TICKS)
        track->least_step_ticks = BURST_TICKS;
}

struct output_track *encoded_video_open(
    const struct media_probe *probe, int fd, struct problem *problem)
{
    struct encoded_video *track = memory_zeroed(1, sizeof *track);
    const AVStream *stream = probe->source.format->streams[probe->video.stream];
    int64_t segment_ms = probe->source.settings->segment_ms;
    track->base = (struct output_track){
        .put = put_picture, .finish = finish_picture, .close = close_encoded, .probe = probe
    };
    track->fd = fd;
    track->decoded = av_frame_alloc();
    track->filtered = av_frame_alloc();
    track->held = av_frame_alloc();
    track->encoded = av_packet_alloc();
    track->last_taken_ticks = INT64_MIN / 2;
    track->end_ticks = av_rescale(probe->plan.duration_us, TICKS, 1000000);
    /* Equal parts of a segment, so that each cut is at a key's place. */
    track->key_ticks = segment_ms * (TICKS / 1000) / ((segment_ms + KEY_MS_MAX - 1) / KEY_MS_MAX);
    track->steady = is_steady(&probe->video, probe->report.video.frames_per_second_milli);
    choose_rate(track, probe->report.video.frames_per_second_milli);
    int result = track->decoded && track->filtered && track->held && track->encoded
                     ? open_decoder(track, stream->codecpar)
                     : AVERROR(ENOMEM);
    bool may_interlace = stream->codecpar->field_order != AV_FIELD_PROGRESSIVE
                         && !(probe->video.h264_known && probe->video.h264.frames_only);
    picture_filter_init(&track->filter, probe->report.video.rotation_degrees, probe->mirrored,
        may_interlace, codec_thread_count());
    if (result < 0) {
        (void)media_problem_from_av(problem, result, "decode");
        close_encoded(&track->base);
        return NULL;
    }
    return &track->base;
}
