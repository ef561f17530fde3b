/*
 * Playlists and manifests of any tables that are taken: every line of a playlist is a tag or a name, EXTINF adds up, and the target
 * holds; the manifest is one tree of elements, whatever the languages are called.  Input: a table, or
 * {"tables":[...],"language":...,"captions":[...]}.
 */
#include "media/playlist.h"

#include "base/json.h"
#include "media/dash.h"

#include <stdlib.h>
#include <string.h>

enum { TABLES_MAX = 8 };

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

/* Within a tag: name, attributes whose quotes close, and no second '<'.  Outside: no '>'. */
static void check_tree(const char *manifest)
{
    int depth = 0;
    for (const char *at = manifest; *at;) {
        if (*at == '>')
            abort();
        if (*at != '<') {
            at++;
            continue;
        }
        bool closes = at[1] == '/', quoted = false;
        const char *end = at + 1;
        for (; *end && (*end != '>' || quoted); end++) {
            if (*end == '<')
                abort();
            quoted ^= *end == '"';
        }
        if (!*end)
            abort();
        if (closes)
            depth--;
        else if (end[-1] != '/' && end[-1] != '?')
            depth++;
        if (depth < 0)
            abort();
        at = end + 1;
    }
    if (depth != 0)
        abort();
}

static void check_table(const struct segment_table *table, struct text *text)
{
    int64_t target = media_target_seconds(table, 1);
    playlist_write_media(table, target, text);
    check_lines(text->bytes);
    check_times(table, text->bytes, target);
    text_clear(text);
    if (!playlist_has_key_pictures(table))
        return;
    playlist_write_key_pictures(table, target, text);
    check_lines(text->bytes);
    check_times(table, text->bytes, target);
    text_clear(text);
}

static void check_offer(
    const struct segment_table *tables, size_t count, const json_t *json, struct text *text)
{
    const char *captions[TABLES_MAX];
    size_t caption_count = 0, index;
    const json_t *word;
    json_array_foreach(json_object_get(json, "captions"), index, word)
    {
        const char *tag = json_string_value(word);
        if (tag && language_tag_is_valid(tag) && caption_count < TABLES_MAX)
            captions[caption_count++] = tag;
    }
    struct media_offer offer;
    const char *language = json_string_value(json_object_get(json, "language"));
    bool valid = language && language_tag_is_valid(language);
    media_offer_make(tables, count, valid ? language : NULL, captions, caption_count, &offer);
    playlist_write_master(&offer, text);
    check_lines(text->bytes);
    text_clear(text);
    /* As XML would take it, whatever a language is called. */
    media_offer_make(tables, count, language, captions, caption_count, &offer);
    dash_write_manifest(&offer, NULL, text);
    check_tree(text->bytes);
    text_clear(text);
}

static void check_captions(int64_t duration_ms, struct text *text)
{
    struct caption_segments segments;
    caption_segments_init(&segments, "WEBVTT\n\n", 8, duration_ms);
    /* The longest lecture has some thousands; a table may claim any length. */
    if (segments.count < 10000) {
        playlist_write_captions(&segments, text);
        check_lines(text->bytes);
    }
    caption_segments_release(&segments);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct problem problem = { 0 };
    struct segment_table tables[TABLES_MAX];
    size_t count = 0, index;
    json_t *json = json_read_object((const char *)data, size, &problem);
    json_t *list = json_object_get(json, "tables"), *one;
    if (!json)
        return 0;
    if (!json_is_array(list)
        && segment_table_from_json(json, claimed_bytes(json), &tables[0], &problem))
        count = 1;
    json_array_foreach(list, index, one)
    {
        if (count < TABLES_MAX
            && segment_table_from_json(one, claimed_bytes(one), &tables[count], &problem))
            count++;
    }
    struct text text;
    text_init(&text, 64 << 20);
    for (size_t i = 0; i < count; i++)
        check_table(&tables[i], &text);
    if (count > 0) {
        check_offer(tables, count, json, &text);
        check_captions(segment_table_duration_ms(&tables[0]), &text);
    }
    text_release(&text);
    for (size_t i = 0; i < count; i++)
        segment_table_release(&tables[i]);
    json_decref(json);
    return 0;
}
