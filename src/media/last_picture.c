#include "media/last_picture.h"

#include "base/memory.h"

#include <stdlib.h>

static void forget(struct last_picture *last)
{
    for (size_t i = 0; i < last->count; i++)
        av_packet_free(&last->packets[i]);
    last->count = last->bytes = 0;
}

void last_picture_put(struct last_picture *last, const AVPacket *packet, bool key)
{
    if (key)
        forget(last);
    last->lost = !key && (last->lost || last->count == 0);
    AVPacket *kept = last->lost || packet->size > LAST_PICTURE_BYTES_MAX - (int)last->bytes
                         ? NULL
                         : av_packet_clone(packet);
    if (!kept) {
        forget(last);
        last->lost = true;
        return;
    }
    if (last->count == last->capacity) {
        last->capacity = last->capacity > 0 ? last->capacity * 2 : 64;
        last->packets = memory_resized(last->packets, last->capacity, sizeof(AVPacket *));
    }
    last->packets[last->count++] = kept;
    last->bytes += (size_t)packet->size;
}

/* Errors in what comes out now. */
static int take_pictures(AVCodecContext *decoder, AVFrame *frame)
{
    int errors = 0, result;
    while ((result = avcodec_receive_frame(decoder, frame)) >= 0)
        errors += frame->decode_error_flags != 0;
    return errors + (result != AVERROR(EAGAIN) && result != AVERROR_EOF);
}

/* NULL: the end.  A decoder says of half a picture that it could be decoded, and marks it. */
static int decode(AVCodecContext *decoder, const AVPacket *packet, AVFrame *frame)
{
    int result = avcodec_send_packet(decoder, packet);
    return (result < 0) + take_pictures(decoder, frame);
}

/* How many errors there are in the first so many packets. */
static int count_errors(
    const struct last_picture *last, size_t count, const AVCodecParameters *codec)
{
    const AVCodec *found = avcodec_find_decoder(codec->codec_id);
    AVCodecContext *decoder = found ? avcodec_alloc_context3(found) : NULL;
    AVFrame *frame = av_frame_alloc();
    int errors = 0;
    if (decoder && frame && avcodec_parameters_to_context(decoder, codec) >= 0) {
        decoder->thread_count = 1;
        if (avcodec_open2(decoder, found, NULL) >= 0) {
            for (size_t i = 0; i < count; i++)
                errors += decode(decoder, last->packets[i], frame);
            errors += decode(decoder, NULL, frame);
        }
    }
    av_frame_free(&frame);
    avcodec_free_context(&decoder);
    return errors;
}

bool last_picture_is_torn(const struct last_picture *last, const AVCodecParameters *codec)
{
    return last->count > 0 && count_errors(last, last->count, codec) > 0
           && count_errors(last, last->count - 1, codec) == 0;
}

void last_picture_release(struct last_picture *last)
{
    forget(last);
    free(last->packets);
    last->packets = NULL;
    last->capacity = 0;
}
