/* A process that is ended between any two steps: the next start mends it, and the lecture is there
 * once. */
#include "catalog/lecture_sound.h"
#include "catalog_jobs.h"

#include <sched.h>
#include <sys/mount.h>

static void add_and_wait(struct catalog *catalog)
{
    struct jobs jobs = { .ingest = start_ingest(catalog) };
    char path[PATH_MAX];
    (void)snprintf(path, sizeof path, "%s/talk.mp4", catalog->folder);
    add_file(&jobs, path, true);
    (void)job_answer(&jobs);
}

static bool jobs_under_way(struct catalog *catalog)
{
    return catalog_figure(catalog, "SELECT COUNT(*) FROM job WHERE state IN ('queued', 'running')")
           > 0;
}

static void go_on(struct catalog *catalog)
{
    struct jobs jobs = { .ingest = start_ingest(catalog) };
    for (int i = 0; i < 400 && jobs_under_way(catalog); i++)
        sleep_ms(25);
    ingest_stop(jobs.ingest);
}

static void a_crash_between_any_two_steps_is_mended(void **state)
{
    static const struct {
        const char *failpoint;
        int times;           /* 2: in the second pass */
        int lectures;        /* that come of it */
        bool source_is_left; /* for its giver */
    } cases[] = {
        { "added-input", 1, 0, true }, /* its giver was told nothing, and still has the file */
        { "added-rows", 1, 1, true },
        { "claimed", 1, 1, false },
        { "drafted", 1, 1, false },
        { "kept", 1, 1, false },
        { "renamed", 1, 1, false },
        { "published", 1, 1, false },
        { "cleaned", 1, 1, false },
        { "claimed", 2, 1, false },
        { "drafted", 2, 1, false },
        { "moved", 1, 1, false },
        { "extended", 1, 1, false },
        { "cleaned", 2, 1, false },
    };
    struct catalog *catalog = *state;
    int lectures = 0;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        char path[PATH_MAX];
        put_talk(catalog, "talk.mp4", path);
        die_at_time(catalog, cases[i].failpoint, cases[i].times, add_and_wait);
        if (path_exists(path) != cases[i].source_is_left)
            fail_msg("%s: the source", cases[i].failpoint);
        catalog_open(catalog);
        go_on(catalog);
        lectures += cases[i].lectures;
        print_message("after %s %d\n", cases[i].failpoint, cases[i].times);
        assert_only_ready_lectures(catalog, lectures);
        catalog_close(catalog);
    }
}

static char carried_lecture_id[UUID_TEXT_SIZE];

/* A lecture with an interpreter's sound that begins half a second late. */
static void put_interpreted(struct catalog *catalog)
{
    struct jobs jobs = { .ingest = start_ingest(catalog) };
    struct problem problem = { 0 };
    char path[PATH_MAX];
    put_talk(catalog, "talk.mp4", path);
    add_file(&jobs, path, true);
    assert_job_ends(&jobs, "ready");
    struct sound_wish wish = { jobs.lecture_id, "vi", "vi.mp4", 500 };
    int fd = open(talk_path, O_RDONLY | O_CLOEXEC);
    (void)lecture_sound_add(jobs.ingest, &wish, fd, NULL, false, NULL, jobs.job_id, &problem);
    catalog_fail(&problem);
    (void)close(fd);
    assert_job_ends(&jobs, "ready");
    memcpy(carried_lecture_id, jobs.lecture_id, UUID_TEXT_SIZE);
    ingest_stop(jobs.ingest);
}

static void trim_and_wait(struct catalog *catalog)
{
    struct jobs jobs = { .ingest = start_ingest(catalog) };
    struct problem problem = { 0 };
    int64_t duration_ms = catalog_figure(catalog, "SELECT MIN(duration_ms) FROM lecture_version");
    (void)ingest_trim(
        jobs.ingest, carried_lecture_id, 100, duration_ms, NULL, jobs.job_id, &problem);
    catalog_fail(&problem);
    (void)job_answer(&jobs);
}

static void an_interpreter_goes_along_whatever_moment_the_server_ends_at(void **state)
{
    static const char *const failpoints[]
        = { "sounds-taken", "kept", "renamed", "published", "cleaned", "moved", "extended" };
    struct catalog *catalog = *state;
    catalog_open(catalog);
    put_interpreted(catalog);
    catalog_close(catalog);
    for (int i = 0; i < (int)(sizeof failpoints / sizeof failpoints[0]); i++) {
        int version = i + 2;
        print_message("at %s\n", failpoints[i]);
        die_at(catalog, failpoints[i], trim_and_wait);
        catalog_open(catalog);
        go_on(catalog);
        assert_int_equal(catalog_figure(catalog, "SELECT current_version FROM lecture"), version);
        assert_int_equal(catalog_figure(catalog,
                             "SELECT COUNT(*) FROM sound_track WHERE version = %d"
                             " AND language = 'vi' AND state = 'ready' AND offset_ms = %d",
                             version, 500 - 100 * (i + 1)),
            1);
        assert_true(catalog_figure(catalog,
                        "SELECT COUNT(*) FROM rendition WHERE version = %d"
                        " AND name LIKE 'audio-%%-vi-2'",
                        version)
                    > 0);
        assert_int_equal(catalog_figure(catalog, "SELECT COUNT(*) FROM sound_track"), version);
        assert_int_equal(count_entries(catalog, "incoming"), 0);
        assert_int_equal(count_entries(catalog, "drafts"), 0);
        /* a folder, and of each version its file and its interpreter's */
        assert_int_equal(count_entries(catalog, "originals"), 1 + 2 * version);
        catalog_close(catalog);
    }
}

static void try_for_ever(struct catalog *catalog)
{
    struct jobs jobs = { .ingest = start_ingest(catalog) };
    sleep_ms(20000);
    ingest_stop(jobs.ingest);
}

static void three_crashes_are_enough(void **state)
{
    struct catalog *catalog = *state;
    char path[PATH_MAX];
    put_talk(catalog, "talk.mp4", path);
    die_at(catalog, "drafted", add_and_wait);
    die_at(catalog, "drafted", try_for_ever);
    die_at(catalog, "drafted", try_for_ever);
    catalog_open(catalog);
    go_on(catalog);
    assert_int_equal(catalog_figure(catalog, "SELECT COUNT(*) FROM job WHERE state = 'failed'"), 1);
    assert_int_equal(catalog_figure(catalog, "SELECT attempts FROM job"), 3);
    assert_int_equal(count_entries(catalog, "incoming"), 0);
    assert_int_equal(count_entries(catalog, "drafts"), 0);
    assert_int_equal(count_entries(catalog, "lectures"), 0);
    catalog_close(catalog);
}

static void the_server_may_be_killed_at_any_moment(void **state)
{
    struct catalog *catalog = *state;
    char path[PATH_MAX];
    srandom(7);
    put_talk(catalog, "talk.mp4", path);
    for (int round = 0; round < 8; round++) {
        int status;
        pid_t child = fork();
        assert_true(child >= 0);
        if (child == 0) {
            catalog_open(catalog);
            if (round == 0)
                add_and_wait(catalog);
            else
                try_for_ever(catalog);
            _exit(0);
        }
        sleep_ms(30 + random() % 300);
        (void)kill(child, SIGKILL);
        assert_int_equal(waitpid(child, &status, 0), child);
        catalog_open(catalog);
        /* this is not about the three attempts */
        catalog_sql(catalog, "UPDATE job SET attempts = 0");
        catalog_close(catalog);
    }
    catalog_open(catalog);
    go_on(catalog);
    int64_t lectures = catalog_figure(catalog, "SELECT COUNT(*) FROM lecture");
    assert_in_range(lectures, 0, 1);
    assert_only_ready_lectures(catalog, (int)lectures);
    catalog_close(catalog);
}

static bool write_text(const char *path, const char *text)
{
    int fd = open(path, O_WRONLY | O_CLOEXEC);
    bool done = fd >= 0 && write(fd, text, strlen(text)) == (ssize_t)strlen(text);
    if (fd >= 0)
        (void)close(fd);
    return done;
}

enum { DISK_BYTES = 16 << 20 };

/* A small file system of this process alone; as root, or as the root of a user namespace where
 * those are allowed. */
static bool mount_small(const char *folder)
{
    char user[40], group[40];
    (void)snprintf(user, sizeof user, "0 %u 1", (unsigned)getuid());
    (void)snprintf(group, sizeof group, "0 %u 1", (unsigned)getgid());
    if (unshare(CLONE_NEWNS) != 0
        && (unshare(CLONE_NEWUSER | CLONE_NEWNS) != 0 || !write_text("/proc/self/setgroups", "deny")
            || !write_text("/proc/self/uid_map", user) || !write_text("/proc/self/gid_map", group)))
        return false;
    return mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) == 0
           && mount("none", folder, "tmpfs", 0, "size=16m" /* DISK_BYTES */) == 0;
}

/* Leaves about this much room, by a file of zeros. */
static void leave_room(const struct catalog *catalog, size_t bytes)
{
    static const char zeros[4096];
    char path[PATH_MAX];
    (void)snprintf(path, sizeof path, "%s/filler", catalog->folder);
    int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    off_t size = 0;
    while (write(fd, zeros, sizeof zeros) == (ssize_t)sizeof zeros)
        size += (off_t)sizeof zeros;
    (void)ftruncate(fd, size > (off_t)bytes ? size - (off_t)bytes : 0);
    (void)close(fd);
}

static bool is_paused(struct catalog *catalog)
{
    return catalog_figure(catalog, "SELECT COUNT(*) FROM job WHERE state = 'paused'") > 0;
}

/* Nothing beside what is published and what still waits. */
static bool is_tidy(struct catalog *catalog)
{
    return count_entries(catalog, "drafts") == 0
           && count_entries(catalog, "lectures") == known_entries(catalog);
}

/* So much room is left this long after the job was added, and then more; 0: nothing went wrong. */
static int fill_while_at_work(struct catalog *catalog, struct jobs *jobs, const char *path,
    size_t bytes, long after_ms, int *pauses)
{
    struct problem problem = { 0 };
    if (after_ms < 0)
        leave_room(catalog, bytes);
    if (!try_add(jobs, path, false, &problem))
        return 2;
    sleep_ms(after_ms < 0 ? 0 : after_ms);
    leave_room(catalog, bytes);
    /* Without room for a single row the queue stands still. */
    for (int i = 0; i < 40 && jobs_under_way(catalog); i++)
        sleep_ms(25);
    if (is_paused(catalog) && !is_tidy(catalog))
        return 3;
    *pauses += is_paused(catalog);
    leave_room(catalog, 8 << 20);
    json_t *json = job_answer(jobs); /* it goes on by itself */
    bool ready = strcmp(json_string_value(json_object_get(json, "state")), "ready") == 0;
    if (!ready)
        print_message("%s\n", json_dumps(json, JSON_INDENT(1)));
    json_decref(json);
    return ready && is_tidy(catalog) && count_entries(catalog, "incoming") == 0 ? 0 : 4;
}

/* Exit codes: 0 good, 77 not allowed here, else the step that went wrong. */
static int fill_the_disk(struct catalog *catalog)
{
    struct jobs jobs = { 0 };
    struct problem problem = { 0 };
    char path[PATH_MAX];
    int pauses = 0;
    if (!mount_small(catalog->folder))
        return 77;
    catalog_open(catalog);
    catalog->settings.disk_full_retry_seconds = 1;
    jobs.ingest = start_ingest(catalog);
    put_talk(catalog, "talk.mp4", path);
    leave_room(catalog, 16384);
    if (try_add(&jobs, path, false, &problem) || problem.kind != PROBLEM_STORAGE_FULL
        || count_entries(catalog, "incoming") != 0)
        return 5;
    leave_room(catalog, 8 << 20);
    /* Enough to begin with, but less than a first pass needs beside what jobs leave to the store. */
    int wrong
        = fill_while_at_work(catalog, &jobs, path, DISK_BYTES / 16 + (256 << 10), -1, &pauses);
    if (wrong || pauses != 1)
        return wrong ? wrong : 6;
    for (long after_ms = 0; after_ms < 200; after_ms += 50) {
        wrong = fill_while_at_work(catalog, &jobs, path, 0, after_ms, &pauses);
        if (wrong)
            return wrong;
    }
    print_message("paused %d times\n", pauses);
    ingest_stop(jobs.ingest);
    catalog_close(catalog);
    return 0;
}

static void a_full_disk_pauses_jobs_and_leaves_nothing_half_made(void **state)
{
    struct catalog *catalog = *state;
    int status;
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0)
        _exit(fill_the_disk(catalog));
    assert_int_equal(waitpid(child, &status, 0), child);
    if (WIFEXITED(status) && WEXITSTATUS(status) == 77) {
        print_message("skipped: a small file system cannot be mounted here\n");
        skip();
    }
    assert_true(WIFEXITED(status));
    assert_int_equal(WEXITSTATUS(status), 0);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, catalog_set_up_closed, catalog_tear_down)

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        TEST(a_crash_between_any_two_steps_is_mended),
        TEST(an_interpreter_goes_along_whatever_moment_the_server_ends_at),
        TEST(three_crashes_are_enough),
        TEST(the_server_may_be_killed_at_any_moment),
        TEST(a_full_disk_pauses_jobs_and_leaves_nothing_half_made),
    };
    if (argc > 1 && strcmp(argv[1], "media-job") == 0)
        return media_job_child(argc, argv);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
