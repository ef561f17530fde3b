#include "store_folder.h"

#include "store/db_backend.h"
#include "store/migrations.h"

#include <string.h>

static const struct migration steps[] = {
    { 1, "first", "CREATE TABLE one (id BIGINT PRIMARY KEY); INSERT INTO one (id) VALUES (1)" },
    { 2, "second", "ALTER TABLE one ADD COLUMN name TEXT; UPDATE one SET name = 'kept'" },
    { 3, "broken", "CREATE TABLE three (id BIGINT PRIMARY KEY); INSERT INTO nowhere VALUES (1)" },
};

static struct db_connection *connect_to(const char *folder)
{
    struct problem problem = { 0 };
    struct db_connection *connection = db_sqlite.connect(folder, true, &problem);
    if (!connection)
        fail_msg("%s", problem.detail);
    return connection;
}

static int64_t ask(struct db_connection *connection, const char *sql)
{
    struct problem problem = { 0 };
    struct db_rows *rows = db_query(connection, sql, "");
    int64_t answer = db_next(rows) ? db_int(rows, 0) : -1;
    if (!db_end(rows, &problem))
        fail_msg("%s", problem.detail);
    return answer;
}

static void steps_run_once_and_in_order(void **state)
{
    (void)state;
    struct problem problem = { 0 };
    char *folder = store_folder_make();
    static const size_t known[] = { 1, 1, 2, 2 }; /* by the program that opens it */
    for (size_t i = 0; i < 4; i++) {
        struct db_connection *connection = connect_to(folder);
        assert_true(migrations_run(connection, steps, known[i], &problem));
        assert_int_equal(ask(connection, "SELECT MAX(version) FROM schema_migration"), known[i]);
        assert_int_equal(ask(connection, "SELECT COUNT(*) FROM one"), 1);
        db_sqlite.disconnect(connection);
    }
    store_folder_remove(folder);
}

static void a_broken_step_leaves_nothing_of_itself(void **state)
{
    (void)state;
    struct problem problem = { 0 };
    char *folder = store_folder_make();
    struct db_connection *connection = connect_to(folder);
    assert_false(migrations_run(connection, steps, 3, &problem));
    assert_int_equal(ask(connection, "SELECT COUNT(*) FROM schema_migration"), 2);
    assert_int_equal(ask(connection, "SELECT COUNT(*) FROM sqlite_schema WHERE name = 'three'"), 0);
    assert_int_equal(ask(connection, "SELECT COUNT(*) FROM one WHERE name = 'kept'"), 1);
    db_sqlite.disconnect(connection);
    store_folder_remove(folder);
}

static bool add_old_delivery(struct db_connection *connection, struct problem *problem)
{
    return db_exec(connection, NULL, problem,
        "INSERT INTO delivery (id, at_ms, participant_id, session_id, lecture_id, version, "
        "rendition,"
        "  segment, start_ms, end_ms, status, body_bytes, whole, first_byte_ms, last_byte_ms)"
        " VALUES (1, 1, 'p', 's', 'l', 1, 'video', 0, 0, 4000, 200, 5, 1, 1, 2)",
        "");
}

static bool add_old_job(struct db_connection *connection, struct problem *problem)
{
    return db_exec(connection, NULL, problem,
               "INSERT INTO lecture (id, state, published, language, file_name, created_at_ms)"
               " VALUES ('l', 'preparing', 0, 'en', 'talk.mp4', 1)",
               "")
           && db_exec(connection, NULL, problem,
               "INSERT INTO job (id, lecture_id, version, state, permille, attempts, created_at_ms)"
               " VALUES ('j', 'l', 1, 'running', 400, 1, 1)",
               "");
}

static void a_folder_of_each_released_schema_opens(void **state)
{
    (void)state;
    for (size_t released = 1; released <= migration_count; released++) {
        struct problem problem = { 0 };
        char *folder = store_folder_make();
        struct db_connection *connection = connect_to(folder);
        assert_true(migrations_run(connection, migrations, released, &problem));
        assert_true(add_old_delivery(connection, &problem));
        assert_true(add_old_job(connection, &problem));
        db_sqlite.disconnect(connection);
        db_close(store_open(folder));
        connection = connect_to(folder);
        assert_int_equal(
            ask(connection, "SELECT MAX(version) FROM schema_migration"), migration_count);
        assert_int_equal(ask(connection, "SELECT COUNT(*) FROM delivery"
                                         " WHERE segment = 0 AND starved IS NULL"),
            1);
        assert_int_equal(ask(connection, "SELECT COUNT(*) FROM job WHERE kind = 'prepare'"
                                         " AND pass = 'first' AND state = 'running'"),
            1);
        db_sqlite.disconnect(connection);
        store_folder_remove(folder);
    }
}

static void a_newer_store_is_refused(void **state)
{
    (void)state;
    struct problem problem = { 0 };
    char *folder = store_folder_make();
    char newer[]
        = "INSERT INTO schema_migration (version, name, applied_at_ms) VALUES (999, 'x', 1)";
    struct db *db = store_open(folder);
    assert_true(db_write(db, store_run, newer, &problem));
    db_close(db);
    assert_null(db_open(folder, &problem));
    assert_int_equal(problem.kind, PROBLEM_SCHEMA_NEWER);
    assert_non_null(strstr(problem.detail, "999"));
    /* and it was left as it was */
    struct db_connection *connection = connect_to(folder);
    assert_int_equal(ask(connection, "SELECT MAX(version) FROM schema_migration"), 999);
    db_sqlite.disconnect(connection);
    store_folder_remove(folder);
}

static void an_increasing_key_is_the_row_id(void **state)
{
    (void)state;
    char *folder = store_folder_make();
    db_close(store_open(folder));
    struct db_connection *connection = connect_to(folder);
    /* so that the hot tables have no index at all */
    assert_int_equal(
        ask(connection, "SELECT COUNT(*) FROM sqlite_schema WHERE type = 'index' AND tbl_name IN"
                        " ('delivery', 'heartbeat', 'watch_interval', 'server_run', 'audit')"),
        0);
    db_sqlite.disconnect(connection);
    store_folder_remove(folder);
}

static void something_else_is_not_opened(void **state)
{
    (void)state;
    struct problem problem = { 0 };
    char *folder = store_folder_make();
    char path[300];
    (void)snprintf(path, sizeof path, "%s/store.sqlite", folder);
    static const char text[]
        = "This is no database, but a letter of more than a hundred bytes, which "
          "somebody copied over the store by mistake.";
    assert_true(file_write_whole(path, text, sizeof text, 0600, &problem));
    assert_null(db_open(folder, &problem));
    assert_int_equal(problem.kind, PROBLEM_STORAGE);
    store_folder_remove(folder);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(steps_run_once_and_in_order),
        cmocka_unit_test(a_broken_step_leaves_nothing_of_itself),
        cmocka_unit_test(a_folder_of_each_released_schema_opens),
        cmocka_unit_test(a_newer_store_is_refused),
        cmocka_unit_test(an_increasing_key_is_the_row_id),
        cmocka_unit_test(something_else_is_not_opened),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
