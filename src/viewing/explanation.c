#include "viewing/explanation.h"

#include "base/memory.h"
#include "viewing/completion.h"

#include <stdlib.h>

const char *const missing_reason_names[MISSING_REASON_COUNT]
    = { "group-waiting", "hidden", "muted", "ahead", "too-fast", "offline", "other-device",
          "undelivered", "no-time", "group-refused", "skipped" };

void missing_pieces_release(struct missing_pieces *pieces)
{
    free(pieces->items);
    *pieces = (struct missing_pieces){ 0 };
}

/* Whether at_ms is in the set; *next_ms is brought down to where that may change. */
static bool holds(const struct spans *spans, int64_t at_ms, int64_t *next_ms)
{
    size_t low = 0, high = spans->count;
    while (low < high) {
        size_t middle = (low + high) / 2;
        if (spans->items[middle].to <= at_ms)
            low = middle + 1;
        else
            high = middle;
    }
    if (low == spans->count)
        return false;
    bool inside = spans->items[low].from <= at_ms;
    int64_t changes_ms = inside ? spans->items[low].to : spans->items[low].from;
    *next_ms = changes_ms < *next_ms ? changes_ms : *next_ms;
    return inside;
}

/* The reason at a missing moment, which holds until *next_ms at least. */
static enum missing_reason reason_at(
    const struct explained *explained, int64_t at_ms, int64_t *next_ms)
{
    static const enum missing_reason of_withheld[WITHHELD_COUNT] = { MISSING_HIDDEN, MISSING_MUTED,
        MISSING_AHEAD, MISSING_RATE, MISSING_OFFLINE, MISSING_LEASE };
    if (explained->waiting && holds(explained->waiting, at_ms, next_ms))
        return MISSING_WAITING;
    for (size_t i = 0; i < WITHHELD_COUNT; i++)
        if (holds(&explained->withheld[i], at_ms, next_ms))
            return of_withheld[i];
    if (!holds(explained->claimed, at_ms, next_ms))
        return explained->refused && holds(explained->refused, at_ms, next_ms) ? MISSING_REFUSED
                                                                               : MISSING_SKIPPED;
    return holds(explained->delivered, at_ms, next_ms) ? MISSING_BUDGET : MISSING_UNDELIVERED;
}

static void add_piece(
    struct missing_pieces *pieces, int64_t from_ms, int64_t to_ms, enum missing_reason reason)
{
    size_t count = pieces->count++;
    if ((count & (count + 1)) == 0) /* room for twice as many, whenever that is used up */
        pieces->items = memory_resized(pieces->items, (count + 1) * 2, sizeof *pieces->items);
    pieces->items[count].stretch = (struct span){ from_ms, to_ms };
    pieces->items[count].reason = reason;
}

/* Joins a stretch's last piece with the one before it where they say the same, or where one of them
 * is too short to be read: the longer one's reason stands. */
static void join_last(struct missing_pieces *pieces, size_t first)
{
    if (pieces->count < first + 2)
        return;
    struct span *before = &pieces->items[pieces->count - 2].stretch;
    struct span *last = &pieces->items[pieces->count - 1].stretch;
    int64_t before_ms = before->to - before->from, last_ms = last->to - last->from;
    bool same = pieces->items[pieces->count - 2].reason == pieces->items[pieces->count - 1].reason;
    if (!same && before_ms >= EXPLAINED_MS_LEAST && last_ms >= EXPLAINED_MS_LEAST)
        return;
    if (last_ms > before_ms)
        pieces->items[pieces->count - 2].reason = pieces->items[pieces->count - 1].reason;
    before->to = last->to;
    pieces->count--;
}

static void explain_stretch(
    const struct explained *explained, struct span missing, struct missing_pieces *pieces)
{
    size_t first = pieces->count;
    for (int64_t at_ms = missing.from, next_ms; at_ms < missing.to; at_ms = next_ms) {
        next_ms = missing.to;
        enum missing_reason reason = reason_at(explained, at_ms, &next_ms);
        add_piece(pieces, at_ms, next_ms, reason);
        join_last(pieces, first);
    }
    join_last(pieces, first);
}

void explain_missing(const struct explained *explained, struct missing_pieces *ret_pieces)
{
    struct spans missing;
    struct missing_pieces pieces = { 0 };
    coverage_missing(explained->credited, explained->duration_ms, &missing);
    for (size_t i = 0; i < missing.count; i++)
        explain_stretch(explained, missing.items[i], &pieces);
    spans_release(&missing);
    *ret_pieces = pieces;
}
