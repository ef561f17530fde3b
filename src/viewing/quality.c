#include "viewing/quality.h"

#include "base/text.h"
#include "viewing/quality_row.h"

#include <stdio.h>
#include <string.h>

enum { COUNTS_TEXT_MAX = 8192 };

// clang-format off
static const char read_sql[] =
    "SELECT " QUALITY_COLUMNS " FROM quality"
    " WHERE participant_id = $1 AND lecture_id = $2 AND version = $3 AND play_session_id = $4";
/* Nothing where the participant or the lecture is not there any more. */
static const char insert_sql[] =
    "INSERT INTO quality (participant_id, lecture_id, version, play_session_id, first_at_ms, last_at_ms, deliveries,"
    "  stalls, buffer_least_ms, throughput_least_kbps, throughput, renditions)"
    " SELECT participant.id, lecture.id, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12 FROM participant, lecture"
    "  WHERE participant.id = $1 AND lecture.id = $2";
static const char update_sql[] =
    "UPDATE quality SET first_at_ms = $5, last_at_ms = $6, deliveries = $7, stalls = $8, buffer_least_ms = $9,"
    "  throughput_least_kbps = $10, throughput = $11, renditions = $12"
    " WHERE participant_id = $1 AND lecture_id = $2 AND version = $3 AND play_session_id = $4";
// clang-format on

void quality_init(struct quality *quality)
{
    *quality = (struct quality){ .buffer_least_ms = -1, .throughput_least_kbps = -1 };
}

/* Four buckets each time that the rate doubles. */
size_t quality_bucket(int64_t kbps)
{
    size_t power = 2;
    if (kbps < 4)
        return kbps < 0 ? 0 : (size_t)kbps;
    while (kbps >> (power + 1) > 0)
        power++;
    size_t bucket = 4 * (power - 1) + (size_t)(kbps >> (power - 2) & 3);
    return bucket < QUALITY_BUCKETS ? bucket : QUALITY_BUCKETS - 1;
}

static int64_t bucket_middle(size_t bucket)
{
    if (bucket < 4)
        return (int64_t)bucket;
    size_t power = bucket / 4 + 1;
    int64_t width = INT64_C(1) << (power - 2);
    return (4 + (int64_t)(bucket % 4)) * width + width / 2;
}

int64_t quality_median_kbps(const struct quality *quality)
{
    int64_t all = 0, below = 0;
    for (size_t i = 0; i < QUALITY_BUCKETS; i++)
        all += quality->throughput[i];
    for (size_t i = 0; i < QUALITY_BUCKETS && all > 0; i++) {
        below += quality->throughput[i];
        if (2 * below >= all)
            return bucket_middle(i);
    }
    return -1;
}

static void lessen(int64_t *least, int64_t value)
{
    if (value >= 0 && (*least < 0 || value < *least))
        *least = value;
}

static void count_rendition(struct quality *quality, const char *name, int64_t deliveries)
{
    size_t place = 0;
    while (place < quality->rendition_count && strcmp(quality->renditions[place].name, name) != 0)
        place++;
    if (place == QUALITY_RENDITIONS_MAX)
        return;
    if (place == quality->rendition_count) {
        quality->rendition_count++;
        (void)snprintf(
            quality->renditions[place].name, sizeof quality->renditions[place].name, "%s", name);
    }
    quality->renditions[place].deliveries += deliveries;
}

static void widen(struct quality *quality, int64_t first_at_ms, int64_t last_at_ms)
{
    if (quality->deliveries == 0 || first_at_ms < quality->first_at_ms)
        quality->first_at_ms = first_at_ms;
    if (last_at_ms > quality->last_at_ms)
        quality->last_at_ms = last_at_ms;
}

void quality_add(struct quality *quality, const struct delivery *delivery)
{
    const struct cmcd *cmcd = &delivery->cmcd;
    widen(quality, delivery->at_ms, delivery->at_ms);
    quality->deliveries++;
    quality->stalls += cmcd->starved;
    /* At a start and after a seek there is nothing in store, which is no fault of the line's. */
    if (!cmcd->startup || cmcd->starved)
        lessen(&quality->buffer_least_ms, cmcd->buffer_ms);
    lessen(&quality->throughput_least_kbps, cmcd->throughput_kbps);
    if (cmcd->throughput_kbps >= 0)
        quality->throughput[quality_bucket(cmcd->throughput_kbps)]++;
    count_rendition(quality, delivery->rendition, 1);
}

void quality_join(struct quality *quality, const struct quality *other)
{
    if (other->deliveries == 0)
        return;
    widen(quality, other->first_at_ms, other->last_at_ms);
    quality->deliveries += other->deliveries;
    quality->stalls += other->stalls;
    lessen(&quality->buffer_least_ms, other->buffer_least_ms);
    lessen(&quality->throughput_least_kbps, other->throughput_least_kbps);
    for (size_t i = 0; i < QUALITY_BUCKETS; i++)
        quality->throughput[i] += other->throughput[i];
    for (size_t i = 0; i < other->rendition_count; i++)
        count_rendition(quality, other->renditions[i].name, other->renditions[i].deliveries);
}

const char *quality_session(const struct delivery *delivery)
{
    return secure_is_uuid(delivery->cmcd.session) ? delivery->cmcd.session : "";
}

static int64_t number_or_none(struct db_rows *rows, int column)
{
    return db_is_null(rows, column) ? -1 : db_int(rows, column);
}

bool quality_take_row(
    struct db_rows *rows, int column, struct quality *ret_quality, struct problem *problem)
{
    struct quality quality = { .first_at_ms = db_int(rows, column),
        .last_at_ms = db_int(rows, column + 1),
        .deliveries = db_int(rows, column + 2),
        .stalls = db_int(rows, column + 3),
        .buffer_least_ms = number_or_none(rows, column + 4),
        .throughput_least_kbps = number_or_none(rows, column + 5) };
    json_t *throughput = json_loads(db_text(rows, column + 6), 0, NULL);
    json_t *renditions = json_loads(db_text(rows, column + 7), 0, NULL);
    bool good = json_is_object(throughput) && json_is_object(renditions);
    const char *name;
    json_t *count;
    json_object_foreach(throughput, name, count)
    {
        int64_t bucket = QUALITY_BUCKETS;
        good = good && text_to_int64(name, strlen(name), 0, QUALITY_BUCKETS - 1, &bucket);
        if (good)
            quality.throughput[bucket] = json_integer_value(count);
    }
    json_object_foreach(renditions, name, count)
        count_rendition(&quality, name, json_integer_value(count));
    json_decref(throughput);
    json_decref(renditions);
    if (!good)
        return problem_set(problem, PROBLEM_STORAGE, "a row of quality cannot be read");
    *ret_quality = quality;
    return true;
}

static void write_counts(
    const struct quality *quality, struct text *throughput, struct text *renditions)
{
    text_init(throughput, COUNTS_TEXT_MAX);
    text_init(renditions, COUNTS_TEXT_MAX);
    text_append_string(throughput, "{");
    for (size_t i = 0; i < QUALITY_BUCKETS; i++)
        if (quality->throughput[i] > 0)
            text_printf(throughput, "%s\"%zu\":%lld", throughput->length > 1 ? "," : "", i,
                (long long)quality->throughput[i]);
    text_append_string(throughput, "}");
    text_append_string(renditions, "{");
    /* Names are the house's own: letters and digits. */
    for (size_t i = 0; i < quality->rendition_count; i++)
        text_printf(renditions, "%s\"%s\":%lld", i > 0 ? "," : "", quality->renditions[i].name,
            (long long)quality->renditions[i].deliveries);
    text_append_string(renditions, "}");
}

static const int64_t *told(const int64_t *value)
{
    return *value >= 0 ? value : NULL;
}

static bool write_row(struct db_connection *connection, const struct delivery *of, bool found,
    const struct quality *quality, struct problem *problem)
{
    struct text throughput, renditions;
    write_counts(quality, &throughput, &renditions);
    bool good = db_exec(connection, NULL, problem, found ? update_sql : insert_sql, "ttitiiiiIItt",
        of->participant_id, of->lecture_id, of->version, quality_session(of), quality->first_at_ms,
        quality->last_at_ms, quality->deliveries, quality->stalls, told(&quality->buffer_least_ms),
        told(&quality->throughput_least_kbps), throughput.bytes, renditions.bytes);
    text_release(&throughput);
    text_release(&renditions);
    return good;
}

bool quality_write(struct db_connection *connection, const struct delivery *of,
    const struct quality *quality, struct problem *problem)
{
    struct quality whole;
    quality_init(&whole);
    struct db_rows *rows = db_query(connection, read_sql, "ttit", of->participant_id,
        of->lecture_id, of->version, quality_session(of));
    bool found = db_next(rows);
    bool good = !found || quality_take_row(rows, 0, &whole, problem);
    if (!db_end(rows, problem) || !good)
        return false;
    quality_join(&whole, quality);
    return write_row(connection, of, found, &whole, problem);
}
