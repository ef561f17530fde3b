#include "media/oddities.h"

#include <libavutil/pixdesc.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    LATE_US_MAX = 100000,   /* a start later than this is heard or seen */
    SHORT_US_MAX = 1000000, /* ends that differ by less are usual */
    FULL_HD_LONG = 1920,
    FULL_HD_SHORT = 1080,
    SMALL_LONG = 320,
    STRETCH_PARTS = 100, /* less than a hundredth is rounding */
    SOUND_BITS_HIGH = 320000,
    SOUND_BITS_LOW = 24000
};

static void find(struct media_report *report, bool condition, struct finding finding)
{
    if (condition)
        media_report_find(report, finding);
}

/* "en, ja", of the tracks that say so, each once; "und" where none does. */
static void list_languages(
    const AVFormatContext *format, enum AVMediaType type, char ret_list[FINDING_TEXT_SIZE])
{
    size_t used = 0;
    ret_list[0] = '\0';
    for (unsigned i = 0; i < format->nb_streams; i++) {
        const AVStream *stream = format->streams[i];
        const AVDictionaryEntry *entry = av_dict_get(stream->metadata, "language", NULL, 0);
        if (stream->codecpar->codec_type != type || !entry || strcmp(entry->value, "und") == 0
            || strlen(entry->value) > 8
            || strspn(entry->value, "abcdefghijklmnopqrstuvwxyz-ABCDEFGHIJKLMNOPQRSTUVWXYZ")
                   != strlen(entry->value)
            || strstr(ret_list, entry->value)
            || used + strlen(entry->value) + 3 > FINDING_TEXT_SIZE)
            continue;
        used += (size_t)snprintf(
            ret_list + used, FINDING_TEXT_SIZE - used, "%s%s", used > 0 ? ", " : "", entry->value);
    }
    if (used == 0)
        (void)snprintf(ret_list, FINDING_TEXT_SIZE, "und");
}

static struct finding with_languages(
    struct finding finding, const AVFormatContext *format, enum AVMediaType type)
{
    list_languages(format, type, finding.text);
    return finding;
}

struct counts {
    int pictures, sounds, captions, covers, others;
};

static struct counts count_tracks(const AVFormatContext *format)
{
    struct counts counts = { 0 };
    for (unsigned i = 0; i < format->nb_streams; i++) {
        enum AVMediaType type = format->streams[i]->codecpar->codec_type;
        if (media_stream_is_still(format->streams[i]))
            counts.covers++;
        else if (type == AVMEDIA_TYPE_VIDEO)
            counts.pictures++;
        else if (type == AVMEDIA_TYPE_AUDIO)
            counts.sounds++;
        else if (type == AVMEDIA_TYPE_SUBTITLE)
            counts.captions++;
        else
            counts.others++;
    }
    return counts;
}

static void tell_tracks(const struct media_probe *probe, struct media_report *report)
{
    const AVFormatContext *format = probe->source.format;
    struct counts counts = count_tracks(format);
    int64_t chapters = format->nb_chapters;
    find(report, probe->video.stream < 0, (struct finding){ .code = FINDING_NO_PICTURE });
    find(report, probe->audio.stream < 0, (struct finding){ .code = FINDING_NO_SOUND });
    find(report, counts.pictures > 1,
        (struct finding){ .code = FINDING_SEVERAL_PICTURES, .numbers = { counts.pictures } });
    find(report, counts.sounds > 1,
        with_languages(
            (struct finding){ .code = FINDING_SEVERAL_SOUNDS, .numbers = { counts.sounds } },
            format, AVMEDIA_TYPE_AUDIO));
    find(report, counts.captions > 0,
        with_languages(
            (struct finding){ .code = FINDING_CAPTIONS_INSIDE, .numbers = { counts.captions } },
            format, AVMEDIA_TYPE_SUBTITLE));
    find(report, chapters > 0,
        (struct finding){ .code = FINDING_CHAPTERS, .numbers = { chapters } });
    find(report, counts.covers > 0, (struct finding){ .code = FINDING_COVER_PICTURE });
    find(report, counts.others > 0,
        (struct finding){ .code = FINDING_OTHER_TRACKS, .numbers = { counts.others } });
}

/* Places are told from the lecture's beginning. */
static int64_t place_ms(const struct media_probe *probe, int64_t us)
{
    int64_t from_us = us - probe->plan.origin_us;
    return from_us > 0 ? from_us / 1000 : 0;
}

static void tell_colours(const AVCodecParameters *codec, struct media_report *report)
{
    const AVPixFmtDescriptor *pixels = av_pix_fmt_desc_get((enum AVPixelFormat)codec->format);
    find(report,
        codec->color_trc == AVCOL_TRC_SMPTE2084 || codec->color_trc == AVCOL_TRC_ARIB_STD_B67,
        (struct finding){ .code = FINDING_HDR });
    if (!pixels || pixels->nb_components < 3)
        return;
    bool yuv = !(pixels->flags & (AV_PIX_FMT_FLAG_RGB | AV_PIX_FMT_FLAG_PAL));
    find(report, pixels->comp[0].depth > 8,
        (struct finding){ .code = FINDING_DEEP_COLOUR, .numbers = { pixels->comp[0].depth } });
    find(report, yuv && pixels->log2_chroma_w == 0,
        finding_with((struct finding){ .code = FINDING_FINE_CHROMA }, "4:4:4"));
    find(report, yuv && pixels->log2_chroma_w == 1 && pixels->log2_chroma_h == 0,
        finding_with((struct finding){ .code = FINDING_FINE_CHROMA }, "4:2:2"));
}

static void tell_shape(
    const struct media_probe *probe, const AVStream *stream, struct media_report *report)
{
    int64_t width = report->video.width, height = report->video.height;
    int64_t longer = width > height ? width : height, shorter = width > height ? height : width;
    AVRational aspect = stream->sample_aspect_ratio.num > 0 ? stream->sample_aspect_ratio
                                                            : stream->codecpar->sample_aspect_ratio;
    find(report, report->video.rotation_degrees != 0,
        (struct finding){ .code = FINDING_ROTATED, .numbers = { report->video.rotation_degrees } });
    find(report, probe->mirrored, (struct finding){ .code = FINDING_MIRRORED });
    bool stretched = aspect.num > 0 && aspect.den > 0
                     && llabs((int64_t)aspect.num - aspect.den) * STRETCH_PARTS > aspect.den;
    find(report, stretched,
        (struct finding){
            .code = FINDING_PIXELS_NOT_SQUARE, .numbers = { aspect.num, aspect.den } });
    find(report, longer > FULL_HD_LONG || shorter > FULL_HD_SHORT,
        (struct finding){ .code = FINDING_PICTURE_LARGE, .numbers = { width, height } });
    find(report, longer < SMALL_LONG,
        (struct finding){ .code = FINDING_PICTURE_SMALL, .numbers = { width, height } });
    find(report, (width | height) & 1,
        (struct finding){ .code = FINDING_PICTURE_ODD_SIZE, .numbers = { width, height } });
}

/* A picture that the index says is interlaced; of H.264, one that is not made of whole frames only. */
static bool is_interlaced(const struct track *video, const AVCodecParameters *codec)
{
    if (video->h264_known)
        return !video->h264.frames_only && codec->field_order != AV_FIELD_PROGRESSIVE;
    return codec->field_order > AV_FIELD_PROGRESSIVE;
}

static void tell_rate(const struct media_probe *probe, struct media_report *report)
{
    const struct settings *settings = probe->source.settings;
    const struct track *video = &probe->video;
    int64_t bits = report->video.bits_per_second;
    int64_t pixels_a_second = (int64_t)report->video.width * report->video.height
                              * (report->video.frames_per_second_milli / 1000);
    find(report, video->packet_count > 2 && video->usual_step_us == 0,
        (struct finding){ .code = FINDING_FRAME_RATE_VARIES,
            .numbers
            = { report->video.frames_per_second_milli / 100, video->longest_step_us / 1000 } });
    find(report, video->usual_step_us > 0 && video->gap_count > 0,
        (struct finding){ .code = FINDING_PICTURE_GAPS,
            .numbers
            = { video->gap_count, place_ms(probe, video->gap_us), video->longest_gap_us / 1000 } });
    find(report, video->h264_known && video->key_gap_us / 1000 > settings->key_frame_gap_ms_max,
        (struct finding){
            .code = FINDING_KEY_FRAMES_FAR_APART, .numbers = { video->key_gap_us / 1000 } });
    find(report, bits > settings->copy_bits_per_second_max,
        (struct finding){ .code = FINDING_PICTURE_BITS_HIGH, .numbers = { bits } });
    find(report, bits < pixels_a_second / 2000,
        (struct finding){ .code = FINDING_PICTURE_BITS_LOW, .numbers = { bits } });
}

static void tell_picture(const struct media_probe *probe, struct media_report *report)
{
    const struct track *video = &probe->video, *audio = &probe->audio;
    if (video->stream < 0)
        return;
    const AVStream *stream = probe->source.format->streams[video->stream];
    tell_shape(probe, stream, report);
    tell_colours(stream->codecpar, report);
    find(report, is_interlaced(video, stream->codecpar),
        (struct finding){ .code = FINDING_INTERLACED });
    tell_rate(probe, report);
    find(report, video->parameters_change, (struct finding){ .code = FINDING_PICTURE_CHANGES });
    find(report, video->times_missing || video->times_disordered,
        (struct finding){ .code = FINDING_PICTURE_TIMES_MISSING });
    if (audio->stream < 0)
        return;
    int64_t late_us = video->start_us - probe->plan.origin_us,
            missing_us = audio->end_us - video->end_us;
    find(report, late_us > LATE_US_MAX,
        (struct finding){ .code = FINDING_PICTURE_LATE, .numbers = { late_us / 1000 } });
    find(report, missing_us > SHORT_US_MAX,
        (struct finding){ .code = FINDING_PICTURE_SHORT,
            .numbers = { place_ms(probe, video->end_us), missing_us / 1000 } });
}

static void tell_sound(const struct media_probe *probe, struct media_report *report)
{
    const struct track *video = &probe->video, *audio = &probe->audio;
    int64_t bits = report->audio.bits_per_second;
    if (audio->stream < 0)
        return;
    find(report, report->audio.channels > 2,
        (struct finding){ .code = FINDING_SOUND_CHANNELS, .numbers = { report->audio.channels } });
    find(report, audio->gap_count > 0,
        (struct finding){ .code = FINDING_SOUND_GAPS,
            .numbers
            = { audio->gap_count, place_ms(probe, audio->gap_us), audio->longest_gap_us / 1000 } });
    find(report, audio->gap_count == 0 && audio->seam_count > 0,
        (struct finding){ .code = FINDING_SOUND_JOINED,
            .numbers = { audio->seam_count, place_ms(probe, audio->seam_us) } });
    find(report, audio->parameters_change, (struct finding){ .code = FINDING_SOUND_CHANGES });
    find(report, bits > SOUND_BITS_HIGH,
        (struct finding){ .code = FINDING_SOUND_BITS_HIGH, .numbers = { bits } });
    find(report, bits > 0 && bits < SOUND_BITS_LOW,
        (struct finding){ .code = FINDING_SOUND_BITS_LOW, .numbers = { bits } });
    if (video->stream < 0)
        return;
    int64_t late_us = audio->start_us - probe->plan.origin_us,
            missing_us = video->end_us - audio->end_us;
    find(report, late_us > LATE_US_MAX,
        (struct finding){ .code = FINDING_SOUND_LATE, .numbers = { late_us / 1000 } });
    find(report, missing_us > SHORT_US_MAX,
        (struct finding){ .code = FINDING_SOUND_SHORT,
            .numbers = { place_ms(probe, audio->end_us), missing_us / 1000 } });
}

static bool is_trimmed(const struct media_probe *probe)
{
    const struct mp4_layout *layout = &probe->source.layout;
    for (size_t i = 0; i < layout->edit_count; i++)
        if (layout->edits[i].complex)
            return true;
    return probe->video.trimmed_us > SHORT_US_MAX || probe->audio.trimmed_us > SHORT_US_MAX;
}

static void tell_file(const struct media_probe *probe, struct media_report *report)
{
    const struct track *video = &probe->video, *audio = &probe->audio;
    int64_t damaged = video->damaged_count + audio->damaged_count;
    bool in_picture = video->damaged_count > 0
                      && (audio->damaged_count == 0 || video->damaged_us < audio->damaged_us);
    find(report, damaged > 0,
        (struct finding){ .code = FINDING_DAMAGED_PACKETS,
            .numbers
            = { damaged, place_ms(probe, in_picture ? video->damaged_us : audio->damaged_us) } });
    find(report, video->torn,
        (struct finding){
            .code = FINDING_LAST_PICTURE_TORN, .numbers = { place_ms(probe, video->end_us) } });
    find(report, video->clock_wraps || audio->clock_wraps,
        (struct finding){ .code = FINDING_CLOCK_WRAPS });
    find(report, is_trimmed(probe), (struct finding){ .code = FINDING_FILE_TRIMMED });
}

void oddities_tell(const struct media_probe *probe, bool sound_only, struct media_report *report)
{
    tell_file(probe, report);
    tell_sound(probe, report);
    if (sound_only)
        return;
    tell_picture(probe, report);
    tell_tracks(probe, report);
}
