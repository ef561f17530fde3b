/*
 * Closed captions of television (CEA-608) as H.264 carries them: in supplemental enhancement information of type 4,
 * registered user data of the ATSC (A/53 part 4 section 6.2.3).  Collected from packets in the order of decoding, and given
 * back in the order of showing, which is what the decoder (libavcodec's cc_dec) needs.  From strangers: nothing is read
 * beyond the end.
 *
 * Bounds     CEA608_BYTES_MAX in all; what comes later is left out.
 * Ownership  zeros to begin with; end with cea608_release().
 */
#ifndef LECTERN_MEDIA_CEA608_H
#define LECTERN_MEDIA_CEA608_H

#include "media/h264.h"

#include <libavcodec/packet.h>
#include <libavutil/avutil.h>

enum { CEA608_BYTES_MAX = 32 << 20, CEA608_PICTURE_BYTES_MAX = 31 * 3 };

struct cea608_picture {
    int64_t pts;
    size_t offset;
    uint8_t count;
};

struct cea608 {
    struct cea608_picture *pictures;
    size_t count, capacity;
    uint8_t *bytes;
    size_t byte_count, byte_capacity;
};

void cea608_put(struct cea608 *data, const AVPacket *packet, struct h264_framing framing);
void cea608_sort(struct cea608 *data);
/* Fills an empty packet; false: there is no memory. */
bool cea608_packet(const struct cea608 *data, size_t index, AVPacket *packet);
void cea608_release(struct cea608 *data);

/* The caption bytes of one unit of supplemental information, from its NAL header on: how many, at most
 * CEA608_PICTURE_BYTES_MAX. */
size_t cea608_read_unit(
    const uint8_t *bytes, size_t count, uint8_t ret_bytes[CEA608_PICTURE_BYTES_MAX]);

#endif
