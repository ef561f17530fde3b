/* A process that is ended between any two steps: the next start mends it, and the lecture is there
 * once. */
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
        int lectures;        /* that come of it */
        bool source_is_left; /* for its giver */
    } cases[] = {
        { "added-input", 0, true }, /* its giver was told nothing, and still has the file */
        { "added-rows", 1, true },
        { "claimed", 1, false },
        { "drafted", 1, false },
        { "renamed", 1, false },
        { "ended", 1, false },
        { "cleaned", 1, false },
    };
    struct catalog *catalog = *state;
    int lectures = 0;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        char path[PATH_MAX];
        put_talk(catalog, "talk.mp4", path);
        die_at(catalog, cases[i].failpoint, add_and_wait);
        if (path_exists(path) != cases[i].source_is_left)
            fail_msg("%s: the source", cases[i].failpoint);
        catalog_open(catalog);
        go_on(catalog);
        lectures += cases[i].lectures;
        print_message("after %s\n", cases[i].failpoint);
        assert_only_ready_lectures(catalog, lectures);
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
           && mount("none", folder, "tmpfs", 0, "size=3m") == 0;
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

enum { TOLD_AT_ONCE, TOLD_BY_THE_JOB, DONE, WRONG };

/* What happens to a file on a disk with so much room. */
static int add_with_room(struct catalog *catalog, struct jobs *jobs, const char *path, size_t bytes)
{
    static const char full[] = "The server's disk is full.";
    struct problem problem = { 0 };
    leave_room(catalog, bytes);
    if (!try_add(jobs, path, false, &problem))
        return problem.kind == PROBLEM_STORAGE_FULL ? TOLD_AT_ONCE : WRONG;
    /* Without room for a single row the queue stands still, and goes on when there is some. */
    for (int i = 0; i < 20 && jobs_under_way(catalog); i++)
        sleep_ms(25);
    if (jobs_under_way(catalog))
        leave_room(catalog, 1 << 20);
    json_t *json = job_answer(jobs);
    const char *state = json_string_value(json_object_get(json, "state"));
    const char *reason = json_string_value(json_object_get(json, "reason"));
    int outcome = strcmp(state, "ready") == 0                ? DONE
                  : strncmp(reason, full, strlen(full)) == 0 ? TOLD_BY_THE_JOB
                                                             : WRONG;
    if (outcome == WRONG)
        print_message("%s %s\n", state, reason);
    json_decref(json);
    return outcome;
}

/* Exit codes: 0 good, 77 not allowed here, else the step that went wrong. */
static int fill_the_disk(struct catalog *catalog)
{
    struct jobs jobs = { 0 };
    char path[PATH_MAX];
    int seen[WRONG] = { 0 };
    if (!mount_small(catalog->folder))
        return 77;
    catalog_open(catalog);
    jobs.ingest = start_ingest(catalog);
    put_talk(catalog, "talk.mp4", path);
    for (size_t bytes = 0; bytes < 400 * 1024; bytes += 16384) {
        int outcome = add_with_room(catalog, &jobs, path, bytes);
        if (outcome == WRONG)
            return 2;
        seen[outcome]++;
        if (count_entries(catalog, "incoming") != 0 || count_entries(catalog, "drafts") != 0
            || count_entries(catalog, "lectures") != known_entries(catalog))
            return 3;
        if (outcome == DONE && seen[DONE] == 3)
            break;
    }
    print_message("told at once %d, told by the job %d, done %d\n", seen[TOLD_AT_ONCE],
        seen[TOLD_BY_THE_JOB], seen[DONE]);
    ingest_stop(jobs.ingest);
    catalog_close(catalog);
    return seen[TOLD_AT_ONCE] > 0 && seen[TOLD_BY_THE_JOB] > 0 && seen[DONE] > 0 ? 0 : 4;
}

static void a_full_disk_is_told_and_leaves_nothing(void **state)
{
    struct catalog *catalog = *state;
    int status;
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0)
        _exit(fill_the_disk(catalog));
    assert_int_equal(waitpid(child, &status, 0), child);
    if (WIFEXITED(status) && WEXITSTATUS(status) == 77)
        skip();
    assert_true(WIFEXITED(status));
    assert_int_equal(WEXITSTATUS(status), 0);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, catalog_set_up_closed, catalog_tear_down)

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        TEST(a_crash_between_any_two_steps_is_mended),
        TEST(three_crashes_are_enough),
        TEST(the_server_may_be_killed_at_any_moment),
        TEST(a_full_disk_is_told_and_leaves_nothing),
    };
    if (argc > 1 && strcmp(argv[1], "media-job") == 0)
        return media_job_child(argc, argv);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
