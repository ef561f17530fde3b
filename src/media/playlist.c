#include "media/playlist.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <unicode/uldnames.h>
#include <unicode/uloc.h>
#include <unicode/ustring.h>

static int64_t ticks_to_us(int64_t ticks, int64_t timescale)
{
    return ticks / timescale * 1000000 + (ticks % timescale * 1000000 + timescale / 2) / timescale;
}

static int64_t extinf_us(const struct segment_table *table, size_t number)
{
    const struct segment *segment = &table->segments[number];
    return ticks_to_us(segment->start_ticks + segment->duration_ticks, table->timescale)
           - ticks_to_us(segment->start_ticks, table->timescale);
}

int64_t playlist_target_seconds(const struct segment_table *tables, size_t count)
{
    int64_t target = 1;
    for (size_t t = 0; t < count; t++) {
        for (size_t i = 0; i < tables[t].count; i++) {
            int64_t rounded = (extinf_us(&tables[t], i) + 500000) / 1000000;
            if (rounded > target)
                target = rounded;
        }
    }
    return target;
}

void language_own_name(const char *tag, char ret_name[LANGUAGE_NAME_SIZE])
{
    UErrorCode error = U_ZERO_ERROR;
    char locale[ULOC_FULLNAME_CAPACITY];
    UDisplayContext contexts[] = { UDISPCTX_CAPITALIZATION_FOR_UI_LIST_OR_MENU };
    UChar wide[LANGUAGE_NAME_SIZE];
    int32_t parsed = 0, length = 0;
    ret_name[0] = '\0';
    (void)uloc_forLanguageTag(tag, locale, sizeof locale, &parsed, &error);
    ULocaleDisplayNames *names = uldn_openForContext(locale, contexts, 1, &error);
    /* A private tag ("x-...") has no language, and ICU calls it "root". */
    bool known = U_SUCCESS(error) && parsed == (int32_t)strlen(tag) && locale[0] != '\0'
                 && locale[0] != '_' && locale[0] != '@';
    if (known) {
        int32_t count = uldn_localeDisplayName(names, locale, wide, LANGUAGE_NAME_SIZE, &error);
        (void)u_strToUTF8(ret_name, LANGUAGE_NAME_SIZE - 1, &length, wide, count, &error);
    }
    if (names)
        uldn_close(names);
    bool usable = known && U_SUCCESS(error) && length > 0 && length < LANGUAGE_NAME_SIZE;
    ret_name[usable ? length : 0] = '\0';
    if (!usable || !text_is_line(ret_name, LANGUAGE_NAME_SIZE) || strchr(ret_name, '"'))
        (void)snprintf(ret_name, LANGUAGE_NAME_SIZE, "%s", tag);
}

static const struct segment_table *largest_audio(
    const struct segment_table *tables, size_t count, int64_t target_ms)
{
    const struct segment_table *largest = NULL;
    int64_t most = -1;
    for (size_t i = 0; i < count; i++) {
        int64_t peak = segment_table_peak_bits_per_second(&tables[i], target_ms);
        if (tables[i].kind == RENDITION_AUDIO && peak > most) {
            largest = &tables[i];
            most = peak;
        }
    }
    return largest;
}

static bool any_video(const struct segment_table *tables, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (rendition_has_pictures(&tables[i]))
            return true;
    return false;
}

static void write_audio_group(const struct segment_table *tables, size_t count, struct text *out)
{
    bool first = true;
    for (size_t i = 0; i < count; i++) {
        if (tables[i].kind != RENDITION_AUDIO)
            continue;
        char name[LANGUAGE_NAME_SIZE] = "Original";
        if (tables[i].language[0] != '\0')
            language_own_name(tables[i].language, name);
        text_printf(out,
            "#EXT-X-MEDIA:TYPE=AUDIO,GROUP-ID=\"audio\",NAME=\"%s\",LANGUAGE=\"%s\",DEFAULT=%s,"
            "AUTOSELECT=YES,CHANNELS=\"%d\",URI=\"%s/playlist.m3u8\"\n",
            name, tables[i].language[0] != '\0' ? tables[i].language : "und", first ? "YES" : "NO",
            tables[i].channels, tables[i].name);
        first = false;
    }
}

/* Never DEFAULT: a participant turns captions on, and AUTOSELECT lets the device's wish count. */
static void write_captions_group(const char *const *languages, size_t count, struct text *out)
{
    for (size_t i = 0; i < count; i++) {
        char name[LANGUAGE_NAME_SIZE];
        language_own_name(languages[i], name);
        text_printf(out,
            "#EXT-X-MEDIA:TYPE=SUBTITLES,GROUP-ID=\"captions\",NAME=\"%s\",LANGUAGE=\"%s\",DEFAULT="
            "NO,"
            "AUTOSELECT=YES,FORCED=NO,URI=\"captions/%s/playlist.m3u8\"\n",
            name, languages[i], languages[i]);
    }
}

static void write_variant(const struct segment_table *table, const struct segment_table *audio,
    bool captions, int64_t target_ms, struct text *out)
{
    int64_t peak = segment_table_peak_bits_per_second(table, target_ms);
    int64_t average = segment_table_average_bits_per_second(table);
    if (audio) {
        peak += segment_table_peak_bits_per_second(audio, target_ms);
        average += segment_table_average_bits_per_second(audio);
    }
    text_printf(out,
        "#EXT-X-STREAM-INF:BANDWIDTH=%" PRId64 ",AVERAGE-BANDWIDTH=%" PRId64 ",CODECS=\"%s%s%s\"",
        peak, average, table->codecs, audio ? "," : "", audio ? audio->codecs : "");
    if (rendition_has_pictures(table))
        text_printf(out, ",RESOLUTION=%dx%d", table->width, table->height);
    if (table->frames_per_second_milli > 0)
        text_printf(out, ",FRAME-RATE=%" PRId64 ".%03" PRId64,
            table->frames_per_second_milli / 1000, table->frames_per_second_milli % 1000);
    if (rendition_has_pictures(table))
        text_append_string(out, ",VIDEO-RANGE=SDR");
    if (audio)
        text_append_string(out, ",AUDIO=\"audio\"");
    if (captions)
        text_append_string(out, ",SUBTITLES=\"captions\"");
    text_printf(out, "\n%s/playlist.m3u8\n", table->name);
}

void playlist_write_master(const struct segment_table *tables, size_t count,
    const char *const *caption_languages, size_t caption_count, struct text *out)
{
    int64_t target_ms = playlist_target_seconds(tables, count) * 1000;
    bool video = any_video(tables, count), independent = true;
    for (size_t i = 0; i < count; i++)
        independent = independent && tables[i].independent;
    text_append_string(out, "#EXTM3U\n#EXT-X-VERSION:7\n");
    if (independent)
        text_append_string(out, "#EXT-X-INDEPENDENT-SEGMENTS\n");
    if (video)
        write_audio_group(tables, count, out);
    write_captions_group(caption_languages, caption_count, out);
    const struct segment_table *audio = video ? largest_audio(tables, count, target_ms) : NULL;
    for (size_t i = 0; i < count; i++)
        if (!video || rendition_has_pictures(&tables[i]))
            write_variant(&tables[i], audio, caption_count > 0, target_ms, out);
}

static void write_head(int64_t target_seconds, struct text *out)
{
    text_printf(out,
        "#EXTM3U\n#EXT-X-VERSION:7\n#EXT-X-TARGETDURATION:%" PRId64
        "\n#EXT-X-MEDIA-SEQUENCE:0\n#EXT-X-PLAYLIST-TYPE:VOD\n",
        target_seconds);
}

void playlist_write_media(
    const struct segment_table *table, int64_t target_seconds, struct text *out)
{
    write_head(target_seconds, out);
    if (table->independent)
        text_append_string(out, "#EXT-X-INDEPENDENT-SEGMENTS\n");
    text_append_string(out, "#EXT-X-MAP:URI=\"init.mp4\"\n");
    for (size_t i = 0; i < table->count; i++) {
        int64_t us = extinf_us(table, i);
        text_printf(
            out, "#EXTINF:%" PRId64 ".%06" PRId64 ",\n%zu.m4s\n", us / 1000000, us % 1000000, i);
    }
    text_append_string(out, "#EXT-X-ENDLIST\n");
}

void playlist_write_captions(const struct caption_segments *segments, struct text *out)
{
    int64_t longest_ms = segments->count > 1 ? CAPTION_SEGMENT_MS : segments->duration_ms;
    write_head((longest_ms + 500) / 1000 > 0 ? (longest_ms + 500) / 1000 : 1, out);
    for (size_t i = 0; i < segments->count; i++) {
        int64_t ms = caption_segment_end_ms(segments, i) - caption_segment_start_ms(segments, i);
        text_printf(
            out, "#EXTINF:%" PRId64 ".%03" PRId64 "000,\n%zu.vtt\n", ms / 1000, ms % 1000, i);
    }
    text_append_string(out, "#EXT-X-ENDLIST\n");
}
