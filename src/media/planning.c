#include "media/planning.h"

#include <libavcodec/avcodec.h>
#include <libavutil/mathematics.h>
#include <string.h>

enum {
    LATE_START_US_MAX = 500000,  /* a track may begin this late and still be copied */
    EARLY_START_US_MAX = 100000, /* about a picture */
    TRIMMED_US_MAX = 250000,
    SEAMS_A_MINUTE_MAX = 1,
    TAIL_US_LEAST = 500000,
    LEVEL_MAX = 42
};

const char *codec_in_words(const char *name)
{
    // clang-format off
    static const struct { const char *name, *words; } table[] = {
        { "h264", "H.264" }, { "hevc", "HEVC (H.265)" }, { "vp8", "VP8" }, { "vp9", "VP9" },
        { "av1", "AV1" }, { "mpeg4", "MPEG-4 Part 2" }, { "mpeg2video", "MPEG-2" },
        { "mpeg1video", "MPEG-1" }, { "mjpeg", "Motion JPEG" }, { "prores", "ProRes" },
        { "wmv3", "Windows Media Video" }, { "aac", "AAC" }, { "mp3", "MP3" }, { "ac3", "AC-3" },
        { "eac3", "E-AC-3" }, { "vorbis", "Vorbis" }, { "opus", "Opus" }, { "flac", "FLAC" },
        { "wmav2", "Windows Media Audio" },
    };
    // clang-format on
    for (size_t i = 0; i < sizeof table / sizeof table[0]; i++)
        if (strcmp(name, table[i].name) == 0)
            return table[i].words;
    return strncmp(name, "pcm_", 4) == 0 ? "uncompressed (PCM)" : name;
}

/* What lies outside is neither played nor kept. */
static void apply_trim(struct media_plan *plan, const struct media_trim *trim)
{
    int64_t from_us = trim->from_ms * 1000, to_us = trim->to_ms * 1000;
    if (trim->to_ms == 0)
        return;
    plan->trim = *trim;
    if (to_us < plan->duration_us)
        plan->duration_us = to_us;
    plan->origin_us += from_us;
    plan->duration_us = plan->duration_us > from_us ? plan->duration_us - from_us : 0;
}

void plan_times(struct media_plan *plan, const struct track *video, const struct track *audio,
    const struct media_trim *trim)
{
    *plan = (struct media_plan){ 0 };
    const struct track *tracks[] = { video, audio };
    int64_t start = INT64_MAX, end = INT64_MIN;
    bool clock_is_free = false;
    for (int i = 0; i < 2; i++) {
        if (tracks[i]->stream < 0 || tracks[i]->packet_count == 0)
            continue;
        clock_is_free = tracks[i]->clock_is_free;
        if (tracks[i]->start_us < start)
            start = tracks[i]->start_us;
        if (tracks[i]->end_us > end)
            end = tracks[i]->end_us;
    }
    if (end <= start)
        return;
    /* What lies before 0 is priming, or was cut away by an edit list. */
    plan->origin_us = start > 0 || clock_is_free ? start : 0;
    plan->duration_us = end > plan->origin_us ? end - plan->origin_us : 0;
    apply_trim(plan, trim);
}

/* The first reason stays: it is the plainest. */
static void because(struct finding *reason, bool condition, struct finding finding)
{
    if (condition && reason->code == FINDING_NONE)
        *reason = finding;
}

static enum media_action decide(
    const struct finding *because, char ret_reason[FINDING_SENTENCE_SIZE])
{
    finding_sentence(because, ret_reason);
    return because->code != FINDING_NONE ? MEDIA_TRANSCODE : MEDIA_COPY;
}

static void check_stream(const struct track *track, const AVCodecParameters *codec,
    const struct settings *settings, struct media_report *report)
{
    struct finding *reason = &report->video.because;
    const struct h264_parameters *h264 = &track->h264;
    because(reason,
        h264->chroma_format != 1 || h264->bit_depth != 8
            || (h264->profile != 66 && h264->profile != 77 && h264->profile != 88
                && h264->profile != 100),
        (struct finding){
            .code = FINDING_PICTURE_PROFILE, .numbers = { h264->bit_depth, h264->profile } });
    because(reason, h264->level > LEVEL_MAX,
        (struct finding){ .code = FINDING_PICTURE_LEVEL, .numbers = { h264->level } });
    because(reason, !h264->frames_only && codec->field_order != AV_FIELD_PROGRESSIVE,
        (struct finding){ .code = FINDING_INTERLACED });
    because(reason, report->video.bits_per_second > settings->copy_bits_per_second_max,
        (struct finding){
            .code = FINDING_PICTURE_BITS_HIGH, .numbers = { report->video.bits_per_second } });
}

static void check_picture(const struct track *track, const AVCodecParameters *codec,
    const struct settings *settings, bool mirrored, struct media_report *report)
{
    struct finding *reason = &report->video.because;
    because(reason, codec->codec_id != AV_CODEC_ID_H264,
        finding_with((struct finding){ .code = FINDING_PICTURE_CODEC },
            codec_in_words(report->video.codec)));
    because(reason, report->video.rotation_degrees != 0,
        (struct finding){ .code = FINDING_ROTATED, .numbers = { report->video.rotation_degrees } });
    because(reason, !track->h264_known, (struct finding){ .code = FINDING_PICTURE_PARAMETERS });
    check_stream(track, codec, settings, report);
    because(reason, mirrored, (struct finding){ .code = FINDING_MIRRORED });
}

static void check_ends(const struct media_plan *plan, const struct track *track,
    int64_t late_us_max, struct finding *reason)
{
    int64_t late_us = track->start_us - plan->origin_us, end_us = track->end_us - plan->origin_us,
            missing_us = plan->duration_us - end_us;
    because(reason, late_us > LATE_START_US_MAX,
        (struct finding){ .code = FINDING_PICTURE_LATE, .numbers = { late_us / 1000 } });
    because(reason, missing_us > late_us_max,
        (struct finding){
            .code = FINDING_PICTURE_SHORT, .numbers = { end_us / 1000, missing_us / 1000 } });
}

static void check_cuts(const struct media_plan *plan, const struct track *track, bool complex_edits,
    const struct settings *settings, struct finding *reason)
{
    int64_t gap_ms_max = settings->key_frame_gap_ms_max;
    because(reason, track->times_missing || track->times_disordered,
        (struct finding){ .code = FINDING_PICTURE_TIMES_MISSING });
    because(reason, track->parameters_change, (struct finding){ .code = FINDING_PICTURE_CHANGES });
    /* Players stumble over what a decoder here passes over. */
    because(reason, track->damaged_count > 0,
        (struct finding){ .code = FINDING_DAMAGED_PACKETS,
            .numbers = { track->damaged_count, (track->damaged_us - plan->origin_us) / 1000 } });
    because(
        reason, !track->starts_with_key, (struct finding){ .code = FINDING_PICTURE_BEGINS_LATE });
    because(reason, track->key_gap_us > gap_ms_max * 1000,
        (struct finding){
            .code = FINDING_KEY_FRAMES_FAR_APART, .numbers = { track->key_gap_us / 1000 } });
    because(reason,
        complex_edits || track->trimmed_us > TRIMMED_US_MAX
            || track->start_us < plan->origin_us - EARLY_START_US_MAX,
        (struct finding){ .code = FINDING_FILE_TRIMMED });
    check_ends(plan, track, gap_ms_max * 1000, reason);
}

void plan_video(const struct media_plan *plan, const struct track *track,
    const AVCodecParameters *codec, const struct settings *settings, bool complex_edits,
    bool mirrored, struct media_report *report)
{
    struct finding *reason = &report->video.because;
    *reason = (struct finding){ .code = FINDING_NONE };
    because(reason, plan->trim.to_ms > 0, (struct finding){ .code = FINDING_PART_CHOSEN });
    check_picture(track, codec, settings, mirrored, report);
    check_cuts(plan, track, complex_edits, settings, reason);
    report->video.action = decide(reason, report->video.reason);
}

/* AudioSpecificConfig (ISO/IEC 14496-3 section 1.6.2.1): 2 is AAC-LC.  ADTS has none yet; its profile tells. */
static bool is_aac_lc(const AVCodecParameters *codec)
{
    if (codec->codec_id != AV_CODEC_ID_AAC)
        return false;
    if (codec->extradata_size >= 2)
        return codec->extradata[0] >> 3 == 2;
    return codec->profile == FF_PROFILE_AAC_LOW || codec->profile == FF_PROFILE_UNKNOWN;
}

/* Each is a small click; many of them are a clock that runs at another speed, which must be corrected. */
static bool too_many_seams(const struct track *track)
{
    int64_t minutes = (track->end_us - track->start_us) / 60000000;
    return track->seam_count > (minutes + 2) * SEAMS_A_MINUTE_MAX;
}

void plan_audio(const struct media_plan *plan, const struct track *track,
    const AVCodecParameters *codec, bool complex_edits, struct media_report *report)
{
    struct finding *reason = &report->audio.because;
    *reason = (struct finding){ .code = FINDING_NONE };
    because(reason, plan->trim.to_ms > 0, (struct finding){ .code = FINDING_PART_CHOSEN });
    because(reason, codec->codec_id != AV_CODEC_ID_AAC,
        finding_with(
            (struct finding){ .code = FINDING_SOUND_CODEC }, codec_in_words(report->audio.codec)));
    because(reason, !is_aac_lc(codec), (struct finding){ .code = FINDING_SOUND_AAC_KIND });
    because(reason, report->audio.channels > 2,
        (struct finding){ .code = FINDING_SOUND_CHANNELS, .numbers = { report->audio.channels } });
    because(reason,
        track->times_missing || track->times_disordered || track->gaps || too_many_seams(track),
        (struct finding){ .code = FINDING_SOUND_TIMES });
    because(reason, track->parameters_change, (struct finding){ .code = FINDING_SOUND_CHANGES });
    because(reason, complex_edits || track->trimmed_us > TRIMMED_US_MAX,
        (struct finding){ .code = FINDING_FILE_TRIMMED });
    int64_t late_us = track->start_us - plan->origin_us;
    because(reason, late_us > LATE_START_US_MAX,
        (struct finding){ .code = FINDING_SOUND_LATE, .numbers = { late_us / 1000 } });
    report->audio.action = decide(reason, report->audio.reason);
}

static void cut_at_keys(struct media_plan *plan, const struct track *video, int64_t segment_us)
{
    int64_t boundary_us = segment_us;
    for (size_t i = 0; i < video->key_count; i++) {
        int64_t at_us
            = av_rescale_q(video->key_pts[i], video->time_base, AV_TIME_BASE_Q) - plan->origin_us;
        if (at_us < boundary_us)
            continue;
        if (plan->duration_us - at_us < TAIL_US_LEAST)
            return;
        plan_add_cut(plan, at_us);
        boundary_us = (at_us / segment_us + 1) * segment_us;
    }
}

void plan_cuts(struct media_plan *plan, const struct track *copied_video, int64_t segment_ms)
{
    int64_t segment_us = segment_ms * 1000;
    if (copied_video) {
        cut_at_keys(plan, copied_video, segment_us);
        return;
    }
    for (int64_t at_us = segment_us; plan->duration_us - at_us >= TAIL_US_LEAST;
         at_us += segment_us)
        plan_add_cut(plan, at_us);
}
