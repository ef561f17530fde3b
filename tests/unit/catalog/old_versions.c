/* The files of a version that nobody plays any more go; its row and the records stay. */
#include "catalog/old_versions.h"

#include "base/clock.h"
#include "base/files.h"
#include "catalog_store.h"

#include <limits.h>
#include <sys/stat.h>
#include <unistd.h>

#define HOUR_MS INT64_C(3600000)

static char lecture_id[UUID_TEXT_SIZE];

static void version_path(const struct catalog *catalog, int version, char ret_path[PATH_MAX])
{
    (void)snprintf(
        ret_path, PATH_MAX, "%s/lectures/%s/%d", catalog->settings.data, lecture_id, version);
}

static void make_folder(const struct catalog *catalog, int version)
{
    char path[PATH_MAX];
    struct problem problem = { 0 };
    (void)snprintf(path, sizeof path, "%s/lectures", catalog->settings.data);
    assert_true(folder_make(path, 0750, &problem));
    (void)snprintf(path, sizeof path, "%s/lectures/%s", catalog->settings.data, lecture_id);
    assert_true(folder_make(path, 0750, &problem));
    version_path(catalog, version, path);
    assert_true(folder_make(path, 0750, &problem));
}

static bool has_folder(const struct catalog *catalog, int version)
{
    char path[PATH_MAX];
    version_path(catalog, version, path);
    return access(path, F_OK) == 0;
}

/* Two versions; the second one came so many hours ago. */
static void two_versions(struct catalog *catalog, int hours_ago)
{
    catalog_lecture(catalog, "Labour law", lecture_id);
    catalog_make_ready(catalog, lecture_id, 60000);
    catalog_sql(catalog,
        "INSERT INTO lecture_version (lecture_id, version, duration_ms, report, ready_at_ms)"
        " VALUES ('%s', 2, 50000, '{}', %lld)",
        lecture_id, (long long)(clock_now_ms() - hours_ago * HOUR_MS));
    catalog_sql(catalog, "UPDATE lecture SET current_version = 2 WHERE id = '%s'", lecture_id);
    make_folder(catalog, 1);
    make_folder(catalog, 2);
}

/* Somebody who played the first version so many hours ago. */
static void somebody_plays(struct catalog *catalog, int hours_ago)
{
    char program_id[UUID_TEXT_SIZE], cohort_id[UUID_TEXT_SIZE], participant_id[UUID_TEXT_SIZE];
    catalog_program(catalog, "A program", program_id);
    catalog_cohort(catalog, program_id, "2026-11-02", "2026-11-06", cohort_id);
    catalog_participant(catalog, cohort_id, "Bat", participant_id);
    catalog_sql(catalog,
        "INSERT INTO session (id, token_digest, participant_id, created_at_ms, expires_at_ms)"
        " VALUES ('s', CAST('%032d' AS BLOB), '%s', 1, 9000000000000)",
        1, participant_id);
    catalog_sql(catalog,
        "INSERT INTO play_session (id, participant_id, lecture_id, version, session_id, "
        "started_at_ms,"
        "  last_contact_at_ms, received_seqs, server_gap_allowed_ms, server_gap_credited_ms)"
        " VALUES ('p', '%s', '%s', 1, 's', 1, %lld, '[]', 0, 0)",
        participant_id, lecture_id, (long long)(clock_now_ms() - hours_ago * HOUR_MS));
}

static bool collect(struct catalog *catalog)
{
    bool any = false;
    struct problem problem = { 0 };
    if (!old_versions_collect(catalog->db, &catalog->settings, &any, &problem))
        catalog_fail(&problem);
    return any;
}

static void what_nobody_plays_goes_once(void **state)
{
    struct catalog *catalog = *state;
    two_versions(catalog, 49);
    somebody_plays(catalog, 50);
    assert_true(collect(catalog));
    assert_false(has_folder(catalog, 1));
    assert_true(has_folder(catalog, 2));
    assert_int_equal(catalog_figure(catalog, "SELECT COUNT(*) FROM lecture_version"), 2);
    assert_int_equal(catalog_figure(catalog,
                         "SELECT COUNT(*) FROM lecture_version WHERE collected_at_ms IS NOT NULL"),
        1);
    assert_false(collect(catalog));
}

static void what_somebody_still_plays_stays(void **state)
{
    struct catalog *catalog = *state;
    two_versions(catalog, 1000);
    somebody_plays(catalog, 47);
    assert_false(collect(catalog));
    assert_true(has_folder(catalog, 1));
}

static void a_new_version_leaves_time_to_go_on_with_the_old_one(void **state)
{
    struct catalog *catalog = *state;
    two_versions(catalog, 47);
    assert_false(collect(catalog));
    assert_true(has_folder(catalog, 1));
}

/* An interpreter's recording of a version; the track's id ends in its number. */
static void put_recording(struct catalog *catalog, int version, char ret_path[PATH_MAX])
{
    struct problem problem = { 0 };
    catalog_sql(catalog,
        "INSERT INTO job (id, lecture_id, version, kind, pass, state, permille, attempts,"
        "  created_at_ms) VALUES ('j%d', '%s', %d, 'track', 'track', 'done', 1000, 1, 1)",
        version, lecture_id, version);
    catalog_sql(catalog,
        "INSERT INTO sound_track (id, lecture_id, version, language, revision, state, offset_ms,"
        "  file_name, job_id, created_at_ms)"
        " VALUES ('t%d', '%s', %d, 'vi', 1, 'ready', 0, 'vi.wav', 'j%d', 1)",
        version, lecture_id, version, version);
    (void)snprintf(ret_path, PATH_MAX, "%s/originals", catalog->settings.data);
    (void)folder_make(ret_path, 0750, &problem);
    (void)snprintf(ret_path, PATH_MAX, "%s/originals/%s", catalog->settings.data, lecture_id);
    (void)folder_make(ret_path, 0750, &problem);
    (void)snprintf(ret_path, PATH_MAX, "%s/originals/%s/sound-t%d.input", catalog->settings.data,
        lecture_id, version);
    (void)file_write_whole(ret_path, "vi", 2, 0640, &problem);
    catalog_fail(&problem);
}

static void its_interpreters_recordings_go_with_it(void **state)
{
    struct catalog *catalog = *state;
    char old_path[PATH_MAX], new_path[PATH_MAX];
    two_versions(catalog, 49);
    put_recording(catalog, 1, old_path);
    put_recording(catalog, 2, new_path);
    assert_true(collect(catalog));
    assert_int_not_equal(access(old_path, F_OK), 0);
    assert_int_equal(access(new_path, F_OK), 0);
    assert_int_equal(
        catalog_figure(catalog, "SELECT version FROM sound_track WHERE state = 'ready'"), 2);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, catalog_set_up, catalog_tear_down)
    const struct CMUnitTest tests[] = {
        TEST(what_nobody_plays_goes_once),
        TEST(what_somebody_still_plays_stays),
        TEST(its_interpreters_recordings_go_with_it),
        TEST(a_new_version_leaves_time_to_go_on_with_the_old_one),
    };
    return cmocka_run_group_tests_name("old_versions", tests, NULL, NULL);
}
