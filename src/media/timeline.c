#include "media/timeline.h"

#include "media/caption_segments.h"
#include "media/caption_times.h"
#include "media/captions.h"

#include <string.h>

static const char wanted[]
    = "timeline: give \"same\", \"none\", or up to 200 pieces [from_ms,to_ms,at_ms], ascending and "
      "apart, within the version before";

static bool read_piece(const json_t *json, struct media_piece *ret_piece)
{
    int64_t *const numbers[] = { &ret_piece->from_ms, &ret_piece->to_ms, &ret_piece->at_ms };
    if (json_array_size(json) != 3)
        return false;
    for (size_t i = 0; i < 3; i++) {
        const json_t *number = json_array_get(json, i);
        if (!json_is_integer(number))
            return false;
        *numbers[i] = json_integer_value(number);
    }
    return true;
}

/* Ascending and apart on both sides, and within the version before. */
static bool may_follow(
    const struct media_timeline *timeline, const struct media_piece *piece, int64_t duration_ms)
{
    int64_t from_ms = 0, at_ms = 0;
    if (timeline->count > 0) {
        const struct media_piece *last = &timeline->pieces[timeline->count - 1];
        from_ms = last->to_ms;
        at_ms = last->at_ms + last->to_ms - last->from_ms;
    }
    return piece->from_ms >= from_ms && piece->to_ms > piece->from_ms && piece->to_ms <= duration_ms
           && piece->at_ms >= at_ms && piece->at_ms <= INT64_MAX / 4;
}

static bool read_pieces(const json_t *json, int64_t duration_ms, struct media_timeline *timeline)
{
    if (!json_is_array(json) || json_array_size(json) > MEDIA_PIECES_MAX)
        return false;
    for (size_t i = 0; i < json_array_size(json); i++) {
        struct media_piece piece;
        if (!read_piece(json_array_get(json, i), &piece)
            || !may_follow(timeline, &piece, duration_ms))
            return false;
        timeline->pieces[timeline->count++] = piece;
    }
    return true;
}

bool media_timeline_read(const json_t *json, int64_t duration_ms,
    struct media_timeline *ret_timeline, struct problem *problem)
{
    const char *word = json_string_value(json);
    ret_timeline->count = 0;
    if (text_equal(word, "none"))
        return true;
    if (text_equal(word, "same")) {
        ret_timeline->pieces[0] = (struct media_piece){ 0, duration_ms, 0 };
        ret_timeline->count = duration_ms > 0 ? 1 : 0;
        return true;
    }
    return read_pieces(json, duration_ms, ret_timeline)
           || problem_set_field(problem, "timeline", "%s", wanted);
}

bool media_timeline_read_text(const char *text, int64_t duration_ms,
    struct media_timeline *ret_timeline, struct problem *problem)
{
    bool is_list = text[0] == '[';
    json_t *json = is_list ? json_loads(text, JSON_REJECT_DUPLICATES, NULL) : json_string(text);
    bool read = media_timeline_read(json, duration_ms, ret_timeline, problem);
    json_decref(json);
    return read;
}

void media_timeline_cut(struct media_timeline *timeline, int64_t next_duration_ms)
{
    for (size_t i = 0; i < timeline->count; i++) {
        struct media_piece *piece = &timeline->pieces[i];
        int64_t room_ms = next_duration_ms - piece->at_ms;
        if (room_ms <= 0)
            timeline->count = i;
        else if (piece->to_ms - piece->from_ms > room_ms)
            piece->to_ms = piece->from_ms + room_ms;
    }
}

bool media_timeline_carry(
    const struct media_timeline *timeline, int64_t moment_ms, int64_t *ret_moment_ms)
{
    for (size_t i = 0; i < timeline->count; i++) {
        const struct media_piece *piece = &timeline->pieces[i];
        if (moment_ms >= piece->from_ms && moment_ms < piece->to_ms) {
            *ret_moment_ms = moment_ms - piece->from_ms + piece->at_ms;
            return true;
        }
    }
    return false;
}

/* The line of times with its settings, then the text as it was. */
static void write_cue(
    const struct caption_span *span, int64_t start_ms, int64_t end_ms, struct text *out)
{
    struct caption_timing timing;
    const char *newline = memchr(span->bytes, '\n', span->count);
    (void)caption_timing_read(span->bytes, (size_t)(newline - span->bytes), &timing);
    caption_time_write(start_ms, out);
    text_append_string(out, " --> ");
    caption_time_write(end_ms, out);
    text_append(out, timing.rest, timing.rest_count);
    text_append_string(out, "\n");
    text_append(out, span->text, span->text_count);
    text_append_string(out, "\n\n");
}

void media_timeline_carry_captions(const struct media_timeline *timeline, const char *vtt,
    size_t vtt_count, struct text *out, size_t *ret_cue_count)
{
    struct caption_segments cues;
    caption_segments_init(&cues, vtt, vtt_count, 1);
    *ret_cue_count = 0;
    text_append_string(out, CAPTIONS_HEAD);
    for (size_t i = 0; i < timeline->count; i++) {
        const struct media_piece *piece = &timeline->pieces[i];
        int64_t later_ms = piece->at_ms - piece->from_ms;
        for (size_t k = 0; k < cues.span_count; k++) {
            const struct caption_span *span = &cues.spans[k];
            int64_t start_ms = span->start_ms > piece->from_ms ? span->start_ms : piece->from_ms;
            int64_t end_ms = span->end_ms < piece->to_ms ? span->end_ms : piece->to_ms;
            if (start_ms >= end_ms)
                continue;
            write_cue(span, start_ms + later_ms, end_ms + later_ms, out);
            (*ret_cue_count)++;
        }
    }
    caption_segments_release(&cues);
}
