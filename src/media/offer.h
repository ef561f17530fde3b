/*
 * What a version offers to players: its pictures in order, and its sounds by language and grade.  Made from the
 * segment tables, and written down twice: as HLS (media/playlist.h) and as DASH (media/dash.h), so that both say the
 * same.
 *
 * Order      pictures: those that move, by rate from the lowest, then the stills.  Players that know nothing of
 *            the line begin with the first: the smallest picture that moves starts within seconds on 64 kbit/s,
 *            where stills alone would look broken to whoever has a better line.
 *            sounds: the lecture's own first, then by language.
 * Grades     "low" goes with stills and with pictures of at most 240 lines, "high" with the others.  A language
 *            that has one grade only stands in for the other, as all groups must offer the same languages
 *            (RFC 8216 section 4.3.4.1.1).  Versions of old have one group without a name: it counts as low.
 * Ownership  lends the tables and texts that it is made of: they must outlive it.
 * Threads    once made, read-only.
 */
#ifndef LECTERN_MEDIA_OFFER_H
#define LECTERN_MEDIA_OFFER_H

#include "media/language_name.h"
#include "media/segment_table.h"

enum { OFFER_TABLES_MAX = 64 };
enum sound_grade { SOUND_LOW, SOUND_HIGH, SOUND_GRADE_COUNT };
extern const char *const sound_grade_names[SOUND_GRADE_COUNT]; /* "low", "high" */

struct sound_choice {
    const char *language;          /* BCP 47; "und" where nobody said */
    char name[LANGUAGE_NAME_SIZE]; /* no two have the same */
    bool original;                 /* the lecture's own: what players begin with; exactly one is */
    const struct segment_table *grades[SOUND_GRADE_COUNT]; /* one may stand for both */
};

struct media_offer {
    const struct segment_table *pictures[OFFER_TABLES_MAX];
    size_t picture_count;
    struct sound_choice sounds[OFFER_TABLES_MAX];
    size_t sound_count;
    bool has_grade[SOUND_GRADE_COUNT];
    const char *const *captions; /* BCP 47 tags */
    size_t caption_count;
    int64_t target_seconds; /* at or above every rounded segment of every rendition */
    int64_t duration_ms;    /* the end of the longest rendition */
    bool independent;       /* of every rendition */
};

/* At most OFFER_TABLES_MAX tables.  language: the lecture's, for its own sound; "" or NULL where nobody said. */
void media_offer_make(const struct segment_table *tables, size_t count, const char *language,
    const char *const *captions, size_t caption_count, struct media_offer *ret_offer);

/* The grade of sound that goes with a picture, among those that there are. */
enum sound_grade media_offer_grade(
    const struct media_offer *offer, const struct segment_table *picture);
/* The sound of the highest peak in a grade, whatever the language; NULL where there is no sound. */
const struct segment_table *media_offer_largest_sound(
    const struct media_offer *offer, enum sound_grade grade);

/* At or above every rounded EXTINF of every rendition, as RFC 8216 section 6.2.4 wants one for all of them. */
int64_t media_target_seconds(const struct segment_table *tables, size_t count);
/* Ends of segments rounded to microseconds, and their differences: the sum is exact, however long the lecture. */
int64_t segment_length_us(const struct segment_table *table, size_t number);

#endif
