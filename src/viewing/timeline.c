#include "viewing/timeline.h"

#include "base/memory.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define PIECES_SQL "SELECT lecture_id, version, from_ms, to_ms, at_ms FROM timeline_piece"
#define IN_ORDER " ORDER BY lecture_id, version, at_ms"

void timelines_release(struct timelines *timelines)
{
    free(timelines->pieces);
    *timelines = (struct timelines){ 0 };
}

static void append(struct timelines *timelines, const struct timeline_piece *piece)
{
    if (timelines->count == timelines->capacity) {
        timelines->capacity = timelines->capacity == 0 ? 8 : timelines->capacity * 2;
        timelines->pieces
            = memory_resized(timelines->pieces, timelines->capacity, sizeof *timelines->pieces);
    }
    timelines->pieces[timelines->count++] = *piece;
}

bool timelines_read(struct db_connection *connection, const char *lecture_id,
    struct timelines *ret_timelines, struct problem *problem)
{
    struct db_rows *rows = lecture_id ? db_query(connection,
                               PIECES_SQL " WHERE lecture_id = $1" IN_ORDER, "t", lecture_id)
                                      : db_query(connection, PIECES_SQL IN_ORDER, "");
    struct timelines timelines = { 0 };
    while (db_next(rows)) {
        struct timeline_piece piece = {
            .version = db_int(rows, 1),
            .from_ms = db_int(rows, 2),
            .to_ms = db_int(rows, 3),
            .at_ms = db_int(rows, 4),
        };
        (void)snprintf(piece.lecture_id, sizeof piece.lecture_id, "%s", db_text(rows, 0));
        append(&timelines, &piece);
    }
    if (db_end(rows, problem)) {
        *ret_timelines = timelines;
        return true;
    }
    timelines_release(&timelines);
    return false;
}

/* The pieces that lead to this version. */
struct step {
    const struct timeline_piece *pieces;
    size_t count;
};

static int compare_place(
    const struct timeline_piece *piece, const char *lecture_id, int64_t version)
{
    int order = strcmp(piece->lecture_id, lecture_id);
    return order != 0 ? order : (piece->version > version) - (piece->version < version);
}

static struct step find_step(
    const struct timelines *timelines, const char *lecture_id, int64_t version)
{
    size_t low = 0, high = timelines->count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (compare_place(&timelines->pieces[middle], lecture_id, version) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    struct step step = { timelines->pieces + low, 0 };
    while (low + step.count < timelines->count
           && compare_place(&step.pieces[step.count], lecture_id, version) == 0)
        step.count++;
    return step;
}

/* One step, forward or back. */
static void carry_step(const struct step *step, bool forward, struct spans *spans)
{
    struct spans carried = { 0 };
    for (size_t i = 0; i < step->count; i++) {
        const struct timeline_piece *piece = &step->pieces[i];
        int64_t length_ms = piece->to_ms - piece->from_ms;
        int64_t here_ms = forward ? piece->from_ms : piece->at_ms;
        int64_t there_ms = forward ? piece->at_ms : piece->from_ms;
        struct spans inside;
        spans_intersect(spans, here_ms, here_ms + length_ms, &inside);
        for (size_t k = 0; k < inside.count; k++) {
            inside.items[k].from += there_ms - here_ms;
            inside.items[k].to += there_ms - here_ms;
        }
        spans_add_all(&carried, &inside);
        spans_release(&inside);
    }
    spans_release(spans);
    *spans = carried;
}

void timelines_carry(const struct timelines *timelines, const char *lecture_id,
    int64_t from_version, int64_t to_version, const struct spans *spans, struct spans *ret_carried)
{
    struct spans carried;
    spans_copy(spans, &carried);
    for (int64_t version = from_version; version < to_version && carried.count > 0; version++) {
        struct step step = find_step(timelines, lecture_id, version + 1);
        carry_step(&step, true, &carried);
    }
    for (int64_t version = from_version; version > to_version && carried.count > 0; version--) {
        struct step step = find_step(timelines, lecture_id, version);
        carry_step(&step, false, &carried);
    }
    *ret_carried = carried;
}

static int64_t carry_moment_step(const struct step *step, bool forward, int64_t moment_ms)
{
    for (size_t i = 0; i < step->count; i++) {
        const struct timeline_piece *piece = &step->pieces[i];
        int64_t here_ms = forward ? piece->from_ms : piece->at_ms;
        int64_t there_ms = forward ? piece->at_ms : piece->from_ms;
        if (moment_ms < here_ms)
            return there_ms;
        if (moment_ms - here_ms <= piece->to_ms - piece->from_ms)
            return moment_ms - here_ms + there_ms;
    }
    return 0;
}

int64_t timelines_carry_moment(const struct timelines *timelines, const char *lecture_id,
    int64_t from_version, int64_t to_version, int64_t moment_ms)
{
    for (int64_t version = from_version; version < to_version; version++) {
        struct step step = find_step(timelines, lecture_id, version + 1);
        moment_ms = carry_moment_step(&step, true, moment_ms);
    }
    for (int64_t version = from_version; version > to_version; version--) {
        struct step step = find_step(timelines, lecture_id, version);
        moment_ms = carry_moment_step(&step, false, moment_ms);
    }
    return moment_ms;
}
