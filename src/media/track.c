#include "media/track.h"

#include "base/memory.h"
#include "media/last_picture.h"

#include <errno.h>
#include <libavutil/mathematics.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum {
    HEAD_BYTES = 4096,           /* enough of a key frame to find its first slice, mostly */
    HEAD_BYTES_MOST = 256 << 10, /* captions and the like may come before it */
    LAST_SAMPLE_US_MAX = 10000000,
    JUMP_BACK_US = 1000000,
    AAC_SAMPLES = 1024,
    SEAM_MS_MAX = 60,
    PICTURE_GAP_US_LEAST = 1000000,
    PICTURE_GAP_STEPS = 10,
    TICKS_A_SECOND = 90000,
    STEPS_MS_MAX = 1000, /* longer steps between pictures are all alike */
    USUAL_PERCENT_LEAST = 80
};
static const int64_t mpeg_clock = INT64_C(1) << 33;
static const int64_t time_us_max = INT64_C(1000000000000000);

static const AVStream *stream_of(const struct media_source *source, const struct track *track)
{
    return source->format->streams[track->stream];
}

void track_init(struct track *track, const struct media_source *source, int stream)
{
    *track = (struct track){
        .stream = stream,
        .first_pts = AV_NOPTS_VALUE,
        .jump_back_us = -1,
        .edit_end_us = INT64_MAX,
    };
    if (stream < 0)
        return;
    const AVStream *in = stream_of(source, track);
    const AVCodecParameters *codec = in->codecpar;
    track->time_base = in->time_base;
    track->clock_is_free = media_source_is_broadcast(source);
    if (codec->codec_id == AV_CODEC_ID_H264 && codec->extradata_size > 0)
        track->h264_known = h264_read_extradata(
            codec->extradata, (size_t)codec->extradata_size, &track->framing, &track->h264);
    const struct mp4_edit *edit = mp4_layout_edit(&source->layout, (uint32_t)in->id);
    if (edit && edit->end_us > 0 && !edit->complex)
        track->edit_end_us = edit->end_us;
}

void track_release(struct track *track)
{
    free(track->key_pts);
    track->key_pts = NULL;
}

static int64_t to_us(const struct track *track, int64_t ticks)
{
    return av_rescale_q(ticks, track->time_base, AV_TIME_BASE_Q);
}

/* A claimed time may be anything; beyond 30 years it is none, and sums of what is left cannot overflow. */
static int64_t plausible(const struct track *track, int64_t ticks)
{
    if (ticks == AV_NOPTS_VALUE || llabs(ticks / 2) > INT64_MAX / 8)
        return AV_NOPTS_VALUE;
    int64_t us = to_us(track, ticks);
    return us > -time_us_max && us < time_us_max ? ticks : AV_NOPTS_VALUE;
}

static void add_key(struct track *track, int64_t pts)
{
    if ((track->key_count & (track->key_count - 1)) == 0)
        track->key_pts = memory_resized(track->key_pts,
            track->key_count > 0 ? track->key_count * 2 : 1, sizeof *track->key_pts);
    if (track->key_count > 0) {
        int64_t gap = to_us(track, pts - track->key_pts[track->key_count - 1]);
        if (gap > track->key_gap_us)
            track->key_gap_us = gap;
    }
    track->key_pts[track->key_count++] = pts;
}

/* What is seen of one sample after the other, from the index or from packets. */
struct sample {
    int64_t pts, dts, duration;
    int64_t size;
    bool key;
};

struct walk {
    struct track *track;
    int64_t last_dts;
    int64_t longest_step; /* between samples */
    int64_t end;          /* ticks: the latest that anything ends */
    int64_t samples;      /* sound: counted in samples */
    uint64_t parameters_digest;
    int64_t steps[STEPS_MS_MAX + 1]; /* picture: how many steps were so many milliseconds long */
    int64_t last_step_us;            /* the step before, for gaps */
};

static void walk_begin(struct walk *walk, struct track *track)
{
    *walk = (struct walk){
        .track = track,
        .last_dts = AV_NOPTS_VALUE,
        .end = INT64_MIN,
    };
}

/* dts that fall or stand still cannot be copied; those that fall far are another recording. */
static void check_order(struct walk *walk, int64_t dts)
{
    struct track *track = walk->track;
    if (walk->last_dts == AV_NOPTS_VALUE)
        return;
    int64_t step = dts - walk->last_dts, step_us = to_us(track, step);
    if (step > 0)
        walk->steps[step_us / 1000 < STEPS_MS_MAX ? step_us / 1000 : STEPS_MS_MAX]++;
    if (step <= 0)
        track->times_disordered = true;
    if (step < 0 && track->jump_back_us < 0 && to_us(track, -step) > JUMP_BACK_US)
        track->jump_back_us = to_us(track, walk->last_dts);
    if (step > walk->longest_step)
        walk->longest_step = step;
}

static void note_gap(struct track *track, int64_t at_us, int64_t gap_us)
{
    if (track->gap_count++ == 0)
        track->gap_us = at_us;
    if (gap_us > track->longest_gap_us)
        track->longest_gap_us = gap_us;
}

/* A picture that stands still for much longer than those before it did. */
static void check_standstill(struct walk *walk, int64_t dts)
{
    struct track *track = walk->track;
    if (walk->last_dts == AV_NOPTS_VALUE)
        return;
    int64_t step_us = to_us(track, dts - walk->last_dts), before_us = walk->last_step_us;
    if (before_us > 0 && step_us > PICTURE_GAP_US_LEAST && step_us / PICTURE_GAP_STEPS > before_us)
        note_gap(track, to_us(track, walk->last_dts), step_us);
    else
        walk->last_step_us = step_us;
}

/* Sound is counted in samples, as packaging will.  Where recordings were joined, times are a part of a packet off: one
 * packet is left out or a moment stays empty, which is a seam.  More than that is a gap. */
static void check_seams(struct walk *walk, const struct media_source *source, int64_t pts)
{
    struct track *track = walk->track;
    const AVCodecParameters *codec = stream_of(source, track)->codecpar;
    if (codec->codec_type != AVMEDIA_TYPE_AUDIO || codec->sample_rate <= 0
        || (codec->frame_size <= 0 && codec->codec_id != AV_CODEC_ID_AAC))
        return; /* packets of any length, as of PCM, tell nothing */
    AVRational samples = { 1, codec->sample_rate };
    int64_t frame = codec->frame_size > 0 ? codec->frame_size : AAC_SAMPLES;
    int64_t off = av_rescale_q(pts - track->first_pts, track->time_base, samples) - walk->samples;
    if (llabs(off) > frame / 2) {
        if (track->seam_count++ == 0)
            track->seam_us = to_us(track, pts);
        if (llabs(off) * 1000 > (int64_t)codec->sample_rate * SEAM_MS_MAX) {
            track->gaps = true;
            if (off > 0)
                note_gap(track, to_us(track, pts), av_rescale_q(off, samples, AV_TIME_BASE_Q));
        }
        walk->samples += off > 0 ? off : -frame;
    }
    walk->samples += frame;
}

/* Times of decoding are checked where there are any: libavformat does not know them of a Matroska file's beginning,
 * and packaging makes its own. */
static void walk_step(
    struct walk *walk, const struct media_source *source, const struct sample *sample)
{
    struct track *track = walk->track;
    track->payload_bytes += sample->size;
    int64_t dts = plausible(track, sample->dts), pts = plausible(track, sample->pts);
    int64_t duration = plausible(track, sample->duration);
    if (pts == AV_NOPTS_VALUE) {
        track->times_missing = true;
        pts = dts;
    }
    if (track->packet_count++ == 0)
        track->starts_with_key = sample->key;
    if (pts == AV_NOPTS_VALUE)
        return;
    if (track->first_pts == AV_NOPTS_VALUE || pts < track->first_pts)
        track->first_pts = pts;
    if (dts != AV_NOPTS_VALUE) {
        if (stream_of(source, track)->codecpar->codec_type == AVMEDIA_TYPE_VIDEO)
            check_standstill(walk, dts);
        check_order(walk, dts);
        walk->last_dts = dts;
    }
    check_seams(walk, source, pts);
    if (sample->key)
        add_key(track, pts);
    if (duration > 0)
        pts += duration;
    if (pts > walk->end)
        walk->end = pts;
}

/* The commonest step, where nearly all pictures keep it; clocks of milliseconds take turns between two neighbours. */
static int64_t usual_step_us(const struct walk *walk)
{
    int64_t most = 0, total = 0, step_ms = 0;
    for (int i = 0; i < STEPS_MS_MAX; i++) {
        int64_t alike = walk->steps[i] + walk->steps[i + 1];
        total += walk->steps[i];
        if (alike > most) {
            most = alike;
            step_ms = walk->steps[i] >= walk->steps[i + 1] ? i : i + 1;
        }
    }
    total += walk->steps[STEPS_MS_MAX];
    return most * 100 >= total * USUAL_PERCENT_LEAST ? (step_ms > 0 ? step_ms : 1) * 1000 : 0;
}

/* libavformat counts on where 33 bits ran over: below zero before, or above them after (wrap_timestamp()). */
static bool clock_wraps(const struct walk *walk)
{
    const struct track *track = walk->track;
    return track->time_base.den == 90000 && track->packet_count > 0
           && ((track->first_pts < -TICKS_A_SECOND && walk->end > 0)
               || (track->first_pts < mpeg_clock && walk->end > mpeg_clock));
}

/* The list of keys ends with the track. */
static void walk_end(struct walk *walk)
{
    struct track *track = walk->track;
    if (track->packet_count == 0 || walk->end == INT64_MIN)
        return;
    track->start_us = to_us(track, track->first_pts);
    track->end_us = to_us(track, walk->end);
    track->longest_step_us = to_us(track, walk->longest_step);
    track->usual_step_us = usual_step_us(walk);
    track->clock_wraps = clock_wraps(walk);
    if (track->end_us > track->edit_end_us) {
        track->trimmed_us = track->end_us - track->edit_end_us;
        track->end_us = track->edit_end_us;
    }
    if (track->key_count == 0)
        return;
    int64_t left_us = track->end_us - to_us(track, track->key_pts[track->key_count - 1]);
    if (left_us > track->key_gap_us)
        track->key_gap_us = left_us;
}

/* An access unit is a place to cut only where it is IDR: the key flag is set on others too. */
static bool look_at_picture(struct walk *walk, const uint8_t *bytes, size_t count)
{
    struct track *track = walk->track;
    struct h264_picture picture = h264_read_picture(bytes, count, track->framing);
    if (picture.parameters_digest != 0) {
        if (walk->parameters_digest != 0 && picture.parameters_digest != walk->parameters_digest)
            track->parameters_change = true;
        walk->parameters_digest = picture.parameters_digest;
    }
    return picture.idr;
}

static bool key_at(
    struct walk *walk, const struct media_source *source, int64_t offset, int64_t size)
{
    uint8_t head[HEAD_BYTES];
    size_t wanted = size < HEAD_BYTES ? (size_t)size : HEAD_BYTES;
    ssize_t count = pread(source->fd, head, wanted, offset);
    if (count <= 0)
        return false;
    if (look_at_picture(walk, head, (size_t)count))
        return true;
    if (size <= HEAD_BYTES)
        return false;
    /* Rare: something large comes before the first slice. */
    wanted = size < HEAD_BYTES_MOST ? (size_t)size : HEAD_BYTES_MOST;
    uint8_t *more = memory_alloc(wanted);
    count = pread(source->fd, more, wanted, offset);
    bool idr = count > 0 && look_at_picture(walk, more, (size_t)count);
    free(more);
    return idr;
}

/* The last sample's length is a claim that no data stands behind: believed up to the longest step before it. */
static void end_index_walk(struct walk *walk, int64_t claimed_end)
{
    struct track *track = walk->track;
    int64_t last_most = av_rescale_q(LAST_SAMPLE_US_MAX, AV_TIME_BASE_Q, track->time_base);
    if (walk->longest_step > last_most)
        last_most = walk->longest_step;
    if (claimed_end > walk->end)
        walk->end = claimed_end < walk->end + last_most ? claimed_end : walk->end + last_most;
    walk_end(walk);
}

/* At least a tick, so that it tells a promise from none. */
static int64_t promised_length(AVStream *stream)
{
    int count = avformat_index_get_entries_count(stream);
    int64_t entries = avformat_index_get_entry(stream, count - 1)->timestamp
                      - avformat_index_get_entry(stream, 0)->timestamp;
    int64_t length = stream->duration > entries ? stream->duration : entries;
    return length > 0 && length < INT64_MAX / 8 ? length : 1;
}

/* An index entry has the time of decoding only.  The way from there to showing is known of the first picture, and
 * is the same on average: a track is shown for as long as it is decoded. */
static void scan_index(const struct media_source *source, struct track *track)
{
    AVStream *stream = source->format->streams[track->stream];
    int count = avformat_index_get_entries_count(stream);
    int64_t first = plausible(track, avformat_index_get_entry(stream, 0)->timestamp);
    int64_t length = plausible(track, stream->duration),
            start = plausible(track, stream->start_time);
    int64_t shift = 0;
    if (stream->codecpar->codec_type == AVMEDIA_TYPE_VIDEO && start != AV_NOPTS_VALUE
        && first != AV_NOPTS_VALUE)
        shift = start - first;
    struct walk walk;
    walk_begin(&walk, track);
    for (int i = 0; i < count; i++) {
        const AVIndexEntry *entry = avformat_index_get_entry(stream, i);
        /* Its data is not there: the track ends before. */
        if (entry->pos < 0 || entry->size < 0 || entry->pos > source->size_bytes - entry->size) {
            track->promised_us = to_us(track, promised_length(stream));
            break;
        }
        struct sample sample
            = { .pts = entry->timestamp + shift, .dts = entry->timestamp, .size = entry->size };
        if (track->h264_known && entry->flags & AVINDEX_KEYFRAME)
            sample.key = key_at(&walk, source, entry->pos, entry->size);
        walk_step(&walk, source, &sample);
    }
    if (walk.last_dts != AV_NOPTS_VALUE) {
        bool whole = length > 0 && track->promised_us == 0;
        end_index_walk(&walk, whole ? track->first_pts + length : walk.end);
    }
}

static void take_packet(
    struct walk *walk, const struct media_source *source, const AVPacket *packet)
{
    struct track *track = walk->track;
    struct sample sample = {
        .pts = packet->pts, .dts = packet->dts, .duration = packet->duration, .size = packet->size
    };
    if (track->h264_known && packet->size > 0)
        sample.key = look_at_picture(walk, packet->data, (size_t)packet->size);
    if (packet->flags & AV_PKT_FLAG_CORRUPT && track->damaged_count++ == 0)
        track->damaged_us = walk->end > INT64_MIN ? to_us(track, walk->end) : 0;
    if (track->packet_count > 0 && av_packet_get_side_data(packet, AV_PKT_DATA_NEW_EXTRADATA, NULL))
        track->parameters_change = true;
    walk_step(walk, source, &sample);
}

static bool too_many_samples(
    const struct media_source *source, int64_t count, struct problem *problem)
{
    int64_t most = source->settings->media_samples_max;
    return count > most
           && !finding_refuse(
               problem, (struct finding){ .code = FINDING_SAMPLES_TOO_MANY, .numbers = { most } });
}

/* Pictures are taken one later than they are read, so that a torn last one is not taken at all. */
struct picture_walk {
    struct walk walk;
    AVPacket *held;
    struct last_picture last;
};

/* Of other codecs than H.264 the packet's mark will do: where a decoder cannot begin there after all, there are errors before
 * the last picture, and nothing is said of that. */
static bool begins_anew(const struct track *track, const AVPacket *packet)
{
    if (!track->h264_known)
        return packet->flags & AV_PKT_FLAG_KEY;
    return h264_read_picture(packet->data, (size_t)packet->size, track->framing).idr;
}

static void take_picture(
    struct picture_walk *picture, const struct media_source *source, AVPacket *packet)
{
    const struct track *track = picture->walk.track;
    if (picture->held->data)
        take_packet(&picture->walk, source, picture->held);
    av_packet_unref(picture->held);
    av_packet_move_ref(picture->held, packet);
    /* Other containers tell how long a picture is. */
    if (track->clock_is_free)
        last_picture_put(&picture->last, picture->held, begins_anew(track, picture->held));
}

static void end_pictures(struct picture_walk *picture, const struct media_source *source)
{
    struct track *track = picture->walk.track;
    if (picture->held->data) {
        track->torn = track->packet_count > 0
                      && last_picture_is_torn(&picture->last, stream_of(source, track)->codecpar);
        if (!track->torn)
            take_packet(&picture->walk, source, picture->held);
    }
    walk_end(&picture->walk);
    av_packet_free(&picture->held);
    last_picture_release(&picture->last);
}

static bool scan_packets(
    struct media_source *source, struct track *video, struct track *audio, struct problem *problem)
{
    struct picture_walk picture = { .held = av_packet_alloc() };
    struct walk sound;
    walk_begin(&picture.walk, video);
    walk_begin(&sound, audio);
    AVPacket *packet = av_packet_alloc();
    int64_t count = 0;
    int result = packet && picture.held ? 1 : AVERROR(ENOMEM);
    if (result < 0)
        (void)media_problem_from_av(problem, result, "read");
    while (result == 1 && (result = media_source_read(source, packet, problem)) == 1) {
        int stream = packet->stream_index;
        if (stream == video->stream)
            take_picture(&picture, source, packet);
        else if (stream == audio->stream)
            take_packet(&sound, source, packet);
        av_packet_unref(packet);
        count += stream == video->stream || stream == audio->stream;
        if (too_many_samples(source, count, problem))
            result = -1;
    }
    av_packet_free(&packet);
    if (picture.held)
        end_pictures(&picture, source);
    walk_end(&sound);
    return result == 0;
}

/* A fragmented MP4's index grows while it is read, and PCM's has an entry a sample: those are read through. */
static bool index_is_whole(const struct media_source *source, const struct track *track)
{
    if (track->stream < 0)
        return true;
    return source->layout.is_mp4 && !source->layout.fragmented
           && avformat_index_get_entries_count(source->format->streams[track->stream]) > 0;
}

bool tracks_scan(
    struct media_source *source, struct track *video, struct track *audio, struct problem *problem)
{
    if (index_is_whole(source, video) && index_is_whole(source, audio)) {
        int64_t entries = 0;
        for (int i = 0; i < 2; i++) {
            int stream = i == 0 ? video->stream : audio->stream;
            if (stream >= 0)
                entries += avformat_index_get_entries_count(source->format->streams[stream]);
        }
        if (too_many_samples(source, entries, problem))
            return false;
        if (video->stream >= 0)
            scan_index(source, video);
        if (audio->stream >= 0)
            scan_index(source, audio);
        return true;
    }
    return scan_packets(source, video, audio, problem);
}
