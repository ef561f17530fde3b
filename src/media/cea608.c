#include "media/cea608.h"

#include "base/memory.h"

#include <stdlib.h>
#include <string.h>

enum { NAL_SEI = 6, PAYLOAD_REGISTERED = 4, UNIT_BYTES_MAX = 4096 };

/* Without the bytes that keep start codes out (H.264 section 7.4.1). */
static size_t unescape(const uint8_t *bytes, size_t count, uint8_t ret_bytes[UNIT_BYTES_MAX])
{
    size_t length = 0, zeros = 0;
    for (size_t i = 0; i < count && length < UNIT_BYTES_MAX; i++) {
        if (zeros >= 2 && bytes[i] == 3) {
            zeros = 0;
            continue;
        }
        zeros = bytes[i] == 0 ? zeros + 1 : 0;
        ret_bytes[length++] = bytes[i];
    }
    return length;
}

/* Section 7.3.2.3.1: a number as a row of 255s and a rest. */
static size_t read_number(const uint8_t *bytes, size_t count, size_t *at)
{
    size_t value = 0;
    while (*at < count && bytes[*at] == 0xff) {
        value += 255;
        (*at)++;
    }
    return *at < count ? value + bytes[(*at)++] : SIZE_MAX;
}

/* A/53: country 181, provider 49, "GA94", type 3, flags with the count, a byte that means nothing, then three a time. */
static size_t read_payload(
    const uint8_t *bytes, size_t count, uint8_t ret_bytes[CEA608_PICTURE_BYTES_MAX])
{
    static const uint8_t head[] = { 0xb5, 0x00, 0x31, 'G', 'A', '9', '4', 0x03 };
    if (count < sizeof head + 2 || memcmp(bytes, head, sizeof head) != 0
        || !(bytes[sizeof head] & 0x40))
        return 0;
    size_t wanted = (size_t)(bytes[sizeof head] & 0x1f) * 3, left = count - sizeof head - 2;
    size_t given = wanted < left ? wanted : left - left % 3;
    memcpy(ret_bytes, bytes + sizeof head + 2, given);
    return given;
}

size_t cea608_read_unit(
    const uint8_t *bytes, size_t count, uint8_t ret_bytes[CEA608_PICTURE_BYTES_MAX])
{
    uint8_t plain[UNIT_BYTES_MAX];
    size_t length = unescape(bytes, count, plain), at = 1;
    while (at < length) {
        size_t type = read_number(plain, length, &at), size = read_number(plain, length, &at);
        if (type == SIZE_MAX || size > length - at)
            return 0;
        size_t given = type == PAYLOAD_REGISTERED ? read_payload(plain + at, size, ret_bytes) : 0;
        if (given > 0)
            return given;
        at += size;
    }
    return 0;
}

static void add(struct cea608 *data, int64_t pts, const uint8_t *bytes, size_t count)
{
    if (data->byte_count + count > CEA608_BYTES_MAX)
        return;
    if (data->count == data->capacity) {
        data->capacity = data->capacity > 0 ? data->capacity * 2 : 1024;
        data->pictures = memory_resized(data->pictures, data->capacity, sizeof *data->pictures);
    }
    if (data->byte_count + count > data->byte_capacity) {
        data->byte_capacity = data->byte_capacity > 0 ? data->byte_capacity * 2 : 1 << 16;
        data->bytes = memory_resized(data->bytes, data->byte_capacity, 1);
    }
    memcpy(data->bytes + data->byte_count, bytes, count);
    data->pictures[data->count++]
        = (struct cea608_picture){ pts, data->byte_count, (uint8_t)count };
    data->byte_count += count;
}

void cea608_put(struct cea608 *data, const AVPacket *packet, struct h264_framing framing)
{
    struct h264_unit unit;
    size_t at = 0;
    if (packet->pts == AV_NOPTS_VALUE || packet->size <= 0)
        return;
    while (h264_next_unit(packet->data, (size_t)packet->size, framing, &at, &unit)) {
        uint8_t bytes[CEA608_PICTURE_BYTES_MAX];
        size_t count = unit.type == NAL_SEI ? cea608_read_unit(unit.bytes, unit.count, bytes) : 0;
        if (count > 0)
            add(data, packet->pts, bytes, count);
    }
}

static int compare_pictures(const void *left, const void *right)
{
    const struct cea608_picture *a = left, *b = right;
    if (a->pts != b->pts)
        return a->pts < b->pts ? -1 : 1;
    return (a->offset > b->offset) - (a->offset < b->offset);
}

void cea608_sort(struct cea608 *data)
{
    if (data->count > 1)
        qsort(data->pictures, data->count, sizeof *data->pictures, compare_pictures);
}

bool cea608_packet(const struct cea608 *data, size_t index, AVPacket *packet)
{
    const struct cea608_picture *picture = &data->pictures[index];
    if (av_new_packet(packet, picture->count) < 0)
        return false;
    memcpy(packet->data, data->bytes + picture->offset, picture->count);
    packet->pts = picture->pts;
    packet->dts = picture->pts;
    return true;
}

void cea608_release(struct cea608 *data)
{
    free(data->pictures);
    free(data->bytes);
    *data = (struct cea608){ 0 };
}
