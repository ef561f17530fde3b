#include "store_folder.h"

#include <pthread.h>
#include <semaphore.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

struct fixture {
    char *folder;
    struct db *db;
};

static int set_up(void **state)
{
    struct fixture *fixture = memory_zeroed(1, sizeof *fixture);
    fixture->folder = store_folder_make();
    fixture->db = store_open(fixture->folder);
    store_make_notes(fixture->db);
    *state = fixture;
    return 0;
}

static int tear_down(void **state)
{
    struct fixture *fixture = *state;
    db_close(fixture->db);
    store_folder_remove(fixture->folder);
    free(fixture);
    return 0;
}

struct note {
    int64_t id;
    const int64_t *author;
    const char *body;
    const void *seal;
    size_t seal_count;
};

static const char insert_sql[]
    = "INSERT INTO note (body, id, seal, author) VALUES ($3, $1, $4, $2)";

static bool insert_note(struct db_connection *connection, void *data, struct problem *problem)
{
    const struct note *note = data;
    int64_t changed = -1;
    return db_exec(connection, &changed, problem, insert_sql, "iItb", note->id, note->author,
               note->body, note->seal, note->seal_count)
           && changed == 1;
}

static bool compare_note(struct db_connection *connection, void *data, struct problem *problem)
{
    const struct note *note = data;
    struct db_rows *rows = db_query(
        connection, "SELECT author, body, seal, id FROM note WHERE id = $1", "i", note->id);
    assert_true(db_next(rows));
    size_t count = 99;
    const void *seal = db_bytes(rows, 2, &count);
    assert_int_equal(db_int(rows, 0), *note->author);
    assert_int_equal(db_is_null(rows, 1), !note->body);
    assert_true(text_equal(db_text(rows, 1), note->body));
    assert_int_equal(db_is_null(rows, 2), !note->seal);
    assert_int_equal(count, note->seal_count);
    assert_int_equal(!seal, !note->seal);
    if (count > 0)
        assert_memory_equal(seal, note->seal, count);
    assert_int_equal(db_int(rows, 3), note->id);
    assert_false(db_next(rows));
    assert_false(db_next(rows));
    return db_end(rows, problem);
}

static void what_goes_in_comes_out(void **state)
{
    struct fixture *fixture = *state;
    static const int64_t one = 1, least = INT64_MIN, most = INT64_MAX;
    static const struct note cases[] = {
        { 1, &one, "plain", "\x00\x01\xff", 3 },
        { 2, &least, "", "", 0 },
        { 3, &most, NULL, NULL, 0 },
        { 4, &one, "Б\u00e9 \U0001F393 'quoted'; --", "x", 1 },
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct problem problem = { 0 };
        struct note note = cases[i];
        assert_true(db_write(fixture->db, insert_note, &note, &problem));
        assert_true(db_read(fixture->db, compare_note, &note, &problem));
    }
}

static void a_refused_statement_says_what_kind_of_fault(void **state)
{
    struct fixture *fixture = *state;
    static const struct {
        const char *story;
        const char *sql;
        enum problem_kind expected;
    } cases[] = {
        { "taken", "INSERT INTO note (id, author) VALUES (1, 1), (1, 2)", PROBLEM_CONFLICT },
        { "taken unique",
            "INSERT INTO organization (id, name, created_at_ms) VALUES ('a', 'n', 1), ('b', 'n', "
            "1)",
            PROBLEM_CONFLICT },
        { "refers to nothing",
            "INSERT INTO program_text (program_id, language, title, description)"
            " VALUES ('none', 'en', '', '')",
            PROBLEM_CONFLICT },
        { "null", "INSERT INTO note (id) VALUES (7)", PROBLEM_INTERNAL },
        { "null key", "INSERT INTO program (created_at_ms) VALUES (7)", PROBLEM_INTERNAL },
        { "check",
            "INSERT INTO staff (id, email, name, role, password_hash, created_at_ms)"
            " VALUES ('a', 'e', 'n', 'king', '', 1)",
            PROBLEM_INTERNAL },
        { "no such table", "DELETE FROM notes", PROBLEM_INTERNAL },
        { "double quotes are names", "DELETE FROM note WHERE body = \"gone\"", PROBLEM_INTERNAL },
        { "two statements", "DELETE FROM note; DELETE FROM note", PROBLEM_INTERNAL },
        { "no statement", "-- nothing", PROBLEM_INTERNAL },
        { "an argument too few", "DELETE FROM note WHERE id = $1", PROBLEM_INTERNAL },
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct problem problem = { 0 };
        char *sql = memory_strdup(cases[i].sql);
        assert_false(db_write(fixture->db, store_run, sql, &problem));
        if (problem.kind != cases[i].expected)
            fail_msg("%s: %s", cases[i].story, problem.detail);
        free(sql);
    }
    assert_int_equal(store_notes(fixture->db), 0);
}

static bool give_wrong_types(struct db_connection *connection, void *data, struct problem *problem)
{
    static const char sql[] = "DELETE FROM note WHERE id = $1";
    switch (*(int *)data) {
    case 0:
        return db_exec(connection, NULL, problem, sql, "ii", INT64_C(1), INT64_C(2));
    case 1:
        return db_exec(connection, NULL, problem, sql, "d", 1.0);
    case 2: /* right first, so that it is kept prepared; then too few */
        return db_exec(connection, NULL, problem, sql, "i", INT64_C(1))
               && db_exec(connection, NULL, problem, sql, "");
    default:
        return db_exec(
            connection, NULL, problem, "DELETE FROM note WHERE id = $2", "i", INT64_C(1));
    }
}

static void types_that_do_not_fit_are_refused(void **state)
{
    struct fixture *fixture = *state;
    for (int i = 0; i < 4; i++) {
        struct problem problem = { 0 };
        assert_false(db_write(fixture->db, give_wrong_types, &i, &problem));
        assert_int_equal(problem.kind, PROBLEM_INTERNAL);
    }
}

static void reading_cannot_write(void **state)
{
    struct fixture *fixture = *state;
    struct problem problem = { 0 };
    char sql[] = "INSERT INTO note (id, author) VALUES (1, 1)";
    assert_false(db_read(fixture->db, store_run, sql, &problem));
    assert_int_equal(problem.kind, PROBLEM_INTERNAL);
    assert_int_equal(store_notes(fixture->db), 0);
}

static bool forget_the_end(struct db_connection *connection, void *data, struct problem *problem)
{
    (void)data;
    (void)problem;
    (void)db_next(db_query(connection, "SELECT id FROM note", ""));
    (void)db_next(db_query(connection, "SELECT nothing FROM nowhere", ""));
    return true;
}

static void rows_without_end_fail_the_function(void **state)
{
    struct fixture *fixture = *state;
    struct problem problem = { 0 };
    assert_false(db_read(fixture->db, forget_the_end, NULL, &problem));
    assert_int_equal(problem.kind, PROBLEM_INTERNAL);
    problem_clear(&problem);
    assert_false(db_write(fixture->db, forget_the_end, NULL, &problem));
    assert_int_equal(store_notes(fixture->db), 0); /* and the connections still work */
}

static bool count_pairs(struct db_connection *connection, void *data, struct problem *problem)
{
    static const char sql[] = "SELECT id FROM note ORDER BY id";
    int pairs = 0;
    struct db_rows *outer = db_query(connection, sql, "");
    while (db_next(outer)) {
        struct db_rows *other = db_query(connection, sql, "");
        while (db_next(other))
            pairs++;
        if (!db_end(other, problem))
            break;
    }
    *(int *)data = pairs;
    return db_end(outer, problem);
}

static void a_statement_may_run_inside_of_itself(void **state)
{
    struct fixture *fixture = *state;
    struct problem problem = { 0 };
    char sql[] = "INSERT INTO note (id, author) VALUES (1, 1), (2, 1), (3, 1)";
    assert_true(db_write(fixture->db, store_run, sql, &problem));
    for (int again = 0; again < 2; again++) {
        int pairs = 0;
        assert_true(db_read(fixture->db, count_pairs, &pairs, &problem));
        assert_int_equal(pairs, 9);
    }
}

static bool run_many_texts(struct db_connection *connection, void *data, struct problem *problem)
{
    (void)data;
    char sql[64]; /* one address, many texts */
    for (int i = 0; i < 1000; i++) {
        (void)snprintf(sql, sizeof sql, "SELECT %d + $1", i % 700);
        struct db_rows *rows = db_query(connection, sql, "i", INT64_C(1));
        assert_true(db_next(rows));
        assert_int_equal(db_int(rows, 0), i % 700 + 1);
        if (!db_end(rows, problem))
            return false;
    }
    return true;
}

static void more_texts_than_are_kept_still_run(void **state)
{
    struct fixture *fixture = *state;
    struct problem problem = { 0 };
    assert_true(db_read(fixture->db, run_many_texts, NULL, &problem));
}

struct snapshot {
    sem_t looked, wrote;
    int64_t before, after;
};

static bool look_twice(struct db_connection *connection, void *data, struct problem *problem)
{
    struct snapshot *snapshot = data;
    if (!store_count_notes(connection, &snapshot->before, problem))
        return false;
    (void)sem_post(&snapshot->looked);
    (void)sem_wait(&snapshot->wrote);
    return store_count_notes(connection, &snapshot->after, problem);
}

struct looking {
    struct db *db;
    struct snapshot snapshot;
};

static void *look(void *data)
{
    struct looking *looking = data;
    struct problem problem = { 0 };
    return db_read(looking->db, look_twice, &looking->snapshot, &problem) ? looking : NULL;
}

static void a_reader_sees_one_moment_beside_the_writer(void **state)
{
    struct fixture *fixture = *state;
    struct problem problem = { 0 };
    struct looking looking = { .db = fixture->db };
    pthread_t thread;
    void *done;
    (void)sem_init(&looking.snapshot.looked, 0, 0);
    (void)sem_init(&looking.snapshot.wrote, 0, 0);
    assert_int_equal(pthread_create(&thread, NULL, look, &looking), 0);
    (void)sem_wait(&looking.snapshot.looked);
    char sql[] = "INSERT INTO note (id, author) VALUES (1, 1)";
    assert_true(db_write(fixture->db, store_run, sql, &problem)); /* does not wait for the reader */
    assert_int_equal(store_notes(fixture->db), 1);
    (void)sem_post(&looking.snapshot.wrote);
    assert_int_equal(pthread_join(thread, &done), 0);
    assert_non_null(done);
    assert_int_equal(looking.snapshot.before, 0);
    assert_int_equal(looking.snapshot.after, 0);
}

static void *read_often(void *data)
{
    for (int i = 0; i < 20; i++)
        assert_int_equal(store_notes(data), 0);
    return NULL;
}

static void readers_beyond_the_bound_wait_their_turn(void **state)
{
    struct fixture *fixture = *state;
    pthread_t threads[3 * DB_READERS_MAX];
    for (size_t i = 0; i < sizeof threads / sizeof threads[0]; i++)
        assert_int_equal(pthread_create(&threads[i], NULL, read_often, fixture->db), 0);
    for (size_t i = 0; i < sizeof threads / sizeof threads[0]; i++)
        assert_int_equal(pthread_join(threads[i], NULL), 0);
}

static void one_process_has_the_folder(void **state)
{
    struct fixture *fixture = *state;
    struct problem problem = { 0 };
    char expected[300];
    assert_null(db_open(fixture->folder, &problem));
    assert_int_equal(problem.kind, PROBLEM_CONFLICT);
    (void)snprintf(expected, sizeof expected, "The data folder '%s' is in use by process %d.",
        fixture->folder, (int)getpid());
    assert_string_equal(problem.detail, expected);
    db_close(fixture->db);
    fixture->db = store_open(fixture->folder);
}

static void assert_mode(const char *folder, const char *file, mode_t expected)
{
    char path[300];
    struct stat facts;
    (void)snprintf(path, sizeof path, "%s/%s", folder, file);
    assert_int_equal(stat(path, &facts), 0);
    assert_int_equal(facts.st_mode & 07777, expected);
}

static void nobody_else_may_read_the_files(void **state)
{
    struct fixture *fixture = *state;
    char inside[300];
    (void)snprintf(inside, sizeof inside, "%s/deep/data", fixture->folder);
    mode_t mask = umask(0);
    struct db *db = store_open(inside);
    (void)umask(mask);
    store_make_notes(db);
    assert_mode(inside, "", 0700);
    assert_mode(inside, "lock", 0600);
    assert_mode(inside, "store.sqlite", 0600);
    assert_mode(inside, "store.sqlite-wal", 0600);
    assert_mode(inside, "store.sqlite-shm", 0600);
    db_close(db);
}

static bool take_keys(struct db_connection *connection, void *data, struct problem *problem)
{
    int64_t *keys = data;
    for (int i = 0; i < 3; i++) {
        keys[i] = db_next_key(connection, "note");
        if (!db_exec(connection, NULL, problem, "INSERT INTO note (id, author) VALUES ($1, $2)",
                "ii", keys[i], INT64_C(1)))
            return false;
    }
    return true;
}

static bool take_wrong_key(struct db_connection *connection, void *data, struct problem *problem)
{
    (void)problem;
    (void)db_next_key(connection, data);
    return true;
}

static void keys_go_up_by_one(void **state)
{
    struct fixture *fixture = *state;
    struct problem problem = { 0 };
    int64_t keys[3];
    assert_true(db_write(fixture->db, take_keys, keys, &problem));
    assert_int_equal(keys[0], 1);
    assert_int_equal(keys[2], 3);
    static const char *const wrong[] = { "note; DROP TABLE note", "nowhere", "" };
    for (size_t i = 0; i < 3; i++) {
        char *table = memory_strdup(wrong[i]);
        problem_clear(&problem);
        assert_false(db_write(fixture->db, take_wrong_key, table, &problem));
        assert_int_equal(problem.kind, PROBLEM_INTERNAL);
        free(table);
    }
    assert_int_equal(store_notes(fixture->db), 3);
}

static void what_is_erased_is_not_in_the_file(void **state)
{
    struct fixture *fixture = *state;
    struct problem problem = { 0 };
    static const char secret[] = "Tsetsegmaa-was-here";
    char insert[] = "INSERT INTO note (id, author, body) VALUES (1, 1, 'Tsetsegmaa-was-here')";
    char erase[] = "DELETE FROM note";
    char path[300], *bytes;
    size_t count;
    (void)snprintf(path, sizeof path, "%s/store.sqlite", fixture->folder);
    for (int erased = 0; erased < 2; erased++) {
        assert_true(db_write(fixture->db, store_run, erased ? erase : insert, &problem));
        db_close(fixture->db); /* checkpoints, and removes the WAL */
        assert_true(file_read_whole(path, 1 << 24, &bytes, &count, &problem));
        assert_int_equal(!memmem(bytes, count, secret, strlen(secret)), erased);
        free(bytes);
        fixture->db = store_open(fixture->folder);
    }
}

static void damage_is_found(void **state)
{
    struct fixture *fixture = *state;
    struct problem problem = { 0 };
    char path[300], *bytes;
    size_t count;
    /* More than the schema takes, which must stay whole for the store to open. */
    char fill[] = "INSERT INTO note (id, author, body)"
                  " WITH RECURSIVE number (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM number "
                  "WHERE n < 20000)"
                  " SELECT n, 1, 'a note of some length, one of very many that fill page after "
                  "page' FROM number";
    assert_true(db_write(fixture->db, store_run, fill, &problem));
    assert_true(db_check(fixture->db, &problem));
    db_close(fixture->db);
    (void)snprintf(path, sizeof path, "%s/store.sqlite", fixture->folder);
    assert_true(file_read_whole(path, 1 << 24, &bytes, &count, &problem));
    memset(bytes + count / 2 / 4096 * 4096, 0xff, 4096); /* a page in the middle */
    assert_true(file_write_whole(path, bytes, count, 0600, &problem));
    free(bytes);
    fixture->db = store_open(fixture->folder);
    assert_false(db_check(fixture->db, &problem));
    assert_int_equal(problem.kind, PROBLEM_STORAGE);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(what_goes_in_comes_out, set_up, tear_down),
        cmocka_unit_test_setup_teardown(
            a_refused_statement_says_what_kind_of_fault, set_up, tear_down),
        cmocka_unit_test_setup_teardown(types_that_do_not_fit_are_refused, set_up, tear_down),
        cmocka_unit_test_setup_teardown(reading_cannot_write, set_up, tear_down),
        cmocka_unit_test_setup_teardown(rows_without_end_fail_the_function, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_statement_may_run_inside_of_itself, set_up, tear_down),
        cmocka_unit_test_setup_teardown(more_texts_than_are_kept_still_run, set_up, tear_down),
        cmocka_unit_test_setup_teardown(
            a_reader_sees_one_moment_beside_the_writer, set_up, tear_down),
        cmocka_unit_test_setup_teardown(
            readers_beyond_the_bound_wait_their_turn, set_up, tear_down),
        cmocka_unit_test_setup_teardown(one_process_has_the_folder, set_up, tear_down),
        cmocka_unit_test_setup_teardown(nobody_else_may_read_the_files, set_up, tear_down),
        cmocka_unit_test_setup_teardown(keys_go_up_by_one, set_up, tear_down),
        cmocka_unit_test_setup_teardown(what_is_erased_is_not_in_the_file, set_up, tear_down),
        cmocka_unit_test_setup_teardown(damage_is_found, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
