#include "viewing/delivery_rows.h"

#include "base/memory.h"
#include "viewing/coverage.h"
#include "viewing/evidence.h"
#include "viewing/quality.h"

#include <stdlib.h>
#include <string.h>

/* Deliveries of one evidence record: so it stays far below EVIDENCE_DOCUMENT_MAX. */
enum { RECORDED_MAX = 1000 };

// clang-format off
static const char insert_delivery_sql[] =
    "INSERT INTO delivery (id, at_ms, participant_id, session_id, lecture_id, version, rendition, segment,"
    "  start_ms, end_ms, status, body_bytes, whole, first_byte_ms, last_byte_ms, client_session, buffer_ms,"
    "  deadline_ms, throughput_kbps, bitrate_kbps, rate_percent, starved, startup)"
    " VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21,"
    "  $22, $23)";
static const char select_delivered_sql[] =
    "SELECT delivered FROM viewing WHERE participant_id = $1 AND lecture_id = $2 AND version = $3";
static const char update_delivered_sql[] =
    "UPDATE viewing SET delivered = $4 WHERE participant_id = $1 AND lecture_id = $2 AND version = $3";
/* Nothing, rather than a failure, where a participant or lecture has been erased meanwhile: one
 * such record must not hold up all others. */
static const char insert_viewing_sql[] =
    "INSERT INTO viewing (participant_id, lecture_id, version, claimed, delivered, credited, real_ms,"
    "  position_ms, first_at_ms, last_at_ms, flag_counts)"
    " SELECT participant.id, lecture.id, $3, '[]', $4, '[]', 0, 0, 0, 0, '{}'"
    "  FROM participant, lecture"
    " WHERE participant.id = $1 AND lecture.id = $2";
// clang-format on

void delivery_batch_add(struct delivery_batch *batch, const struct delivery *delivery)
{
    if (batch->count == batch->capacity) {
        batch->capacity = batch->capacity < 64 ? 64 : batch->capacity * 2;
        batch->items = memory_resized(batch->items, batch->capacity, sizeof *batch->items);
    }
    batch->items[batch->count++].delivery = delivery;
}

void delivery_batch_release(struct delivery_batch *batch)
{
    free(batch->items);
    *batch = (struct delivery_batch){ 0 };
}

/* What the player told, as columns: null where it did not. */
struct client_columns {
    const char *session;
    int64_t values[7];
    const int64_t *buffer, *deadline, *throughput, *bitrate, *rate, *starved, *startup;
};

static const int64_t *column(int64_t *place, bool given, int64_t value)
{
    *place = value;
    return given && value != CMCD_ABSENT ? place : NULL;
}

static void describe_client(const struct cmcd *cmcd, struct client_columns *ret_columns)
{
    int64_t *values = ret_columns->values;
    ret_columns->session = cmcd->session[0] != '\0' ? cmcd->session : NULL;
    ret_columns->buffer = column(&values[0], cmcd->given, cmcd->buffer_ms);
    ret_columns->deadline = column(&values[1], cmcd->given, cmcd->deadline_ms);
    ret_columns->throughput = column(&values[2], cmcd->given, cmcd->throughput_kbps);
    ret_columns->bitrate = column(&values[3], cmcd->given, cmcd->bitrate_kbps);
    ret_columns->rate = column(&values[4], cmcd->given, cmcd->rate_percent);
    ret_columns->starved = column(&values[5], cmcd->given, cmcd->starved);
    ret_columns->startup = column(&values[6], cmcd->given, cmcd->startup);
}

static bool insert_delivery(struct db_connection *connection, int64_t id,
    const struct delivery *delivery, struct problem *problem)
{
    struct client_columns client;
    describe_client(&delivery->cmcd, &client);
    return db_exec(connection, NULL, problem, insert_delivery_sql, "iitttitiiiiiiiitIIIIIII", id,
        delivery->at_ms, delivery->participant_id, delivery->session_id, delivery->lecture_id,
        delivery->version, delivery->rendition, delivery->segment, delivery->start_ms,
        delivery->end_ms, delivery->status, delivery->body_bytes, (int64_t)delivery->whole,
        delivery->first_byte_ms, delivery->last_byte_ms, client.session, client.buffer,
        client.deadline, client.throughput, client.bitrate, client.rate, client.starved,
        client.startup);
}

/* By the viewing row that they belong to. */
static int compare(const struct delivery *left, const struct delivery *right)
{
    int order = strcmp(left->participant_id, right->participant_id);
    if (order == 0)
        order = strcmp(left->lecture_id, right->lecture_id);
    if (order == 0)
        order = (left->version > right->version) - (left->version < right->version);
    return order;
}

static int compare_items(const void *left, const void *right)
{
    const struct delivery_item *first = left;
    const struct delivery_item *second = right;
    int order = compare(first->delivery, second->delivery);
    return order != 0 ? order
                      : strcmp(quality_session(first->delivery), quality_session(second->delivery));
}

static bool read_delivered(struct db_connection *connection, const struct delivery *of,
    struct spans *ret_delivered, bool *ret_found, struct problem *problem)
{
    struct db_rows *rows = db_query(
        connection, select_delivered_sql, "tti", of->participant_id, of->lecture_id, of->version);
    bool found = db_next(rows);
    bool good = !found || spans_read(db_text(rows, 0), ret_delivered, problem);
    *ret_found = found;
    return db_end(rows, problem) && good;
}

/* A set that is full keeps what it has: joining stretches would call undelivered time delivered. */
static bool unite(struct spans *delivered, const struct delivery *delivery, struct problem *problem)
{
    int64_t start_ms = delivery->start_ms > 0 ? delivery->start_ms : 0;
    if (spans_contain(delivered, start_ms, delivery->end_ms) || delivered->count >= SPANS_MAX)
        return false;
    return spans_add(delivered, start_ms, delivery->end_ms, CLOSE_GAP_MS, problem);
}

static bool write_delivered(struct db_connection *connection, const struct delivery *of,
    const struct spans *delivered, bool *found, struct problem *problem)
{
    int64_t changed = 0;
    struct text text;
    text_init(&text, SPANS_TEXT_MAX);
    spans_write(delivered, &text);
    bool good
        = db_exec(connection, &changed, problem, *found ? update_delivered_sql : insert_viewing_sql,
            "ttit", of->participant_id, of->lecture_id, of->version, text.bytes);
    text_release(&text);
    *found = changed > 0;
    return good;
}

/* The evidence record of items of one person, lecture and version; docs/evidence.md has its form. */
static bool record(struct db_connection *connection, const struct delivery_item *items,
    size_t count, struct problem *problem)
{
    const struct delivery *of = items[0].delivery;
    struct text text;
    text_init(&text, EVIDENCE_DOCUMENT_MAX);
    text_append_string(&text, "{\"deliveries\":");
    for (size_t i = 0; i < count; i++) {
        const struct delivery *delivery = items[i].delivery;
        text_printf(&text, "%c[%lld,\"%s\",%lld,%lld,%lld,%lld,%lld,%s]", i > 0 ? ',' : '[',
            (long long)delivery->at_ms, delivery->rendition, (long long)delivery->segment,
            (long long)delivery->start_ms, (long long)delivery->end_ms, (long long)delivery->status,
            (long long)delivery->body_bytes, delivery->whole ? "true" : "false");
    }
    text_printf(
        &text, "],\"lecture\":\"%s\",\"version\":%lld}", of->lecture_id, (long long)of->version);
    bool good = evidence_append_text(
        connection, "deliveries", of->participant_id, text.bytes, text.length, problem);
    text_release(&text);
    return good;
}

static bool record_all(struct db_connection *connection, const struct delivery_item *items,
    size_t count, struct problem *problem)
{
    bool good = true;
    for (size_t from = 0; good && from < count; from += RECORDED_MAX)
        good = record(connection, items + from,
            count - from < RECORDED_MAX ? count - from : RECORDED_MAX, problem);
    return good;
}

/* What players told, summed a play session: their items stand together. */
static bool sum_quality(struct db_connection *connection, const struct delivery_item *items,
    size_t count, struct problem *problem)
{
    struct quality quality;
    quality_init(&quality);
    for (size_t i = 0; i < count; i++) {
        const struct delivery *delivery = items[i].delivery;
        if (delivery->cmcd.given)
            quality_add(&quality, delivery);
        bool last
            = i + 1 == count
              || strcmp(quality_session(delivery), quality_session(items[i + 1].delivery)) != 0;
        if (!last || quality.deliveries == 0)
            continue;
        if (!quality_write(connection, delivery, &quality, problem))
            return false;
        quality_init(&quality);
    }
    return true;
}

/* Items of one person, lecture and version.  No evidence is kept of who has no row of sums: one to whom
 * nothing whole ever came. */
static bool write_group(struct db_connection *connection, const struct delivery_item *items,
    size_t count, struct problem *problem)
{
    struct spans delivered = { 0 };
    bool found = false;
    bool good = read_delivered(connection, items[0].delivery, &delivered, &found, problem);
    bool changed = false;
    for (size_t i = 0; good && i < count; i++)
        if (items[i].delivery->whole && unite(&delivered, items[i].delivery, problem))
            changed = true;
    if (good && changed)
        good = write_delivered(connection, items[0].delivery, &delivered, &found, problem);
    spans_release(&delivered);
    return good && sum_quality(connection, items, count, problem)
           && (!found || record_all(connection, items, count, problem));
}

static bool read_erased(struct db_connection *connection, const char *participant_id,
    bool *ret_erased, struct problem *problem)
{
    struct db_rows *rows = db_query(
        connection, "SELECT 1 FROM erasure WHERE participant_id = $1", "t", participant_id);
    *ret_erased = db_next(rows);
    return db_end(rows, problem);
}

/* Segments may still be on their way to somebody who is erased, and what is written after an erasure has
 * looked for it would stay.  Asked once for all that stand together. */
static bool mark_erased(
    struct db_connection *connection, struct delivery_batch *batch, struct problem *problem)
{
    struct delivery_item *items = batch->items;
    for (size_t i = 0; i < batch->count; i++) {
        const char *participant_id = items[i].delivery->participant_id;
        if (i > 0 && strcmp(items[i - 1].delivery->participant_id, participant_id) == 0)
            items[i].erased = items[i - 1].erased;
        else if (!read_erased(connection, participant_id, &items[i].erased, problem))
            return false;
    }
    return true;
}

bool delivery_batch_write(
    struct db_connection *connection, struct delivery_batch *batch, struct problem *problem)
{
    if (!mark_erased(connection, batch, problem))
        return false;
    int64_t id = batch->count > 0 ? db_next_key(connection, "delivery") : 0;
    for (size_t i = 0; i < batch->count; i++)
        if (!batch->items[i].erased
            && !insert_delivery(connection, id + (int64_t)i, batch->items[i].delivery, problem))
            return false;
    if (batch->count > 1)
        qsort(batch->items, batch->count, sizeof *batch->items, compare_items);
    for (size_t first = 0; first < batch->count;) {
        size_t end = first + 1;
        while (end < batch->count
               && compare(batch->items[first].delivery, batch->items[end].delivery) == 0)
            end++;
        if (!batch->items[first].erased
            && !write_group(connection, batch->items + first, end - first, problem))
            return false;
        first = end;
    }
    return true;
}

bool delivery_cursors_add(struct db_connection *connection, size_t loop_count, int64_t *ret_first,
    struct problem *problem)
{
    struct db_rows *rows
        = db_query(connection, "SELECT COALESCE(MAX(loop_index) + 1, 0) FROM delivery_cursor", "");
    int64_t first = db_next(rows) ? db_int(rows, 0) : 0;
    if (!db_end(rows, problem))
        return false;
    for (size_t i = 0; i < loop_count; i++)
        if (!db_exec(connection, NULL, problem,
                "INSERT INTO delivery_cursor (loop_index, written) VALUES ($1, 0)", "i",
                first + (int64_t)i))
            return false;
    *ret_first = first;
    return true;
}

bool delivery_cursors_remove(
    struct db_connection *connection, int64_t first, size_t loop_count, struct problem *problem)
{
    return db_exec(connection, NULL, problem,
        "DELETE FROM delivery_cursor WHERE loop_index >= $1 AND loop_index < $2", "ii", first,
        first + (int64_t)loop_count);
}

bool delivery_cursor_read(struct db_connection *connection, int64_t cursor, uint64_t *ret_written,
    struct problem *problem)
{
    struct db_rows *rows = db_query(
        connection, "SELECT written FROM delivery_cursor WHERE loop_index = $1", "i", cursor);
    bool found = db_next(rows);
    uint64_t written = found ? (uint64_t)db_int(rows, 0) : 0;
    if (!db_end(rows, problem))
        return false;
    if (!found)
        return problem_set(problem, PROBLEM_INTERNAL, "no delivery_cursor %lld", (long long)cursor);
    *ret_written = written;
    return true;
}

bool delivery_cursor_write(
    struct db_connection *connection, int64_t cursor, uint64_t written, struct problem *problem)
{
    return db_exec(connection, NULL, problem,
        "UPDATE delivery_cursor SET written = $2 WHERE loop_index = $1", "ii", cursor,
        (int64_t)written);
}
