/* Tracks that are packed as they are: only their times are moved to the lecture's beginning. */
#include "media/output_track.h"

#include "base/memory.h"

#include <libavcodec/bsf.h>
#include <libavutil/mathematics.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { AAC_SAMPLES = 1024, THREADS_MAX = 8, NEAR_CUT_US = 100000 };

struct copied_track {
    struct output_track base;
    int fd;
    int64_t origin;          /* ticks of the stream */
    struct media_plan *plan; /* pictures: its cuts are set right as they go by */
    size_t next_cut;
    /* sound */
    AVBSFContext *filter; /* ADTS to plain AAC; NULL: plain already */
    bool writer_open;
    int64_t next_sample; /* times are a count of samples: clocks of containers are too coarse */
    int64_t frame_samples;
};

int codec_thread_count(void)
{
    cpu_set_t set;
    int count = sched_getaffinity(0, sizeof set, &set) == 0 ? CPU_COUNT(&set) : 1;
    return count < THREADS_MAX ? count : THREADS_MAX;
}

struct fragment_cuts output_track_cuts(const struct media_probe *probe)
{
    return (struct fragment_cuts){
        .end_us = probe->plan.duration_us,
        .cuts_us = probe->plan.cuts_us,
        .cut_count = probe->plan.cut_count,
    };
}

bool output_track_put(struct output_track *track, AVPacket *packet, struct problem *problem)
{
    return track->put(track, packet, problem);
}

bool output_track_finish(struct output_track *track, struct problem *problem)
{
    return track->finish(track, problem);
}

void output_track_close(struct output_track *track)
{
    if (track)
        track->close(track);
}

static const AVStream *stream_of(const struct media_probe *probe, const struct track *track)
{
    return probe->source.format->streams[track->stream];
}

static void close_copied(struct output_track *base)
{
    struct copied_track *track = (struct copied_track *)base;
    av_bsf_free(&track->filter);
    fragment_writer_close(&base->writer);
    free(track);
}

static struct copied_track *make_track(
    const struct media_probe *probe, const struct track *facts, int fd)
{
    struct copied_track *track = memory_zeroed(1, sizeof *track);
    track->base.probe = probe;
    track->base.close = close_copied;
    track->fd = fd;
    track->origin = av_rescale_q(probe->plan.origin_us, AV_TIME_BASE_Q, facts->time_base);
    return track;
}

/* What an index knows of times is an estimate; the packet knows.  So where a cut was expected at about this time, it is
 * here, for all renditions. */
static bool is_cut(struct copied_track *track, int64_t at_us)
{
    struct media_plan *plan = track->plan;
    if (track->next_cut >= plan->cut_count || at_us < plan->cuts_us[track->next_cut] - NEAR_CUT_US)
        return false;
    size_t passed = 1, at = track->next_cut++;
    while (at + passed < plan->cut_count && plan->cuts_us[at + passed] <= at_us)
        passed++;
    plan->cut_count -= passed - 1;
    memmove(&plan->cuts_us[at + 1], &plan->cuts_us[at + passed],
        (plan->cut_count - at - 1) * sizeof *plan->cuts_us);
    plan->cuts_us[at] = at_us;
    return true;
}

static bool put_picture(struct output_track *base, AVPacket *packet, struct problem *problem)
{
    struct copied_track *track = (struct copied_track *)base;
    const struct track *facts = &base->probe->video;
    packet->pts -= track->origin;
    /* Only a place where decoding can begin may begin a segment; the key flag is set on others too. */
    packet->flags &= ~AV_PKT_FLAG_KEY;
    if (h264_read_picture(packet->data, (size_t)packet->size, facts->framing).idr) {
        packet->flags |= AV_PKT_FLAG_KEY;
        if (is_cut(track, av_rescale_q(packet->pts, facts->time_base, AV_TIME_BASE_Q)))
            fragment_writer_cut(&base->writer);
    }
    return fragment_writer_put(&base->writer, packet, problem);
}

static bool finish_picture(struct output_track *base, struct problem *problem)
{
    return fragment_writer_finish(&base->writer, problem);
}

/* As shown, with square pixels. */
static void shown_size(const AVStream *stream, int *ret_width, int *ret_height)
{
    const AVCodecParameters *codec = stream->codecpar;
    AVRational aspect = codec->sample_aspect_ratio;
    *ret_width = codec->width;
    *ret_height = codec->height;
    if (aspect.num > 0 && aspect.den > 0 && aspect.num / aspect.den < 16
        && aspect.den / aspect.num < 16)
        *ret_width = (int)av_rescale(codec->width, aspect.num, aspect.den);
    if (*ret_width < 1)
        *ret_width = 1;
}

struct output_track *copied_video_open(struct media_probe *probe, int fd, struct problem *problem)
{
    struct copied_track *track = make_track(probe, &probe->video, fd);
    const AVStream *stream = stream_of(probe, &probe->video);
    struct fragment_cuts cuts = output_track_cuts(probe);
    struct segment_table table = {
        .kind = RENDITION_VIDEO,
        .name = "source",
        .frames_per_second_milli = probe->report.video.frames_per_second_milli,
    };
    shown_size(stream, &table.width, &table.height);
    track->plan = &probe->plan;
    track->base.put = put_picture;
    track->base.finish = finish_picture;
    if (!fragment_writer_open(
            &track->base.writer, fd, stream->codecpar, stream->time_base, &table, &cuts, problem)) {
        free(track);
        return NULL;
    }
    return &track->base;
}

static bool open_sound_writer(
    struct copied_track *track, const AVCodecParameters *codec, struct problem *problem)
{
    struct fragment_cuts cuts = output_track_cuts(track->base.probe);
    struct segment_table table = {
        .kind = RENDITION_AUDIO,
        .name = "audio-high",
        .group = "high",
        .original = true,
        .sample_rate = codec->sample_rate,
        .channels = codec->ch_layout.nb_channels,
    };
    track->writer_open = fragment_writer_open(&track->base.writer, track->fd, codec,
        (AVRational){ 1, codec->sample_rate }, &table, &cuts, problem);
    return track->writer_open;
}

/* The first packet tells what an ADTS stream's AudioSpecificConfig is; the writer needs it before. */
static bool begin_sound(struct copied_track *track, const AVPacket *packet, struct problem *problem)
{
    const struct media_probe *probe = track->base.probe;
    AVCodecParameters *codec = avcodec_parameters_alloc();
    size_t size = 0;
    const uint8_t *config = av_packet_get_side_data(packet, AV_PKT_DATA_NEW_EXTRADATA, &size);
    bool begun
        = codec && avcodec_parameters_copy(codec, stream_of(probe, &probe->audio)->codecpar) >= 0;
    if (begun && track->filter && config) {
        av_freep(&codec->extradata);
        codec->extradata_size = 0;
        codec->extradata = av_mallocz(size + AV_INPUT_BUFFER_PADDING_SIZE);
        begun = codec->extradata != NULL;
        if (begun) {
            memcpy(codec->extradata, config, size);
            codec->extradata_size = (int)size;
        }
    }
    if (begun)
        begun = open_sound_writer(track, codec, problem);
    else
        (void)media_problem_from_av(problem, AVERROR(ENOMEM), "package");
    avcodec_parameters_free(&codec);
    return begun;
}

static int64_t sample_of(const struct copied_track *track, const AVPacket *packet)
{
    AVRational samples = { 1, track->base.writer.table.sample_rate };
    return av_rescale_q(packet->pts - track->origin, track->base.probe->audio.time_base, samples);
}

/* Encoders put a packet of priming before the first sound; half a packet more or less is not heard. */
static bool settle_start(struct copied_track *track, int64_t start)
{
    if (start < -track->frame_samples / 2)
        return false;
    track->next_sample = start <= track->frame_samples / 2 ? 0 : start;
    return true;
}

/* Whether the packet has a place in the count.  At a seam between recordings one that is there twice is left out, and
 * a moment that is missing stays empty (see check_seams() in track.c). */
static bool has_place(struct copied_track *track, int64_t sample)
{
    if (track->next_sample < 0)
        return settle_start(track, sample);
    int64_t off = sample - track->next_sample;
    if (off > track->frame_samples / 2)
        track->next_sample = sample;
    return off >= -track->frame_samples / 2;
}

static bool put_plain_sound(struct copied_track *track, AVPacket *packet, struct problem *problem)
{
    if (!track->writer_open && !begin_sound(track, packet, problem))
        return false;
    if (!has_place(track, sample_of(track, packet)))
        return true;
    packet->pts = packet->dts = track->next_sample;
    packet->duration = track->frame_samples;
    track->next_sample += track->frame_samples;
    /* Skipped samples and configurations beside a packet have been dealt with. */
    av_packet_free_side_data(packet);
    return fragment_writer_put(&track->base.writer, packet, problem);
}

static bool put_sound(struct output_track *base, AVPacket *packet, struct problem *problem)
{
    struct copied_track *track = (struct copied_track *)base;
    if (!track->filter)
        return put_plain_sound(track, packet, problem);
    int result = av_bsf_send_packet(track->filter, packet);
    while (result >= 0) {
        result = av_bsf_receive_packet(track->filter, packet);
        if (result >= 0 && !put_plain_sound(track, packet, problem))
            return false;
    }
    if (result == AVERROR(ENOMEM))
        return media_problem_from_av(problem, result, "package");
    /* A frame that is no frame is left out; the scan has found the times to be whole. */
    return true;
}

static bool finish_sound(struct output_track *base, struct problem *problem)
{
    const struct copied_track *track = (const struct copied_track *)base;
    if (!track->writer_open)
        return finding_refuse(problem, (struct finding){ .code = FINDING_SOUND_UNPLAYABLE });
    return fragment_writer_finish(&base->writer, problem);
}

static int open_filter(struct copied_track *track, const AVStream *stream)
{
    int result = av_bsf_alloc(av_bsf_get_by_name("aac_adtstoasc"), &track->filter);
    if (result >= 0)
        result = avcodec_parameters_copy(track->filter->par_in, stream->codecpar);
    if (result < 0)
        return result;
    track->filter->time_base_in = stream->time_base;
    return av_bsf_init(track->filter);
}

struct output_track *copied_audio_open(
    const struct media_probe *probe, int fd, struct problem *problem)
{
    struct copied_track *track = make_track(probe, &probe->audio, fd);
    const AVStream *stream = stream_of(probe, &probe->audio);
    track->base.put = put_sound;
    track->base.finish = finish_sound;
    track->next_sample = -1;
    track->frame_samples
        = stream->codecpar->frame_size > 0 ? stream->codecpar->frame_size : AAC_SAMPLES;
    int result = stream->codecpar->extradata_size == 0 ? open_filter(track, stream) : 0;
    if (result < 0) {
        (void)media_problem_from_av(problem, result, "package");
        close_copied(&track->base);
        return NULL;
    }
    return &track->base;
}
