#include "media/caption_segments.h"

#include "base/memory.h"
#include "media/caption_times.h"
#include "media/captions.h"

#include <stdlib.h>
#include <string.h>

/* A block of the file, up to its blank line; what has no times is none of ours. */
static bool read_span(const char *bytes, size_t count, struct caption_span *ret_span)
{
    const char *newline = memchr(bytes, '\n', count);
    struct caption_timing timing;
    if (!newline
        || caption_timing_read(bytes, (size_t)(newline - bytes), &timing) != CAPTION_TIMING_READ)
        return false;
    const char *text = newline + 1;
    size_t text_count = count - (size_t)(text - bytes);
    while (text_count > 0 && text[text_count - 1] == '\n')
        text_count--;
    *ret_span = (struct caption_span){
        .start_ms = timing.start_ms,
        .end_ms = timing.end_ms,
        .bytes = bytes,
        .count = count,
        .text = text,
        .text_count = text_count,
    };
    return true;
}

static void read_spans(struct caption_segments *segments, const char *vtt, size_t vtt_count)
{
    size_t capacity = 0;
    int64_t latest_ms = 0;
    for (size_t at = 0; at < vtt_count;) {
        const char *end = memmem(vtt + at, vtt_count - at, "\n\n", 2);
        size_t count = end ? (size_t)(end - vtt) + 2 - at : vtt_count - at;
        struct caption_span span;
        if (read_span(vtt + at, count, &span)) {
            if (segments->span_count == capacity) {
                capacity = capacity > 0 ? capacity * 2 : 64;
                segments->spans = memory_resized(segments->spans, capacity, sizeof span);
            }
            latest_ms = span.end_ms > latest_ms ? span.end_ms : latest_ms;
            span.latest_end_ms = latest_ms;
            segments->spans[segments->span_count++] = span;
        }
        at += count;
    }
}

/* Segments that show a cue, times its bytes: what all of them hold. */
static bool is_too_much(const struct caption_segments *segments, size_t vtt_count)
{
    size_t bytes = 0, most = vtt_count * CAPTION_SEGMENTS_GROWTH;
    for (size_t i = 0; i < segments->span_count && bytes <= most; i++) {
        const struct caption_span *span = &segments->spans[i];
        int64_t first = span->start_ms / CAPTION_SEGMENT_MS;
        int64_t last = (span->end_ms - 1) / CAPTION_SEGMENT_MS;
        bytes += span->count * (size_t)(last >= first ? last - first + 1 : 1);
    }
    return bytes > most;
}

void caption_segments_init(
    struct caption_segments *segments, const char *vtt, size_t vtt_count, int64_t duration_ms)
{
    *segments = (struct caption_segments){ .duration_ms = duration_ms > 0 ? duration_ms : 1 };
    read_spans(segments, vtt, vtt_count);
    segments->count = is_too_much(segments, vtt_count)
                          ? 1
                          : (size_t)((segments->duration_ms - 1) / CAPTION_SEGMENT_MS + 1);
}

void caption_segments_release(struct caption_segments *segments)
{
    free(segments->spans);
    *segments = (struct caption_segments){ 0 };
}

int64_t caption_segment_start_ms(const struct caption_segments *segments, size_t number)
{
    (void)segments;
    return (int64_t)number * CAPTION_SEGMENT_MS;
}

int64_t caption_segment_end_ms(const struct caption_segments *segments, size_t number)
{
    return number + 1 == segments->count ? segments->duration_ms
                                         : (int64_t)(number + 1) * CAPTION_SEGMENT_MS;
}

/* The first cue from which on some may still show at this time: all before have ended. */
static size_t first_showing(const struct caption_segments *segments, int64_t at_ms)
{
    size_t from = 0, to = segments->span_count;
    while (from < to) {
        size_t middle = from + (to - from) / 2;
        if (segments->spans[middle].latest_end_ms <= at_ms)
            from = middle + 1;
        else
            to = middle;
    }
    return from;
}

void caption_segment_write(const struct caption_segments *segments, size_t number, struct text *out)
{
    int64_t start_ms = caption_segment_start_ms(segments, number);
    /* What lies behind the lecture's end in an older file goes with the last. */
    int64_t end_ms
        = number + 1 == segments->count ? INT64_MAX : caption_segment_end_ms(segments, number);
    text_append_string(out, CAPTIONS_HEAD);
    for (size_t i = first_showing(segments, start_ms); i < segments->span_count; i++) {
        const struct caption_span *span = &segments->spans[i];
        if (span->start_ms >= end_ms)
            break;
        if (span->end_ms > start_ms)
            text_append(out, span->bytes, span->count);
    }
}
