#include "media/source.h"

#include "media/promise.h"
#include "media/sniff.h"

#include <errno.h>
#include <libavutil/mem.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum { IO_BUFFER_BYTES = 128 << 10, ANALYZE_SECONDS = 10, STREAMS_MORE = 1000 };

static const char demuxers[]
    = "mov,matroska,mpegts,mpeg,avi,flv,asf,ogg,mp3,aac,amr,wav,w64,aiff,flac";

bool media_problem_from_av(struct problem *problem, int av_error, const char *doing)
{
    char text[AV_ERROR_MAX_STRING_SIZE] = "", fault[2 * AV_ERROR_MAX_STRING_SIZE];
    if (av_error == AVERROR(ENOMEM))
        return finding_fail(problem, (struct finding){ .code = FINDING_MEMORY });
    (void)av_strerror(av_error, text, sizeof text);
    (void)snprintf(fault, sizeof fault, "%s: %s", doing, text);
    return finding_refuse(
        problem, finding_with((struct finding){ .code = FINDING_DAMAGED }, fault));
}

static int read_bytes(void *opaque, uint8_t *buffer, int size)
{
    struct media_source *source = opaque;
    ssize_t count;
    do
        count = pread(source->fd, buffer, (size_t)size, source->position);
    while (count < 0 && errno == EINTR);
    if (count < 0) {
        source->read_error = errno;
        return AVERROR(errno);
    }
    source->position += count;
    return count > 0 ? (int)count : AVERROR_EOF;
}

static int64_t seek_bytes(void *opaque, int64_t offset, int whence)
{
    struct media_source *source = opaque;
    if (whence == AVSEEK_SIZE)
        return source->size_bytes;
    whence &= ~AVSEEK_FORCE;
    int64_t base = whence == SEEK_SET   ? 0
                   : whence == SEEK_CUR ? source->position
                                        : source->size_bytes;
    /* A claimed place may be anywhere; only what can be in the file is looked at. */
    if (offset < -base || offset > INT64_MAX - base)
        return AVERROR(EINVAL);
    source->position = base + offset;
    return source->position;
}

/* Nothing in a file may name another one. */
static int refuse_to_open(struct AVFormatContext *format, AVIOContext **ret_io, const char *url,
    int flags, AVDictionary **options)
{
    (void)format;
    (void)ret_io;
    (void)url;
    (void)flags;
    (void)options;
    return AVERROR(EPERM);
}

static bool make_contexts(struct media_source *source)
{
    unsigned char *buffer = av_malloc(IO_BUFFER_BYTES);
    source->position = 0;
    if (!buffer)
        return false;
    source->io
        = avio_alloc_context(buffer, IO_BUFFER_BYTES, 0, source, read_bytes, NULL, seek_bytes);
    if (!source->io) {
        av_free(buffer);
        return false;
    }
    source->format = avformat_alloc_context();
    if (!source->format)
        return false;
    source->format->pb = source->io;
    source->format->flags |= AVFMT_FLAG_CUSTOM_IO;
    source->format->io_open = refuse_to_open;
    return true;
}

static void free_contexts(struct media_source *source)
{
    avformat_close_input(&source->format);
    if (source->io)
        av_freep(&source->io->buffer);
    avio_context_free(&source->io);
}

static bool in_whitelist(const AVInputFormat *demuxer)
{
    /* Names are lists too ("mov,mp4,m4a,..."): the first is the demuxer's own. */
    size_t length = strcspn(demuxer->name, ",");
    for (const char *at = demuxers; *at; at += strcspn(at, ","), at += *at == ',')
        if (strcspn(at, ",") == length && strncmp(at, demuxer->name, length) == 0)
            return true;
    return false;
}

static bool refuse_demuxer(const char *name, struct problem *problem)
{
    static const struct {
        const char *word;
        enum finding_code code;
    } kinds[] = {
        { "hls", FINDING_IS_PLAYLIST },
        { "concat", FINDING_IS_PLAYLIST },
        { "dash", FINDING_IS_PLAYLIST },
        { "sdp", FINDING_IS_PLAYLIST },
        { "imf", FINDING_IS_PLAYLIST },
        { "_pipe", FINDING_IS_PICTURE },
        { "image2", FINDING_IS_PICTURE },
        { "gif", FINDING_IS_PICTURE },
        { "apng", FINDING_IS_PICTURE },
        { "srt", FINDING_IS_CAPTIONS },
        { "ass", FINDING_IS_CAPTIONS },
        { "webvtt", FINDING_IS_CAPTIONS },
    };
    enum finding_code code = FINDING_IS_UNKNOWN;
    for (size_t i = sizeof kinds / sizeof kinds[0]; i > 0; i--)
        if (strstr(name, kinds[i - 1].word))
            code = kinds[i - 1].code;
    return finding_refuse(problem, (struct finding){ .code = code });
}

static bool find_demuxer(
    struct media_source *source, const AVInputFormat **ret_demuxer, struct problem *problem)
{
    uint8_t head[SNIFF_BYTES];
    ssize_t count = pread(source->fd, head, sizeof head, 0);
    if (count < 0)
        return problem_set_errno(problem, errno, "read the input");
    enum finding_code code = sniff_file(head, (size_t)count);
    if (code != FINDING_NONE)
        return finding_refuse(problem, (struct finding){ .code = code });
    const AVInputFormat *demuxer = NULL;
    int result
        = av_probe_input_buffer2(source->io, &demuxer, "", NULL, 0, MEDIA_PROBE_FORMAT_BYTES);
    if (result == AVERROR(ENOMEM))
        return media_problem_from_av(problem, result, "read");
    if (result < 0 || !demuxer || !in_whitelist(demuxer))
        return refuse_demuxer(demuxer ? demuxer->name : "", problem);
    *ret_demuxer = demuxer;
    return true;
}

/* Edit lists are applied as a shift (advanced_editlist=0): the other way drops a picture that an edit begins in the
 * middle of, and moves all others.  Lists that a shift cannot express need that other way nevertheless. */
static void set_options(const struct media_source *source, AVDictionary **options)
{
    av_dict_set(options, "protocol_whitelist", "none", 0);
    av_dict_set(options, "format_whitelist", demuxers, 0);
    av_dict_set_int(options, "probesize", MEDIA_PROBE_BYTES, 0);
    av_dict_set_int(options, "analyzeduration", (int64_t)ANALYZE_SECONDS * AV_TIME_BASE, 0);
    /* Where it stops by itself, it says that there is no memory: so it may find some more. */
    av_dict_set_int(options, "max_streams", source->settings->media_streams_max + STREAMS_MORE, 0);
    av_dict_set_int(options, "advanced_editlist", mp4_layout_edits_are_complex(&source->layout), 0);
}

static bool check_mp4(const struct mp4_layout *layout, int64_t samples_max, struct problem *problem)
{
    if (layout->references_others)
        return finding_refuse(problem, (struct finding){ .code = FINDING_REFERENCES_OTHERS });
    if (layout->encrypted)
        return finding_refuse(problem, (struct finding){ .code = FINDING_ENCRYPTED });
    if (layout->is_mp4 && !layout->has_index && !layout->fragmented)
        return finding_refuse(problem, (struct finding){ .code = FINDING_INDEX_MISSING });
    if (layout->picture_count > samples_max)
        return finding_refuse(problem, (struct finding){ .code = FINDING_CLAIMS_PICTURES,
                                           .numbers = { layout->picture_count, samples_max } });
    return true;
}

/* Told by the index already: a decoder would refuse them, and forget their size. */
static bool check_sides(const struct media_source *source, struct problem *problem)
{
    int64_t side = source->settings->media_side_pixels_max;
    for (unsigned i = 0; i < source->format->nb_streams; i++) {
        const AVStream *stream = source->format->streams[i];
        const AVCodecParameters *codec = stream->codecpar;
        if (codec->codec_type == AVMEDIA_TYPE_VIDEO
            && !(stream->disposition & AV_DISPOSITION_ATTACHED_PIC)
            && (codec->width > side || codec->height > side))
            return finding_refuse(problem, (struct finding){ .code = FINDING_PICTURE_TOO_LARGE,
                                               .numbers = { codec->width, codec->height, side } });
    }
    return true;
}

/* Each decoder that libavformat opens to learn about a stream is bounded as well. */
static bool read_stream_info(struct media_source *source, struct problem *problem)
{
    AVFormatContext *format = source->format;
    unsigned count = format->nb_streams;
    int64_t side = source->settings->media_side_pixels_max;
    AVDictionary **options = av_calloc(count > 0 ? count : 1, sizeof(AVDictionary *));
    if (!options)
        return media_problem_from_av(problem, AVERROR(ENOMEM), "read");
    for (unsigned i = 0; i < count; i++) {
        av_dict_set_int(&options[i], "max_pixels", side * side, 0);
        av_dict_set_int(&options[i], "threads", 1, 0);
    }
    int result = avformat_find_stream_info(format, options);
    for (unsigned i = 0; i < count; i++)
        av_dict_free(&options[i]);
    av_free(options);
    return result >= 0 || media_problem_from_av(problem, result, "read");
}

/* Broadcasts name theirs on the way. */
static bool check_streams(const struct media_source *source, struct problem *problem)
{
    int64_t most = source->settings->media_streams_max;
    return source->format->nb_streams <= most
           || finding_refuse(
               problem, (struct finding){ .code = FINDING_STREAMS_TOO_MANY, .numbers = { most } });
}

static bool open_contexts(struct media_source *source, struct problem *problem)
{
    const AVInputFormat *demuxer = NULL;
    AVDictionary *options = NULL;
    if (!make_contexts(source))
        return media_problem_from_av(problem, AVERROR(ENOMEM), "read");
    if (!find_demuxer(source, &demuxer, problem)
        || !check_mp4(&source->layout, source->settings->media_samples_max, problem))
        return false;
    set_options(source, &options);
    /* Frees the context when it fails. */
    int result = avformat_open_input(&source->format, "", demuxer, &options);
    av_dict_free(&options);
    if (result < 0)
        return media_problem_from_av(problem, result, "read");
    return check_streams(source, problem) && check_sides(source, problem)
           && read_stream_info(source, problem) && check_streams(source, problem);
}

bool media_source_open(
    struct media_source *source, int fd, const struct settings *settings, struct problem *problem)
{
    *source = (struct media_source){
        .settings = settings, .fd = fd, .video_stream = -1, .audio_stream = -1
    };
    /* Not fstat(), which the sandbox cannot tell from a look at another file. */
    source->size_bytes = lseek(fd, 0, SEEK_END);
    if (source->size_bytes < 0)
        return problem_set_errno(problem, errno, "measure the input");
    if (source->size_bytes == 0)
        return finding_refuse(problem, (struct finding){ .code = FINDING_FILE_EMPTY });
    mp4_layout_read(fd, source->size_bytes, &source->layout);
    source->promised_bytes = promised_bytes(fd);
    bool opened = open_contexts(source, problem);
    if (!opened)
        media_source_close(source);
    return opened;
}

void media_source_select(struct media_source *source, int video_stream, int audio_stream)
{
    source->video_stream = video_stream;
    source->audio_stream = audio_stream;
    for (unsigned i = 0; i < source->format->nb_streams; i++)
        source->format->streams[i]->discard
            = (int)i == video_stream || (int)i == audio_stream ? AVDISCARD_DEFAULT : AVDISCARD_ALL;
}

bool media_source_rewind(struct media_source *source, struct problem *problem)
{
    if (!source->consumed)
        return true;
    unsigned streams = source->format->nb_streams;
    free_contexts(source);
    source->consumed = false;
    if (!open_contexts(source, problem))
        return false;
    /* Indices of streams are kept by the caller, so they must still mean something. */
    if (source->format->nb_streams < streams)
        return finding_refuse(problem, (struct finding){ .code = FINDING_READS_DIFFERENTLY });
    media_source_select(source, source->video_stream, source->audio_stream);
    return true;
}

bool media_source_is_broadcast(const struct media_source *source)
{
    return strncmp(source->format->iformat->name, "mpeg", 4) == 0;
}

/* Half a sample, where a file is cut off whose container tells how long its samples are.  Of sound other than MP4's what
 * is there can be heard. */
static bool is_half(const struct media_source *source, const AVPacket *packet)
{
    return packet->flags & AV_PKT_FLAG_CORRUPT
           && (source->layout.is_mp4
               || (packet->stream_index == source->video_stream
                   && !media_source_is_broadcast(source)));
}

int media_source_read(struct media_source *source, AVPacket *packet, struct problem *problem)
{
    int result;
    source->consumed = true;
    while ((result = av_read_frame(source->format, packet)) >= 0) {
        if (!is_half(source, packet))
            return 1;
        av_packet_unref(packet);
    }
    if (source->read_error != 0) {
        (void)problem_set_errno(problem, source->read_error, "read the input");
        return -1;
    }
    if (result == AVERROR(ENOMEM)) {
        (void)media_problem_from_av(problem, result, "read");
        return -1;
    }
    /* A demuxer that stumbles ends here as well; what is missing shows in the times. */
    return 0;
}

void media_source_close(struct media_source *source)
{
    free_contexts(source);
}
