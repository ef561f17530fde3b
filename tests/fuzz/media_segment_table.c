/* A segment table from an untrusted child: what is taken holds its invariants, and survives being written. */
#include "media/segment_table.h"

#include "base/json.h"

#include <stdlib.h>
#include <string.h>

static uint64_t claimed_bytes(const json_t *json)
{
    uint64_t bytes = (uint64_t)json_integer_value(json_object_get(json, "init_bytes"));
    size_t index;
    const json_t *pair;
    json_array_foreach(json_object_get(json, "segments"), index, pair) bytes
        += (uint64_t)json_integer_value(json_array_get(pair, 1));
    return bytes;
}

static void check(const struct segment_table *table, uint64_t bytes)
{
    int64_t ticks = table->segments[0].start_ticks;
    uint64_t offset = table->init_bytes;
    for (size_t i = 0; i < table->count; i++) {
        const struct segment *segment = &table->segments[i];
        if (segment->start_ticks != ticks || segment->offset_bytes != offset
            || segment->duration_ticks < 1 || segment_end_ms(table, i) < segment_start_ms(table, i))
            abort();
        ticks += segment->duration_ticks;
        offset += segment->size_bytes;
    }
    if (offset != bytes || segment_table_average_bits_per_second(table) < 0
        || segment_table_peak_bits_per_second(table, 4000)
               < segment_table_average_bits_per_second(table))
        abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct problem problem = { 0 };
    struct segment_table table, again;
    json_t *json = json_read_object((const char *)data, size, &problem);
    if (!json)
        return 0;
    uint64_t bytes = claimed_bytes(json);
    if (segment_table_from_json(json, bytes, &table, &problem)) {
        check(&table, bytes);
        json_t *written = segment_table_to_json(&table);
        if (!segment_table_from_json(written, bytes, &again, &problem) || again.count != table.count
            || memcmp(again.segments, table.segments, table.count * sizeof table.segments[0]) != 0)
            abort();
        json_decref(written);
        segment_table_release(&again);
        segment_table_release(&table);
    } else if (!problem_is_set(&problem)) {
        abort();
    }
    json_decref(json);
    return 0;
}
