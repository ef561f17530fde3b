#include "store_folder.h"

#include <pthread.h>
#include <semaphore.h>
#include <stdatomic.h>
#include <string.h>

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

enum conduct { WRITES, FAILS, BREAKS_THE_TRANSACTION };

struct author {
    struct db *db;
    int64_t number; /* of the thread, or in the order of submission */
    int64_t step;
    enum conduct conduct;
    int runs;
    int told; /* 1: durable, -1: not */
    enum problem_kind kind;
};

static bool write_note(struct db_connection *connection, void *data, struct problem *problem)
{
    struct author *author = data;
    author->runs++;
    char body[24];
    (void)snprintf(body, sizeof body, "%lld", (long long)author->step);
    if (!db_exec(connection, NULL, problem,
            "INSERT INTO note (id, author, body) VALUES ($1, $2, $3)", "iit",
            db_next_key(connection, "note"), author->number, body))
        return false;
    if (author->conduct == FAILS)
        return problem_set(problem, PROBLEM_FORBIDDEN, "on purpose");
    /* as SQLite does by itself on a full disk */
    if (author->conduct == BREAKS_THE_TRANSACTION)
        return db_exec(connection, NULL, problem, "ROLLBACK", "");
    return true;
}

static void note_outcome(void *data, bool durable, const struct problem *problem)
{
    struct author *author = data;
    author->told += durable ? 1 : -1;
    author->kind = problem->kind;
}

enum { THREADS = 8, NOTES_EACH = 100 };

static void *write_notes(void *data)
{
    struct author *author = data;
    for (author->step = 0; author->step < NOTES_EACH; author->step++) {
        struct problem problem = { 0 };
        author->conduct = author->step % 5 == 4 ? FAILS : WRITES;
        bool done = db_write(author->db, write_note, author, &problem);
        if (done != (author->conduct == WRITES)
            || problem.kind != (done ? PROBLEM_NONE : PROBLEM_FORBIDDEN))
            return NULL;
    }
    return author;
}

static bool check_order(struct db_connection *connection, void *data, struct problem *problem)
{
    int64_t *counts = data;
    int64_t last[THREADS];
    for (size_t i = 0; i < THREADS; i++)
        last[i] = -1;
    struct db_rows *rows = db_query(connection, "SELECT author, body FROM note ORDER BY id", "");
    while (db_next(rows)) {
        const char *body = db_text(rows, 1);
        int64_t author = db_int(rows, 0), step;
        assert_true(text_to_int64(body, strlen(body), 0, NOTES_EACH, &step));
        assert_true(step > last[author]);
        assert_int_not_equal(step % 5, 4);
        last[author] = step;
        counts[author]++;
    }
    return db_end(rows, problem);
}

static void eight_threads_lose_and_mix_nothing(void **state)
{
    struct fixture *fixture = *state;
    struct author authors[THREADS] = { 0 };
    pthread_t threads[THREADS];
    for (size_t i = 0; i < THREADS; i++) {
        authors[i] = (struct author){ .db = fixture->db, .number = (int64_t)i };
        assert_int_equal(pthread_create(&threads[i], NULL, write_notes, &authors[i]), 0);
    }
    for (size_t i = 0; i < THREADS; i++) {
        void *done;
        assert_int_equal(pthread_join(threads[i], &done), 0);
        assert_non_null(done);
    }
    /* durable: another connection, after all memory was let go, has them */
    db_close(fixture->db);
    fixture->db = store_open(fixture->folder);
    struct problem problem = { 0 };
    int64_t counts[THREADS] = { 0 };
    assert_true(db_read(fixture->db, check_order, counts, &problem));
    for (size_t i = 0; i < THREADS; i++)
        assert_int_equal(counts[i], NOTES_EACH / 5 * 4);
}

struct gate {
    sem_t reached, open;
};

/* Holds the writer, so that what is submitted meanwhile becomes one group. */
static bool hold(struct db_connection *connection, void *data, struct problem *problem)
{
    (void)connection;
    (void)problem;
    struct gate *gate = data;
    (void)sem_post(&gate->reached);
    (void)sem_wait(&gate->open);
    return true;
}

static void submit_as_group(struct db *db, struct author *authors, size_t count)
{
    struct gate gate;
    struct problem problem = { 0 };
    (void)sem_init(&gate.reached, 0, 0);
    (void)sem_init(&gate.open, 0, 0);
    db_write_later(db, hold, &gate, NULL);
    (void)sem_wait(&gate.reached);
    for (size_t i = 0; i < count; i++) {
        authors[i].db = db;
        authors[i].number = (int64_t)i;
        db_write_later(db, write_note, &authors[i], note_outcome);
    }
    assert_int_equal(db_writes_waiting(db), count + 1);
    (void)sem_post(&gate.open);
    char nothing[] = "SELECT 1";
    assert_true(db_write(db, store_run, nothing, &problem)); /* after all of them */
    (void)sem_destroy(&gate.reached);
    (void)sem_destroy(&gate.open);
}

static bool read_authors(struct db_connection *connection, void *data, struct problem *problem)
{
    struct text *text = data;
    text_clear(text);
    struct db_rows *rows = db_query(connection, "SELECT author FROM note ORDER BY id", "");
    while (db_next(rows))
        text_printf(text, "%lld ", (long long)db_int(rows, 0));
    return db_end(rows, problem);
}

static void what_fails_in_a_group_fails_alone(void **state)
{
    struct fixture *fixture = *state;
    static const struct {
        const char *story;
        enum conduct conducts[5];
        const char *expected;
    } cases[] = {
        { "all well", { WRITES, WRITES, WRITES, WRITES, WRITES }, "0 1 2 3 4 " },
        { "one fails", { WRITES, WRITES, FAILS, WRITES, WRITES }, "0 1 3 4 " },
        { "first and last fail", { FAILS, WRITES, WRITES, WRITES, FAILS }, "1 2 3 " },
        { "all fail", { FAILS, FAILS, FAILS, FAILS, FAILS }, "" },
        { "the transaction breaks", { WRITES, FAILS, BREAKS_THE_TRANSACTION, WRITES, WRITES },
            "0 3 4 " },
        { "it breaks at the end", { WRITES, WRITES, WRITES, WRITES, BREAKS_THE_TRANSACTION },
            "0 1 2 3 " },
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct problem problem = { 0 };
        struct author authors[5] = { 0 };
        char erase[] = "DELETE FROM note";
        assert_true(db_write(fixture->db, store_run, erase, &problem));
        for (size_t k = 0; k < 5; k++)
            authors[k].conduct = cases[i].conducts[k];
        submit_as_group(fixture->db, authors, 5);
        for (size_t k = 0; k < 5; k++) {
            assert_int_equal(authors[k].told, authors[k].conduct == WRITES ? 1 : -1);
            if (authors[k].conduct == FAILS)
                assert_int_equal(authors[k].kind, PROBLEM_FORBIDDEN);
        }
        struct text text;
        text_init(&text, 1000);
        assert_true(db_read(fixture->db, read_authors, &text, &problem));
        if (!text_equal(text.bytes ? text.bytes : "", cases[i].expected))
            fail_msg("%s: %s", cases[i].story, text.bytes);
        text_release(&text);
    }
}

static void a_function_runs_once_while_all_is_well(void **state)
{
    struct fixture *fixture = *state;
    struct author authors[20] = { 0 };
    authors[7].conduct = FAILS;
    submit_as_group(fixture->db, authors, 20);
    for (size_t i = 0; i < 20; i++)
        assert_int_equal(authors[i].runs, 1);
}

static void more_than_a_group_keeps_its_order(void **state)
{
    struct fixture *fixture = *state;
    enum { COUNT = 3 * DB_GROUP_MAX + 7 };
    struct author *authors = memory_zeroed(COUNT, sizeof *authors);
    struct problem problem = { 0 };
    struct text text, expected;
    submit_as_group(fixture->db, authors, COUNT);
    assert_int_equal(store_notes(fixture->db), COUNT);
    text_init(&text, 1 << 16);
    text_init(&expected, 1 << 16);
    for (int i = 0; i < COUNT; i++)
        text_printf(&expected, "%d ", i);
    assert_true(db_read(fixture->db, read_authors, &text, &problem));
    assert_string_equal(text.bytes, expected.bytes);
    text_release(&text);
    text_release(&expected);
    free(authors);
}

static void closing_finishes_what_was_submitted(void **state)
{
    struct fixture *fixture = *state;
    struct author authors[50] = { 0 };
    for (size_t i = 0; i < 50; i++)
        db_write_later(fixture->db, write_note, &authors[i], note_outcome);
    db_close(fixture->db);
    for (size_t i = 0; i < 50; i++)
        assert_int_equal(authors[i].told, 1);
    fixture->db = store_open(fixture->folder);
    assert_int_equal(store_notes(fixture->db), 50);
}

static bool write_inside(struct db_connection *connection, void *data, struct problem *problem)
{
    (void)connection;
    char sql[] = "SELECT 1";
    return db_write(data, store_run, sql, problem);
}

static void a_write_inside_of_a_write_is_refused(void **state)
{
    struct fixture *fixture = *state;
    struct problem problem = { 0 };
    assert_false(db_write(fixture->db, write_inside, fixture->db, &problem));
    assert_int_equal(problem.kind, PROBLEM_INTERNAL);
}

static bool fail_silently(struct db_connection *connection, void *data, struct problem *problem)
{
    (void)connection;
    (void)data;
    (void)problem;
    return false;
}

static void a_failure_always_has_a_kind(void **state)
{
    struct fixture *fixture = *state;
    struct problem problem = { 0 };
    assert_false(db_write(fixture->db, fail_silently, NULL, &problem));
    assert_int_equal(problem.kind, PROBLEM_INTERNAL);
    problem_clear(&problem);
    assert_false(db_read(fixture->db, fail_silently, NULL, &problem));
    assert_int_equal(problem.kind, PROBLEM_INTERNAL);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(eight_threads_lose_and_mix_nothing, set_up, tear_down),
        cmocka_unit_test_setup_teardown(what_fails_in_a_group_fails_alone, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_function_runs_once_while_all_is_well, set_up, tear_down),
        cmocka_unit_test_setup_teardown(more_than_a_group_keeps_its_order, set_up, tear_down),
        cmocka_unit_test_setup_teardown(closing_finishes_what_was_submitted, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_write_inside_of_a_write_is_refused, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_failure_always_has_a_kind, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
