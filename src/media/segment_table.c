#include "media/segment_table.h"

#include "base/json.h"
#include "base/memory.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { TIMESCALE_MAX = 1000000000, HOURS_MAX = 100, SEGMENT_SECONDS_MAX = 3600 };
static const int64_t bytes_max = INT64_C(1) << 44;

void segment_table_release(struct segment_table *table)
{
    free(table->segments);
    *table = (struct segment_table){ 0 };
}

void segment_table_append(
    struct segment_table *table, int64_t start_ticks, int64_t duration_ticks, uint64_t size_bytes)
{
    /* Room doubles: a table has no capacity of its own, and its count is bounded. */
    if ((table->count & (table->count - 1)) == 0)
        table->segments = memory_resized(
            table->segments, table->count > 0 ? table->count * 2 : 1, sizeof *table->segments);
    struct segment *segment = &table->segments[table->count];
    segment->start_ticks = start_ticks;
    segment->duration_ticks = duration_ticks;
    segment->offset_bytes = table->init_bytes;
    segment->size_bytes = size_bytes;
    segment->key_bytes = 0;
    if (table->count > 0) {
        segment->start_ticks = segment[-1].start_ticks + segment[-1].duration_ticks;
        segment->offset_bytes = segment[-1].offset_bytes + segment[-1].size_bytes;
    }
    table->count++;
}

bool rendition_has_pictures(const struct segment_table *table)
{
    return table->kind != RENDITION_AUDIO;
}

static bool only_of(const char *text, const char *alphabet)
{
    return text[0] != '\0' && text[strspn(text, alphabet)] == '\0';
}

#define LOWER_AND_DIGITS "abcdefghijklmnopqrstuvwxyz0123456789"
#define UPPER "ABCDEFGHIJKLMNOPQRSTUVWXYZ"

bool rendition_name_is_valid(const char *name)
{
    return only_of(name, LOWER_AND_DIGITS "-");
}

bool language_tag_is_valid(const char *tag)
{
    return only_of(tag, LOWER_AND_DIGITS UPPER "-");
}

static bool check_texts(const struct segment_table *table, struct problem *problem)
{
    if (!rendition_name_is_valid(table->name))
        return problem_set_field(problem, "name", "'name' must be of a-z, 0-9 and '-'");
    if (!only_of(table->codecs, LOWER_AND_DIGITS UPPER "."))
        return problem_set_field(problem, "codecs", "'codecs' must be one RFC 6381 codec");
    if (table->language[0] != '\0' && !language_tag_is_valid(table->language))
        return problem_set_field(problem, "language", "'language' must be a BCP 47 tag");
    if (table->group[0] != '\0' && !rendition_name_is_valid(table->group))
        return problem_set_field(problem, "group", "'group' must be of a-z, 0-9 and '-'");
    return true;
}

static bool check_segments(
    const struct segment_table *table, uint64_t file_bytes, struct problem *problem)
{
    if (table->count < 1 || table->count > SEGMENTS_MAX)
        return problem_set_field(problem, "segments", "'segments' must be 1 to %d", SEGMENTS_MAX);
    int64_t ticks = table->segments[0].start_ticks;
    int64_t ticks_max = table->timescale * HOURS_MAX * 3600;
    uint64_t bytes = table->init_bytes;
    for (size_t i = 0; i < table->count; i++) {
        const struct segment *segment = &table->segments[i];
        bool follows = segment->start_ticks == ticks && segment->offset_bytes == bytes;
        bool bounded = segment->duration_ticks >= 1 && segment->size_bytes >= 8
                       && segment->duration_ticks <= table->timescale * SEGMENT_SECONDS_MAX
                       && segment->size_bytes <= (uint64_t)bytes_max - bytes && ticks >= 0
                       && segment->key_bytes <= segment->size_bytes
                       && ticks <= ticks_max - segment->duration_ticks;
        if (!follows || !bounded)
            return problem_set_field(problem, "segments", "segment %zu is not possible", i);
        ticks += segment->duration_ticks;
        bytes += segment->size_bytes;
    }
    return bytes == file_bytes
           || problem_set_field(problem, "segments", "init and segments must fill the packed file");
}

bool segment_table_check(
    const struct segment_table *table, uint64_t file_bytes, struct problem *problem)
{
    if (!check_texts(table, problem))
        return false;
    if (table->timescale < 1 || table->timescale > TIMESCALE_MAX)
        return problem_set_field(problem, "timescale", "'timescale' is out of range");
    if (table->init_bytes < 8 || table->init_bytes > (1 << 20))
        return problem_set_field(problem, "init_bytes", "'init_bytes' is out of range");
    bool video = rendition_has_pictures(table);
    if (video ? table->width < 1 || table->height < 1
              : table->sample_rate < 1 || table->channels < 1)
        return problem_set_field(
            problem, "kind", "the facts of a %s track are missing", video ? "video" : "sound");
    return check_segments(table, file_bytes, problem);
}

// clang-format off
static const struct { enum rendition_kind kind; const char *name; } kinds[] = {
    { RENDITION_VIDEO, "video" }, { RENDITION_STILLS, "stills" }, { RENDITION_AUDIO, "audio" },
};
// clang-format on
enum { KIND_COUNT = sizeof kinds / sizeof kinds[0] };

static const char *kind_name(enum rendition_kind kind)
{
    size_t i = 0;
    while (kinds[i].kind != kind)
        i++;
    return kinds[i].name;
}

json_t *segment_to_json(const struct segment *segment)
{
    json_t *json
        = json_pack("[I, I]", (json_int_t)segment->duration_ticks, (json_int_t)segment->size_bytes);
    if (segment->key_bytes > 0)
        json_array_append_new(json, json_integer((json_int_t)segment->key_bytes));
    return json;
}

static void add_sound_facts(const struct segment_table *table, json_t *json)
{
    json_object_set_new(json, "group", json_string(table->group));
    json_object_set_new(json, "original", json_boolean(table->original));
}

json_t *segment_table_to_json(const struct segment_table *table)
{
    json_t *segments = json_array();
    for (size_t i = 0; i < table->count; i++)
        json_array_append_new(segments, segment_to_json(&table->segments[i]));
    json_t *json = json_pack("{s:s, s:s, s:s, s:s, s:I, s:i, s:i, s:I, s:i, s:i, s:I, s:b, s:I}",
        "kind", kind_name(table->kind), "name", table->name, "codecs", table->codecs, "language",
        table->language, "timescale", (json_int_t)table->timescale, "width", table->width, "height",
        table->height, "frames_per_second_milli", (json_int_t)table->frames_per_second_milli,
        "sample_rate", table->sample_rate, "channels", table->channels, "init_bytes",
        (json_int_t)table->init_bytes, "independent", (int)table->independent, "start_ticks",
        (json_int_t)(table->count > 0 ? table->segments[0].start_ticks : 0));
    if (table->kind == RENDITION_AUDIO)
        add_sound_facts(table, json);
    json_object_set_new(json, "segments", segments);
    return json;
}

static bool read_kind(const json_t *json, struct segment_table *table, struct problem *problem)
{
    const char *kind = json_string_value(json_object_get(json, "kind"));
    for (size_t i = 0; kind && i < KIND_COUNT; i++) {
        if (strcmp(kind, kinds[i].name) == 0) {
            table->kind = kinds[i].kind;
            return true;
        }
    }
    return problem_set_field(problem, "kind", "'kind' must be video, stills or audio");
}

/* Not there before sound came in groups: what a lecture had then was its own. */
static bool read_sound_facts(
    const json_t *json, struct segment_table *table, struct problem *problem)
{
    if (table->kind != RENDITION_AUDIO)
        return true;
    table->original = true;
    if (json_object_get(json, "group")
        && !json_get_name(json, "group", table->group, sizeof table->group, problem))
        return false;
    return json_may_get_bool(json, "original", &table->original, problem);
}

static bool read_facts(const json_t *json, struct segment_table *table, struct problem *problem)
{
    int64_t init_bytes;
    if (!read_kind(json, table, problem) || !read_sound_facts(json, table, problem)
        || !json_get_name(json, "name", table->name, sizeof table->name, problem)
        || !json_get_name(json, "codecs", table->codecs, sizeof table->codecs, problem)
        || !json_get_name(json, "language", table->language, sizeof table->language, problem)
        || !json_get_int64(json, "timescale", 1, TIMESCALE_MAX, &table->timescale, problem)
        || !json_get_int(json, "width", 0, 32768, &table->width, problem)
        || !json_get_int(json, "height", 0, 32768, &table->height, problem)
        || !json_get_int64(
            json, "frames_per_second_milli", 0, 1000000, &table->frames_per_second_milli, problem)
        || !json_get_int(json, "sample_rate", 0, 768000, &table->sample_rate, problem)
        || !json_get_int(json, "channels", 0, 64, &table->channels, problem)
        || !json_get_int64(json, "init_bytes", 8, 1 << 20, &init_bytes, problem)
        || !json_get_bool(json, "independent", &table->independent, problem))
        return false;
    table->init_bytes = (uint64_t)init_bytes;
    return true;
}

static bool read_number(const json_t *value, int64_t least, int64_t most, int64_t *ret_value)
{
    *ret_value = json_integer_value(value);
    return json_is_integer(value) && *ret_value >= least && *ret_value <= most;
}

static bool read_segment(const json_t *json, int64_t start_ticks, struct segment_table *table)
{
    int64_t duration, size, key = 0;
    size_t members = json_array_size(json);
    bool read = (members == 2 || members == 3)
                && read_number(json_array_get(json, 0), 1, INT64_MAX / SEGMENTS_MAX / 2, &duration)
                && read_number(json_array_get(json, 1), 8, bytes_max / SEGMENTS_MAX * 64, &size)
                && (members == 2 || read_number(json_array_get(json, 2), 1, size, &key));
    if (!read)
        return false;
    segment_table_append(table, start_ticks, duration, (uint64_t)size);
    table->segments[table->count - 1].key_bytes = (uint64_t)key;
    return true;
}

static bool read_segments(const json_t *json, struct segment_table *table, struct problem *problem)
{
    int64_t start_ticks;
    const json_t *segments = json_object_get(json, "segments");
    if (!json_get_int64(json, "start_ticks", 0, INT64_MAX / 2, &start_ticks, problem))
        return false;
    if (!json_is_array(segments) || json_array_size(segments) > SEGMENTS_MAX)
        return problem_set_field(problem, "segments", "'segments' must be a list");
    size_t index;
    const json_t *member;
    json_array_foreach(segments, index, member)
    {
        if (!read_segment(member, start_ticks, table))
            return problem_set_field(
                problem, "segments", "segment %zu is not [ticks, bytes]", index);
    }
    return true;
}

bool segment_table_from_json(const json_t *json, uint64_t file_bytes,
    struct segment_table *ret_table, struct problem *problem)
{
    struct segment_table table = { 0 };
    if (!json_is_object(json))
        return problem_set(problem, PROBLEM_BAD_REQUEST, "a segment table must be an object");
    if (!read_facts(json, &table, problem) || !read_segments(json, &table, problem)
        || !segment_table_check(&table, file_bytes, problem)) {
        segment_table_release(&table);
        return false;
    }
    *ret_table = table;
    return true;
}

/* Whole and rest apart, so that no product leaves 64 bits. */
static int64_t ticks_to_ms(int64_t ticks, int64_t timescale)
{
    return ticks / timescale * 1000 + (ticks % timescale * 1000 + timescale / 2) / timescale;
}

int64_t segment_start_ms(const struct segment_table *table, size_t number)
{
    return ticks_to_ms(table->segments[number].start_ticks, table->timescale);
}

int64_t segment_end_ms(const struct segment_table *table, size_t number)
{
    const struct segment *segment = &table->segments[number];
    return ticks_to_ms(segment->start_ticks + segment->duration_ticks, table->timescale);
}

int64_t segment_table_duration_ms(const struct segment_table *table)
{
    return table->count > 0 ? segment_end_ms(table, table->count - 1) : 0;
}

static int64_t bits_per_second(uint64_t bytes, int64_t ticks, int64_t timescale)
{
    double seconds = (double)ticks / (double)timescale;
    return (int64_t)((double)bytes * 8 / seconds + 0.5);
}

int64_t segment_table_average_bits_per_second(const struct segment_table *table)
{
    if (table->count == 0)
        return 0;
    const struct segment *first = table->segments, *last = &table->segments[table->count - 1];
    return bits_per_second(last->offset_bytes + last->size_bytes - first->offset_bytes,
        last->start_ticks + last->duration_ticks - first->start_ticks, table->timescale);
}

int64_t segment_table_peak_bits_per_second(const struct segment_table *table, int64_t target_ms)
{
    /* Where no run is long enough, as in a lecture of one short segment, the average is all there is. */
    int64_t peak = segment_table_average_bits_per_second(table);
    int64_t least = target_ms * table->timescale / 2000;
    int64_t most = target_ms * table->timescale * 3 / 2000;
    for (size_t from = 0; from < table->count; from++) {
        int64_t ticks = 0;
        uint64_t bytes = 0;
        for (size_t i = from; i < table->count; i++) {
            ticks += table->segments[i].duration_ticks;
            bytes += table->segments[i].size_bytes;
            if (ticks > most)
                break;
            int64_t rate = bits_per_second(bytes, ticks, table->timescale);
            if (ticks >= least && rate > peak)
                peak = rate;
        }
    }
    return peak;
}
