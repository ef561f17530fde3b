#include "media/offer.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

const char *const sound_grade_names[SOUND_GRADE_COUNT] = { "low", "high" };

static int64_t ticks_to_us(int64_t ticks, int64_t timescale)
{
    return ticks / timescale * 1000000 + (ticks % timescale * 1000000 + timescale / 2) / timescale;
}

int64_t segment_length_us(const struct segment_table *table, size_t number)
{
    const struct segment *segment = &table->segments[number];
    return ticks_to_us(segment->start_ticks + segment->duration_ticks, table->timescale)
           - ticks_to_us(segment->start_ticks, table->timescale);
}

int64_t media_target_seconds(const struct segment_table *tables, size_t count)
{
    int64_t target = 1;
    for (size_t t = 0; t < count; t++) {
        for (size_t i = 0; i < tables[t].count; i++) {
            int64_t rounded = (segment_length_us(&tables[t], i) + 500000) / 1000000;
            if (rounded > target)
                target = rounded;
        }
    }
    return target;
}

static enum sound_grade grade_of(const struct segment_table *sound)
{
    return strcmp(sound->group, sound_grade_names[SOUND_HIGH]) == 0 ? SOUND_HIGH : SOUND_LOW;
}

static const char *language_of(const struct segment_table *sound, const char *lecture_language)
{
    bool told
        = lecture_language && lecture_language[0] != '\0' && strcmp(lecture_language, "und") != 0;
    /* Whoever uploaded the lecture knows its language better than the file does. */
    if (told && (sound->original || sound->language[0] == '\0'))
        return lecture_language;
    return sound->language[0] != '\0' ? sound->language : "und";
}

static struct sound_choice *find_sound(
    struct media_offer *offer, const char *language, bool original)
{
    for (size_t i = 0; i < offer->sound_count; i++)
        if (offer->sounds[i].original == original
            && strcmp(offer->sounds[i].language, language) == 0)
            return &offer->sounds[i];
    struct sound_choice *sound = &offer->sounds[offer->sound_count++];
    *sound = (struct sound_choice){ .language = language, .original = original };
    return sound;
}

static void add_sound(
    struct media_offer *offer, const struct segment_table *table, const char *lecture_language)
{
    enum sound_grade grade = grade_of(table);
    struct sound_choice *sound
        = find_sound(offer, language_of(table, lecture_language), table->original);
    if (!sound->grades[grade])
        sound->grades[grade] = table;
    offer->has_grade[grade] = true;
}

static int compare_sounds(const void *left, const void *right)
{
    const struct sound_choice *one = left, *other = right;
    if (one->original != other->original)
        return one->original ? -1 : 1;
    return strcmp(one->language, other->language);
}

/* An interpreter may speak the lecture's own language: the second of a name is told by its number. */
static void name_sounds(struct media_offer *offer)
{
    for (size_t i = 0; i < offer->sound_count; i++) {
        struct sound_choice *sound = &offer->sounds[i];
        int same = 1;
        if (strcmp(sound->language, "und") == 0)
            (void)snprintf(sound->name, sizeof sound->name, "Original");
        else
            language_own_name(sound->language, sound->name);
        for (size_t k = 0; k < i; k++)
            same += strcmp(offer->sounds[k].language, sound->language) == 0;
        size_t length = strlen(sound->name);
        if (same > 1 && length < sizeof sound->name - 8)
            (void)snprintf(sound->name + length, sizeof sound->name - length, " %d", same);
    }
}

static void finish_sounds(struct media_offer *offer)
{
    qsort(offer->sounds, offer->sound_count, sizeof offer->sounds[0], compare_sounds);
    /* One and no more, whatever the tables say. */
    for (size_t i = 0; i < offer->sound_count; i++)
        offer->sounds[i].original = i == 0;
    name_sounds(offer);
    for (size_t i = 0; i < offer->sound_count; i++) {
        struct sound_choice *sound = &offer->sounds[i];
        if (!sound->grades[SOUND_LOW])
            sound->grades[SOUND_LOW] = sound->grades[SOUND_HIGH];
        if (!sound->grades[SOUND_HIGH])
            sound->grades[SOUND_HIGH] = sound->grades[SOUND_LOW];
    }
}

static bool comes_before(
    const struct segment_table *one, const struct segment_table *other, int64_t target_ms)
{
    if (one->kind != other->kind)
        return one->kind == RENDITION_VIDEO;
    return segment_table_peak_bits_per_second(one, target_ms)
           < segment_table_peak_bits_per_second(other, target_ms);
}

static void add_picture(struct media_offer *offer, const struct segment_table *table)
{
    size_t at = offer->picture_count++;
    for (; at > 0 && comes_before(table, offer->pictures[at - 1], offer->target_seconds * 1000);
         at--)
        offer->pictures[at] = offer->pictures[at - 1];
    offer->pictures[at] = table;
}

void media_offer_make(const struct segment_table *tables, size_t count, const char *language,
    const char *const *captions, size_t caption_count, struct media_offer *ret_offer)
{
    *ret_offer = (struct media_offer){
        .captions = captions,
        .caption_count = caption_count,
        .target_seconds = media_target_seconds(tables, count),
        .independent = true,
    };
    for (size_t i = 0; i < count && i < OFFER_TABLES_MAX; i++) {
        if (tables[i].kind == RENDITION_AUDIO)
            add_sound(ret_offer, &tables[i], language);
        else
            add_picture(ret_offer, &tables[i]);
        ret_offer->independent = ret_offer->independent && tables[i].independent;
        int64_t end_ms = segment_table_duration_ms(&tables[i]);
        if (end_ms > ret_offer->duration_ms)
            ret_offer->duration_ms = end_ms;
    }
    finish_sounds(ret_offer);
}

enum { LOW_PICTURE_LINES = 240 };

enum sound_grade media_offer_grade(
    const struct media_offer *offer, const struct segment_table *picture)
{
    int lines = picture->width < picture->height ? picture->width : picture->height;
    bool low = picture->kind == RENDITION_STILLS || lines <= LOW_PICTURE_LINES;
    if (!offer->has_grade[SOUND_HIGH])
        return SOUND_LOW;
    return low && offer->has_grade[SOUND_LOW] ? SOUND_LOW : SOUND_HIGH;
}

const struct segment_table *media_offer_largest_sound(
    const struct media_offer *offer, enum sound_grade grade)
{
    const struct segment_table *largest = NULL;
    int64_t most = -1;
    for (size_t i = 0; i < offer->sound_count; i++) {
        const struct segment_table *sound = offer->sounds[i].grades[grade];
        int64_t peak = segment_table_peak_bits_per_second(sound, offer->target_seconds * 1000);
        if (peak > most) {
            largest = sound;
            most = peak;
        }
    }
    return largest;
}
