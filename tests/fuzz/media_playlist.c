/* Playlists of any table that is taken: every line is a tag or a name, EXTINF adds up, and the target holds. */
#include "media/playlist.h"

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

static void check_lines(const char *playlist)
{
    if (strncmp(playlist, "#EXTM3U\n", 8) != 0 || playlist[strlen(playlist) - 1] != '\n')
        abort();
    for (const char *at = playlist; *at; at += strcspn(at, "\n") + 1) {
        size_t length = strcspn(at, "\n"), quotes = 0;
        for (size_t i = 0; i < length; i++)
            quotes += at[i] == '"';
        if (length == 0 || quotes % 2 != 0 || (at[0] == '#' && strncmp(at, "#EXT", 4) != 0))
            abort();
    }
}

static void check_times(const struct segment_table *table, const char *playlist, int64_t target)
{
    int64_t sum_us = 0;
    size_t count = 0;
    for (const char *at = playlist; (at = strstr(at, "#EXTINF:")); at++, count++) {
        char *end;
        int64_t us = strtoll(at + 8, &end, 10) * 1000000;
        us += strtoll(end + 1, NULL, 10);
        if ((us + 500000) / 1000000 > target)
            abort();
        sum_us += us;
    }
    int64_t expected_ms = segment_table_duration_ms(table) - segment_start_ms(table, 0);
    if (count != table->count || llabs(sum_us - expected_ms * 1000) > 1001)
        abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct problem problem = { 0 };
    struct segment_table table;
    struct text text;
    json_t *json = json_read_object((const char *)data, size, &problem);
    if (!json)
        return 0;
    if (segment_table_from_json(json, claimed_bytes(json), &table, &problem)) {
        const char *language = table.language[0] != '\0' ? table.language : "en";
        int64_t target = playlist_target_seconds(&table, 1);
        text_init(&text, 64 << 20);
        playlist_write_media(&table, target, &text);
        check_lines(text.bytes);
        check_times(&table, text.bytes, target);
        text_clear(&text);
        playlist_write_master(&table, 1, &language, 1, &text);
        check_lines(text.bytes);
        text_clear(&text);
        struct caption_segments segments;
        caption_segments_init(&segments, "WEBVTT\n\n", 8, segment_table_duration_ms(&table));
        /* The longest lecture has some thousands; a table may claim any length. */
        if (segments.count < 10000)
            playlist_write_captions(&segments, &text);
        check_lines(text.bytes ? text.bytes : "");
        caption_segments_release(&segments);
        text_release(&text);
        segment_table_release(&table);
    }
    json_decref(json);
    return 0;
}
