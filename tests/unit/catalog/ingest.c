#include "catalog_jobs.h"

#include "base/clock.h"

static void a_file_becomes_a_lecture(void **state)
{
    struct catalog *catalog = *state;
    struct jobs jobs = { .ingest = start_ingest(catalog) };
    char path[PATH_MAX], folder[PATH_MAX];
    put_talk(catalog, "talk.mp4", path);
    add_file(&jobs, path, false);
    json_t *json = job_answer(&jobs);
    assert_string_equal(json_string_value(json_object_get(json, "state")), "ready");
    assert_string_equal(json_string_value(json_object_get(json, "id")), jobs.lecture_id);
    assert_true(json_is_null(json_object_get(json, "reason")));
    assert_true(json_is_object(json_object_get(json, "report")));
    json_decref(json);
    assert_only_ready_lectures(catalog, 1);
    assert_true(path_exists(path));
    lecture_folder(&catalog->settings, jobs.lecture_id, 1, folder);
    assert_true(path_exists(folder));
    int64_t duration_ms = catalog_figure(catalog, "SELECT duration_ms FROM lecture_version");
    assert_in_range(duration_ms, 5900, 6200);
    assert_int_equal(catalog_figure(catalog, "SELECT permille FROM job"), 1000);
    assert_int_equal(catalog_figure(catalog, "SELECT attempts FROM job"), 1);
    /* what the store says of a rendition is what lies on the disk */
    for (int i = 0; i < 2; i++) {
        static const char *const names[] = { "audio-low", "source" };
        struct stat facts;
        assert_true(snprintf(path, sizeof path, "%s/%s.cmaf", folder, names[i]) < PATH_MAX);
        assert_int_equal(stat(path, &facts), 0);
        assert_int_equal(
            catalog_figure(catalog, "SELECT size_bytes FROM rendition WHERE name = '%s'", names[i]),
            facts.st_size);
    }
    ingest_stop(jobs.ingest);
}

static void what_is_taken_over_is_gone_afterwards(void **state)
{
    struct catalog *catalog = *state;
    struct jobs jobs = { .ingest = start_ingest(catalog) };
    char path[PATH_MAX];
    put_talk(catalog, "talk.mp4", path);
    add_file(&jobs, path, true);
    assert_false(path_exists(path));
    assert_job_ends(&jobs, "ready");
    assert_only_ready_lectures(catalog, 1);
    ingest_stop(jobs.ingest);
}

/* As from another file system, and with a position that must not matter. */
static void a_copy_holds_every_byte_whatever_the_position(void **state)
{
    struct catalog *catalog = *state;
    struct jobs jobs = { .ingest = start_ingest(catalog) };
    struct lecture_fields fields = { "en", "A talk", "", NULL, "talk.mp4" };
    struct problem problem = { 0 };
    char *bytes;
    size_t count;
    read_file(talk_path, &bytes, &count);
    int fd = memfd_create("talk", MFD_CLOEXEC);
    assert_true(fd >= 0);
    assert_int_equal(write(fd, bytes, count), count);
    assert_true(ingest_add_file(
        jobs.ingest, &fields, fd, NULL, true, NULL, jobs.lecture_id, jobs.job_id, &problem));
    (void)close(fd);
    free(bytes);
    assert_job_ends(&jobs, "ready");
    assert_only_ready_lectures(catalog, 1);
    ingest_stop(jobs.ingest);
}

static void what_cannot_be_a_lecture_leaves_its_row_and_a_sentence(void **state)
{
    struct catalog *catalog = *state;
    struct jobs jobs = { .ingest = start_ingest(catalog) };
    static const struct {
        const char *story, *bytes;
    } cases[] = {
        { "text", "Minutes of the meeting.\n" },
        { "nothing", "" },
        { "a playlist", "#EXTM3U\n#EXT-X-TARGETDURATION:4\n#EXTINF:4,\nfile:///etc/passwd\n" },
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        char path[PATH_MAX];
        put_file(catalog, "file.mp4", cases[i].bytes, strlen(cases[i].bytes), path);
        add_file(&jobs, path, false);
        json_t *json = job_answer(&jobs);
        if (strcmp(json_string_value(json_object_get(json, "state")), "refused") != 0
            || json_string_length(json_object_get(json, "reason")) < 10)
            fail_msg("%s: %s", cases[i].story, json_dumps(json, JSON_INDENT(1)));
        json_decref(json);
        assert_int_equal(catalog_figure(catalog,
                             "SELECT COUNT(*) FROM lecture WHERE id = '%s' AND state = 'refused'",
                             jobs.lecture_id),
            1);
    }
    assert_int_equal(catalog_figure(catalog, "SELECT COUNT(*) FROM lecture_version"), 0);
    assert_int_equal(count_entries(catalog, "incoming"), 0);
    assert_int_equal(count_entries(catalog, "drafts"), 0);
    assert_int_equal(count_entries(catalog, "lectures"), 0);
    ingest_stop(jobs.ingest);
}

static void what_is_not_a_file_or_has_wrong_words_is_not_added(void **state)
{
    struct catalog *catalog = *state;
    struct jobs jobs = { .ingest = start_ingest(catalog) };
    struct problem problem = { 0 };
    char path[PATH_MAX];
    assert_false(try_add(&jobs, catalog->folder, false, &problem));
    assert_int_equal(problem.kind, PROBLEM_MEDIA_REFUSED);

    put_talk(catalog, "talk.mp4", path);
    problem_clear(&problem);
    catalog->settings.upload_bytes_max = 1024;
    assert_false(try_add(&jobs, path, true, &problem));
    assert_int_equal(problem.kind, PROBLEM_BODY_TOO_LARGE);
    catalog->settings.upload_bytes_max = 1 << 30;

    struct lecture_fields untitled = { "en", "", "", NULL, "talk.mp4" };
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    problem_clear(&problem);
    assert_false(ingest_add_file(
        jobs.ingest, &untitled, fd, path, true, NULL, jobs.lecture_id, jobs.job_id, &problem));
    (void)close(fd);
    assert_string_equal(problem.field, "title");
    assert_true(path_exists(path));
    assert_int_equal(count_entries(catalog, "incoming"), 0);
    assert_int_equal(catalog_figure(catalog, "SELECT COUNT(*) FROM lecture"), 0);
    assert_int_equal(catalog_figure(catalog, "SELECT COUNT(*) FROM job"), 0);
    ingest_stop(jobs.ingest);
}

/* A thread that never gets to a job: the queue stands still. */
static void hold_queue(struct catalog *catalog)
{
    catalog_sql(catalog, "UPDATE job SET state = 'running' WHERE state = 'queued'");
}

static void a_job_that_waits_can_be_cancelled(void **state)
{
    struct catalog *catalog = *state;
    struct jobs jobs = { .ingest = start_ingest(catalog) };
    struct problem problem = { 0 };
    char path[PATH_MAX], first[UUID_TEXT_SIZE];
    put_talk(catalog, "talk.mp4", path);
    add_file(&jobs, path, false);
    memcpy(first, jobs.job_id, sizeof first);
    add_file(&jobs, path, false); /* one job at once: this one waits */
    assert_true(ingest_cancel(jobs.ingest, jobs.job_id, &problem));
    json_t *json = job_answer(&jobs);
    assert_string_equal(json_string_value(json_object_get(json, "state")), "failed");
    assert_string_equal(
        json_string_value(json_object_get(json, "reason")), "The job was cancelled.");
    json_decref(json);
    assert_int_equal(
        catalog_figure(catalog, "SELECT COUNT(*) FROM lecture WHERE state = 'failed'"), 1);
    assert_int_equal(
        catalog_figure(catalog, "SELECT COUNT(*) FROM job WHERE state = 'cancelled'"), 1);

    assert_false(ingest_cancel(jobs.ingest, jobs.job_id, &problem));
    assert_int_equal(problem.kind, PROBLEM_CONFLICT);
    problem_clear(&problem);
    assert_false(ingest_cancel(jobs.ingest, "nowhere", &problem));
    assert_int_equal(problem.kind, PROBLEM_NOT_FOUND);

    memcpy(jobs.job_id, first, sizeof first);
    assert_job_ends(&jobs, "ready");
    assert_int_equal(count_entries(catalog, "incoming"), 0);
    assert_int_equal(count_entries(catalog, "lectures"), known_entries(catalog));
    ingest_stop(jobs.ingest);
}

static void a_job_that_runs_can_be_cancelled(void **state)
{
    struct catalog *catalog = *state;
    struct jobs jobs = { .ingest = start_ingest(catalog) };
    char path[PATH_MAX];
    put_talk(catalog, "talk.mp4", path);
    /* wherever it stands: sooner or later in each round */
    for (int round = 0; round < 6; round++) {
        struct problem problem = { 0 };
        add_file(&jobs, path, false);
        sleep_ms(round * 40);
        bool cancelled = ingest_cancel(jobs.ingest, jobs.job_id, &problem);
        json_t *json = job_answer(&jobs);
        const char *ended = json_string_value(json_object_get(json, "state"));
        bool ready = strcmp(ended, "ready") == 0;
        /* A lecture that can be watched stays so, whatever becomes of its further passes. */
        assert_int_equal(ready,
            !cancelled
                || catalog_figure(catalog,
                    "SELECT COUNT(*) FROM job WHERE id = '%s' AND pass = 'rest'", jobs.job_id));
        json_decref(json);
    }
    int64_t ready = catalog_figure(catalog, "SELECT COUNT(*) FROM lecture WHERE state = 'ready'");
    assert_int_equal(catalog_figure(catalog, "SELECT COUNT(*) FROM lecture_version"), ready);
    assert_int_equal(count_entries(catalog, "incoming"), 0);
    assert_int_equal(count_entries(catalog, "drafts"), 0);
    assert_int_equal(count_entries(catalog, "lectures"), known_entries(catalog));
    ingest_stop(jobs.ingest);
}

static void what_is_cancelled_can_be_removed_while_its_child_still_ends(void **state)
{
    struct catalog *catalog = *state;
    struct jobs jobs = { .ingest = start_ingest(catalog) };
    char path[PATH_MAX];
    int removed = 0;
    put_talk(catalog, "talk.mp4", path);
    for (int round = 0; round < 6; round++) {
        struct problem problem = { 0 };
        add_file(&jobs, path, false);
        sleep_ms(round * 40);
        struct catalog_change removal = { .kind = REMOVE_LECTURE, .object = jobs.lecture_id };
        bool cancelled = ingest_cancel(jobs.ingest, jobs.job_id, &problem);
        if (!cancelled
            || catalog_figure(catalog,
                   "SELECT COUNT(*) FROM lecture WHERE id = '%s'"
                   " AND state = 'ready'",
                   jobs.lecture_id)
                   > 0) {
            assert_job_ends(&jobs, "ready");
            assert_false(catalog_try(catalog, &removal));
            continue;
        }
        catalog_do(catalog, &removal);
        removed++;
    }
    ingest_stop(jobs.ingest);
    assert_true(removed > 0);
    catalog_sql(catalog, "UPDATE job SET state = 'done' WHERE pass = 'rest'");
    assert_only_ready_lectures(catalog, 6 - removed);
    assert_int_equal(catalog_figure(catalog, "SELECT COUNT(*) FROM job"), 6 - removed);
}

static void a_stop_costs_no_attempt_and_no_lecture(void **state)
{
    struct catalog *catalog = *state;
    char path[PATH_MAX];
    struct jobs jobs = { .ingest = start_ingest(catalog) };
    put_talk(catalog, "talk.mp4", path);
    add_file(&jobs, path, true);
    for (int round = 0; round < 5; round++) {
        sleep_ms(round * 20);
        ingest_stop(jobs.ingest);
        int64_t attempts = catalog_figure(catalog, "SELECT attempts FROM job");
        assert_in_range(attempts, 0, 1);
        assert_int_equal(
            catalog_figure(catalog, "SELECT COUNT(*) FROM job WHERE state = 'running'"), 0);
        jobs.ingest = start_ingest(catalog);
    }
    assert_job_ends(&jobs, "ready");
    assert_only_ready_lectures(catalog, 1);
    ingest_stop(jobs.ingest);
}

static void *wait_for_job(void *data)
{
    struct jobs *jobs = data;
    static struct problem problem;
    json_t *json = NULL;
    problem = (struct problem){ 0 };
    if (ingest_wait(jobs->ingest, jobs->job_id, NULL, NULL, &json, &problem))
        json_decref(json);
    return &problem;
}

static void a_stop_lets_those_go_who_wait(void **state)
{
    struct catalog *catalog = *state;
    char path[PATH_MAX];
    struct jobs jobs = { .ingest = start_ingest(catalog) };
    pthread_t waiter;
    void *answer;
    ingest_stop(jobs.ingest);
    jobs.ingest = start_ingest(catalog);
    put_talk(catalog, "talk.mp4", path);
    add_file(&jobs, path, true);
    hold_queue(catalog);
    assert_int_equal(pthread_create(&waiter, NULL, wait_for_job, &jobs), 0);
    sleep_ms(50);
    ingest_stop(jobs.ingest);
    assert_int_equal(pthread_join(waiter, &answer), 0);
    enum problem_kind kind = ((struct problem *)answer)->kind;
    assert_true(kind == PROBLEM_BUSY || kind == PROBLEM_NONE);
}

static void note_progress(void *data, int permille)
{
    int *last = data;
    *last = *last == 10000 || permille < 0 || permille > 1000 ? 10000 : permille;
}

static void several_jobs_run_at_once_and_tell_how_far_they_are(void **state)
{
    struct catalog *catalog = *state;
    char path[PATH_MAX];
    catalog->settings.media_jobs = 3;
    struct jobs jobs = { .ingest = start_ingest(catalog) };
    char ids[5][UUID_TEXT_SIZE];
    put_talk(catalog, "talk.mp4", path);
    for (int i = 0; i < 5; i++) {
        add_file(&jobs, path, false);
        memcpy(ids[i], jobs.job_id, UUID_TEXT_SIZE);
    }
    for (int i = 0; i < 5; i++) {
        struct problem problem = { 0 };
        json_t *json = NULL;
        int last = -1;
        assert_true(ingest_wait(jobs.ingest, ids[i], note_progress, &last, &json, &problem));
        assert_string_equal(json_string_value(json_object_get(json, "state")), "ready");
        assert_in_range(last + 1, 0, 1001);
        json_decref(json);
    }
    assert_only_ready_lectures(catalog, 5);
    struct problem problem = { 0 };
    json_t *json = NULL;
    assert_false(ingest_wait(jobs.ingest, "nowhere", NULL, NULL, &json, &problem));
    assert_int_equal(problem.kind, PROBLEM_NOT_FOUND);
    ingest_stop(jobs.ingest);
}

static void a_job_that_took_the_server_down_three_times_is_not_tried_again(void **state)
{
    struct catalog *catalog = *state;
    struct jobs jobs = { .ingest = start_ingest(catalog) };
    char path[PATH_MAX];
    ingest_stop(jobs.ingest);
    catalog_lecture(catalog, "Law", jobs.lecture_id);
    catalog_sql(catalog,
        "INSERT INTO job (id, lecture_id, version, state, permille, attempts, created_at_ms)"
        " VALUES ('00000000-0000-7000-8000-000000000001', '%s', 1, 'running', 400, 3, 1)",
        jobs.lecture_id);
    put_talk(catalog, "incoming/00000000-0000-7000-8000-000000000001.input", path);
    (void)snprintf(jobs.job_id, UUID_TEXT_SIZE, "00000000-0000-7000-8000-000000000001");
    jobs.ingest = start_ingest(catalog);
    json_t *json = job_answer(&jobs);
    assert_string_equal(json_string_value(json_object_get(json, "state")), "failed");
    assert_true(json_string_length(json_object_get(json, "reason")) > 10);
    json_decref(json);
    assert_int_equal(
        catalog_figure(catalog, "SELECT COUNT(*) FROM lecture WHERE state = 'failed'"), 1);
    assert_int_equal(count_entries(catalog, "incoming"), 0);
    ingest_stop(jobs.ingest);
}

static void a_job_whose_file_is_gone_fails(void **state)
{
    struct catalog *catalog = *state;
    struct jobs jobs = { .ingest = start_ingest(catalog) };
    ingest_stop(jobs.ingest);
    catalog_lecture(catalog, "Law", jobs.lecture_id);
    catalog_sql(catalog,
        "INSERT INTO job (id, lecture_id, version, state, permille, attempts, created_at_ms)"
        " VALUES ('00000000-0000-7000-8000-000000000001', '%s', 1, 'queued', 0, 0, 1)",
        jobs.lecture_id);
    (void)snprintf(jobs.job_id, UUID_TEXT_SIZE, "00000000-0000-7000-8000-000000000001");
    jobs.ingest = start_ingest(catalog);
    assert_job_ends(&jobs, "failed");
    assert_int_equal(count_entries(catalog, "drafts"), 0);
    ingest_stop(jobs.ingest);
}

static void make_folder(const struct catalog *catalog, const char *name)
{
    char path[PATH_MAX];
    struct problem problem = { 0 };
    (void)snprintf(path, sizeof path, "%s/%s", catalog->folder, name);
    (void)folder_make(path, 0750, &problem);
    catalog_fail(&problem);
}

static void what_nobody_knows_is_removed_at_start(void **state)
{
    struct catalog *catalog = *state;
    struct jobs jobs = { .ingest = start_ingest(catalog) };
    char path[PATH_MAX], name[200];
    put_talk(catalog, "talk.mp4", path);
    add_file(&jobs, path, true);
    assert_job_ends(&jobs, "ready");
    ingest_stop(jobs.ingest);

    catalog_sql(catalog,
        "INSERT INTO caption_track (lecture_id, language, cue_count, updated_at_ms) VALUES ('%s', "
        "'en', 1, 1)",
        jobs.lecture_id);
    (void)snprintf(name, sizeof name, "lectures/%s/1/captions", jobs.lecture_id);
    make_folder(catalog, name);
    static const char *const captions[] = { "en.vtt", "ja.vtt", "en.vtt.draft.a1b2c3" };
    for (size_t i = 0; i < 3; i++) {
        (void)snprintf(
            name, sizeof name, "lectures/%s/1/captions/%s", jobs.lecture_id, captions[i]);
        put_file(catalog, name, "WEBVTT\n", 7, path);
    }
    (void)snprintf(name, sizeof name, "lectures/%s/2", jobs.lecture_id);
    make_folder(catalog, name);
    make_folder(catalog, "lectures/00000000-0000-7000-8000-000000000001/1");
    make_folder(catalog, "lectures/notes of the operator");
    make_folder(catalog, "drafts/00000000-0000-7000-8000-000000000002");
    put_file(catalog, "drafts/00000000-0000-7000-8000-000000000002/audio.cmaf", "x", 1, path);
    put_file(catalog, "incoming/00000000-0000-7000-8000-000000000003.input", "x", 1, path);
    put_file(catalog, "incoming/00000000-0000-7000-8000-000000000004.input.draft", "x", 1, path);

    jobs.ingest = start_ingest(catalog);
    assert_int_equal(count_entries(catalog, "incoming"), 0);
    assert_int_equal(count_entries(catalog, "drafts"), 0);
    /* the lecture, its captions folder with one track, and what is not ours */
    assert_int_equal(count_entries(catalog, "lectures"), known_entries(catalog) + 2 + 1);
    (void)snprintf(
        name, sizeof name, "%s/lectures/%s/1/captions/en.vtt", catalog->folder, jobs.lecture_id);
    assert_true(path_exists(name));
    ingest_stop(jobs.ingest);
}

static void note_change(void *data, const char *lecture_id)
{
    assert_int_equal(strlen(lecture_id), UUID_TEXT_SIZE - 1);
    atomic_fetch_add((atomic_int *)data, 1);
}

static void changes_are_told(void **state)
{
    struct catalog *catalog = *state;
    struct problem problem = { 0 };
    atomic_int changes = 0;
    char path[PATH_MAX];
    const struct ingest_options options = { .changed = note_change, .data = &changes };
    struct jobs jobs
        = { .ingest = ingest_start(catalog->db, &catalog->settings, &options, &problem) };
    catalog_fail(&problem);
    put_talk(catalog, "talk.mp4", path);
    add_file(&jobs, path, true);
    assert_job_ends(&jobs, "ready");
    ingest_stop(jobs.ingest);
    assert_int_equal(atomic_load(&changes), 5); /* added; running and ended, twice */
}

static int64_t jobs_in(struct catalog *catalog, const char *state)
{
    return catalog_figure(catalog, "SELECT COUNT(*) FROM job WHERE state = '%s'", state);
}

static void a_pause_queues_jobs_again_for_whoever_goes_on(void **state)
{
    struct catalog *catalog = *state;
    struct problem problem = { 0 };
    char path[PATH_MAX];
    struct jobs jobs = { .ingest = start_ingest(catalog) };
    put_talk(catalog, "talk.mp4", path);
    add_file(&jobs, path, false);
    for (int i = 0; i < 400 && jobs_in(catalog, "running") == 0; i++)
        sleep_ms(5);
    ingest_pause(jobs.ingest);
    add_file(&jobs, path, false); /* nobody works, but it is kept */
    assert_int_equal(jobs_in(catalog, "running"), 0);
    int64_t queued = jobs_in(catalog, "queued"); /* a fast machine may have done the first one */
    assert_int_equal(queued + jobs_in(catalog, "done"), 2);
    assert_int_equal(
        catalog_figure(catalog, "SELECT SUM(attempts) FROM job WHERE state = 'queued'"), 0);
    assert_int_equal(count_entries(catalog, "drafts"), 0);
    /* Beside it another one is ready, and goes on when it may; what was added meanwhile it looks for. */
    struct ingest *heir = ingest_start_paused(catalog->db, &catalog->settings, NULL, &problem);
    catalog_fail(&problem);
    sleep_ms(50);
    assert_int_equal(jobs_in(catalog, "queued"), queued);
    assert_true(ingest_resume(heir, &problem));
    for (int i = 0; i < 4000 && jobs_in(catalog, "done") < 2; i++)
        sleep_ms(5);
    add_file(&jobs, path, false);
    ingest_look(heir);
    for (int i = 0; i < 4000 && jobs_in(catalog, "done") < 3; i++)
        sleep_ms(5);
    assert_int_equal(jobs_in(catalog, "done"), 3);
    ingest_stop(heir);
    assert_true(ingest_resume(jobs.ingest, &problem));
    ingest_stop(jobs.ingest);
    assert_only_ready_lectures(catalog, 3);
}

static bool call_running(struct db_connection *connection, void *data, struct problem *problem)
{
    (void)data;
    return db_exec(connection, NULL, problem, "UPDATE job SET state = 'running'", "");
}

/* As when a server goes on that could not step aside: what it works at is no leftover. */
static void what_was_never_paused_goes_on_when_it_is_resumed(void **state)
{
    struct catalog *catalog = *state;
    struct problem problem = { 0 };
    char path[PATH_MAX];
    struct jobs jobs = { .ingest = start_ingest(catalog) };
    put_talk(catalog, "talk.mp4", path);
    add_file(&jobs, path, false);
    assert_job_ends(&jobs, "ready");
    assert_true(db_write(catalog->db, call_running, NULL, &problem)); /* as if it had not ended */
    assert_true(ingest_resume(jobs.ingest, &problem));
    assert_int_equal(jobs_in(catalog, "running"), 1);
    ingest_stop(jobs.ingest);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, catalog_set_up, catalog_tear_down)

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        TEST(a_file_becomes_a_lecture),
        TEST(what_is_taken_over_is_gone_afterwards),
        TEST(a_copy_holds_every_byte_whatever_the_position),
        TEST(what_cannot_be_a_lecture_leaves_its_row_and_a_sentence),
        TEST(what_is_not_a_file_or_has_wrong_words_is_not_added),
        TEST(a_job_that_waits_can_be_cancelled),
        TEST(a_job_that_runs_can_be_cancelled),
        TEST(what_is_cancelled_can_be_removed_while_its_child_still_ends),
        TEST(a_stop_costs_no_attempt_and_no_lecture),
        TEST(a_stop_lets_those_go_who_wait),
        TEST(several_jobs_run_at_once_and_tell_how_far_they_are),
        TEST(a_job_that_took_the_server_down_three_times_is_not_tried_again),
        TEST(a_job_whose_file_is_gone_fails),
        TEST(what_nobody_knows_is_removed_at_start),
        TEST(changes_are_told),
        TEST(a_pause_queues_jobs_again_for_whoever_goes_on),
        TEST(what_was_never_paused_goes_on_when_it_is_resumed),
    };
    if (argc > 1 && strcmp(argv[1], "media-job") == 0)
        return media_job_child(argc, argv);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
