#include "media/fragment.h"

#include "base/memory.h"
#include "media/fragment_head.h"
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
    TIMESCALE_PRESET = 90000,
    GROUP_MAX = 100000, /* pictures between two key pictures */
    DELAY_SECONDS = 60
};

static int write_bytes(void *opaque, uint8_t *bytes, int size)
{
    struct fragment_writer *writer = opaque;
    if (writer->head_wanted)
        writer->key_bytes = fragment_key_bytes(bytes, (size_t)size);
    writer->head_wanted = false;
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
    return rendition_has_pictures(&writer->table);
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
    if (!stream || avcodec_parameters_copy(stream->codecpar, codec) < 0)
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
    AVRational in_base, const struct segment_table *table_facts, const struct fragment_cuts *cuts,
    struct problem *problem)
{
    *writer = (struct fragment_writer){
        .table = *table_facts,
        .fd = fd,
        .cuts = *cuts,
        .in_base = in_base,
        .last_ticks = -1,
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

static bool end_segment(struct fragment_writer *writer, int64_t end_ticks, struct problem *problem)
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
    writer->head_wanted = is_video(writer);
    if (!flush(writer, problem))
        return false;
    uint64_t size = (uint64_t)avio_tell(writer->muxer->pb) - offset;
    segment_table_append(table, writer->start_ticks, end_ticks - writer->start_ticks, size);
    if (is_video(writer) && writer->key_bytes <= size)
        table->segments[table->count - 1].key_bytes = writer->key_bytes;
    table->independent = table->independent && writer->segment_key;
    writer->segment_open = false;
    return true;
}

static int compare_ticks(const void *left, const void *right)
{
    int64_t a = *(const int64_t *)left, b = *(const int64_t *)right;
    return (a > b) - (a < b);
}

/* Decoding times for the group: as it is shown as a whole before the next one, its sorted times of showing do. */
static int64_t *decoding_times(const struct fragment_writer *writer)
{
    int64_t *times = memory_zeroed(writer->group_count, sizeof *times);
    for (size_t i = 0; i < writer->group_count; i++)
        times[i] = writer->group[i]->pts;
    qsort(times, writer->group_count, sizeof *times, compare_ticks);
    /* Coarse clocks may round two to one moment. */
    int64_t last = writer->last_ticks;
    for (size_t i = 0; i < writer->group_count; i++) {
        if (times[i] <= last)
            times[i] = last + 1;
        last = times[i];
    }
    return times;
}

/* libavformat wants showing not to come before decoding; the muxer takes the first packet's difference off all. */
static int write_packet(
    struct fragment_writer *writer, AVPacket *packet, int64_t ticks, int64_t duration)
{
    packet->dts = ticks - writer->table.timescale * DELAY_SECONDS;
    packet->duration = duration;
    packet->stream_index = 0;
    packet->pos = -1;
    if (packet->pts < packet->dts)
        packet->pts = packet->dts;
    return av_write_frame(writer->muxer, packet);
}

/* Writes the group, which lasts until next_ticks. */
static bool write_group(struct fragment_writer *writer, int64_t next_ticks, struct problem *problem)
{
    if (writer->group_count == 0)
        return true;
    int64_t *times = decoding_times(writer);
    size_t last = writer->group_count - 1;
    int result = 0;
    if (!writer->segment_open) {
        writer->segment_open = true;
        writer->segment_key = writer->group[0]->flags & AV_PKT_FLAG_KEY;
        writer->start_ticks = times[0];
        /* The first packet is shown when it is decoded: its difference is what the muxer takes off. */
        writer->group[0]->pts = times[0];
    }
    for (size_t i = 0; i <= last && result >= 0; i++) {
        int64_t next = i < last ? times[i + 1] : next_ticks > times[i] ? next_ticks : times[i] + 1;
        result = write_packet(writer, writer->group[i], times[i], next - times[i]);
        writer->last_ticks = times[i];
    }
    for (size_t i = 0; i <= last; i++)
        av_packet_free(&writer->group[i]);
    writer->group_count = 0;
    writer->position_us = ticks_to_us(writer, writer->last_ticks);
    free(times);
    return result >= 0 || failed(writer, result, problem);
}

static bool cut_sound(struct fragment_writer *writer, int64_t at_us, int64_t duration_us)
{
    const struct fragment_cuts *cuts = &writer->cuts;
    bool cut = false;
    while (writer->next_cut < cuts->cut_count
           && cuts->cuts_us[writer->next_cut] <= at_us + duration_us / 2) {
        writer->next_cut++;
        cut = true;
    }
    return cut;
}

static bool append_to_group(
    struct fragment_writer *writer, AVPacket *packet, struct problem *problem)
{
    if (writer->group_count == writer->group_capacity) {
        writer->group_capacity = writer->group_capacity > 0 ? writer->group_capacity * 2 : 16;
        writer->group = memory_resized(writer->group, writer->group_capacity, sizeof(AVPacket *));
    }
    AVPacket *taken = writer->group_count < GROUP_MAX ? av_packet_alloc() : NULL;
    /* The demuxer may lend bytes that it will use again. */
    if (!taken || av_packet_make_refcounted(packet) < 0) {
        av_packet_free(&taken);
        return media_problem_from_av(problem, AVERROR(ENOMEM), "package");
    }
    av_packet_move_ref(taken, packet);
    writer->group[writer->group_count++] = taken;
    return true;
}

/* A time before 0 would read as very late. */
static void settle_first(struct fragment_writer *writer, AVPacket *packet)
{
    if (packet->pts < 0 || (is_video(writer) && ticks_to_us(writer, packet->pts) <= FIRST_US_MAX))
        packet->pts = 0;
    writer->started = true;
}

void fragment_writer_cut(struct fragment_writer *writer)
{
    writer->cut_asked = true;
}

bool fragment_writer_put(struct fragment_writer *writer, AVPacket *packet, struct problem *problem)
{
    bool key = packet->flags & AV_PKT_FLAG_KEY || !is_video(writer);
    av_packet_rescale_ts(packet, writer->in_base, writer->muxer->streams[0]->time_base);
    if (!writer->started)
        settle_first(writer, packet);
    if (key && writer->group_count > 0) {
        if (!write_group(writer, packet->pts, problem))
            return false;
        if (packet->pts <= writer->last_ticks)
            packet->pts = writer->last_ticks + 1;
        bool cut = is_video(writer) ? writer->cut_asked
                                    : cut_sound(writer, ticks_to_us(writer, packet->pts),
                                        ticks_to_us(writer, packet->duration));
        if (cut && !end_segment(writer, packet->pts, problem))
            return false;
    }
    writer->cut_asked = false;
    return append_to_group(writer, packet, problem);
}

bool fragment_writer_finish(struct fragment_writer *writer, struct problem *problem)
{
    if (writer->group_count == 0)
        return finding_refuse(problem,
            (struct finding){
                .code = is_video(writer) ? FINDING_PICTURE_UNPLAYABLE : FINDING_SOUND_UNPLAYABLE });
    int64_t end = 0;
    for (size_t i = 0; i < writer->group_count; i++) {
        int64_t duration = writer->group[i]->duration > 0 ? writer->group[i]->duration : 1;
        if (writer->group[i]->pts + duration > end)
            end = writer->group[i]->pts + duration;
    }
    int64_t lecture_end = av_rescale(writer->cuts.end_us, writer->table.timescale, 1000000);
    if (is_video(writer) && lecture_end > end)
        end = lecture_end;
    if (!write_group(writer, end, problem))
        return false;
    if (end <= writer->last_ticks)
        end = writer->last_ticks + 1;
    return end_segment(writer, end, problem);
}

void fragment_writer_close(struct fragment_writer *writer)
{
    segment_table_release(&writer->table);
    for (size_t i = 0; i < writer->group_count; i++)
        av_packet_free(&writer->group[i]);
    writer->group_count = 0;
    free(writer->group);
    writer->group = NULL;
    if (!writer->muxer)
        return;
    if (writer->muxer->pb)
        av_freep(&writer->muxer->pb->buffer);
    avio_context_free(&writer->muxer->pb);
    avformat_free_context(writer->muxer);
    writer->muxer = NULL;
}
