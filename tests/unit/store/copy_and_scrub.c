/* A copy at one moment, and nothing left of what was deleted. */
#include "store_folder.h"

#include <pthread.h>
#include <stdatomic.h>
#include <string.h>

static const char secret_name[] = "Nguyen Thi Lan of Hanoi",
                  secret_mail[] = "lan.nguyen@example.org";

static bool write_two(struct db_connection *connection, void *data, struct problem *problem)
{
    static const char sql[] = "INSERT INTO note (id, author) VALUES ($1, 1)";
    (void)data;
    return db_exec(connection, NULL, problem, sql, "i", db_next_key(connection, "note"))
           && db_exec(connection, NULL, problem, sql, "i", db_next_key(connection, "note"));
}

struct writer {
    struct db *db;
    atomic_bool ended;
    atomic_long acknowledged; /* notes */
};

static void *write_until_ended(void *data)
{
    struct writer *writer = data;
    struct problem problem = { 0 };
    while (!writer->ended && db_write(writer->db, write_two, NULL, &problem))
        writer->acknowledged += 2;
    return NULL;
}

static int64_t notes_of_copy(const char *folder)
{
    struct db *copy = store_open(folder);
    int64_t notes = store_notes(copy);
    db_close(copy);
    return notes;
}

static void a_copy_beside_a_writer_is_of_one_moment(void **state)
{
    (void)state;
    char *folder = store_folder_make(), path[100];
    struct writer writer = { .db = store_open(folder) };
    pthread_t threads[3];
    store_make_notes(writer.db);
    for (size_t i = 0; i < 3; i++)
        assert_int_equal(pthread_create(&threads[i], NULL, write_until_ended, &writer), 0);
    for (int round = 0; round < 5; round++) {
        char *target = store_folder_make();
        struct problem problem = { 0 };
        (void)snprintf(path, sizeof path, "%s/store.sqlite", target);
        while (writer.acknowledged < 20 * (round + 1))
            (void)sched_yield();
        long before = writer.acknowledged;
        if (!db_copy(folder, path, &problem))
            fail_msg("%s", problem.detail);
        int64_t notes = notes_of_copy(target);
        assert_true(notes >= before);
        assert_int_equal(notes % 2, 0);
        store_folder_remove(target);
    }
    writer.ended = true;
    for (size_t i = 0; i < 3; i++)
        (void)pthread_join(threads[i], NULL);
    db_close(writer.db);
    store_folder_remove(folder);
}

static void a_copy_writes_over_nothing_and_needs_a_store(void **state)
{
    (void)state;
    char *folder = store_folder_make(), *empty = store_folder_make(), path[100];
    struct problem problem = { 0 };
    struct db *db = store_open(folder);
    (void)snprintf(path, sizeof path, "%s/there", empty);
    assert_true(file_write_whole(path, "x", 1, 0600, &problem));
    assert_false(db_copy(folder, path, &problem));
    (void)snprintf(path, sizeof path, "%s/copy", folder);
    assert_false(db_copy(empty, path, &problem));
    db_close(db);
    store_folder_remove(folder);
    store_folder_remove(empty);
}

/* Not by the store's own search. */
static bool file_has(const char *folder, const char *name, const char *needle)
{
    char path[100], *bytes;
    size_t count;
    struct problem problem = { 0 };
    (void)snprintf(path, sizeof path, "%s/%s", folder, name);
    if (!file_read_whole(path, 1 << 28, &bytes, &count, &problem))
        return false;
    bool found = memmem(bytes, count, needle, strlen(needle)) != NULL;
    free(bytes);
    return found;
}

static bool any_file_has(const char *folder, const char *needle)
{
    return file_has(folder, "store.sqlite", needle) || file_has(folder, "store.sqlite-wal", needle)
           || file_has(folder, "store.sqlite-shm", needle);
}

static bool write_people(struct db_connection *connection, void *data, struct problem *problem)
{
    char body[300];
    bool done = true;
    (void)data;
    for (int i = 0; i < 500 && done; i++) {
        (void)snprintf(body, sizeof body, "%d %.*s %s <%s>", i, i % 200,
            "......................................................................................"
            ".."
            "......................................................................................"
            ".."
            "................................",
            i % 7 == 0 ? secret_name : "somebody else", i % 7 == 0 ? secret_mail : "-");
        done = db_exec(connection, NULL, problem,
            "INSERT INTO note (id, author, body) VALUES ($1, $2, $3)", "iit",
            db_next_key(connection, "note"), (int64_t)(i % 7), body);
    }
    return done;
}

static void what_was_deleted_is_in_no_file(void **state)
{
    (void)state;
    static const char *const needles[] = { secret_name, secret_mail };
    char *folder = store_folder_make();
    struct db *db = store_open(folder);
    struct problem problem = { 0 };
    char remove[] = "DELETE FROM note WHERE author = 0";
    bool anew;
    store_make_notes(db);
    assert_true(db_write(db, write_people, NULL, &problem));
    assert_true(any_file_has(folder, secret_name));
    assert_true(db_write(db, store_run, remove, &problem));
    assert_true(any_file_has(folder, secret_name)); /* in the WAL */
    if (!db_scrub(db, needles, 2, &anew, &problem))
        fail_msg("%s", problem.detail);
    assert_false(any_file_has(folder, secret_name));
    assert_false(any_file_has(folder, secret_mail));
    assert_true(store_notes(db) > 400);
    db_close(db);
    store_folder_remove(folder);
}

static void what_is_still_there_has_the_store_written_anew(void **state)
{
    (void)state;
    static const char *const needles[] = { secret_mail };
    char *folder = store_folder_make();
    struct db *db = store_open(folder);
    struct problem problem = { 0 };
    bool anew = true;
    store_make_notes(db);
    assert_true(db_scrub(db, needles, 1, &anew, &problem));
    assert_false(anew);
    assert_true(db_write(db, write_people, NULL, &problem));
    assert_true(db_scrub(db, needles, 1, &anew, &problem));
    assert_true(anew);
    anew = false;
    assert_true(db_scrub(db, NULL, 0, &anew, &problem));
    assert_true(anew);
    assert_int_equal(store_notes(db), 500);
    assert_true(db_check(db, &problem));
    db_close(db);
    store_folder_remove(folder);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_copy_beside_a_writer_is_of_one_moment),
        cmocka_unit_test(a_copy_writes_over_nothing_and_needs_a_store),
        cmocka_unit_test(what_was_deleted_is_in_no_file),
        cmocka_unit_test(what_is_still_there_has_the_store_written_anew),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
