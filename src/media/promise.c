#include "media/promise.h"

#include <string.h>
#include <unistd.h>

enum {
    HEAD_BYTES = 64,
    TOLERANCE_US = 2000000,
    TOLERANCE_PARTS = 50,
    FRAGMENT_TOLERANCE_US = 1000000
};
static const int64_t riff_bytes_max
    = INT64_C(0xfffff000); /* writers that could not know leave the largest number */
static const int64_t bytes_max = INT64_C(1) << 55;

static uint64_t big_endian(const uint8_t *bytes, int count)
{
    uint64_t value = 0;
    for (int i = 0; i < count; i++)
        value = value << 8 | bytes[i];
    return value;
}

static int64_t riff_bytes(const uint8_t *head)
{
    int64_t size = (int64_t)((uint32_t)head[4] | (uint32_t)head[5] << 8 | (uint32_t)head[6] << 16
                             | (uint32_t)head[7] << 24);
    return size > 0 && size < riff_bytes_max ? size + 8 : 0;
}

/* RF64: the size is in the ds64 chunk, which comes first (EBU Tech 3306). */
static int64_t rf64_bytes(const uint8_t *head)
{
    uint64_t size = 0;
    if (memcmp(head + 12, "ds64", 4) != 0)
        return 0;
    for (int i = 7; i >= 0; i--)
        size = size << 8 | head[20 + i];
    return size < (uint64_t)bytes_max ? (int64_t)size + 8 : 0;
}

/* A number whose first byte says by its leading zeros how many follow (RFC 8794 section 4).  0: it is broken. */
static int read_vint(const uint8_t *bytes, size_t count, uint64_t *ret_value)
{
    int length = 1;
    if (count == 0 || bytes[0] == 0)
        return 0;
    while (!(bytes[0] & 0x80 >> (length - 1)))
        length++;
    if ((size_t)length > count)
        return 0;
    *ret_value = big_endian(bytes, length) & ((UINT64_C(1) << 7 * length) - 1);
    return length;
}

/* The EBML head, then the Segment with its size; all ones stand for "not known yet". */
static int64_t matroska_bytes(const uint8_t *head, size_t count)
{
    uint64_t size;
    int used = read_vint(head + 4, count - 4, &size);
    if (used == 0 || size > count)
        return 0;
    size_t at = 4 + (size_t)used + (size_t)size;
    if (at + 4 > count || big_endian(head + at, 4) != 0x18538067)
        return 0;
    used = read_vint(head + at + 4, count - at - 4, &size);
    if (used == 0 || size == (UINT64_C(1) << 7 * used) - 1 || size > (uint64_t)bytes_max)
        return 0;
    return (int64_t)(at + 4 + (size_t)used + size);
}

int64_t promised_bytes(int fd)
{
    uint8_t head[HEAD_BYTES];
    ssize_t count = pread(fd, head, sizeof head, 0);
    if (count != (ssize_t)sizeof head)
        return 0;
    if (memcmp(head, "RIFF", 4) == 0)
        return riff_bytes(head);
    if (memcmp(head, "RF64", 4) == 0)
        return rf64_bytes(head);
    if (memcmp(head, "FORM", 4) == 0 && memcmp(head + 8, "AIF", 3) == 0)
        return (int64_t)big_endian(head + 4, 4) + 8;
    return big_endian(head, 4) == 0x1a45dfa3 ? matroska_bytes(head, sizeof head) : 0;
}

/* A claim, and not a guess from the bit rate or from the packets themselves. */
int64_t promised_by_header_us(const struct media_source *source)
{
    const AVFormatContext *format = source->format;
    if (source->layout.is_mp4)
        return source->layout.fragmented ? source->layout.fragments_us : 0;
    if (format->duration <= 0 || format->duration_estimation_method != AVFMT_DURATION_FROM_STREAM)
        return 0;
    return format->duration;
}

static int64_t larger(int64_t left, int64_t right)
{
    return left > right ? left : right;
}

static int64_t length_us(const struct track *track)
{
    return track->stream >= 0 && track->packet_count > 0 ? track->end_us - track->start_us : 0;
}

struct promise {
    int64_t held_us, promised_us; /* promised_us 0: kept, as far as anybody can tell */
};

/* A file is as long as the shortest track that misses something. */
static void take_index(struct promise *promise, const struct track *track)
{
    if (track->promised_us == 0)
        return;
    int64_t held_us = length_us(track);
    if (promise->promised_us == 0 || held_us < promise->held_us)
        promise->held_us = held_us;
    promise->promised_us = larger(promise->promised_us, track->promised_us);
}

/* Headers may be a little off. */
static void take_header(struct promise *promise, int64_t header_us, bool fragmented)
{
    int64_t tolerance_us
        = fragmented ? FRAGMENT_TOLERANCE_US : larger(TOLERANCE_US, header_us / TOLERANCE_PARTS);
    if (header_us > 0 && promise->held_us < header_us - tolerance_us)
        promise->promised_us = header_us;
}

static void take_bytes(
    struct promise *promise, const struct media_source *source, int64_t header_us)
{
    double part = (double)source->promised_bytes / (double)source->size_bytes;
    if (source->promised_bytes <= source->size_bytes)
        return;
    int64_t most_us = MEDIA_DURATION_MS_MAX * INT64_C(1000);
    double us = (double)promise->held_us * part;
    promise->promised_us = larger(header_us, us < (double)most_us ? (int64_t)us : most_us);
}

bool promise_check(const struct media_source *source, int64_t header_us, const struct track *video,
    const struct track *audio, struct media_report *report, struct problem *problem)
{
    struct promise promise = { .held_us = larger(length_us(video), length_us(audio)) };
    const struct mp4_layout *layout = &source->layout;
    take_index(&promise, video);
    take_index(&promise, audio);
    take_header(&promise, header_us, layout->fragmented);
    take_bytes(&promise, source, header_us);
    int64_t held_ms = promise.held_us / 1000, promised_ms = promise.promised_us / 1000;
    if (promise.promised_us == 0) {
        if (layout->fragmented && layout->cut_off)
            media_report_find(report,
                (struct finding){ .code = FINDING_LAST_PART_MISSING, .numbers = { held_ms } });
        return true;
    }
    int64_t missing_ms = promised_ms - held_ms;
    if (missing_ms * 100 > promised_ms * source->settings->media_missing_percent_max)
        return finding_refuse(problem,
            (struct finding){ .code = FINDING_CUT_OFF, .numbers = { held_ms, promised_ms } });
    media_report_find(report,
        (struct finding){ .code = FINDING_CUT_OFF_SALVAGED, .numbers = { held_ms, promised_ms } });
    return true;
}
