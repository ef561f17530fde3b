/* Whether an interpreter's sound may be added, before it is sent. */
#include "catalog/lecture_sound.h"

#include "catalog_jobs.h"
#include "media/sound_name.h"

static void put_track(
    struct catalog *catalog, const char *lecture_id, int number, const char *state)
{
    catalog_sql(catalog,
        "INSERT INTO job (id, lecture_id, version, kind, pass, state, permille, attempts, "
        "created_at_ms)"
        " VALUES ('job-%d', '%s', 1, 'track', 'track', 'done', 1000, 1, 1)",
        number, lecture_id);
    catalog_sql(catalog,
        "INSERT INTO sound_track (id, lecture_id, version, language, revision, state, offset_ms, "
        "job_id, created_at_ms)"
        " VALUES ('track-%d', '%s', 1, 'a%c', 1, '%s', 0, 'job-%d', 1)",
        number, lecture_id, 'a' + number, state, number);
}

static bool has_room(struct catalog *catalog, const char *lecture_id, const char *language)
{
    struct problem problem = { 0 };
    struct sound_wish wish = { lecture_id, language, "voice.wav", 0 };
    bool room = lecture_sound_check(catalog->db, &wish, &problem);
    assert_true(room || problem.kind == PROBLEM_CONFLICT);
    problem_clear(&problem);
    return room;
}

static void a_lecture_has_room_for_so_many_languages(void **state)
{
    struct catalog *catalog = *state;
    char lecture_id[UUID_TEXT_SIZE];
    catalog_lecture(catalog, "Labour law", lecture_id);
    catalog_make_ready(catalog, lecture_id, 10000);
    for (int i = 1; i < SOUND_LANGUAGES_MAX; i++)
        put_track(catalog, lecture_id, i, i % 2 ? "ready" : "preparing");
    put_track(catalog, lecture_id, SOUND_LANGUAGES_MAX, "removed");
    assert_true(has_room(catalog, lecture_id, "vi"));
    put_track(catalog, lecture_id, 0, "ready");
    assert_false(has_room(catalog, lecture_id, "vi"));
    assert_true(has_room(catalog, lecture_id, "ab")); /* a newer one of a language that is there */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(
            a_lecture_has_room_for_so_many_languages, catalog_set_up, catalog_tear_down),
    };
    return cmocka_run_group_tests_name("lecture_sound", tests, NULL, NULL);
}
