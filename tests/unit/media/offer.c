#include "media/offer.h"

#include "../unit.h"
#include "ladder.h"

#include <string.h>

static void target_duration_is_above_every_rounded_extinf(void **state)
{
    (void)state;
    static const struct {
        int64_t ticks, target;
    } cases[] = { { 1, 1 }, { 44999, 1 }, { 90000, 1 }, { 134999, 1 }, { 135000, 2 }, { 405000, 5 },
        { 404999, 4 } };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct segment_table table = { .timescale = 90000 };
        segment_table_append(&table, 0, cases[i].ticks, 100);
        assert_int_equal(media_target_seconds(&table, 1), cases[i].target);
        segment_table_release(&table);
    }
}

static void each_picture_has_the_sound_of_its_grade(void **state)
{
    (void)state;
    struct ladder ladder;
    struct media_offer offer;
    ladder_make(&ladder);
    const struct segment_table *tables = ladder.tables;
    media_offer_make(tables, LADDER_TABLES, "en", NULL, 0, &offer);
    assert_int_equal(media_offer_grade(&offer, &tables[LADDER_STILLS]), SOUND_LOW);
    assert_int_equal(media_offer_grade(&offer, &tables[LADDER_240P]), SOUND_LOW);
    assert_int_equal(media_offer_grade(&offer, &tables[LADDER_720P]), SOUND_HIGH);
    assert_ptr_equal(media_offer_largest_sound(&offer, SOUND_HIGH), &tables[LADDER_HIGH]);
    /* without the high one, and with nothing but it */
    media_offer_make(tables, LADDER_HIGH, "en", NULL, 0, &offer);
    assert_int_equal(media_offer_grade(&offer, &tables[LADDER_720P]), SOUND_LOW);
    media_offer_make(&tables[LADDER_HIGH], 1, "en", NULL, 0, &offer);
    assert_int_equal(media_offer_grade(&offer, &tables[LADDER_STILLS]), SOUND_HIGH);
    assert_false(offer.has_grade[SOUND_LOW]);
    /* a phone held upright counts its shorter side */
    struct segment_table upright = tables[LADDER_240P];
    upright.width = 240;
    upright.height = 426;
    media_offer_make(tables, LADDER_TABLES, "en", NULL, 0, &offer);
    assert_int_equal(media_offer_grade(&offer, &upright), SOUND_LOW);
    ladder_release(&ladder);
}

static void the_lecture_says_what_its_own_sound_speaks(void **state)
{
    (void)state;
    static const struct {
        const char *story, *lecture, *file, *told, *name;
    } cases[] = {
        { "the lecture knows", "ja", "en", "ja", "日本語" },
        { "only the file knows", "", "en", "en", "English" },
        { "the lecture says nothing useful", "und", "en", "en", "English" },
        { "nobody knows", NULL, "", "und", "Original" },
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct segment_table table
            = { .kind = RENDITION_AUDIO, .original = true, .timescale = 48000 };
        struct media_offer offer;
        (void)snprintf(table.language, sizeof table.language, "%s", cases[i].file);
        segment_table_append(&table, 0, 48000, 1000);
        media_offer_make(&table, 1, cases[i].lecture, NULL, 0, &offer);
        if (strcmp(offer.sounds[0].language, cases[i].told) != 0
            || strcmp(offer.sounds[0].name, cases[i].name) != 0)
            fail_msg("%s: '%s'", cases[i].story, offer.sounds[0].name);
        segment_table_release(&table);
    }
}

static void the_original_is_first_and_no_two_have_one_name(void **state)
{
    (void)state;
    struct ladder ladder;
    struct media_offer offer;
    ladder_make(&ladder);
    /* a lecture in Vietnamese, and an interpreter who says it again in Vietnamese */
    media_offer_make(ladder.tables, LADDER_TABLES, "vi", NULL, 0, &offer);
    assert_int_equal(offer.sound_count, 2);
    assert_true(offer.sounds[0].original && !offer.sounds[1].original);
    assert_ptr_equal(offer.sounds[0].grades[SOUND_HIGH], &ladder.tables[LADDER_HIGH]);
    assert_string_equal(offer.sounds[0].name, "Tiếng Việt");
    assert_string_equal(offer.sounds[1].name, "Tiếng Việt 2");
    /* what has one grade stands in for the other */
    assert_ptr_equal(offer.sounds[1].grades[SOUND_HIGH], &ladder.tables[LADDER_VIETNAMESE]);
    ladder_release(&ladder);
}

static void pictures_rise_and_stills_come_last(void **state)
{
    (void)state;
    struct ladder ladder;
    struct media_offer offer;
    ladder_make(&ladder);
    media_offer_make(ladder.tables, LADDER_TABLES, "vi", NULL, 0, &offer);
    assert_int_equal(offer.picture_count, 3);
    assert_string_equal(offer.pictures[0]->name, "240p");
    assert_string_equal(offer.pictures[1]->name, "720p");
    assert_string_equal(offer.pictures[2]->name, "stills");
    assert_int_equal(offer.duration_ms, 8000);
    ladder_release(&ladder);
}

static void a_language_is_called_as_it_calls_itself(void **state)
{
    (void)state;
    static const struct {
        const char *tag, *name;
    } cases[] = {
        { "en", "English" },
        { "ja", "日本語" },
        { "mn", "монгол" },
        { "vi", "Tiếng Việt" },
        { "ur", "اردو" },
        { "km", "ខ្មែរ" },
        { "fr", "Français" },
        { "x-lectern", "x-lectern" },
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        char name[LANGUAGE_NAME_SIZE];
        language_own_name(cases[i].tag, name);
        if (strcmp(name, cases[i].name) != 0)
            fail_msg("%s is called '%s'", cases[i].tag, name);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(target_duration_is_above_every_rounded_extinf),
        cmocka_unit_test(each_picture_has_the_sound_of_its_grade),
        cmocka_unit_test(the_lecture_says_what_its_own_sound_speaks),
        cmocka_unit_test(the_original_is_first_and_no_two_have_one_name),
        cmocka_unit_test(pictures_rise_and_stills_come_last),
        cmocka_unit_test(a_language_is_called_as_it_calls_itself),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
