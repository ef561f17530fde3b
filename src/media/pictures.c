#include "media/pictures.h"

#include "base/memory.h"
#include "media/damage.h"
#include "media/output_track.h"
#include "media/picture_filter.h"
#include "media/slides.h"

#include <libavcodec/avcodec.h>
#include <libavutil/mathematics.h>
#include <stdlib.h>

enum {
    STEADY_MILLI = 20000,                  /* pictures a second */
    SNAP_TICKS = PICTURE_TICKS * 20 / 1000 /* to a cut */
};
static const int64_t never = INT64_MIN / 2;

struct pictures {
    const struct media_probe *probe;
    struct picture_facts facts;
    AVCodecContext *decoder;
    struct picture_filter filter;
    struct picture_rung *rungs[PICTURES_RUNGS_MAX];
    size_t rung_count;
    struct picture_rung *stills; /* one of them, or NULL */
    struct slides slides;
    struct previews *previews; /* or NULL */
    AVFrame *decoded, *filtered, *held;
    bool begun;                /* something was sent on */
    size_t snap_cut, next_cut; /* of the plan: before and behind the filter */
    int64_t snap_ticks, least_step_ticks;
    int64_t last_taken_ticks; /* before the filter */
    int64_t position_ticks;
    struct damage damage;
};

static int64_t cut_ticks(const struct pictures *pictures, size_t number)
{
    const struct media_plan *plan = &pictures->probe->plan;
    return number < plan->cut_count ? av_rescale(plan->cuts_us[number], PICTURE_TICKS, 1000000)
                                    : INT64_MAX;
}

/* To all rungs, or those that it is for: stills take one only where the picture has changed. */
static bool send(
    struct pictures *pictures, AVFrame *frame, int64_t ticks, bool cut, struct problem *problem)
{
    frame->pts = ticks;
    pictures->begun = true;
    pictures->position_ticks = ticks;
    bool still = slides_see(&pictures->slides, frame, cut);
    if (pictures->previews && !previews_see(pictures->previews, frame, problem))
        return false;
    for (size_t i = 0; i < pictures->rung_count; i++)
        if ((pictures->rungs[i] != pictures->stills || still)
            && !picture_rung_put(pictures->rungs[i], frame, cut, problem))
            return false;
    return true;
}

/* Cuts that no picture was near: the one that is on is shown again. */
static bool send_held_at_cuts(struct pictures *pictures, int64_t until, struct problem *problem)
{
    for (; cut_ticks(pictures, pictures->next_cut) < until; pictures->next_cut++)
        if (!send(pictures, pictures->held, cut_ticks(pictures, pictures->next_cut), true, problem))
            return false;
    return true;
}

static void hold(struct pictures *pictures, AVFrame *frame)
{
    av_frame_unref(pictures->held);
    av_frame_move_ref(pictures->held, frame);
}

/* The picture that is on at 0 begins the lecture, whether it was to be shown before or a little after. */
static bool take_filtered(struct pictures *pictures, struct problem *problem)
{
    AVFrame *frame = pictures->filtered;
    int64_t ticks = frame->pts;
    if (!pictures->begun && (ticks <= 0 || !pictures->held->buf[0])) {
        hold(pictures, frame);
        return true;
    }
    if (!pictures->begun && !send(pictures, pictures->held, 0, true, problem))
        return false;
    if (!send_held_at_cuts(pictures, ticks, problem))
        return false;
    bool cut = ticks == cut_ticks(pictures, pictures->next_cut);
    pictures->next_cut += cut;
    hold(pictures, frame);
    return send(pictures, pictures->held, ticks, cut, problem);
}

/* frame NULL: the end. */
static bool filter(struct pictures *pictures, AVFrame *frame, struct problem *problem)
{
    int result = frame ? picture_filter_put(&pictures->filter, frame)
                       : picture_filter_finish(&pictures->filter);
    while (result >= 0) {
        result = picture_filter_get(&pictures->filter, pictures->filtered);
        if (result == AVERROR(EAGAIN) || result == AVERROR_EOF)
            return true;
        if (result >= 0 && !take_filtered(pictures, problem))
            return false;
    }
    return result == AVERROR_EOF || media_problem_from_av(problem, result, "convert");
}

/* The cut that this picture is near enough to be shown at, else its own time. */
static int64_t snap(struct pictures *pictures, int64_t ticks)
{
    while (cut_ticks(pictures, pictures->snap_cut) < ticks - pictures->snap_ticks)
        pictures->snap_cut++;
    int64_t cut = cut_ticks(pictures, pictures->snap_cut);
    if (cut > ticks + pictures->snap_ticks || cut >= pictures->facts.end_ticks)
        return ticks;
    pictures->snap_cut++;
    return cut;
}

static int64_t time_of(const struct pictures *pictures, const AVFrame *frame)
{
    const struct media_probe *probe = pictures->probe;
    if (frame->best_effort_timestamp == AV_NOPTS_VALUE)
        return pictures->last_taken_ticks + pictures->least_step_ticks;
    return av_rescale_q(frame->best_effort_timestamp, probe->video.time_base,
               (AVRational){ 1, PICTURE_TICKS })
           - av_rescale(probe->plan.origin_us, PICTURE_TICKS, 1000000);
}

static bool take_decoded(struct pictures *pictures, struct problem *problem)
{
    AVFrame *frame = pictures->decoded;
    int64_t ticks = time_of(pictures, frame), last = pictures->last_taken_ticks;
    /* A picture whose time goes back cannot be placed. */
    bool placed = last == never || (ticks > last && ticks < pictures->facts.end_ticks);
    int64_t snapped = placed && ticks > 0 ? snap(pictures, ticks) : ticks;
    bool too_soon = ticks > 0 && snapped == ticks && ticks - last < pictures->least_step_ticks;
    if (!placed || (last != never && (too_soon || snapped <= last))) {
        av_frame_unref(frame);
        return true;
    }
    pictures->last_taken_ticks = snapped;
    frame->pts = snapped;
    bool done = filter(pictures, frame, problem);
    av_frame_unref(frame);
    return done;
}

/* packet NULL: the end. */
static bool decode(struct pictures *pictures, const AVPacket *packet, struct problem *problem)
{
    int result = avcodec_send_packet(pictures->decoder, packet);
    if (result == AVERROR(ENOMEM))
        return media_problem_from_av(problem, result, "decode");
    if (result < 0 && result != AVERROR_EOF)
        pictures->damage.errors++;
    for (;;) {
        result = avcodec_receive_frame(pictures->decoder, pictures->decoded);
        if (result == AVERROR(EAGAIN) || result == AVERROR_EOF)
            return true;
        if (result == AVERROR(ENOMEM))
            return media_problem_from_av(problem, result, "decode");
        if (result < 0) {
            pictures->damage.errors++;
            return true;
        }
        pictures->damage.errors += pictures->decoded->decode_error_flags != 0;
        if (!take_decoded(pictures, problem))
            return false;
    }
}

bool pictures_put(struct pictures *pictures, const AVPacket *packet, struct problem *problem)
{
    pictures->damage.packets++;
    return decode(pictures, packet, problem)
           && damage_is_bearable(&pictures->damage, false, FINDING_PICTURE_DAMAGED, problem);
}

bool pictures_finish(struct pictures *pictures, struct problem *problem)
{
    if (!decode(pictures, NULL, problem) || !filter(pictures, NULL, problem))
        return false;
    if (!pictures->held->buf[0])
        return damage_refuse(&pictures->damage, FINDING_PICTURE_DAMAGED, problem);
    if (!damage_is_bearable(&pictures->damage, true, FINDING_PICTURE_DAMAGED, problem))
        return false;
    if (!pictures->begun && !send(pictures, pictures->held, 0, true, problem))
        return false;
    if (!send_held_at_cuts(pictures, pictures->facts.end_ticks, problem))
        return false;
    for (size_t i = 0; i < pictures->rung_count; i++)
        if (!picture_rung_finish(pictures->rungs[i], problem))
            return false;
    return !pictures->previews || previews_finish(pictures->previews, problem);
}

static int open_decoder(struct pictures *pictures, const AVCodecParameters *parameters)
{
    const struct media_probe *probe = pictures->probe;
    const AVCodec *codec = avcodec_find_decoder(parameters->codec_id);
    pictures->decoder = codec ? avcodec_alloc_context3(codec) : NULL;
    if (!pictures->decoder)
        return AVERROR_DECODER_NOT_FOUND;
    int result = avcodec_parameters_to_context(pictures->decoder, parameters);
    if (result < 0)
        return result;
    int64_t side = probe->source.settings->media_side_pixels_max;
    pictures->decoder->pkt_timebase = probe->video.time_base;
    pictures->decoder->max_pixels = side * side;
    pictures->decoder->thread_count = codec_thread_count();
    return avcodec_open2(pictures->decoder, codec, NULL);
}

static bool is_steady(const struct track *video, int64_t rate_milli)
{
    return rate_milli >= STEADY_MILLI && video->longest_step_us < INT64_C(3000000000) / rate_milli;
}

static const AVCodecParameters *parameters_of(const struct media_probe *probe)
{
    return probe->source.format->streams[probe->video.stream]->codecpar;
}

struct ladder_picture pictures_as_shown(const struct media_probe *probe)
{
    const AVCodecParameters *codec = parameters_of(probe);
    struct ladder_picture picture = {
        .frames_per_second_milli = probe->report.video.frames_per_second_milli,
        .bits_per_second = probe->report.video.bits_per_second,
        .copied = probe->report.video.action == MEDIA_COPY,
    };
    picture_shown_size(codec->width, codec->height, codec->sample_aspect_ratio,
        probe->report.video.rotation_degrees % 180 != 0, &picture.width, &picture.height);
    return picture;
}

/* All rungs are scaled from the largest. */
static void set_filter(struct pictures *pictures, const struct ladder_choice *choices, size_t count)
{
    const struct media_probe *probe = pictures->probe;
    pictures->filter = (struct picture_filter){
        .rotation_degrees = probe->report.video.rotation_degrees,
        .mirrored = probe->mirrored,
        .may_interlace = parameters_of(probe)->field_order != AV_FIELD_PROGRESSIVE
                         && !(probe->video.h264_known && probe->video.h264.frames_only),
        .thread_count = codec_thread_count(),
    };
    for (size_t i = 0; i < count; i++) {
        if (choices[i].width * choices[i].height
            > pictures->filter.width * pictures->filter.height) {
            pictures->filter.width = choices[i].width;
            pictures->filter.height = choices[i].height;
        }
    }
}

/* What no rung would take need not be filtered; deinterlacing looks at its neighbours. */
static void set_facts(struct pictures *pictures, const struct ladder_choice *choices, size_t count)
{
    const struct media_probe *probe = pictures->probe;
    int64_t rate = probe->report.video.frames_per_second_milli;
    rate = rate > 1000 ? rate : 1000;
    int64_t interval = (int64_t)PICTURE_TICKS * 1000 / rate;
    int step = 1000, fastest = 1;
    for (size_t i = 0; i < count; i++) {
        const struct ladder_choice *choice = &choices[i];
        if (choice->index == LADDER_STILLS)
            continue;
        step = choice->step < step ? choice->step : step;
        fastest = choice->rung.frames_per_second > fastest ? (int)choice->rung.frames_per_second
                                                           : fastest;
    }
    pictures->facts = (struct picture_facts){
        .frames_per_second_milli = rate,
        .steady = is_steady(&probe->video, rate),
        .end_ticks = av_rescale(probe->plan.duration_us, PICTURE_TICKS, 1000000),
        .segment_ms = probe->source.settings->segment_ms,
    };
    pictures->snap_ticks = interval / 2 < SNAP_TICKS ? interval / 2 : SNAP_TICKS;
    int64_t own = PICTURE_TICKS * 3 / 4 / fastest, even = interval * step - interval / 2;
    pictures->least_step_ticks = pictures->facts.steady && step < 1000 ? even : own;
    if (pictures->filter.may_interlace)
        pictures->least_step_ticks = 1;
}

static bool open_rungs(struct pictures *pictures, const struct ladder_choice *choices,
    const int *fds, size_t count, struct problem *problem)
{
    int threads = codec_thread_count();
    for (size_t i = 0; i < count; i++) {
        /* The largest needs most of the time: it alone may use all cores. */
        bool largest = choices[i].width == pictures->filter.width;
        bool stills = choices[i].index == LADDER_STILLS;
        struct picture_rung *rung = picture_rung_open(&choices[i], &pictures->facts,
            stills    ? 1
            : largest ? threads
                      : (threads + 1) / 2,
            fds[i], problem);
        if (!rung)
            return false;
        pictures->rungs[pictures->rung_count++] = rung;
        if (stills)
            pictures->stills = rung;
    }
    return true;
}

struct pictures *pictures_open(const struct media_probe *probe, const struct ladder_choice *choices,
    const int *fds, size_t count, int previews_fd, struct problem *problem)
{
    struct pictures *pictures = memory_zeroed(1, sizeof *pictures);
    pictures->probe = probe;
    pictures->last_taken_ticks = never;
    pictures->decoded = av_frame_alloc();
    pictures->filtered = av_frame_alloc();
    pictures->held = av_frame_alloc();
    int result = pictures->decoded && pictures->filtered && pictures->held
                     ? open_decoder(pictures, parameters_of(probe))
                     : AVERROR(ENOMEM);
    set_filter(pictures, choices, count);
    set_facts(pictures, choices, count);
    if (previews_fd >= 0)
        pictures->previews = previews_open(
            pictures->filter.width, pictures->filter.height, probe->plan.duration_us, previews_fd);
    bool opened = result >= 0 || media_problem_from_av(problem, result, "decode");
    if (opened && open_rungs(pictures, choices, fds, count, problem))
        return pictures;
    pictures_close(pictures);
    return NULL;
}

struct fragment_writer *pictures_writer(struct pictures *pictures, size_t number)
{
    return picture_rung_writer(pictures->rungs[number]);
}

const struct preview_sizes *pictures_previews(const struct pictures *pictures)
{
    return pictures->previews ? previews_sizes(pictures->previews) : NULL;
}

int64_t pictures_position_us(const struct pictures *pictures)
{
    return av_rescale(pictures->position_ticks, 1000000, PICTURE_TICKS);
}

void pictures_close(struct pictures *pictures)
{
    if (!pictures)
        return;
    for (size_t i = 0; i < pictures->rung_count; i++)
        picture_rung_close(pictures->rungs[i]);
    previews_close(pictures->previews);
    picture_filter_release(&pictures->filter);
    avcodec_free_context(&pictures->decoder);
    av_frame_free(&pictures->decoded);
    av_frame_free(&pictures->filtered);
    av_frame_free(&pictures->held);
    free(pictures);
}
