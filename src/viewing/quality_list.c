/* How well lines served a person, or a cohort: for whoever helps them. */
#include "base/memory.h"
#include "viewing/quality_row.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

// clang-format off
static const char person_sql[] =
    "SELECT " QUALITY_COLUMNS ", lecture_id, version, play_session_id FROM quality"
    " WHERE participant_id = $1 AND ($2 = '' OR lecture_id = $2)"
    " ORDER BY last_at_ms, play_session_id";
static const char cohort_sql[] = "SELECT 1 FROM cohort WHERE id = $1";
static const char people_sql[] =
    "SELECT " QUALITY_COLUMNS ", quality.lecture_id, quality.participant_id, participant.name, COALESCE("
    "         (SELECT title FROM lecture_text WHERE lecture_id = quality.lecture_id AND language = $2),"
    "         (SELECT MIN(title) FROM lecture_text WHERE lecture_id = quality.lecture_id))"
    "  FROM participant"
    "  JOIN quality ON quality.participant_id = participant.id"
    " WHERE participant.cohort_id = $1"
    " ORDER BY quality.participant_id, quality.lecture_id";
// clang-format on
enum { LECTURE = 8, VERSION = 9, SESSION = 10, PERSON = 9, NAME = 10, TITLE = 11 };

static json_t *number_or_null(int64_t number)
{
    return number < 0 ? json_null() : json_integer(number);
}

static json_t *quality_json(const struct quality *quality, const char *lecture_id)
{
    json_t *renditions = json_object();
    for (size_t i = 0; i < quality->rendition_count; i++)
        (void)json_object_set_new(renditions, quality->renditions[i].name,
            json_integer(quality->renditions[i].deliveries));
    return json_pack("{s:s, s:I, s:I, s:I, s:I, s:o, s:o, s:o, s:o}", "lecture_id", lecture_id,
        "first_at_ms", (json_int_t)quality->first_at_ms, "last_at_ms",
        (json_int_t)quality->last_at_ms, "deliveries", (json_int_t)quality->deliveries, "stalls",
        (json_int_t)quality->stalls, "buffer_least_ms", number_or_null(quality->buffer_least_ms),
        "throughput_least_kbps", number_or_null(quality->throughput_least_kbps),
        "throughput_median_kbps", number_or_null(quality_median_kbps(quality)), "renditions",
        renditions);
}

json_t *quality_person_json(struct db_connection *connection, const char *participant_id,
    const char *lecture_id, struct problem *problem)
{
    json_t *list = json_array();
    struct quality quality;
    bool good = true;
    struct db_rows *rows
        = db_query(connection, person_sql, "tt", participant_id, lecture_id ? lecture_id : "");
    while (good && db_next(rows) && (good = quality_take_row(rows, 0, &quality, problem))) {
        const char *session = db_text(rows, SESSION);
        json_t *json = quality_json(&quality, db_text(rows, LECTURE));
        (void)json_object_set_new(json, "version", json_integer(db_int(rows, VERSION)));
        (void)json_object_set_new(
            json, "play_session", session[0] ? json_string(session) : json_null());
        (void)json_array_append_new(list, json);
    }
    if (db_end(rows, problem) && good)
        return list;
    json_decref(list);
    return NULL;
}

/* The person and lecture that are read. */
struct summing {
    char participant_id[UUID_TEXT_SIZE], lecture_id[UUID_TEXT_SIZE];
    struct quality quality;
    json_int_t play_sessions;
    json_t *names; /* of the person and the lecture; NULL: none is read yet */
    json_t *list;
};

static void end_sum(struct summing *summing)
{
    if (!summing->names)
        return;
    json_t *json = quality_json(&summing->quality, summing->lecture_id);
    (void)json_object_update(json, summing->names);
    (void)json_object_set_new(json, "play_sessions", json_integer(summing->play_sessions));
    (void)json_array_append_new(summing->list, json);
    json_decref(summing->names);
    summing->names = NULL;
}

static void begin_sum(struct summing *summing, struct db_rows *rows)
{
    (void)snprintf(summing->participant_id, UUID_TEXT_SIZE, "%s", db_text(rows, PERSON));
    (void)snprintf(summing->lecture_id, UUID_TEXT_SIZE, "%s", db_text(rows, LECTURE));
    summing->names = json_pack("{s:s, s:s, s:s?}", "participant_id", summing->participant_id,
        "name", db_text(rows, NAME), "title", db_text(rows, TITLE));
    summing->play_sessions = 0;
    quality_init(&summing->quality);
}

static bool add_row(struct summing *summing, struct db_rows *rows, struct problem *problem)
{
    struct quality quality;
    if (!quality_take_row(rows, 0, &quality, problem))
        return false;
    if (strcmp(summing->participant_id, db_text(rows, PERSON)) != 0
        || strcmp(summing->lecture_id, db_text(rows, LECTURE)) != 0) {
        end_sum(summing);
        begin_sum(summing, rows);
    }
    summing->play_sessions++;
    quality_join(&summing->quality, &quality);
    return true;
}

static int compare_stalls(const void *left, const void *right)
{
    const json_t *const *first = left, *const *second = right;
    json_int_t one = json_integer_value(json_object_get(*first, "stalls"));
    json_int_t other = json_integer_value(json_object_get(*second, "stalls"));
    if (one != other)
        return one > other ? -1 : 1;
    return strcmp(json_string_value(json_object_get(*first, "name")),
        json_string_value(json_object_get(*second, "name")));
}

static json_t *sorted(json_t *list)
{
    size_t count = json_array_size(list), index;
    json_t **items = memory_zeroed(count, sizeof(json_t *)), *item, *ordered = json_array();
    json_array_foreach(list, index, item) items[index] = item;
    if (count > 1)
        qsort(items, count, sizeof(json_t *), compare_stalls);
    for (index = 0; index < count; index++)
        (void)json_array_append(ordered, items[index]);
    free(items);
    json_decref(list);
    return ordered;
}

json_t *quality_cohort_json(struct db_connection *connection, const char *cohort_id,
    const char *language, struct problem *problem)
{
    struct summing summing = { .list = json_array() };
    struct db_rows *rows = db_query(connection, cohort_sql, "t", cohort_id);
    bool found = db_next(rows), good = true;
    if (db_end(rows, problem) && !found)
        problem_set(problem, PROBLEM_NOT_FOUND, "no cohort '%.40s'", cohort_id);
    if (found) {
        rows = db_query(connection, people_sql, "tt", cohort_id, language);
        while (good && db_next(rows))
            good = add_row(&summing, rows, problem);
        found = db_end(rows, problem) && good;
        end_sum(&summing);
    }
    if (found)
        return sorted(summing.list);
    json_decref(summing.list);
    return NULL;
}
