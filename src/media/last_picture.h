/*
 * Whether the last picture of a broadcast is whole.  A transport stream does not say how long its pictures are, so one
 * that broke off ends with half of one, which nothing but decoding tells from a whole one: so what was read since the
 * last key picture is kept, and decoded at the end.
 *
 * Memory     LAST_PICTURE_BYTES_MAX of packets; where key pictures are further apart nothing is kept, and nothing said.
 * Ownership  a struct of zeros is ready; last_picture_release() ends it.
 */
#ifndef LECTERN_MEDIA_LAST_PICTURE_H
#define LECTERN_MEDIA_LAST_PICTURE_H

#include <libavcodec/avcodec.h>
#include <stdbool.h>
#include <stddef.h>

enum { LAST_PICTURE_BYTES_MAX = 16 << 20 };

struct last_picture {
    AVPacket **packets; /* from a key picture on, in the order of the file */
    size_t count, capacity, bytes;
    bool lost; /* until the next key picture: it was too much, or there was none yet */
};

/* Keeps a reference to the packet's bytes. */
void last_picture_put(struct last_picture *last, const AVPacket *packet, bool key);
/* The packet that was put last cannot be decoded without errors, while all before it can. */
bool last_picture_is_torn(const struct last_picture *last, const AVCodecParameters *codec);
void last_picture_release(struct last_picture *last);

#endif
