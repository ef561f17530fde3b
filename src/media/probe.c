#include "media/probe.h"

#include "media/oddities.h"
#include "media/planning.h"
#include "media/promise.h"

#include <libavcodec/avcodec.h>
#include <libavutil/display.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

enum { DURATION_US_LEAST = 100000 };

bool media_stream_is_still(const AVStream *stream)
{
    return stream->disposition
           & (AV_DISPOSITION_ATTACHED_PIC | AV_DISPOSITION_TIMED_THUMBNAILS
               | AV_DISPOSITION_STILL_IMAGE);
}

/* Of several tracks the one that the file marks as its own, then the first. */
static int choose_stream(const AVFormatContext *format, enum AVMediaType type)
{
    int chosen = -1, best = -1;
    for (unsigned i = 0; i < format->nb_streams; i++) {
        const AVStream *stream = format->streams[i];
        const AVCodecParameters *codec = stream->codecpar;
        if (codec->codec_type != type || codec->codec_id == AV_CODEC_ID_NONE
            || (type == AVMEDIA_TYPE_VIDEO && media_stream_is_still(stream)))
            continue;
        int rank = (avcodec_find_decoder(codec->codec_id) != NULL) * 2
                   + !!(stream->disposition & AV_DISPOSITION_DEFAULT);
        if (rank > best) {
            best = rank;
            chosen = (int)i;
        }
    }
    return chosen;
}

static bool check_decoder(
    const AVStream *stream, enum finding_code unknown, struct problem *problem)
{
    const AVCodecParameters *codec = stream->codecpar;
    /* MP4 with a pssh; Matroska (the sample entries of MP4 are read in mp4_layout.c). */
    if (av_stream_get_side_data(stream, AV_PKT_DATA_ENCRYPTION_INIT_INFO, NULL)
        || av_dict_get(stream->metadata, "enc_key_id", NULL, 0))
        return finding_refuse(problem, (struct finding){ .code = FINDING_ENCRYPTED });
    if (!avcodec_find_decoder(codec->codec_id))
        return finding_refuse(problem, finding_with((struct finding){ .code = unknown },
                                           codec_in_words(avcodec_get_name(codec->codec_id))));
    return true;
}

/* av_display_rotation_get() counts against the clock, and is NaN for a matrix that turns nothing. */
static void read_rotation(struct media_probe *probe, const AVStream *stream)
{
    size_t size = 0;
    const uint8_t *data = av_stream_get_side_data(stream, AV_PKT_DATA_DISPLAYMATRIX, &size);
    int32_t matrix[9];
    if (!data || size < sizeof matrix)
        return;
    memcpy(matrix, data, sizeof matrix);
    double determinant = (double)matrix[0] * matrix[4] - (double)matrix[1] * matrix[3];
    probe->mirrored = determinant < 0;
    if (probe->mirrored)
        av_display_matrix_flip(matrix, 1, 0);
    double angle = av_display_rotation_get(matrix);
    if (!isfinite(angle))
        return;
    int quarters = (int)lround(-angle / 90.0);
    probe->report.video.rotation_degrees = ((quarters % 4 + 4) % 4) * 90;
}

static bool describe_video(struct media_probe *probe, struct problem *problem)
{
    if (probe->video.stream < 0)
        return true;
    const AVStream *stream = probe->source.format->streams[probe->video.stream];
    const AVCodecParameters *codec = stream->codecpar;
    struct media_report *report = &probe->report;
    (void)snprintf(
        report->video.codec, sizeof report->video.codec, "%s", avcodec_get_name(codec->codec_id));
    if (!check_decoder(stream, FINDING_PICTURE_CODEC_UNKNOWN, problem))
        return false;
    if (codec->width <= 0 || codec->height <= 0)
        return finding_refuse(problem, (struct finding){ .code = FINDING_PICTURE_SIZELESS });
    int64_t side = probe->source.settings->media_side_pixels_max;
    if (codec->width > side || codec->height > side)
        return finding_refuse(problem, (struct finding){ .code = FINDING_PICTURE_TOO_LARGE,
                                           .numbers = { codec->width, codec->height, side } });
    report->video.width = codec->width;
    report->video.height = codec->height;
    read_rotation(probe, stream);
    return true;
}

static bool describe_audio(struct media_probe *probe, struct problem *problem)
{
    if (probe->audio.stream < 0)
        return true;
    const AVStream *stream = probe->source.format->streams[probe->audio.stream];
    const AVCodecParameters *codec = stream->codecpar;
    struct media_report *report = &probe->report;
    (void)snprintf(
        report->audio.codec, sizeof report->audio.codec, "%s", avcodec_get_name(codec->codec_id));
    if (!check_decoder(stream, FINDING_SOUND_CODEC_UNKNOWN, problem))
        return false;
    if (codec->sample_rate < 4000 || codec->sample_rate > 768000 || codec->ch_layout.nb_channels < 1
        || codec->ch_layout.nb_channels > 64)
        return finding_refuse(problem, (struct finding){ .code = FINDING_SOUND_IMPOSSIBLE });
    report->audio.sample_rate = codec->sample_rate;
    report->audio.channels = codec->ch_layout.nb_channels;
    return true;
}

static bool choose_tracks(
    struct media_probe *probe, const struct probe_purpose *purpose, struct problem *problem)
{
    const AVFormatContext *format = probe->source.format;
    int video = purpose->sound_only ? -1 : choose_stream(format, AVMEDIA_TYPE_VIDEO);
    int audio = choose_stream(format, AVMEDIA_TYPE_AUDIO);
    (void)snprintf(
        probe->report.container, sizeof probe->report.container, "%s", format->iformat->name);
    probe->report.size_bytes = probe->source.size_bytes;
    if (video < 0 && audio < 0)
        return finding_refuse(problem,
            (struct finding){ .code = purpose->sound_only       ? FINDING_TRACK_NO_SOUND
                                      : format->nb_streams == 0 ? FINDING_TRACKS_NONE
                                                                : FINDING_TRACKS_UNREADABLE });
    media_source_select(&probe->source, video, audio);
    track_init(&probe->video, &probe->source, video);
    track_init(&probe->audio, &probe->source, audio);
    if (!describe_video(probe, problem) || !describe_audio(probe, problem))
        return false;
    probe->report_valid = true;
    return true;
}

/* A track that is announced but holds nothing is not there. */
static void drop_empty_tracks(struct media_probe *probe)
{
    if (probe->video.stream >= 0 && probe->video.packet_count == 0) {
        media_report_find(&probe->report, (struct finding){ .code = FINDING_PICTURE_EMPTY });
        probe->video.stream = -1;
    }
    if (probe->audio.stream >= 0 && probe->audio.packet_count == 0) {
        media_report_find(&probe->report, (struct finding){ .code = FINDING_SOUND_EMPTY });
        probe->audio.stream = -1;
    }
    media_source_select(&probe->source, probe->video.stream, probe->audio.stream);
}

/* Claims may be absurd; what is told of them stays within what a report may say. */
static int64_t rate_per_second(int64_t amount, int64_t duration_us, int64_t most)
{
    double rate = duration_us > 0 ? (double)amount * 1e6 / (double)duration_us + 0.5 : 0;
    return rate < (double)most ? (int64_t)rate : most;
}

/* The file's own average where the count agrees with it (it knows 30000/1001); never r_frame_rate, which is nonsense
 * for screen recordings. */
static int64_t frames_per_second_milli(const struct media_probe *probe)
{
    const struct track *video = &probe->video;
    const AVStream *stream = probe->source.format->streams[video->stream];
    int64_t counted
        = rate_per_second(video->packet_count * 1000, video->end_us - video->start_us, 1000000);
    double claimed = stream->avg_frame_rate.den > 0 ? av_q2d(stream->avg_frame_rate) * 1000 : 0;
    bool agrees = fabs(claimed - (double)counted) < (double)counted * 0.05;
    return agrees ? (int64_t)(claimed + 0.5) : counted;
}

static void measure(struct media_probe *probe)
{
    struct media_report *report = &probe->report;
    const struct track *video = &probe->video, *audio = &probe->audio;
    report->duration_ms = (probe->plan.duration_us + 500) / 1000;
    if (video->stream >= 0) {
        report->video.frames_per_second_milli = frames_per_second_milli(probe);
        report->video.bits_per_second = rate_per_second(
            video->payload_bytes * 8, video->end_us - video->start_us, INT64_C(1) << 40);
        report->video.key_frame_gap_ms = video->key_gap_us < probe->plan.duration_us
                                             ? video->key_gap_us / 1000
                                             : report->duration_ms;
    }
    if (audio->stream >= 0)
        report->audio.bits_per_second = rate_per_second(
            audio->payload_bytes * 8, audio->end_us - audio->start_us, INT64_C(1) << 40);
}

static bool check_times(const struct media_probe *probe, struct problem *problem)
{
    int64_t hours = probe->source.settings->media_duration_hours_max;
    int64_t jump_us
        = probe->video.jump_back_us >= 0   ? probe->video.jump_back_us - probe->video.start_us
          : probe->audio.jump_back_us >= 0 ? probe->audio.jump_back_us - probe->audio.start_us
                                           : -1;
    if (jump_us >= 0)
        return finding_refuse(problem,
            (struct finding){ .code = FINDING_CLOCK_JUMPS_BACK, .numbers = { jump_us / 1000 } });
    if (probe->plan.duration_us < DURATION_US_LEAST)
        return finding_refuse(problem, (struct finding){ .code = FINDING_NO_LENGTH });
    if (probe->plan.duration_us > hours * 3600 * INT64_C(1000000))
        return finding_refuse(problem, (struct finding){ .code = FINDING_TOO_LONG,
                                           .numbers = { probe->plan.duration_us / 1000, hours } });
    return true;
}

/* Whatever is made later is cut where the version is. */
static void follow_version(struct media_probe *probe, const struct probe_purpose *purpose)
{
    plan_release(&probe->plan);
    plan_copy(purpose->version, &probe->plan);
    if (purpose->sound_only)
        /* What lies before 0 is priming. */
        probe->plan.origin_us
            = (probe->audio.start_us > 0 ? probe->audio.start_us : 0) - purpose->offset_ms * 1000;
}

static void make_plan(struct media_probe *probe, const struct probe_purpose *purpose)
{
    struct media_report *report = &probe->report;
    const AVFormatContext *format = probe->source.format;
    const struct settings *settings = probe->source.settings;
    bool complex_edits = mp4_layout_edits_are_complex(&probe->source.layout);
    measure(probe);
    if (probe->video.stream >= 0)
        plan_video(&probe->plan, &probe->video, format->streams[probe->video.stream]->codecpar,
            settings, complex_edits, probe->mirrored, report);
    if (probe->audio.stream >= 0)
        plan_audio(&probe->plan, &probe->audio, format->streams[probe->audio.stream]->codecpar,
            complex_edits, report);
    bool copied = report->video.action == MEDIA_COPY;
    if (!purpose->version)
        plan_cuts(&probe->plan, copied ? &probe->video : NULL, settings->segment_ms);
    oddities_tell(probe, purpose->sound_only, report);
}

bool media_probe_tracks(
    struct media_probe *probe, int fd, const struct settings *settings, struct problem *problem)
{
    static const struct probe_purpose first_look = { 0 };
    *probe = (struct media_probe){ .video.stream = -1, .audio.stream = -1 };
    return media_source_open(&probe->source, fd, settings, problem)
           && choose_tracks(probe, &first_look, problem);
}

bool media_probe_run(struct media_probe *probe, int fd, const struct settings *settings,
    const struct probe_purpose *purpose, struct problem *problem)
{
    static const struct probe_purpose first_look = { 0 };
    if (!purpose)
        purpose = &first_look;
    *probe = (struct media_probe){ .video.stream = -1, .audio.stream = -1 };
    if (!media_source_open(&probe->source, fd, settings, problem)
        || !choose_tracks(probe, purpose, problem))
        return false;
    int64_t header_us = promised_by_header_us(&probe->source);
    if (!tracks_scan(&probe->source, &probe->video, &probe->audio, problem)
        || !promise_check(
            &probe->source, header_us, &probe->video, &probe->audio, &probe->report, problem))
        return false;
    drop_empty_tracks(probe);
    plan_times(&probe->plan, &probe->video, &probe->audio, &purpose->trim);
    if (!check_times(probe, problem))
        return false;
    if (purpose->version)
        follow_version(probe, purpose);
    make_plan(probe, purpose);
    return true;
}

void media_probe_release(struct media_probe *probe)
{
    plan_release(&probe->plan);
    track_release(&probe->video);
    track_release(&probe->audio);
    media_source_close(&probe->source);
}
