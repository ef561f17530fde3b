#include "store_folder.h"

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

/* ---- kill -9 ---- */

enum { ROUNDS = 20, WRITERS = 4, ACKNOWLEDGED_MAX = 1 << 16 };

struct reporter {
    struct db *db;
    int pipe;
    int64_t last;
};

static bool write_numbered(struct db_connection *connection, void *data, struct problem *problem)
{
    int64_t *id = data;
    *id = db_next_key(connection, "note");
    return db_exec(connection, NULL, problem, "INSERT INTO note (id, author) VALUES ($1, $2)", "ii",
        *id, (int64_t)getpid());
}

/* Says each id on the pipe once it was acknowledged, as an answer to a player would. */
static void *write_and_report(void *data)
{
    struct reporter *reporter = data;
    struct problem problem = { 0 };
    int64_t id;
    while (db_write(reporter->db, write_numbered, &id, &problem))
        if (write(reporter->pipe, &id, sizeof id) != sizeof id)
            break;
    return NULL;
}

static _Noreturn void live_until_killed(const char *folder, int pipe)
{
    struct problem problem = { 0 };
    struct reporter reporter = { .db = db_open(folder, &problem), .pipe = pipe };
    pthread_t thread;
    if (!reporter.db)
        _exit(1);
    for (int i = 0; i < WRITERS; i++)
        (void)pthread_create(&thread, NULL, write_and_report, &reporter);
    for (;;)
        (void)pause();
}

/* Returns the ids that were acknowledged before the kill. */
static size_t kill_a_writer(const char *folder, long wait_us, int64_t *ids)
{
    int ends[2];
    size_t count = 0;
    assert_int_equal(pipe(ends), 0);
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        (void)close(ends[0]);
        live_until_killed(folder, ends[1]);
    }
    (void)close(ends[1]);
    assert_int_equal(read(ends[0], &ids[count++], sizeof *ids), sizeof *ids);
    struct timespec wait = { .tv_nsec = wait_us * 1000 };
    (void)nanosleep(&wait, NULL);
    assert_int_equal(kill(child, SIGKILL), 0);
    while (count < ACKNOWLEDGED_MAX && read(ends[0], &ids[count], sizeof *ids) == sizeof *ids)
        count++;
    (void)close(ends[0]);
    int status;
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
    return count;
}

static bool find_note(struct db_connection *connection, void *data, struct problem *problem)
{
    struct db_rows *rows
        = db_query(connection, "SELECT 1 FROM note WHERE id = $1", "i", *(int64_t *)data);
    bool found = db_next(rows);
    return db_end(rows, problem) && (found || problem_set(problem, PROBLEM_NOT_FOUND, "lost"));
}

static bool check_file(struct db_connection *connection, void *data, struct problem *problem)
{
    (void)data;
    struct db_rows *rows = db_query(connection, "PRAGMA integrity_check", "");
    bool well = db_next(rows) && text_equal(db_text(rows, 0), "ok");
    return db_end(rows, problem) && well;
}

static void a_kill_loses_nothing_that_was_acknowledged(void **state)
{
    (void)state;
    struct problem problem = { 0 };
    char *folder = store_folder_make();
    int64_t *ids = memory_alloc(ACKNOWLEDGED_MAX * sizeof *ids);
    struct db *db = store_open(folder);
    store_make_notes(db);
    db_close(db);
    unsigned seed = (unsigned)time(NULL);
    for (int round = 0; round < ROUNDS; round++) {
        size_t count = kill_a_writer(folder, rand_r(&seed) % 40000, ids);
        db = store_open(folder); /* the lock ended with its holder */
        for (size_t i = 0; i < count; i++)
            if (!db_read(db, find_note, &ids[i], &problem))
                fail_msg("%lld was acknowledged: %s", (long long)ids[i], problem.detail);
        assert_true(db_read(db, check_file, NULL, &problem));
        db_close(db);
    }
    free(ids);
    store_folder_remove(folder);
}

/* ---- a full disk ---- */

static bool write_large(struct db_connection *connection, void *data, struct problem *problem)
{
    static const char large[100000];
    (void)data;
    return db_exec(connection, NULL, problem,
        "INSERT INTO note (id, author, seal) VALUES ($1, $2, $3)", "iib",
        db_next_key(connection, "note"), INT64_C(1), large, sizeof large);
}

/* How many were acknowledged until the disk was full. */
static int64_t fill(struct db *db)
{
    for (int64_t count = 0; count < 1000; count++) {
        struct problem problem = { 0 };
        if (!db_write(db, write_large, NULL, &problem)) {
            if (problem.kind != PROBLEM_STORAGE_FULL)
                fail_msg("%s", problem.detail);
            return count;
        }
    }
    fail_msg("the disk did not fill");
    return 0;
}

static void a_file_that_may_not_grow_is_a_full_disk(void **state)
{
    (void)state;
    struct problem problem = { 0 };
    char *folder = store_folder_make();
    struct db *db = store_open(folder);
    store_make_notes(db);
    struct rlimit before, tight;
    assert_int_equal(getrlimit(RLIMIT_FSIZE, &before), 0);
    tight = before;
    tight.rlim_cur = 3 << 20;
    (void)signal(SIGXFSZ, SIG_IGN);
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &tight), 0);
    int64_t count = fill(db);
    assert_true(count > 0);
    assert_int_equal(store_notes(db), count); /* playback goes on */
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &before), 0);
    assert_true(
        db_write(db, write_large, NULL, &problem)); /* and so does writing, once there is room */
    db_close(db);
    db = store_open(folder);
    assert_int_equal(store_notes(db), count + 1);
    assert_true(db_read(db, check_file, NULL, &problem));
    db_close(db);
    store_folder_remove(folder);
}

static void a_full_file_system_keeps_what_it_has(void **state)
{
    (void)state;
    struct problem problem = { 0 };
    char *folder = store_folder_make();
    if (mount("none", folder, "tmpfs", 0, "size=2m") != 0) {
        print_message("skipped: a small file system cannot be mounted here: %s\n", strerror(errno));
        store_folder_remove(folder);
        return;
    }
    struct db *db = store_open(folder);
    store_make_notes(db);
    int64_t count = fill(db);
    assert_true(count > 0);
    assert_int_equal(store_notes(db), count);
    db_close(db);
    db = store_open(folder);
    assert_int_equal(store_notes(db), count);
    assert_true(db_read(db, check_file, NULL, &problem));
    db_close(db);
    assert_int_equal(umount(folder), 0);
    store_folder_remove(folder);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_kill_loses_nothing_that_was_acknowledged),
        cmocka_unit_test(a_file_that_may_not_grow_is_a_full_disk),
        cmocka_unit_test(a_full_file_system_keeps_what_it_has),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
