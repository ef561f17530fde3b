/*
 * The little of H.264 (ITU-T H.264, ISO/IEC 14496-10 and -15) that deciding about a copy needs: which pictures are
 * IDR, what the sequence parameters say, and whether they change.  Pure functions over bytes from strangers:
 * nothing is read beyond the end, nothing is kept.
 */
#ifndef LECTERN_MEDIA_H264_H
#define LECTERN_MEDIA_H264_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* How units are parted: by start codes (Annex B), or by a length of 1 to 4 bytes before each (avcC). */
struct h264_framing {
    int length_bytes; /* 0: Annex B */
};

enum { H264_NAL_IDR = 5, H264_NAL_SPS = 7, H264_NAL_PPS = 8 };

struct h264_unit {
    const uint8_t *bytes; /* from the NAL header on */
    size_t count;
    int type;
};

/* Steps through the units: *at starts as 0.  false at the end, and where the framing is broken. */
bool h264_next_unit(const uint8_t *bytes, size_t count, struct h264_framing framing, size_t *at,
    struct h264_unit *ret_unit);

struct h264_parameters {
    int profile, constraints, level; /* bytes 1 to 3 of avcC, of the SPS */
    int chroma_format;               /* 1: 4:2:0 */
    int bit_depth;                   /* the larger of luma and chroma */
    bool frames_only;                /* frame_mbs_only_flag: cannot be interlaced */
};

/* Extradata as libavformat gives it: avcC, or parameter sets in Annex B.  false: it cannot be read. */
bool h264_read_extradata(const uint8_t *bytes, size_t count, struct h264_framing *ret_framing,
    struct h264_parameters *ret_parameters);

struct h264_picture {
    bool idr;
    uint64_t
        parameters_digest; /* of the parameter sets inside, 0: none; equal sets give equal digests */
};

/* Looks at one access unit, or at its beginning: the last unit may reach past the end. */
struct h264_picture h264_read_picture(
    const uint8_t *bytes, size_t count, struct h264_framing framing);

/* "avc1.4d400c" (RFC 6381 section 3.3). */
enum { H264_CODECS_SIZE = 16 };
void h264_codecs(const struct h264_parameters *parameters, char ret_codecs[H264_CODECS_SIZE]);

#endif
