#include "media/dash.h"

#include "media/playlist.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

/* Languages and names come from people and from files. */
static void append_escaped(struct text *out, const char *words)
{
    for (; *words; words++) {
        switch (*words) {
        case '&':
            text_append_string(out, "&amp;");
            break;
        case '<':
            text_append_string(out, "&lt;");
            break;
        case '>':
            text_append_string(out, "&gt;");
            break;
        case '"':
            text_append_string(out, "&quot;");
            break;
        default:
            text_append(out, words, 1);
            break;
        }
    }
}

static void write_language(const char *language, struct text *out)
{
    text_append_string(out, " lang=\"");
    append_escaped(out, language);
    text_append_string(out, "\"");
}

/* In the order of the schema. */
static void write_role(const char *role, const char *label, struct text *out)
{
    text_append_string(out, "   <Label>");
    append_escaped(out, label);
    text_printf(
        out, "</Label>\n   <Role schemeIdUri=\"urn:mpeg:dash:role:2011\" value=\"%s\"/>\n", role);
}

/* --- fragments --------------------------------------------------------------------------------- */

static bool have_same_ticks(const struct segment_table *one, const struct segment_table *other)
{
    bool same = one->timescale == other->timescale && one->count == other->count
                && one->segments[0].start_ticks == other->segments[0].start_ticks;
    for (size_t i = 0; same && i < one->count; i++)
        same = one->segments[i].duration_ticks == other->segments[i].duration_ticks;
    return same;
}

/* The same boundaries, whatever the clocks; those of sound lie up to a frame apart. */
static bool are_aligned(const struct segment_table *one, const struct segment_table *other)
{
    bool aligned = one->count == other->count;
    for (size_t i = 0; aligned && i < one->count; i++)
        aligned = llabs(segment_start_ms(one, i) - segment_start_ms(other, i)) <= 1;
    return aligned;
}

static void write_template(const struct segment_table *table, const char *indent, struct text *out)
{
    text_printf(out,
        "%s<SegmentTemplate timescale=\"%" PRId64
        "\" initialization=\"$RepresentationID$/init.mp4\""
        " media=\"$RepresentationID$/$Number$.m4s\" startNumber=\"0\">\n%s <SegmentTimeline>\n",
        indent, table->timescale, indent);
    for (size_t i = 0, repeats; i < table->count; i += repeats + 1) {
        const struct segment *segment = &table->segments[i];
        for (repeats = 0; i + repeats + 1 < table->count
                          && segment[repeats + 1].duration_ticks == segment->duration_ticks;)
            repeats++;
        text_printf(out, "%s  <S", indent);
        if (i == 0)
            text_printf(out, " t=\"%" PRId64 "\"", segment->start_ticks);
        text_printf(out, " d=\"%" PRId64 "\"", segment->duration_ticks);
        if (repeats > 0)
            text_printf(out, " r=\"%zu\"", repeats);
        text_append_string(out, "/>\n");
    }
    text_printf(out, "%s </SegmentTimeline>\n%s</SegmentTemplate>\n", indent, indent);
}

static void write_picture_facts(const struct segment_table *table, struct text *out)
{
    text_printf(out, " width=\"%d\" height=\"%d\" sar=\"1:1\"", table->width, table->height);
    int64_t milli = table->frames_per_second_milli;
    if (milli > 0 && milli % 1000 == 0)
        text_printf(out, " frameRate=\"%" PRId64 "\"", milli / 1000);
    else if (milli > 0)
        text_printf(out, " frameRate=\"%" PRId64 "/1000\"", milli);
}

static void write_representation(const struct media_offer *offer, const struct segment_table *table,
    bool own_template, struct text *out)
{
    int64_t peak = segment_table_peak_bits_per_second(table, offer->target_seconds * 1000);
    text_printf(out, "   <Representation id=\"%s\" bandwidth=\"%" PRId64 "\" codecs=\"%s\"",
        table->name, peak, table->codecs);
    if (rendition_has_pictures(table)) {
        write_picture_facts(table, out);
        text_append_string(out, own_template ? ">\n" : "/>\n");
    } else {
        text_printf(out,
            " audioSamplingRate=\"%d\">\n    <AudioChannelConfiguration"
            " schemeIdUri=\"urn:mpeg:dash:23003:3:audio_channel_configuration:2011\""
            " value=\"%d\"/>\n",
            table->sample_rate, table->channels);
    }
    if (own_template)
        write_template(table, "    ", out);
    if (own_template || table->kind == RENDITION_AUDIO)
        text_append_string(out, "   </Representation>\n");
}

struct set {
    const char *type; /* "video", "audio" */
    const struct segment_table *const *tables;
    size_t count;
    const char *language, *label, *role; /* NULL of pictures */
};

static void write_set(
    const struct media_offer *offer, const struct set *set, int *id, struct text *out)
{
    bool same = true, aligned = true, independent = true;
    for (size_t i = 0; i < set->count; i++) {
        same = same && have_same_ticks(set->tables[0], set->tables[i]);
        aligned = aligned && are_aligned(set->tables[0], set->tables[i]);
        independent = independent && set->tables[i]->independent;
    }
    text_printf(out, "  <AdaptationSet id=\"%d\" contentType=\"%s\" mimeType=\"%s/mp4\"", (*id)++,
        set->type, set->type);
    if (set->language)
        write_language(set->language, out);
    if (aligned)
        text_append_string(out, " segmentAlignment=\"true\"");
    if (independent)
        text_append_string(out, " startWithSAP=\"1\"");
    text_append_string(out, ">\n");
    if (set->role)
        write_role(set->role, set->label, out);
    if (same)
        write_template(set->tables[0], "   ", out);
    for (size_t i = 0; i < set->count; i++)
        write_representation(offer, set->tables[i], !same, out);
    text_append_string(out, "  </AdaptationSet>\n");
}

static void write_sounds(const struct media_offer *offer, int *id, struct text *out)
{
    for (size_t i = 0; i < offer->sound_count; i++) {
        const struct sound_choice *sound = &offer->sounds[i];
        bool two = sound->grades[SOUND_LOW] != sound->grades[SOUND_HIGH];
        write_set(offer,
            &(struct set){ .type = "audio",
                .tables = sound->grades,
                .count = two ? 2 : 1,
                .language = sound->language,
                .label = sound->name,
                .role = sound->original ? "main" : "dub" },
            id, out);
    }
}

/* --- files ------------------------------------------------------------------------------------- */

/* One file each; its rate is of no use to any player, but the attribute has to be there. */
static void write_captions(const struct media_offer *offer, int *id, struct text *out)
{
    for (size_t i = 0; i < offer->caption_count; i++) {
        const char *language = offer->captions[i];
        char name[LANGUAGE_NAME_SIZE];
        language_own_name(language, name);
        text_printf(
            out, "  <AdaptationSet id=\"%d\" contentType=\"text\" mimeType=\"text/vtt\"", (*id)++);
        write_language(language, out);
        text_append_string(out, ">\n");
        write_role("subtitle", name, out);
        text_append_string(out, "   <Representation id=\"captions-");
        append_escaped(out, language);
        text_append_string(out, "\" bandwidth=\"1000\">\n    <BaseURL>captions/");
        append_escaped(out, language);
        text_append_string(out, ".vtt</BaseURL>\n   </Representation>\n  </AdaptationSet>\n");
    }
}

static void write_thumbnails(const struct thumbnails *thumbnails, int *id, struct text *out)
{
    int64_t sheet = (int64_t)thumbnails->columns * thumbnails->rows;
    int64_t sheet_ms = sheet * thumbnails->interval_ms;
    int width = thumbnails->columns * thumbnails->width;
    int height = thumbnails->rows * thumbnails->height;
    /* A byte for ten pixels, which JPEG seldom exceeds: what players reserve for winding. */
    int64_t rate = (int64_t)width * height * 8 / 10 * 1000 / sheet_ms + 1;
    text_printf(out,
        "  <AdaptationSet id=\"%d\" contentType=\"image\" mimeType=\"image/jpeg\">\n"
        "   <SegmentTemplate media=\"thumbnails-$Number$.jpg\" timescale=\"1000\" "
        "duration=\"%" PRId64 "\" startNumber=\"0\"/>\n"
        "   <Representation id=\"thumbnails\" bandwidth=\"%" PRId64
        "\" width=\"%d\" height=\"%d\">\n"
        "    <EssentialProperty schemeIdUri=\"http://dashif.org/guidelines/thumbnail_tile\""
        " value=\"%dx%d\"/>\n   </Representation>\n  </AdaptationSet>\n",
        (*id)++, sheet_ms, rate, width, height, thumbnails->columns, thumbnails->rows);
}

static void find_longest(const struct segment_table *table, int64_t *longest_us)
{
    for (size_t i = 0; i < table->count; i++)
        if (segment_length_us(table, i) > *longest_us)
            *longest_us = segment_length_us(table, i);
}

static int64_t longest_segment_ms(const struct media_offer *offer)
{
    int64_t longest_us = 0;
    for (size_t i = 0; i < offer->picture_count; i++)
        find_longest(offer->pictures[i], &longest_us);
    for (size_t i = 0; i < offer->sound_count; i++)
        for (enum sound_grade grade = SOUND_LOW; grade < SOUND_GRADE_COUNT; grade++)
            find_longest(offer->sounds[i].grades[grade], &longest_us);
    return (longest_us + 999) / 1000;
}

static void write_seconds(const char *name, int64_t ms, struct text *out)
{
    text_printf(out, " %s=\"PT%" PRId64 ".%03" PRId64 "S\"", name, ms / 1000, ms % 1000);
}

void dash_write_manifest(
    const struct media_offer *offer, const struct thumbnails *thumbnails, struct text *out)
{
    int id = 0;
    text_append_string(out, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
                            "<MPD xmlns=\"urn:mpeg:dash:schema:mpd:2011\""
                            " profiles=\"urn:mpeg:dash:profile:isoff-live:2011\" type=\"static\"");
    write_seconds("mediaPresentationDuration", offer->duration_ms, out);
    write_seconds("maxSegmentDuration", longest_segment_ms(offer), out);
    /* Bandwidth is the peak over runs of segments: with one in store, no later one comes too late. */
    write_seconds("minBufferTime", offer->target_seconds * 1000, out);
    text_append_string(out, ">\n <Period id=\"0\" start=\"PT0S\">\n");
    if (offer->picture_count > 0)
        write_set(offer,
            &(struct set){
                .type = "video", .tables = offer->pictures, .count = offer->picture_count },
            &id, out);
    write_sounds(offer, &id, out);
    write_captions(offer, &id, out);
    if (thumbnails)
        write_thumbnails(thumbnails, &id, out);
    text_append_string(out, " </Period>\n</MPD>\n");
}
