#include "catalog_jobs.h"

#include "base/clock.h"
#include "catalog/library.h"

enum { DAY_MS = 24 * 3600 * 1000 };

/* A program with a cohort that is open now, one published lecture in it, and another program's
 * cohort. */
struct school {
    struct library *library;
    char program[UUID_TEXT_SIZE], cohort[UUID_TEXT_SIZE], other_cohort[UUID_TEXT_SIZE];
    char lecture[UUID_TEXT_SIZE];
};

static void make_lecture(struct catalog *catalog, char ret_id[UUID_TEXT_SIZE])
{
    struct jobs jobs = { .ingest = start_ingest(catalog) };
    add_file(&jobs, talk_path, false);
    assert_job_ends(&jobs, "ready");
    ingest_stop(jobs.ingest);
    memcpy(ret_id, jobs.lecture_id, UUID_TEXT_SIZE);
}

static void open_cohort(
    struct catalog *catalog, const char *cohort_id, int64_t from_ms, int64_t to_ms)
{
    int64_t now_ms = clock_now_ms();
    catalog_sql(catalog,
        "UPDATE cohort SET opens_at_ms = %lld, closes_at_ms = %lld WHERE id = '%s'",
        (long long)(now_ms + from_ms), (long long)(now_ms + to_ms), cohort_id);
}

static struct school school_open(struct catalog *catalog)
{
    struct school school;
    struct problem problem = { 0 };
    char other[UUID_TEXT_SIZE];
    catalog_program(catalog, "Basics", school.program);
    catalog_program(catalog, "Other", other);
    catalog_cohort(catalog, school.program, "2026-11-23", "2026-11-27", school.cohort);
    catalog_cohort(catalog, other, "2026-11-23", "2026-11-27", school.other_cohort);
    open_cohort(catalog, school.cohort, -DAY_MS, DAY_MS);
    open_cohort(catalog, school.other_cohort, -DAY_MS, DAY_MS);
    make_lecture(catalog, school.lecture);
    struct catalog_change place
        = { .kind = ADD_PROGRAM_LECTURE, .object = school.program, .other = school.lecture };
    struct catalog_change publish = { .kind = PUBLISH, .object = school.lecture };
    catalog_do(catalog, &place);
    catalog_do(catalog, &publish);
    school.library = library_open(catalog->db, &catalog->settings, &problem);
    catalog_fail(&problem);
    return school;
}

static void refresh(struct school *school)
{
    struct problem problem = { 0 };
    (void)library_refresh(school->library, &problem);
    catalog_fail(&problem);
}

/* cohort_id NULL: staff. */
static enum problem_kind ask(
    struct school *school, const char *cohort_id, const char *lecture_id, int64_t version)
{
    struct problem problem = { 0 };
    struct media_claims claims = { .staff = !cohort_id };
    (void)snprintf(claims.cohort_id, UUID_TEXT_SIZE, "%s", cohort_id ? cohort_id : "");
    struct media_version *media
        = library_find(school->library, &claims, lecture_id, version, &problem);
    assert_int_equal(media != NULL, problem.kind == PROBLEM_NONE);
    if (media)
        assert_in_range(media_version_duration_ms(media), 5900, 6200);
    media_version_release(media);
    return problem.kind;
}

static void claims_open_what_is_theirs(void **state)
{
    struct catalog *catalog = *state;
    struct school school = school_open(catalog);
    char unpublished[UUID_TEXT_SIZE];
    make_lecture(catalog, unpublished);
    struct catalog_change place
        = { .kind = ADD_PROGRAM_LECTURE, .object = school.program, .other = unpublished };
    catalog_do(catalog, &place);
    refresh(&school);
    const struct {
        const char *story, *cohort_id, *lecture_id;
        int64_t version;
        enum problem_kind kind;
    } cases[] = {
        { "their own", school.cohort, school.lecture, 1, PROBLEM_NONE },
        { "staff", NULL, school.lecture, 1, PROBLEM_NONE },
        { "unpublished", school.cohort, unpublished, 1, PROBLEM_NOT_FOUND },
        { "unpublished for staff", NULL, unpublished, 1, PROBLEM_NONE },
        { "another program's", school.other_cohort, school.lecture, 1, PROBLEM_NOT_FOUND },
        { "a cohort that is not there", "x", school.lecture, 1, PROBLEM_NOT_FOUND },
        { "a lecture that is not there", school.cohort, "x", 1, PROBLEM_NOT_FOUND },
        { "the same for staff", NULL, "x", 1, PROBLEM_NOT_FOUND },
        { "a version that is not there", school.cohort, school.lecture, 2, PROBLEM_NOT_FOUND },
        { "version 0", school.cohort, school.lecture, 0, PROBLEM_NOT_FOUND },
        { "a negative version", school.cohort, school.lecture, -1, PROBLEM_NOT_FOUND },
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        enum problem_kind kind
            = ask(&school, cases[i].cohort_id, cases[i].lecture_id, cases[i].version);
        if (kind != cases[i].kind)
            fail_msg("%s: %s", cases[i].story, problem_faces[kind].code);
    }
    assert_int_equal(library_current_version(school.library, school.lecture), 1);
    assert_int_equal(library_current_version(school.library, unpublished), 1);
    assert_int_equal(library_current_version(school.library, "x"), 0);
    library_free(school.library);
}

static void an_organizer_previews_the_lectures_of_their_programs(void **state)
{
    struct catalog *catalog = *state;
    struct school school = school_open(catalog);
    char elsewhere[UUID_TEXT_SIZE];
    make_lecture(catalog, elsewhere);
    catalog_sql(catalog, "INSERT INTO staff (id, email, name, role, password_hash, created_at_ms)"
                         " VALUES ('o', 'o@example.org', 'O', 'organizer', '-', 1)");
    catalog_sql(catalog, "INSERT INTO staff_program (staff_id, program_id) VALUES ('o', '%s')",
        school.program);
    struct catalog_change withdraw = { .kind = UNPUBLISH, .object = school.lecture };
    catalog_do(catalog, &withdraw);
    refresh(&school);
    const struct {
        const char *story, *organizer_id, *lecture_id;
        bool seen;
    } cases[] = {
        { "their program's, unpublished", "o", school.lecture, true },
        { "in no program of theirs", "o", elsewhere, false },
        { "an organizer of nothing", "p", school.lecture, false },
        { "an admin", "", elsewhere, true },
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct problem problem = { 0 };
        struct media_claims claims = { .staff = true };
        (void)snprintf(claims.organizer_id, UUID_TEXT_SIZE, "%s", cases[i].organizer_id);
        struct media_version *media
            = library_find(school.library, &claims, cases[i].lecture_id, 1, &problem);
        if ((media != NULL) != cases[i].seen)
            fail_msg("%s", cases[i].story);
        assert_int_equal(problem.kind, cases[i].seen ? PROBLEM_NONE : PROBLEM_NOT_FOUND);
        media_version_release(media);
    }
    library_free(school.library);
}

static void a_cohort_is_open_for_its_days_and_the_grace(void **state)
{
    struct catalog *catalog = *state;
    struct school school = school_open(catalog);
    int64_t grace_ms = catalog->settings.cohort_grace_days * DAY_MS;
    const struct {
        const char *story;
        int64_t from_ms, to_ms;
        enum problem_kind kind;
    } cases[] = {
        { "before", 60000, DAY_MS, PROBLEM_COHORT_NOT_OPEN },
        { "in time", -60000, DAY_MS, PROBLEM_NONE },
        { "the last minute", -DAY_MS, 60000, PROBLEM_NONE },
        { "in the days of grace", -DAY_MS - grace_ms, 60000 - grace_ms, PROBLEM_NONE },
        { "after them", -DAY_MS - grace_ms, -60000 - grace_ms, PROBLEM_COHORT_NOT_OPEN },
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        open_cohort(catalog, school.cohort, cases[i].from_ms, cases[i].to_ms);
        refresh(&school);
        enum problem_kind kind = ask(&school, school.cohort, school.lecture, 1);
        if (kind != cases[i].kind)
            fail_msg("%s: %s", cases[i].story, problem_faces[kind].code);
        assert_int_equal(ask(&school, NULL, school.lecture, 1), PROBLEM_NONE);
        /* who may not see it learns nothing of the days */
        assert_int_equal(ask(&school, school.other_cohort, school.lecture, 1), PROBLEM_NOT_FOUND);
    }
    library_free(school.library);
}

static void what_is_withdrawn_is_gone_after_a_refresh(void **state)
{
    struct catalog *catalog = *state;
    struct school school = school_open(catalog);
    struct catalog_change withdraw = { .kind = UNPUBLISH, .object = school.lecture };
    catalog_do(catalog, &withdraw);
    assert_int_equal(ask(&school, school.cohort, school.lecture, 1), PROBLEM_NONE);
    refresh(&school);
    assert_int_equal(ask(&school, school.cohort, school.lecture, 1), PROBLEM_NOT_FOUND);
    withdraw.kind = PUBLISH;
    catalog_do(catalog, &withdraw);
    refresh(&school);
    assert_int_equal(ask(&school, school.cohort, school.lecture, 1), PROBLEM_NONE);
    struct catalog_change none = { .kind = SET_LECTURES, .object = school.program };
    catalog_do(catalog, &none);
    refresh(&school);
    assert_int_equal(ask(&school, school.cohort, school.lecture, 1), PROBLEM_NOT_FOUND);
    library_free(school.library);
}

static void a_damaged_version_closes_no_other(void **state)
{
    struct catalog *catalog = *state;
    struct school school = school_open(catalog);
    struct problem problem = { 0 };
    char damaged[UUID_TEXT_SIZE], path[PATH_MAX], aside[PATH_MAX], expected[200];
    make_lecture(catalog, damaged);
    assert_int_equal(library_fault_count(school.library), 0);
    assert_true(
        snprintf(path, sizeof path, "%s/lectures/%s/1/source.cmaf", catalog->folder, damaged)
        < PATH_MAX);
    (void)snprintf(aside, sizeof aside, "%s/aside", catalog->folder);
    assert_int_equal(rename(path, aside), 0);
    refresh(&school);
    assert_int_equal(ask(&school, school.cohort, school.lecture, 1), PROBLEM_NONE);
    assert_int_equal(ask(&school, NULL, damaged, 1), PROBLEM_NOT_FOUND);
    assert_int_equal(library_fault_count(school.library), 1);
    json_t *faults = library_faults(school.library);
    assert_int_equal(json_array_size(faults), 1);
    json_t *fault = json_array_get(faults, 0);
    assert_true(json_string_length(json_object_get(fault, "detail")) > 0);
    (void)json_object_del(fault, "detail");
    (void)snprintf(expected, sizeof expected, "{\"lecture_id\":\"%s\",\"version\":1}", damaged);
    assert_json_equal(fault, expected);
    json_decref(faults);
    assert_int_equal(rename(aside, path), 0);
    (void)library_refresh_lecture(school.library, damaged, &problem);
    catalog_fail(&problem);
    assert_int_equal(ask(&school, NULL, damaged, 1), PROBLEM_NONE);
    assert_int_equal(library_fault_count(school.library), 0);
    library_free(school.library);
}

static size_t caption_count(struct school *school)
{
    struct problem problem = { 0 };
    struct media_claims claims = { .staff = true };
    struct media_version *media
        = library_find(school->library, &claims, school->lecture, 1, &problem);
    catalog_fail(&problem);
    size_t count = media_version_caption_count(media);
    media_version_release(media);
    return count;
}

static const char vtt[] = "WEBVTT\n\n00:01.000 --> 00:02.000\nGood morning.\n";

static bool set_captions(
    struct catalog *catalog, const char *lecture_id, const char *language, struct problem *problem)
{
    struct captions captions = { 0 };
    struct captions_given given
        = { .lecture_id = lecture_id, .language = language, .bytes = vtt, .count = sizeof vtt - 1 };
    bool done = lecture_set_captions(catalog->db, &catalog->settings, &given, &captions, problem);
    if (done)
        assert_int_equal(captions.cue_count, 1);
    captions_release(&captions);
    return done;
}

static size_t count_renditions(struct school *school, struct media_version **ret_media)
{
    struct problem problem = { 0 };
    struct media_claims staff = { .staff = true };
    *ret_media = library_find(school->library, &staff, school->lecture, 1, &problem);
    assert_non_null(*ret_media);
    return media_version_rendition_count(*ret_media);
}

/* A pass has put a file there already, and then its row. */
static void a_version_is_what_its_rows_name_and_grows_with_them(void **state)
{
    struct catalog *catalog = *state;
    struct school school = school_open(catalog);
    struct media_version *all, *fewer, *again;
    size_t count = count_renditions(&school, &all);
    assert_true(count >= 2);
    catalog_sql(catalog, "UPDATE rendition SET version = 99 WHERE name = 'source'");
    refresh(&school);
    assert_int_equal(count_renditions(&school, &again), count); /* the mark says nothing is new */
    media_version_release(again);
    catalog_sql(catalog, "UPDATE lecture_version SET changed_at_ms = changed_at_ms + 1");
    refresh(&school);
    assert_int_equal(count_renditions(&school, &fewer), count - 1);
    assert_int_equal(library_fault_count(school.library), 0);
    catalog_sql(catalog, "UPDATE rendition SET version = 1 WHERE name = 'source'");
    catalog_sql(catalog, "UPDATE lecture_version SET changed_at_ms = changed_at_ms + 1");
    refresh(&school);
    assert_int_equal(count_renditions(&school, &again), count);
    /* who watches keeps what they have */
    assert_int_equal(media_version_rendition_count(fewer), count - 1);
    media_version_release(all);
    media_version_release(fewer);
    media_version_release(again);
    library_free(school.library);
}

static void captions_come_and_go(void **state)
{
    struct catalog *catalog = *state;
    struct school school = school_open(catalog);
    struct problem problem = { 0 };
    char path[PATH_MAX];
    assert_int_equal(caption_count(&school), 0);
    const struct captions_given none
        = { .lecture_id = school.lecture, .language = "en", .bytes = "\x00\x01\x02", .count = 3 };
    struct captions captions = { 0 };
    assert_false(lecture_set_captions(catalog->db, &catalog->settings, &none, &captions, &problem));
    assert_int_equal(problem.kind, PROBLEM_CAPTIONS_REFUSED);
    problem_clear(&problem);
    assert_true(set_captions(catalog, school.lecture, "EN", &problem));
    assert_true(set_captions(catalog, school.lecture, "zh-hant", &problem));
    refresh(&school);
    assert_int_equal(caption_count(&school), 2);
    assert_true(snprintf(path, sizeof path, "%s/lectures/%s/1/captions/zh-Hant.vtt",
                    catalog->folder, school.lecture)
                < PATH_MAX);
    assert_true(path_exists(path));
    assert_int_equal(catalog_figure(catalog, "SELECT COUNT(*) FROM caption_track"), 2);
    assert_true(set_captions(catalog, school.lecture, "zh-Hant", &problem));
    assert_int_equal(catalog_figure(catalog, "SELECT COUNT(*) FROM caption_track"), 2);

    assert_true(lecture_remove_captions(
        catalog->db, &catalog->settings, school.lecture, "zh-Hant", &problem));
    refresh(&school);
    assert_int_equal(caption_count(&school), 1);
    assert_false(path_exists(path));
    assert_false(lecture_remove_captions(
        catalog->db, &catalog->settings, school.lecture, "zh-Hant", &problem));
    assert_int_equal(problem.kind, PROBLEM_NOT_FOUND);
    library_free(school.library);
}

static void captions_that_cannot_be_are_refused(void **state)
{
    struct catalog *catalog = *state;
    char preparing[UUID_TEXT_SIZE];
    struct problem problem = { 0 };
    catalog_lecture(catalog, "Preparing", preparing);
    assert_false(set_captions(catalog, preparing, "en", &problem));
    assert_int_equal(problem.kind, PROBLEM_CONFLICT);
    problem_clear(&problem);
    assert_false(set_captions(catalog, "nowhere", "en", &problem));
    assert_int_equal(problem.kind, PROBLEM_NOT_FOUND);
    problem_clear(&problem);
    assert_false(set_captions(catalog, preparing, "../../x", &problem));
    assert_string_equal(problem.field, "language");
    problem_clear(&problem);
    catalog->settings.caption_bytes_max = 10;
    assert_false(set_captions(catalog, preparing, "en", &problem));
    assert_int_equal(problem.kind, PROBLEM_BODY_TOO_LARGE);
    assert_int_equal(catalog_figure(catalog, "SELECT COUNT(*) FROM caption_track"), 0);
}

struct load {
    struct school *school;
    atomic_bool stop;
    atomic_int answers;
};

static void *ask_all_the_time(void *data)
{
    struct load *load = data;
    while (!atomic_load(&load->stop)) {
        struct problem problem = { 0 };
        struct media_claims claims = { .staff = true };
        struct media_version *media
            = library_find(load->school->library, &claims, load->school->lecture, 1, &problem);
        if (media && media_version_duration_ms(media) > 5000)
            atomic_fetch_add(&load->answers, 1);
        media_version_release(media);
        (void)library_current_version(load->school->library, load->school->lecture);
    }
    return NULL;
}

static void loops_ask_while_others_refresh(void **state)
{
    struct catalog *catalog = *state;
    struct school school = school_open(catalog);
    struct load load = { .school = &school };
    pthread_t threads[3];
    for (int i = 0; i < 3; i++)
        assert_int_equal(pthread_create(&threads[i], NULL, ask_all_the_time, &load), 0);
    for (int i = 0; i < 30; i++) {
        struct problem problem = { 0 };
        (void)library_refresh_lecture(school.library, school.lecture, &problem);
        catalog_fail(&problem);
    }
    atomic_store(&load.stop, true);
    for (int i = 0; i < 3; i++)
        (void)pthread_join(threads[i], NULL);
    assert_true(atomic_load(&load.answers) > 0);
    library_free(school.library);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, catalog_set_up, catalog_tear_down)

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        TEST(claims_open_what_is_theirs),
        TEST(an_organizer_previews_the_lectures_of_their_programs),
        TEST(a_cohort_is_open_for_its_days_and_the_grace),
        TEST(what_is_withdrawn_is_gone_after_a_refresh),
        TEST(a_damaged_version_closes_no_other),
        TEST(a_version_is_what_its_rows_name_and_grows_with_them),
        TEST(captions_come_and_go),
        TEST(captions_that_cannot_be_are_refused),
        TEST(loops_ask_while_others_refresh),
    };
    if (argc > 1 && strcmp(argv[1], "media-job") == 0)
        return media_job_child(argc, argv);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
