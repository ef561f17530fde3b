/* The queue of jobs: whose turn it is, what may be tried again, and how fast it goes. */
#include "catalog_store.h"

#include "catalog/job_pace.h"
#include "catalog/job_queue.h"

/* A job of a lecture of its own unless `lecture` says whose. */
static void put_job(struct catalog *catalog, const char *id, const char *lecture, const char *pass,
    const char *state, int priority, int created_at_ms)
{
    char own[UUID_TEXT_SIZE];
    if (!lecture)
        catalog_lecture(catalog, id, own);
    catalog_sql(catalog,
        "INSERT INTO job (id, lecture_id, version, pass, state, priority, permille, attempts,"
        "  created_at_ms) VALUES ('%s', '%s', 1, '%s', '%s', %d, 0, 0, %d)",
        id, lecture ? lecture : own, pass, state, priority, created_at_ms);
}

/* The job whose turn it is, "" for none. */
static const char *claim(struct catalog *catalog, bool short_only)
{
    static struct job job;
    struct problem problem = { 0 };
    bool found = false;
    assert_true(job_claim(catalog->db, short_only, &job, &found, &problem));
    return found ? job.id : "";
}

static void passes_come_before_priorities_and_these_before_age(void **state)
{
    struct catalog *catalog = *state;
    put_job(catalog, "old-rest", NULL, "rest", "queued", 9, 1);
    put_job(catalog, "track", NULL, "track", "queued", 0, 2);
    put_job(catalog, "first-old", NULL, "first", "queued", 0, 3);
    put_job(catalog, "first-new", NULL, "first", "queued", 0, 4);
    put_job(catalog, "first-moved", NULL, "first", "queued", 1, 5);
    put_job(catalog, "new-rest", NULL, "rest", "queued", 0, 6);
    put_job(catalog, "paused", NULL, "first", "paused", 50, 0);
    static const char *const order[]
        = { "first-moved", "first-old", "first-new", "track", "", "old-rest", "new-rest", "" };
    for (size_t i = 0; i < sizeof order / sizeof order[0]; i++)
        assert_string_equal(claim(catalog, i < 5), order[i]);
}

static void two_passes_of_one_lecture_never_run_at_once(void **state)
{
    struct catalog *catalog = *state;
    char lecture[UUID_TEXT_SIZE];
    catalog_lecture(catalog, "Law", lecture);
    put_job(catalog, "rest", lecture, "rest", "running", 0, 1);
    put_job(catalog, "track", lecture, "track", "queued", 0, 2);
    put_job(catalog, "other", NULL, "rest", "queued", 0, 3);
    assert_string_equal(claim(catalog, false), "other");
    assert_string_equal(claim(catalog, false), "");
    catalog_sql(catalog, "UPDATE job SET state = 'done' WHERE id = 'rest'");
    assert_string_equal(claim(catalog, false), "track");
}

static void what_still_has_its_file_is_tried_again(void **state)
{
    struct catalog *catalog = *state;
    static const struct {
        const char *pass, *state;
        bool original, goes_on;
    } cases[] = {
        { "first", "queued", false, false },
        { "first", "running", false, false },
        { "first", "paused", false, true },
        { "first", "failed", false, false },
        { "first", "cancelled", false, false },
        { "first", "refused", false, false },
        { "rest", "failed", true, true },
        { "rest", "cancelled", true, true },
        { "rest", "failed", false, false },
        { "rest", "done", true, false },
        { "rest", "paused", true, true },
        { "track", "failed", true, false },
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        char id[20], lecture[UUID_TEXT_SIZE];
        struct job job;
        struct problem problem = { 0 };
        (void)snprintf(id, sizeof id, "job-%zu", i);
        catalog_lecture(catalog, id, lecture);
        put_job(catalog, id, lecture, cases[i].pass, cases[i].state, 0, (int)i);
        if (strcmp(cases[i].pass, "first") != 0)
            catalog_make_ready(catalog, lecture, 60000);
        if (cases[i].original)
            catalog_sql(catalog,
                "UPDATE lecture_version SET original_bytes = 5 WHERE lecture_id = '%s'", lecture);
        bool goes_on = job_retry(catalog->db, id, &job, &problem);
        if (goes_on != cases[i].goes_on)
            fail_msg("%s %s: %s", cases[i].pass, cases[i].state, problem.detail);
        assert_int_equal(problem.kind, goes_on ? PROBLEM_NONE : PROBLEM_CONFLICT);
        assert_int_equal(catalog_figure(catalog,
                             "SELECT COUNT(*) FROM job WHERE id = '%s' AND state = 'queued'", id),
            goes_on || strcmp(cases[i].state, "queued") == 0);
    }
}

static void a_paused_job_goes_on_when_there_is_more_room_than_it_needs(void **state)
{
    struct catalog *catalog = *state;
    struct problem problem = { 0 };
    struct job job;
    bool found, any;
    put_job(catalog, "large", NULL, "first", "queued", 0, 1);
    assert_true(job_claim(catalog->db, false, &job, &found, &problem));
    struct job_pause pause = { .job = &job, .needed_bytes = 5000, .free_bytes = 100 };
    assert_true(job_pause(catalog->db, &pause, &problem) && pause.applied);
    assert_int_equal(catalog_figure(catalog, "SELECT attempts FROM job"), 0);
    assert_int_equal(
        catalog_figure(catalog, "SELECT COUNT(*) FROM job WHERE reason LIKE '%%disk is full%%'"),
        1);
    assert_true(jobs_resume(catalog->db, 5000, &any, &problem));
    assert_false(any);
    assert_true(jobs_resume(catalog->db, 5001, &any, &problem));
    assert_true(any);
    assert_string_equal(claim(catalog, true), "large");
    /* and one that was cancelled meanwhile is not paused */
    catalog_sql(catalog, "UPDATE job SET state = 'cancelled'");
    assert_true(job_pause(catalog->db, &pause, &problem));
    assert_false(pause.applied);
    assert_int_equal(
        catalog_figure(catalog, "SELECT COUNT(*) FROM job WHERE state = 'cancelled'"), 1);
}

static void speed_and_time_left_follow_the_last_tens_of_seconds(void **state)
{
    (void)state;
    struct job_pace pace;
    enum { HOUR_MS = 3600000 };
    job_pace_begin(&pace, HOUR_MS, 0);
    assert_int_equal(job_pace_speed_percent(&pace), -1);
    assert_int_equal(job_pace_left_ms(&pace), -1);
    job_pace_note(&pace, 1, 500); /* says little yet */
    assert_int_equal(job_pace_left_ms(&pace), -1);
    for (int second = 2; second <= 60; second++)
        job_pace_note(&pace, second, second * 1000); /* 3.6 s of lecture in a second */
    assert_in_range(job_pace_speed_percent(&pace), 355, 365);
    assert_in_range(job_pace_left_ms(&pace), 930000, 950000);
    /* a busy minute: half as fast */
    for (int second = 61; second <= 180; second++)
        job_pace_note(&pace, 60 + (second - 60) / 2, second * 1000);
    assert_in_range(job_pace_speed_percent(&pace), 175, 190);
    job_pace_note(&pace, 1000, 400000);
    assert_int_equal(job_pace_left_ms(&pace), 0);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, catalog_set_up, catalog_tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(passes_come_before_priorities_and_these_before_age),
        TEST(two_passes_of_one_lecture_never_run_at_once),
        TEST(what_still_has_its_file_is_tried_again),
        TEST(a_paused_job_goes_on_when_there_is_more_room_than_it_needs),
        cmocka_unit_test(speed_and_time_left_follow_the_last_tens_of_seconds),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
