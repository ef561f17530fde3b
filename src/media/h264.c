#include "media/h264.h"

#include <stdio.h>

static bool next_by_length(
    const uint8_t *bytes, size_t count, int length_bytes, size_t *at, struct h264_unit *ret_unit)
{
    if (count - *at <= (size_t)length_bytes)
        return false;
    size_t length = 0;
    for (int i = 0; i < length_bytes; i++)
        length = length << 8 | bytes[*at + (size_t)i];
    size_t start = *at + (size_t)length_bytes;
    if (length == 0)
        return false;
    /* The caller may hold the beginning of an access unit only. */
    size_t held = length < count - start ? length : count - start;
    *ret_unit = (struct h264_unit){ bytes + start, held, bytes[start] & 0x1f };
    *at = start + held;
    return true;
}

/* Where the next 00 00 01 begins, or count. */
static size_t find_start_code(const uint8_t *bytes, size_t count, size_t from)
{
    for (size_t i = from; i + 3 <= count; i++)
        if (bytes[i] == 0 && bytes[i + 1] == 0 && bytes[i + 2] == 1)
            return i;
    return count;
}

static bool next_by_start_code(
    const uint8_t *bytes, size_t count, size_t *at, struct h264_unit *ret_unit)
{
    size_t start = find_start_code(bytes, count, *at);
    if (start + 3 >= count)
        return false;
    start += 3;
    size_t end = find_start_code(bytes, count, start);
    *at = end;
    /* A four-byte start code's first zero, and trailing zeros, are not of the unit. */
    while (end > start + 1 && bytes[end - 1] == 0)
        end--;
    *ret_unit = (struct h264_unit){ bytes + start, end - start, bytes[start] & 0x1f };
    return true;
}

bool h264_next_unit(const uint8_t *bytes, size_t count, struct h264_framing framing, size_t *at,
    struct h264_unit *ret_unit)
{
    if (*at >= count)
        return false;
    return framing.length_bytes > 0
               ? next_by_length(bytes, count, framing.length_bytes, at, ret_unit)
               : next_by_start_code(bytes, count, at, ret_unit);
}

/* Bits of a parameter set without its emulation prevention bytes (section 7.4.1). */
struct bits {
    const uint8_t *bytes;
    size_t count;
    size_t byte;
    int bit;
    int zeros;
    bool ended;
};

static unsigned read_bit(struct bits *bits)
{
    if (bits->byte >= bits->count) {
        bits->ended = true;
        return 0;
    }
    unsigned value = bits->bytes[bits->byte] >> (7 - bits->bit) & 1u;
    if (++bits->bit < 8)
        return value;
    bits->bit = 0;
    bits->zeros = bits->bytes[bits->byte] == 0 ? bits->zeros + 1 : 0;
    bits->byte++;
    if (bits->zeros >= 2 && bits->byte < bits->count && bits->bytes[bits->byte] == 3) {
        bits->byte++;
        bits->zeros = 0;
    }
    return value;
}

static uint32_t read_bits(struct bits *bits, int count)
{
    uint32_t value = 0;
    for (int i = 0; i < count; i++)
        value = value << 1 | read_bit(bits);
    return value;
}

/* ue(v), section 9.1 */
static uint32_t read_golomb(struct bits *bits)
{
    int zeros = 0;
    while (read_bit(bits) == 0 && !bits->ended)
        if (++zeros > 31) {
            bits->ended = true;
            return 0;
        }
    return (uint32_t)((UINT64_C(1) << zeros) - 1) + read_bits(bits, zeros);
}

/* se(v): only ever skipped here, or taken for its value in a scaling list. */
static int32_t read_signed_golomb(struct bits *bits)
{
    uint32_t code = read_golomb(bits);
    int64_t half = ((int64_t)code + 1) / 2;
    return (int32_t)(code & 1 ? half : -half);
}

static void skip_scaling_list(struct bits *bits, int size)
{
    int32_t last = 8, next = 8;
    for (int i = 0; i < size && !bits->ended; i++) {
        if (next != 0)
            next = (int32_t)(((int64_t)last + read_signed_golomb(bits) + 256) % 256);
        last = next == 0 ? last : next;
    }
}

static bool has_chroma_fields(int profile)
{
    static const int profiles[] = { 100, 110, 122, 244, 44, 83, 86, 118, 128, 138, 139, 134, 135 };
    for (size_t i = 0; i < sizeof profiles / sizeof profiles[0]; i++)
        if (profile == profiles[i])
            return true;
    return false;
}

static void read_chroma_fields(struct bits *bits, struct h264_parameters *parameters)
{
    parameters->chroma_format = (int)read_golomb(bits);
    if (parameters->chroma_format == 3)
        (void)read_bit(bits);
    uint32_t luma = read_golomb(bits), chroma = read_golomb(bits);
    parameters->bit_depth = 8 + (int)((luma > chroma ? luma : chroma) & 0x7f);
    (void)read_bit(bits); /* qpprime_y_zero_transform_bypass_flag */
    if (read_bit(bits) == 0)
        return;
    int lists = parameters->chroma_format == 3 ? 12 : 8;
    for (int i = 0; i < lists; i++)
        if (read_bit(bits) == 1)
            skip_scaling_list(bits, i < 6 ? 16 : 64);
}

static void skip_picture_order(struct bits *bits)
{
    uint32_t type = read_golomb(bits);
    if (type == 0)
        (void)read_golomb(bits);
    if (type != 1)
        return;
    (void)read_bit(bits);
    (void)read_signed_golomb(bits);
    (void)read_signed_golomb(bits);
    uint32_t cycle = read_golomb(bits);
    for (uint32_t i = 0; i < cycle && !bits->ended; i++)
        (void)read_signed_golomb(bits);
}

/* One sequence parameter set, from its NAL header on (section 7.3.2.1.1). */
static bool read_sps(const uint8_t *bytes, size_t count, struct h264_parameters *ret_parameters)
{
    if (count < 5 || (bytes[0] & 0x1f) != H264_NAL_SPS)
        return false;
    struct h264_parameters parameters = {
        .profile = bytes[1],
        .constraints = bytes[2],
        .level = bytes[3],
        .chroma_format = 1,
        .bit_depth = 8,
    };
    struct bits bits = { .bytes = bytes + 4, .count = count - 4 };
    (void)read_golomb(&bits); /* seq_parameter_set_id */
    if (has_chroma_fields(parameters.profile))
        read_chroma_fields(&bits, &parameters);
    (void)read_golomb(&bits); /* log2_max_frame_num_minus4 */
    skip_picture_order(&bits);
    (void)read_golomb(&bits); /* max_num_ref_frames */
    (void)read_bit(&bits);
    (void)read_golomb(&bits); /* width and height in macroblocks */
    (void)read_golomb(&bits);
    parameters.frames_only = read_bit(&bits) == 1;
    if (bits.ended)
        return false;
    *ret_parameters = parameters;
    return true;
}

/* AVCDecoderConfigurationRecord, ISO/IEC 14496-15 section 5.3.3.1 */
static bool read_avcc(const uint8_t *bytes, size_t count, struct h264_framing *ret_framing,
    struct h264_parameters *ret_parameters)
{
    if (count < 9 || (bytes[5] & 0x1f) < 1)
        return false;
    size_t length = (size_t)bytes[6] << 8 | bytes[7];
    if (length > count - 8 || !read_sps(bytes + 8, length, ret_parameters))
        return false;
    ret_framing->length_bytes = (bytes[4] & 3) + 1;
    return true;
}

bool h264_read_extradata(const uint8_t *bytes, size_t count, struct h264_framing *ret_framing,
    struct h264_parameters *ret_parameters)
{
    if (count > 0 && bytes[0] == 1)
        return read_avcc(bytes, count, ret_framing, ret_parameters);
    struct h264_framing annex_b = { 0 };
    struct h264_unit unit;
    size_t at = 0;
    while (h264_next_unit(bytes, count, annex_b, &at, &unit)) {
        if (unit.type != H264_NAL_SPS)
            continue;
        *ret_framing = annex_b;
        return read_sps(unit.bytes, unit.count, ret_parameters);
    }
    return false;
}

/* FNV-1a: tells sets of one file from each other; not a defence. */
static uint64_t digest_more(uint64_t digest, const uint8_t *bytes, size_t count)
{
    for (size_t i = 0; i < count; i++)
        digest = (digest ^ bytes[i]) * UINT64_C(1099511628211);
    return digest;
}

struct h264_picture h264_read_picture(
    const uint8_t *bytes, size_t count, struct h264_framing framing)
{
    struct h264_picture picture = { 0 };
    struct h264_unit unit;
    size_t at = 0;
    while (h264_next_unit(bytes, count, framing, &at, &unit)) {
        if (unit.type == H264_NAL_IDR)
            picture.idr = true;
        if (unit.type == H264_NAL_SPS || unit.type == H264_NAL_PPS)
            picture.parameters_digest
                = digest_more(picture.parameters_digest ? picture.parameters_digest
                                                        : UINT64_C(14695981039346656037),
                    unit.bytes, unit.count);
        /* Parameter sets come before the first slice (section 7.4.1.2.3): the rest is picture. */
        if (unit.type >= 1 && unit.type <= H264_NAL_IDR)
            break;
    }
    return picture;
}

void h264_codecs(const struct h264_parameters *parameters, char ret_codecs[H264_CODECS_SIZE])
{
    (void)snprintf(ret_codecs, H264_CODECS_SIZE, "avc1.%02x%02x%02x", parameters->profile & 0xff,
        parameters->constraints & 0xff, parameters->level & 0xff);
}
