/* Interpreters' recordings go along with a new version, as far as one shift brings them there. */
#include "catalog/sound_carry.h"

#include "catalog/ingest_files.h"
#include "catalog_jobs.h"

static char lecture_id[UUID_TEXT_SIZE];
static const struct job *version_job(void)
{
    static struct job job = { .id = "00000000-0000-7000-8000-000000000002", .version = 2 };
    (void)snprintf(job.lecture_id, UUID_TEXT_SIZE, "%s", lecture_id);
    return &job;
}

/* track: a digit that makes its id, and its job's. */
static void track_path(const struct catalog *catalog, int track, char ret_path[PATH_MAX])
{
    (void)snprintf(ret_path, PATH_MAX,
        "%s/originals/%s/sound-00000000-0000-7000-8000-00000000001%d.input", catalog->folder,
        lecture_id, track);
}

/* NULL for the file's name: a track of the recording itself. */
static void put_track(struct catalog *catalog, int track, const char *language, int revision,
    const char *state, const char *file_name)
{
    char path[PATH_MAX];
    struct problem problem = { 0 };
    catalog_sql(catalog,
        "INSERT INTO job (id, lecture_id, version, kind, pass, state, permille, attempts,"
        "  created_at_ms) VALUES ('00000000-0000-7000-8000-00000000001%d', '%s', 1, 'track',"
        "  'track', 'done', 1000, 1, 1)",
        track, lecture_id);
    catalog_sql(catalog,
        "INSERT INTO sound_track (id, lecture_id, version, language, revision, state, offset_ms,"
        "  file_name, job_id, created_at_ms) VALUES ('00000000-0000-7000-8000-00000000001%d', '%s',"
        "  1, '%s', %d, '%s', 500, %s%s%s, '00000000-0000-7000-8000-00000000001%d', 1)",
        track, lecture_id, language, revision, state, file_name ? "'" : "",
        file_name ? file_name : "NULL", file_name ? "'" : "", track);
    track_path(catalog, track, path);
    if (file_name)
        (void)file_write_whole(path, language, strlen(language), 0640, &problem);
    catalog_fail(&problem);
}

/* A lecture of 10 s with an interpreter's sound in Vietnamese, which begins at 0.5 s. */
static void put_lecture(struct catalog *catalog)
{
    char path[PATH_MAX];
    struct problem problem = { 0 };
    catalog_lecture(catalog, "Labour law", lecture_id);
    catalog_make_ready(catalog, lecture_id, 10000);
    (void)job_folders_make(&catalog->settings, &problem);
    (void)snprintf(path, sizeof path, "%s/originals/%s", catalog->folder, lecture_id);
    (void)folder_make(path, 0750, &problem);
    catalog_fail(&problem);
    put_track(catalog, 1, "vi", 1, "ready", "vi.wav");
}

static void put_timeline(struct catalog *catalog, const int pieces[2][3])
{
    catalog_sql(catalog, "DELETE FROM timeline_piece");
    for (int i = 0; i < 2 && pieces[i][1] > 0; i++)
        catalog_sql(catalog,
            "INSERT INTO timeline_piece (lecture_id, version, from_ms, to_ms, at_ms)"
            " VALUES ('%s', 2, %d, %d, %d)",
            lecture_id, pieces[i][0], pieces[i][1], pieces[i][2]);
}

static void take(struct catalog *catalog, int64_t duration_ms, struct media_report *ret_report,
    struct carried_sounds *ret_sounds)
{
    struct problem problem = { 0 };
    *ret_report = (struct media_report){ .duration_ms = duration_ms };
    (void)sounds_carry_take(
        catalog->db, &catalog->settings, version_job(), ret_report, ret_sounds, &problem);
    catalog_fail(&problem);
}

static bool queue(struct db_connection *connection, void *data, struct problem *problem)
{
    return sounds_carry_queue(connection, data, problem);
}

static void publish(struct catalog *catalog, struct carried_sounds *sounds)
{
    struct problem problem = { 0 };
    (void)db_write(catalog->db, queue, sounds, &problem);
    catalog_fail(&problem);
    sounds_carry_end(&catalog->settings, sounds, true);
}

static void the_offset_follows_the_timeline_or_the_report_says_why_not(void **state)
{
    static const struct {
        const char *story;
        int pieces[2][3];
        int duration_ms;
        int count, offset_ms;
        enum finding_code told;
    } cases[] = {
        { "the beginning is trimmed", { { 2000, 10000, 0 } }, 8000, 1, -1500, FINDING_NONE },
        { "there is more before it", { { 0, 10000, 3000 } }, 13000, 1, 3500, FINDING_NONE },
        { "a hole that stays a hole", { { 0, 4000, 200 }, { 5000, 10000, 5200 } }, 10200, 1, 700,
            FINDING_NONE },
        { "a cut in the middle", { { 0, 4000, 0 }, { 5000, 10000, 4000 } }, 9000, 0, 0,
            FINDING_INTERPRETER_OUT_OF_STEP },
        { "the other shift lies behind the end", { { 0, 4000, 0 }, { 5000, 10000, 4000 } }, 4000, 1,
            500, FINDING_NONE },
        { "nothing in common", { { 0, 0, 0 } }, 9000, 0, 0, FINDING_NONE },
    };
    struct catalog *catalog = *state;
    put_lecture(catalog);
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct media_report report;
        struct carried_sounds sounds;
        put_timeline(catalog, cases[i].pieces);
        take(catalog, cases[i].duration_ms, &report, &sounds);
        print_message("%s\n", cases[i].story);
        assert_int_equal(sounds.count, cases[i].count);
        if (cases[i].count > 0)
            assert_int_equal(sounds.sounds[0].offset_ms, cases[i].offset_ms);
        assert_int_equal(report.finding_count, cases[i].told == FINDING_NONE ? 0 : 1);
        assert_int_equal(report.findings[0].code, cases[i].told);
        assert_string_equal(report.findings[0].text, cases[i].told == FINDING_NONE ? "" : "vi");
        assert_int_equal(count_entries(catalog, "incoming"), cases[i].count);
        assert_int_equal(count_entries(catalog, "originals"), 2 + cases[i].count);
        sounds_carry_end(&catalog->settings, &sounds, false);
        assert_int_equal(count_entries(catalog, "incoming"), 0);
        assert_int_equal(count_entries(catalog, "originals"), 2);
    }
}

static const int same[2][3] = { { 0, 10000, 0 } };

static void the_newest_of_each_interpreter_is_queued_for_the_new_version(void **state)
{
    struct catalog *catalog = *state;
    struct media_report report;
    struct carried_sounds sounds;
    put_lecture(catalog);
    put_track(catalog, 2, "vi", 2, "ready", "newer.wav");
    put_track(catalog, 3, "vi", 3, "removed", "gone.wav");
    put_track(catalog, 4, "fr", 1, "ready", NULL);
    put_track(catalog, 5, "mn", 1, "preparing", "refused.wav");
    put_timeline(catalog, same);
    take(catalog, 10000, &report, &sounds);
    publish(catalog, &sounds);
    assert_int_equal(
        catalog_figure(catalog, "SELECT COUNT(*) FROM sound_track WHERE version = 2"), 1);
    assert_int_equal(catalog_figure(catalog,
                         "SELECT COUNT(*) FROM sound_track t JOIN job j ON j.id = t.job_id"
                         " WHERE t.version = 2 AND t.file_name = 'newer.wav' AND t.revision = 2"
                         "  AND t.state = 'preparing' AND j.state = 'queued' AND j.pass = 'track'"
                         "  AND j.version = 2 AND j.parameters LIKE '%%\"language\":\"vi\"%%'"),
        1);
    assert_int_equal(count_entries(catalog, "incoming"), 1);
}

static void a_recording_that_was_not_kept_is_told_of(void **state)
{
    struct catalog *catalog = *state;
    struct media_report report;
    struct carried_sounds sounds;
    char path[PATH_MAX];
    put_lecture(catalog);
    put_track(catalog, 2, "mn", 1, "ready", "mn.wav");
    put_track(catalog, 3, "ja", 1, "ready", "ja.wav");
    track_path(catalog, 1, path);
    assert_int_equal(unlink(path), 0);
    track_path(catalog, 2, path);
    assert_int_equal(unlink(path), 0);
    put_timeline(catalog, same);
    take(catalog, 10000, &report, &sounds);
    assert_int_equal(sounds.count, 1);
    assert_string_equal(sounds.sounds[0].language, "ja");
    assert_int_equal(report.finding_count, 1);
    assert_int_equal(report.findings[0].code, FINDING_INTERPRETER_NOT_KEPT);
    assert_string_equal(report.findings[0].text, "mn, vi");
}

static void what_is_removed_meanwhile_stays_behind(void **state)
{
    struct catalog *catalog = *state;
    struct media_report report;
    struct carried_sounds sounds;
    put_lecture(catalog);
    put_timeline(catalog, same);
    take(catalog, 10000, &report, &sounds);
    assert_int_equal(count_entries(catalog, "incoming"), 1);
    catalog_sql(catalog, "UPDATE sound_track SET state = 'removed'");
    publish(catalog, &sounds);
    assert_int_equal(
        catalog_figure(catalog, "SELECT COUNT(*) FROM sound_track WHERE version = 2"), 0);
    assert_int_equal(catalog_figure(catalog, "SELECT COUNT(*) FROM job WHERE state = 'queued'"), 0);
    assert_int_equal(count_entries(catalog, "incoming"), 0);
    assert_int_equal(count_entries(catalog, "originals"), 2);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, catalog_set_up, catalog_tear_down)
    const struct CMUnitTest tests[] = {
        TEST(the_offset_follows_the_timeline_or_the_report_says_why_not),
        TEST(the_newest_of_each_interpreter_is_queued_for_the_new_version),
        TEST(a_recording_that_was_not_kept_is_told_of),
        TEST(what_is_removed_meanwhile_stays_behind),
    };
    return cmocka_run_group_tests_name("sound_carry", tests, NULL, NULL);
}
