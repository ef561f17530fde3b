#include "media/fragment.h"

#include "media/h264.h"
#include "media/source.h"

#include <errno.h>
#include <inttypes.h>
#include <libavutil/mathematics.h>
#include <libavutil/mem.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

enum {
    IO_BUFFER_BYTES = 256 << 10,
    FIRST_US_MAX = 500000, /* a first picture up to this late begins at 0 */
    TIMESCALE_LEAST = 10000,
    TIMESCALE_MOST = 1000000,
    TIMESCALE_PRESET = 90000
};

static int write_bytes(void *opaque, uint8_t *bytes, int size)
{
    struct fragment_writer *writer = opaque;
    for (int done = 0; done < size;) {
        ssize_t count = write(writer->fd, bytes + done, (size_t)(size - done));
        if (count < 0 && errno == EINTR)
            continue;
        if (count < 0) {
            writer->write_error = errno;
            return AVERROR(errno);
        }
        done += (int)count;
    }
    return size;
}

static bool failed(const struct fragment_writer *writer, int result, struct problem *problem)
{
    if (writer->write_error != 0)
        return problem_set_errno(problem, writer->write_error, "write a segment");
    return media_problem_from_av(problem, result, "package");
}

static bool is_video(const struct fragment_writer *writer)
{
    return writer->table.kind == RENDITION_VIDEO;
}

/* Pictures keep the ticks that they came in where those are fine enough, as those are exact. */
static int64_t choose_timescale(AVRational in_base)
{
    bool fits = in_base.num == 1 && in_base.den >= TIMESCALE_LEAST && in_base.den <= TIMESCALE_MOST;
    return fits ? in_base.den : TIMESCALE_PRESET;
}

static bool fill_codecs(
    struct segment_table *table, const AVCodecParameters *codec, struct problem *problem)
{
    if (table->kind == RENDITION_AUDIO) {
        /* The audio object type is the first five bits of the AudioSpecificConfig. */
        int type = codec->extradata_size > 0 ? codec->extradata[0] >> 3 : 2;
        (void)snprintf(table->codecs, sizeof table->codecs, "mp4a.40.%d", type);
        return true;
    }
    struct h264_framing framing;
    struct h264_parameters parameters;
    char codecs[H264_CODECS_SIZE];
    if (!h264_read_extradata(
            codec->extradata, (size_t)codec->extradata_size, &framing, &parameters))
        return problem_set(
            problem, PROBLEM_MEDIA_REFUSED, "The picture's parameters cannot be read.");
    h264_codecs(&parameters, codecs);
    (void)snprintf(table->codecs, sizeof table->codecs, "%s", codecs);
    return true;
}

static bool make_muxer(struct fragment_writer *writer, const AVCodecParameters *codec)
{
    unsigned char *buffer = av_malloc(IO_BUFFER_BYTES);
    if (!buffer || avformat_alloc_output_context2(&writer->muxer, NULL, "mp4", NULL) < 0) {
        av_free(buffer);
        return false;
    }
    writer->muxer->pb
        = avio_alloc_context(buffer, IO_BUFFER_BYTES, 1, writer, NULL, write_bytes, NULL);
    if (!writer->muxer->pb) {
        av_free(buffer);
        return false;
    }
    writer->muxer->flags |= AVFMT_FLAG_CUSTOM_IO | AVFMT_FLAG_BITEXACT;
    AVStream *stream = avformat_new_stream(writer->muxer, NULL);
    writer->held = av_packet_alloc();
    if (!stream || !writer->held || avcodec_parameters_copy(stream->codecpar, codec) < 0)
        return false;
    stream->codecpar->codec_tag = 0;
    stream->sample_aspect_ratio = codec->sample_aspect_ratio;
    return true;
}

/* cmaf: default-base-is-moof and signed composition offsets.  frag_discont: tfdt is where the first packet is, not
 * 0.  delay_moov: written at the first flush, when the first packet is known. */
static bool write_header(struct fragment_writer *writer, struct problem *problem)
{
    AVStream *stream = writer->muxer->streams[0];
    AVDictionary *options = NULL;
    int64_t timescale
        = is_video(writer) ? choose_timescale(writer->in_base) : writer->table.sample_rate;
    stream->time_base = (AVRational){ 1, (int)timescale };
    av_dict_set(&options, "movflags", "cmaf+frag_custom+delay_moov+frag_discont+skip_trailer", 0);
    av_dict_set_int(&options, "video_track_timescale", timescale, 0);
    int result = avformat_write_header(writer->muxer, &options);
    av_dict_free(&options);
    if (result < 0)
        return failed(writer, result, problem);
    writer->table.timescale = stream->time_base.den;
    return true;
}

bool fragment_writer_open(struct fragment_writer *writer, int fd, const AVCodecParameters *codec,
    AVRational in_base, const struct segment_table *table_facts, const int64_t *cuts_us,
    size_t cut_count, struct problem *problem)
{
    *writer = (struct fragment_writer){
        .table = *table_facts,
        .fd = fd,
        .cuts_us = cuts_us,
        .cut_count = cut_count,
        .in_base = in_base,
        .first_dts = AV_NOPTS_VALUE,
    };
    writer->table.independent = true;
    bool opened = fill_codecs(&writer->table, codec, problem)
                  && (make_muxer(writer, codec)
                      || media_problem_from_av(problem, AVERROR(ENOMEM), "package"))
                  && write_header(writer, problem);
    if (!opened)
        fragment_writer_close(writer);
    return opened;
}

static int64_t ticks_to_us(const struct fragment_writer *writer, int64_t ticks)
{
    return av_rescale(ticks, 1000000, writer->table.timescale);
}

/* The first flush writes the init segment alone, each further one a fragment. */
static bool flush(struct fragment_writer *writer, struct problem *problem)
{
    int result = av_write_frame(writer->muxer, NULL);
    avio_flush(writer->muxer->pb);
    if (result < 0 || writer->write_error != 0 || writer->muxer->pb->error < 0)
        return failed(writer, result < 0 ? result : writer->muxer->pb->error, problem);
    return true;
}

static bool end_segment(struct fragment_writer *writer, struct problem *problem)
{
    struct segment_table *table = &writer->table;
    if (!writer->init_written) {
        if (!flush(writer, problem))
            return false;
        table->init_bytes = (uint64_t)avio_tell(writer->muxer->pb);
        writer->init_written = true;
    }
    const struct segment *last = table->count > 0 ? &table->segments[table->count - 1] : NULL;
    uint64_t offset = last ? last->offset_bytes + last->size_bytes : table->init_bytes;
    if (!flush(writer, problem))
        return false;
    uint64_t size = (uint64_t)avio_tell(writer->muxer->pb) - offset;
    segment_table_append(table, writer->start_ticks, writer->duration_ticks, size);
    table->independent = table->independent && writer->segment_key;
    writer->segment_open = false;
    return true;
}

static bool write_held(struct fragment_writer *writer, int64_t duration, struct problem *problem)
{
    AVPacket *packet = writer->held;
    if (!writer->segment_open) {
        writer->segment_open = true;
        writer->segment_key = writer->held_key;
        writer->start_ticks = packet->dts - writer->first_dts;
        writer->duration_ticks = 0;
    }
    packet->duration = duration;
    packet->stream_index = 0;
    packet->pos = -1;
    writer->duration_ticks += duration;
    writer->last_duration = duration;
    writer->position_us = ticks_to_us(writer, packet->dts - writer->first_dts);
    int result = av_write_frame(writer->muxer, packet);
    av_packet_unref(packet);
    writer->holding = false;
    return result >= 0 || failed(writer, result, problem);
}

/* Whether a segment begins with this packet, `at_us` after the beginning. */
static bool cut_before(struct fragment_writer *writer, int64_t at_us, int64_t duration_us, bool key)
{
    if (!key || !writer->segment_open)
        return false;
    /* Rounded times of one packet may differ by a microsecond; a sound goes to the nearer side. */
    int64_t reach_us = at_us + (is_video(writer) ? 1000 : duration_us / 2);
    bool cut = false;
    while (writer->next_cut < writer->cut_count && writer->cuts_us[writer->next_cut] <= reach_us) {
        writer->next_cut++;
        cut = true;
    }
    return cut;
}

/* From here decoding times count from first_dts, and the first packet is decoded when it is shown. */
static void settle_first(struct fragment_writer *writer, AVPacket *packet)
{
    int64_t delay = packet->pts - packet->dts;
    /* A time before 0 would read as very late. */
    if (packet->pts < 0 || (is_video(writer) && ticks_to_us(writer, packet->pts) <= FIRST_US_MAX)) {
        packet->pts = 0;
        packet->dts = -delay;
    }
    writer->first_dts = -delay;
}

bool fragment_writer_put(struct fragment_writer *writer, AVPacket *packet, struct problem *problem)
{
    bool key = packet->flags & AV_PKT_FLAG_KEY || !is_video(writer);
    av_packet_rescale_ts(packet, writer->in_base, writer->muxer->streams[0]->time_base);
    if (writer->first_dts == AV_NOPTS_VALUE)
        settle_first(writer, packet);
    if (writer->holding) {
        int64_t duration = packet->dts - writer->held->dts;
        /* Coarse clocks round two pictures to one moment, or the first was moved. */
        if (duration < 1)
            duration = 1;
        packet->dts = writer->held->dts + duration;
        if (packet->pts < packet->dts)
            packet->pts = packet->dts;
        if (!write_held(writer, duration, problem))
            return false;
    }
    int64_t at_us = ticks_to_us(writer, packet->dts - writer->first_dts);
    if (cut_before(writer, at_us, ticks_to_us(writer, packet->duration), key)
        && !end_segment(writer, problem))
        return false;
    av_packet_move_ref(writer->held, packet);
    writer->holding = true;
    writer->held_key = key;
    return true;
}

bool fragment_writer_finish(struct fragment_writer *writer, int64_t end_us, struct problem *problem)
{
    if (!writer->holding)
        return problem_set(problem, PROBLEM_MEDIA_REFUSED,
            "The file's %s track holds nothing that can be played.",
            is_video(writer) ? "picture" : "sound");
    int64_t duration = writer->held->duration > 0 ? writer->held->duration : writer->last_duration;
    int64_t end = av_rescale(end_us, writer->table.timescale, 1000000);
    int64_t left = end - (writer->held->dts - writer->first_dts);
    if (is_video(writer) && left > duration)
        duration = left;
    return write_held(writer, duration > 0 ? duration : 1, problem) && end_segment(writer, problem);
}

void fragment_writer_close(struct fragment_writer *writer)
{
    segment_table_release(&writer->table);
    av_packet_free(&writer->held);
    if (!writer->muxer)
        return;
    if (writer->muxer->pb)
        av_freep(&writer->muxer->pb->buffer);
    avio_context_free(&writer->muxer->pb);
    avformat_free_context(writer->muxer);
    writer->muxer = NULL;
}
