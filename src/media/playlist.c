#include "media/playlist.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

/* --- the master -------------------------------------------------------------------------------- */

static void write_sound_group(
    const struct media_offer *offer, enum sound_grade grade, struct text *out)
{
    for (size_t i = 0; i < offer->sound_count; i++) {
        const struct sound_choice *sound = &offer->sounds[i];
        const struct segment_table *table = sound->grades[grade];
        text_printf(out,
            "#EXT-X-MEDIA:TYPE=AUDIO,GROUP-ID=\"%s\",NAME=\"%s\",LANGUAGE=\"%s\",DEFAULT=%s,"
            "AUTOSELECT=YES,CHANNELS=\"%d\",URI=\"%s/playlist.m3u8\"\n",
            sound_grade_names[grade], sound->name, sound->language, sound->original ? "YES" : "NO",
            table->channels, table->name);
    }
}

/* Never DEFAULT: a participant turns captions on, and AUTOSELECT lets the device's wish count. */
static void write_captions_group(const struct media_offer *offer, struct text *out)
{
    for (size_t i = 0; i < offer->caption_count; i++) {
        const char *language = offer->captions[i];
        char name[LANGUAGE_NAME_SIZE];
        language_own_name(language, name);
        text_printf(out,
            "#EXT-X-MEDIA:TYPE=SUBTITLES,GROUP-ID=\"captions\",NAME=\"%s\",LANGUAGE=\"%s\",DEFAULT="
            "NO,AUTOSELECT=YES,FORCED=NO,URI=\"captions/%s/playlist.m3u8\"\n",
            name, language, language);
    }
}

/* Languages may differ in how their sound is coded: players want to know all of it. */
static void write_codecs(const struct media_offer *offer, const struct segment_table *picture,
    const enum sound_grade *grade, struct text *out)
{
    const char *separator = picture ? "," : "";
    text_printf(out, ",CODECS=\"%s", picture ? picture->codecs : "");
    for (size_t i = 0; grade && i < offer->sound_count; i++) {
        const char *codecs = offer->sounds[i].grades[*grade]->codecs;
        bool written = false;
        for (size_t k = 0; k < i; k++)
            written = written || strcmp(offer->sounds[k].grades[*grade]->codecs, codecs) == 0;
        if (!written)
            text_printf(out, "%s%s", separator, codecs);
        separator = ",";
    }
    text_append_string(out, "\"");
}

static void write_rates(int64_t peak, int64_t average, struct text *out)
{
    text_printf(out, "BANDWIDTH=%" PRId64 ",AVERAGE-BANDWIDTH=%" PRId64, peak, average);
}

/* grade: of the sound that goes with it, NULL for none. */
static void write_picture(const struct media_offer *offer, const struct segment_table *picture,
    const enum sound_grade *grade, struct text *out)
{
    int64_t target_ms = offer->target_seconds * 1000;
    int64_t peak = segment_table_peak_bits_per_second(picture, target_ms);
    int64_t average = segment_table_average_bits_per_second(picture);
    if (grade) {
        const struct segment_table *sound = media_offer_largest_sound(offer, *grade);
        peak += segment_table_peak_bits_per_second(sound, target_ms);
        average += segment_table_average_bits_per_second(sound);
    }
    text_append_string(out, "#EXT-X-STREAM-INF:");
    write_rates(peak, average, out);
    write_codecs(offer, picture, grade, out);
    /* hls.js ranks by size before rate: with theirs, stills would win over smaller pictures that move.  The attribute
     * is optional (section 4.3.4.2), and without it they rank below all. */
    if (picture->kind != RENDITION_STILLS)
        text_printf(out, ",RESOLUTION=%dx%d", picture->width, picture->height);
    int64_t milli = picture->frames_per_second_milli;
    if (milli > 0)
        text_printf(out, ",FRAME-RATE=%" PRId64 ".%03" PRId64, milli / 1000, milli % 1000);
    text_append_string(out, ",VIDEO-RANGE=SDR");
    if (grade)
        text_printf(out, ",AUDIO=\"%s\"", sound_grade_names[*grade]);
    if (offer->caption_count > 0)
        text_append_string(out, ",SUBTITLES=\"captions\"");
    text_printf(out, "\n%s/playlist.m3u8\n", picture->name);
}

/* For screens that are off, and for players that cannot show the pictures. */
static void write_sound_alone(
    const struct media_offer *offer, enum sound_grade grade, bool grouped, struct text *out)
{
    const struct segment_table *largest = media_offer_largest_sound(offer, grade);
    text_append_string(out, "#EXT-X-STREAM-INF:");
    write_rates(segment_table_peak_bits_per_second(largest, offer->target_seconds * 1000),
        segment_table_average_bits_per_second(largest), out);
    write_codecs(offer, NULL, &grade, out);
    if (grouped)
        text_printf(out, ",AUDIO=\"%s\"", sound_grade_names[grade]);
    if (offer->caption_count > 0)
        text_append_string(out, ",SUBTITLES=\"captions\"");
    text_printf(out, "\n%s/playlist.m3u8\n", offer->sounds[0].grades[grade]->name);
}

/* The first picture of each segment, as segments of a track of their own; to be released. */
static struct segment_table keys_of(const struct segment_table *picture)
{
    struct segment_table keys = *picture;
    keys.segments = NULL;
    keys.count = 0;
    for (size_t i = 0; i < picture->count; i++)
        segment_table_append(&keys, picture->segments[0].start_ticks,
            picture->segments[i].duration_ticks, picture->segments[i].key_bytes);
    return keys;
}

static void write_key_pictures(
    const struct media_offer *offer, const struct segment_table *picture, struct text *out)
{
    struct segment_table keys = keys_of(picture);
    text_append_string(out, "#EXT-X-I-FRAME-STREAM-INF:");
    write_rates(segment_table_peak_bits_per_second(&keys, offer->target_seconds * 1000),
        segment_table_average_bits_per_second(&keys), out);
    write_codecs(offer, picture, NULL, out);
    text_printf(out, ",RESOLUTION=%dx%d,VIDEO-RANGE=SDR,URI=\"%s/iframes.m3u8\"\n", picture->width,
        picture->height, picture->name);
    segment_table_release(&keys);
}

void playlist_write_master(const struct media_offer *offer, struct text *out)
{
    bool sounds = offer->sound_count > 0;
    bool grouped = sounds && (offer->picture_count > 0 || offer->sound_count > 1);
    text_append_string(out, "#EXTM3U\n#EXT-X-VERSION:6\n");
    if (offer->independent)
        text_append_string(out, "#EXT-X-INDEPENDENT-SEGMENTS\n");
    for (enum sound_grade grade = SOUND_LOW; grouped && grade < SOUND_GRADE_COUNT; grade++)
        if (offer->has_grade[grade])
            write_sound_group(offer, grade, out);
    write_captions_group(offer, out);
    for (size_t i = 0; i < offer->picture_count; i++) {
        enum sound_grade grade = media_offer_grade(offer, offer->pictures[i]);
        write_picture(offer, offer->pictures[i], sounds ? &grade : NULL, out);
    }
    for (enum sound_grade grade = SOUND_LOW; grade < SOUND_GRADE_COUNT; grade++)
        /* Beside pictures one is enough, and the smallest is what a bad line needs. */
        if (offer->has_grade[grade]
            && (offer->picture_count == 0 || grade == SOUND_LOW || !offer->has_grade[SOUND_LOW]))
            write_sound_alone(offer, grade, grouped, out);
    for (size_t i = 0; i < offer->picture_count; i++)
        if (playlist_has_key_pictures(offer->pictures[i]))
            write_key_pictures(offer, offer->pictures[i], out);
}

/* --- lists of segments ------------------------------------------------------------------------- */

static void write_head(int64_t target_seconds, int version, struct text *out)
{
    text_printf(out,
        "#EXTM3U\n#EXT-X-VERSION:%d\n#EXT-X-TARGETDURATION:%" PRId64
        "\n#EXT-X-MEDIA-SEQUENCE:0\n#EXT-X-PLAYLIST-TYPE:VOD\n",
        version, target_seconds);
}

static void write_extinf(const struct segment_table *table, size_t number, struct text *out)
{
    int64_t us = segment_length_us(table, number);
    text_printf(out, "#EXTINF:%" PRId64 ".%06" PRId64 ",\n", us / 1000000, us % 1000000);
}

void playlist_write_media(
    const struct segment_table *table, int64_t target_seconds, struct text *out)
{
    write_head(target_seconds, 6, out);
    if (table->independent)
        text_append_string(out, "#EXT-X-INDEPENDENT-SEGMENTS\n");
    text_append_string(out, "#EXT-X-MAP:URI=\"init.mp4\"\n");
    for (size_t i = 0; i < table->count; i++) {
        write_extinf(table, i, out);
        text_printf(out, "%zu.m4s\n", i);
    }
    text_append_string(out, "#EXT-X-ENDLIST\n");
}

bool playlist_has_key_pictures(const struct segment_table *table)
{
    bool known = table->kind == RENDITION_VIDEO && table->independent && table->count > 0;
    for (size_t i = 0; known && i < table->count; i++)
        known = table->segments[i].key_bytes > 0;
    return known;
}

void playlist_write_key_pictures(
    const struct segment_table *table, int64_t target_seconds, struct text *out)
{
    write_head(target_seconds, 6, out);
    text_append_string(out, "#EXT-X-I-FRAMES-ONLY\n#EXT-X-MAP:URI=\"init.mp4\"\n");
    for (size_t i = 0; i < table->count; i++) {
        write_extinf(table, i, out);
        text_printf(
            out, "#EXT-X-BYTERANGE:%" PRIu64 "@0\n%zu.m4s\n", table->segments[i].key_bytes, i);
    }
    text_append_string(out, "#EXT-X-ENDLIST\n");
}

void playlist_write_captions(const struct caption_segments *segments, struct text *out)
{
    int64_t longest_ms = segments->count > 1 ? CAPTION_SEGMENT_MS : segments->duration_ms;
    write_head((longest_ms + 500) / 1000 > 0 ? (longest_ms + 500) / 1000 : 1, 3, out);
    for (size_t i = 0; i < segments->count; i++) {
        int64_t ms = caption_segment_end_ms(segments, i) - caption_segment_start_ms(segments, i);
        text_printf(
            out, "#EXTINF:%" PRId64 ".%03" PRId64 "000,\n%zu.vtt\n", ms / 1000, ms % 1000, i);
    }
    text_append_string(out, "#EXT-X-ENDLIST\n");
}
