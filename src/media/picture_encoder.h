/*
 * The scaler, the encoder and the writer of one rung: pictures in, fragments out.
 *
 * Ownership  picture_encoder_release() ends what came after picture_encoder_init().
 */
#ifndef LECTERN_MEDIA_PICTURE_ENCODER_H
#define LECTERN_MEDIA_PICTURE_ENCODER_H

#include "media/picture_rung.h"

#include <libavcodec/avcodec.h>
#include <libswscale/swscale.h>

struct picture_encoder {
    const struct ladder_choice *choice; /* lent */
    const struct picture_facts *facts;  /* lent */
    int thread_count;
    int fd;
    struct SwsContext *scaler;
    AVCodecContext *encoder; /* opened by the first picture, which tells the colours */
    AVPacket *encoded;
    int64_t *cuts; /* times of pictures that begin a segment and are still in the encoder */
    size_t cut_count, cut_capacity;
    struct fragment_writer writer;
};

void picture_encoder_init(struct picture_encoder *encoder, const struct ladder_choice *choice,
    const struct picture_facts *facts, int thread_count, int fd);
/* A picture of the rung's size: a new one, or another reference.  libav's error codes. */
int picture_encoder_scale(
    struct picture_encoder *encoder, const AVFrame *frame, AVFrame *ret_frame);
bool picture_encoder_put(
    struct picture_encoder *encoder, AVFrame *frame, bool key, bool cut, struct problem *problem);
bool picture_encoder_finish(struct picture_encoder *encoder, struct problem *problem);
void picture_encoder_release(struct picture_encoder *encoder);

#endif
