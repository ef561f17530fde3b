#include "media/inner_tracks.h"

#include "base/text.h"
#include "media/caption_cues.h"
#include "media/captions.h"
#include "media/cea608.h"
#include "media/h264.h"
#include "media/job_protocol.h"
#include "media/stream_language.h"

#include <libavcodec/avcodec.h>
#include <stdio.h>
#include <string.h>

enum {
    BEFORE_TEXT_COMMAS = 8, /* ReadOrder,Layer,Style,Name,MarginL,MarginR,MarginV,Effect,Text */
    SHOWN_MS = 4000,        /* where the file does not say how long */
    LOOK_PACKETS = 300      /* of the picture, for CEA-608 */
};

struct caption_track {
    int stream; /* -1: CEA-608 of the picture */
    AVCodecContext *decoder;
};

struct telling {
    struct media_probe *probe;
    int fd;
    bool told; /* false: nobody listens */
    struct caption_track tracks[INNER_CAPTION_TRACKS_MAX];
    size_t count;
    struct h264_framing framing;
    struct cea608 data;
    size_t looked;                 /* packets of the picture */
    int64_t left_out, left_out_ms; /* captions that were too long, and the first of them */
};

static const char *title_of(const AVDictionary *metadata, const char *key)
{
    const AVDictionaryEntry *entry = av_dict_get(metadata, key, NULL, 0);
    return entry ? entry->value : NULL;
}

/* Time of the lecture's clock. */
static int64_t lecture_ms(const struct telling *telling, int64_t us)
{
    return (us - telling->probe->plan.origin_us) / 1000;
}

/* --- chapters --------------------------------------------------------------------------------- */

static void tell_chapters(struct telling *telling)
{
    static const AVRational us = { 1, 1000000 };
    const AVFormatContext *format = telling->probe->source.format;
    int64_t last_ms = -1, end_ms = telling->probe->plan.duration_us / 1000;
    unsigned told = 0;
    for (unsigned i = 0; i < format->nb_chapters && told < INNER_CHAPTERS_MAX; i++) {
        const AVChapter *chapter = format->chapters[i];
        int64_t start_ms
            = lecture_ms(telling, av_rescale_q(chapter->start, chapter->time_base, us));
        const char *title = title_of(chapter->metadata, "title");
        char number[24];
        start_ms = start_ms < 0 ? 0 : start_ms;
        if (start_ms <= last_ms || start_ms >= end_ms)
            continue;
        (void)snprintf(number, sizeof number, "%u", ++told);
        if (!title || !text_is_line(title, 200))
            title = number;
        telling->told = telling->told
                        && job_send(telling->fd, json_pack("{s:{s:I, s:s}}", "chapter", "start_ms",
                                                     (json_int_t)start_ms, "title", title));
        last_ms = start_ms;
    }
}

/* --- captions --------------------------------------------------------------------------------- */

static const char *event_text(const char *event)
{
    for (int i = 0; event && i < BEFORE_TEXT_COMMAS; i++) {
        event = strchr(event, ',');
        event = event ? event + 1 : NULL;
    }
    return event;
}

static void language_of(
    const struct telling *telling, int stream, char ret_tag[STREAM_LANGUAGE_SIZE])
{
    const AVFormatContext *format = telling->probe->source.format;
    /* CEA-608 names none: people caption what is said. */
    if (stream < 0)
        stream = telling->probe->audio.stream;
    stream_language(
        stream >= 0 ? title_of(format->streams[stream]->metadata, "language") : NULL, ret_tag);
    if (ret_tag[0] == '\0')
        (void)snprintf(ret_tag, STREAM_LANGUAGE_SIZE, "und");
}

static void leave_out(struct telling *telling, int64_t start_ms)
{
    if (telling->left_out++ == 0)
        telling->left_out_ms = start_ms < 0 ? 0 : start_ms;
}

/* Control characters say nothing, and take six bytes each in JSON. */
static void blank_controls(struct text *text)
{
    for (size_t i = 0; i < text->length; i++)
        if ((unsigned char)text->bytes[i] < ' ' && text->bytes[i] != '\n')
            text->bytes[i] = ' ';
}

static void tell_caption(
    struct telling *telling, size_t track, int64_t start_ms, int64_t end_ms, struct text *text)
{
    char language[STREAM_LANGUAGE_SIZE];
    if (end_ms > 0 && text->overflowed)
        leave_out(telling, start_ms);
    if (end_ms <= 0 || text->length == 0 || text->overflowed)
        return;
    blank_controls(text);
    language_of(telling, telling->tracks[track].stream, language);
    /* NULL where the text is no UTF-8. */
    json_t *line = json_pack("{s:{s:i, s:s, s:I, s:I, s:s}}", "caption", "track", (int)track,
        "language", language, "start_ms", (json_int_t)(start_ms < 0 ? 0 : start_ms), "end_ms",
        (json_int_t)end_ms, "text", text->bytes);
    if (line)
        telling->told = telling->told && job_send(telling->fd, line);
}

static void tell_subtitle(struct telling *telling, size_t track, const AVSubtitle *subtitle,
    int64_t start_us, int64_t duration_us)
{
    struct text text;
    text_init(&text, (size_t)CAPTION_CUE_BYTES_MAX);
    for (unsigned i = 0; i < subtitle->num_rects; i++) {
        const char *words = event_text(subtitle->rects[i]->ass);
        if (!words)
            continue;
        if (text.length > 0)
            text_append(&text, "\n", 1);
        caption_ass_text(words, strlen(words), &text);
    }
    int64_t from_ms = lecture_ms(telling, start_us) + subtitle->start_display_time;
    int64_t shown_ms = duration_us > 0 ? duration_us / 1000 : SHOWN_MS;
    if (subtitle->end_display_time > subtitle->start_display_time
        && subtitle->end_display_time < UINT32_MAX)
        shown_ms = (int64_t)subtitle->end_display_time - subtitle->start_display_time;
    tell_caption(telling, track, from_ms, from_ms + shown_ms, &text);
    text_release(&text);
}

static void decode(struct telling *telling, size_t track, AVPacket *packet)
{
    static const AVRational us = { 1, 1000000 };
    AVCodecContext *decoder = telling->tracks[track].decoder;
    AVSubtitle subtitle;
    int got = 0;
    if (avcodec_decode_subtitle2(decoder, &subtitle, &got, packet) < 0 || !got)
        return;
    bool timed = packet->pts != AV_NOPTS_VALUE;
    int64_t start_us = subtitle.pts != AV_NOPTS_VALUE ? subtitle.pts
                       : timed ? av_rescale_q(packet->pts, decoder->pkt_timebase, us)
                               : 0;
    if (timed || subtitle.pts != AV_NOPTS_VALUE)
        tell_subtitle(telling, track, &subtitle, start_us,
            av_rescale_q(packet->duration, decoder->pkt_timebase, us));
    avsubtitle_free(&subtitle);
}

static AVCodecContext *open_decoder(const AVCodecParameters *codec, AVRational time_base)
{
    const AVCodec *kind = avcodec_find_decoder(codec->codec_id);
    AVCodecContext *decoder = kind ? avcodec_alloc_context3(kind) : NULL;
    if (decoder) {
        decoder->pkt_timebase = time_base;
        if (avcodec_parameters_to_context(decoder, codec) < 0
            || avcodec_open2(decoder, kind, NULL) < 0)
            avcodec_free_context(&decoder);
    }
    return decoder;
}

static void add_track(struct telling *telling, int stream, AVCodecContext *decoder)
{
    if (!decoder)
        return;
    telling->tracks[telling->count++] = (struct caption_track){ stream, decoder };
}

static void open_text_tracks(struct telling *telling)
{
    const AVFormatContext *format = telling->probe->source.format;
    for (unsigned i = 0; i < format->nb_streams; i++) {
        const AVStream *stream = format->streams[i];
        const AVCodecDescriptor *kind = avcodec_descriptor_get(stream->codecpar->codec_id);
        if (stream->codecpar->codec_type != AVMEDIA_TYPE_SUBTITLE || !kind
            || !(kind->props & AV_CODEC_PROP_TEXT_SUB)
            || telling->count + 1 >= INNER_CAPTION_TRACKS_MAX)
            continue;
        add_track(telling, (int)i, open_decoder(stream->codecpar, stream->time_base));
    }
}

/* Whether the picture may carry CEA-608, and how its packets are framed. */
static bool is_h264(struct telling *telling)
{
    const struct media_probe *probe = telling->probe;
    struct h264_parameters parameters;
    if (probe->video.stream < 0)
        return false;
    const AVCodecParameters *codec = probe->source.format->streams[probe->video.stream]->codecpar;
    if (codec->codec_id != AV_CODEC_ID_H264)
        return false;
    if (!h264_read_extradata(
            codec->extradata, (size_t)codec->extradata_size, &telling->framing, &parameters))
        telling->framing = (struct h264_framing){ 0 };
    return true;
}

static void select_streams(struct telling *telling, bool picture)
{
    AVFormatContext *format = telling->probe->source.format;
    for (unsigned i = 0; i < format->nb_streams; i++)
        format->streams[i]->discard = AVDISCARD_ALL;
    for (size_t i = 0; i < telling->count; i++)
        format->streams[telling->tracks[i].stream]->discard = AVDISCARD_DEFAULT;
    if (picture)
        format->streams[telling->probe->video.stream]->discard = AVDISCARD_DEFAULT;
}

/* false: nothing more is of interest. */
static bool put_packet(struct telling *telling, AVPacket *packet, bool *picture)
{
    if (*picture && packet->stream_index == telling->probe->video.stream) {
        cea608_put(&telling->data, packet, telling->framing);
        if (telling->data.count == 0 && ++telling->looked >= LOOK_PACKETS) {
            *picture = false;
            select_streams(telling, false);
        }
        return *picture || telling->count > 0;
    }
    for (size_t i = 0; i < telling->count; i++)
        if (packet->stream_index == telling->tracks[i].stream)
            decode(telling, i, packet);
    return true;
}

static void read_packets(struct telling *telling, AVPacket *packet)
{
    struct problem ignored = { 0 };
    bool picture = is_h264(telling), more = picture || telling->count > 0;
    if (!more || !media_source_rewind(&telling->probe->source, &ignored))
        return;
    select_streams(telling, picture);
    while (more && telling->told
           && media_source_read(&telling->probe->source, packet, &ignored) == 1) {
        more = put_packet(telling, packet, &picture);
        av_packet_unref(packet);
    }
}

/* The picture's own come last, when all their pictures are known and can be put in order. */
static void tell_cea608(struct telling *telling, AVPacket *packet)
{
    AVCodecParameters *codec = avcodec_parameters_alloc();
    if (telling->data.count == 0 || !codec)
        goto out;
    codec->codec_type = AVMEDIA_TYPE_SUBTITLE;
    codec->codec_id = AV_CODEC_ID_EIA_608;
    size_t track = telling->count;
    add_track(telling, -1,
        open_decoder(codec,
            telling->probe->source.format->streams[telling->probe->video.stream]->time_base));
    if (telling->count == track)
        goto out;
    cea608_sort(&telling->data);
    for (size_t i = 0; i < telling->data.count && telling->told; i++)
        if (cea608_packet(&telling->data, i, packet)) {
            decode(telling, track, packet);
            av_packet_unref(packet);
        }
    /* An empty packet gives what still shows. */
    packet->pts = AV_NOPTS_VALUE;
    decode(telling, track, packet);
out:
    avcodec_parameters_free(&codec);
}

bool inner_tracks_tell(struct media_probe *probe, int report_fd)
{
    struct telling telling = { .probe = probe, .fd = report_fd, .told = true };
    AVPacket *packet = av_packet_alloc();
    tell_chapters(&telling);
    if (packet) {
        open_text_tracks(&telling);
        read_packets(&telling, packet);
        tell_cea608(&telling, packet);
    }
    if (telling.left_out > 0)
        telling.told = telling.told
                       && job_send(report_fd, json_pack("{s:{s:I, s:I}}", "captions_left_out",
                                                  "count", (json_int_t)telling.left_out, "at_ms",
                                                  (json_int_t)telling.left_out_ms));
    for (size_t i = 0; i < telling.count; i++)
        avcodec_free_context(&telling.tracks[i].decoder);
    cea608_release(&telling.data);
    av_packet_free(&packet);
    return telling.told;
}
