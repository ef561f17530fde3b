/*
 * A sound track as plain samples in step with the lecture: decoded, at one rate, one or two channels, from the
 * lecture's beginning to its end without a hole.  Silence fills gaps, a late beginning and an early end; what lies
 * outside is cut away.  A clock that runs at another speed is followed by stretching, at most one part in two hundred,
 * which nobody hears; steps of more than 50 ms are cut or filled.
 *
 * Samples    planar floats (AV_SAMPLE_FMT_FLTP); more than two channels are mixed to two, with the centre, where
 *            people speak, as loud as it was, and what is around at half.
 * Memory     a bounded number of frames, however long a gap is.
 * Ownership  decoded_sound_open() gives the contents; end with decoded_sound_close(), which takes an empty one.
 * Errors     PROBLEM_MEDIA_REFUSED where too much of the sound cannot be decoded.
 */
#ifndef LECTERN_MEDIA_DECODED_SOUND_H
#define LECTERN_MEDIA_DECODED_SOUND_H

#include "base/problem.h"
#include "media/damage.h"

#include <libavcodec/avcodec.h>
#include <libavfilter/avfilter.h>
#include <libavformat/avformat.h>

/* Frames follow each other without a seam, the first at 0; lent.  false: *problem is set, and all ends. */
typedef bool (*sound_taker)(void *data, const AVFrame *frame, struct problem *problem);

struct decoded_sound {
    sound_taker take;
    void *data;
    AVRational time_base;              /* of the packets */
    int64_t origin_us, duration_us;    /* the lecture on the file's clock */
    int sample_rate, channels;         /* of the frames */
    int64_t samples_out, samples_most; /* given to the taker; the whole lecture */
    struct damage damage;
    AVCodecContext *decoder;
    AVFilterGraph *graph;
    AVFilterContext *source, *sink;
    AVFrame *decoded, *filtered;
    AVChannelLayout in_layout; /* what the graph was made for */
    int in_rate, in_format;
    int64_t next_in_us; /* where the next decoded sound belongs when it has no time */
};

/* At 44.1 or 32 kHz where the stream is so, else at 48; mono where it is. */
bool decoded_sound_open(struct decoded_sound *sound, const AVStream *stream, int64_t origin_us,
    int64_t duration_us, sound_taker take, void *data, struct problem *problem);
bool decoded_sound_put(
    struct decoded_sound *sound, const AVPacket *packet, struct problem *problem);
/* No more packets come: the rest, and silence up to the lecture's end. */
bool decoded_sound_finish(struct decoded_sound *sound, struct problem *problem);
void decoded_sound_close(struct decoded_sound *sound);

/* A graph of one chain: `source` takes frames like these (time_base: of their pts), `sink` gives.  AVERROR; what was
 * made before a failure is ended with avfilter_graph_free(). */
int sound_graph_make(AVFilterGraph **ret_graph, AVFilterContext **ret_source,
    AVFilterContext **ret_sink, const AVFrame *like, AVRational time_base, const char *chain);

#endif
