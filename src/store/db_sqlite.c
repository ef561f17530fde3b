/*
 * SQLite as the engine.  Beside what db_backend.h asks:
 *
 * WAL             readers and the writer do not wait for each other; a commit is one append and
 *                 one fsync.
 * secure_delete   erased rows are overwritten, so that erasing a person erases them from the file.
 * trusted_schema, defensive, no double-quoted strings
 *                 a file that was tampered with, or a misspelt column, does not become code or a
 *                 value.
 * memory          comes out of the reserve (memory.h) where there is no other; SQLITE_NOMEM ends the
 *                 process.
 * temp_store      sorts stay in memory: nothing personal in temporary files, and no second disk to
 *                 be full.  Only a VACUUM, which may need more than there is, makes a file, unlinked
 *                 at once, in the store's own folder.
 */
#include "store/db_sqlite.h"

#include "base/files.h"
#include "base/memory.h"
#include "base/text.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { BUSY_TIMEOUT_MS = 5000 }; /* an operator's sqlite3 shell beside the server */

static sqlite3_mem_methods plain_memory;
static pthread_once_t memory_once = PTHREAD_ONCE_INIT;

static void *take_memory(int size)
{
    void *memory;
    do
        memory = plain_memory.xMalloc(size);
    while (!memory && memory_use_reserve());
    return memory;
}

static void *resize_memory(void *memory, int size)
{
    void *resized;
    do
        resized = plain_memory.xRealloc(memory, size);
    while (!resized && memory_use_reserve());
    return resized;
}

/* Before the first use of the library. */
static void stand_behind_memory(void)
{
    if (sqlite3_config(SQLITE_CONFIG_GETMALLOC, &plain_memory) != SQLITE_OK)
        return;
    sqlite3_mem_methods memory = plain_memory;
    memory.xMalloc = take_memory;
    memory.xRealloc = resize_memory;
    (void)sqlite3_config(SQLITE_CONFIG_MALLOC, &memory);
}

static struct sqlite_connection *inner(struct db_connection *connection)
{
    return (struct sqlite_connection *)connection;
}

/* Not by db_exec: these texts are the engine's own, and none that others would have to take. */
static bool run(struct db_connection *connection, const char *sql, struct problem *problem)
{
    struct db_statement statement = { .sql = sql, .types = "" };
    struct db_rows *rows = sqlite_query(connection, &statement, true);
    while (!problem_is_set(&rows->problem) && sqlite_next(rows))
        ;
    bool done = !problem_is_set(&rows->problem);
    if (!done && !problem_is_set(problem))
        *problem = rows->problem;
    sqlite_end(rows);
    return done;
}

static bool sqlite_begin(struct db_connection *connection, struct problem *problem)
{
    return run(connection, connection->writes ? "BEGIN IMMEDIATE" : "BEGIN", problem);
}

static bool sqlite_commit(struct db_connection *connection, struct problem *problem)
{
    return run(connection, "COMMIT", problem);
}

static bool sqlite_in_transaction(struct db_connection *connection)
{
    return !sqlite3_get_autocommit(inner(connection)->handle);
}

static void sqlite_rollback(struct db_connection *connection)
{
    /* What can fail here has ended the transaction as well. */
    struct problem ignored = { 0 };
    if (sqlite_in_transaction(connection))
        (void)run(connection, "ROLLBACK", &ignored);
}

static bool sqlite_savepoint(struct db_connection *connection, struct problem *problem)
{
    return run(connection, "SAVEPOINT one", problem);
}

static bool sqlite_savepoint_keep(struct db_connection *connection, struct problem *problem)
{
    return run(connection, "RELEASE one", problem);
}

static bool sqlite_savepoint_undo(struct db_connection *connection, struct problem *problem)
{
    return run(connection, "ROLLBACK TO one", problem) && run(connection, "RELEASE one", problem);
}

static bool sqlite_run_script(
    struct db_connection *connection, const char *script, struct problem *problem)
{
    static const char portable[] = "BIGINT PRIMARY KEY", row_id[] = "INTEGER PRIMARY KEY";
    struct text text;
    text_init(&text, 1 << 20);
    for (const char *found; (found = strstr(script, portable)); script = found + strlen(portable)) {
        text_append(&text, script, (size_t)(found - script));
        text_append_string(&text, row_id);
    }
    text_append_string(&text, script);
    sqlite3 *handle = inner(connection)->handle;
    bool done = text.overflowed ? problem_set(
                    problem, PROBLEM_INTERNAL, "a migration is longer than a megabyte")
                                : sqlite3_exec(handle, text.bytes, NULL, NULL, NULL) == SQLITE_OK
                                      || sqlite_fail(problem, handle, "migrate the store");
    text_release(&text);
    return done;
}

enum { VERDICT_SIZE = 200 };

static int take_verdict(void *data, int count, char **values, char **names)
{
    (void)names;
    (void)snprintf(data, VERDICT_SIZE, "%s", count == 1 && values[0] ? values[0] : "no answer");
    return 0;
}

bool sqlite_is_sound(sqlite3 *handle, struct problem *problem)
{
    char verdict[VERDICT_SIZE] = "no answer";
    if (sqlite3_exec(handle, "PRAGMA integrity_check(1)", take_verdict, verdict, NULL) != SQLITE_OK)
        return sqlite_fail(problem, handle, "check the store");
    return text_equal(verdict, "ok")
           || problem_set(problem, PROBLEM_STORAGE, "the store is damaged: %s", verdict);
}

static bool sqlite_check(struct db_connection *connection, struct problem *problem)
{
    return sqlite_is_sound(inner(connection)->handle, problem);
}

/* Made here, since SQLite would give it the umask's mode; its companions (-wal, -shm) take over the
 * file's. */
static bool make_file(const char *path, const char *folder, struct problem *problem)
{
    int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
    bool done = fd >= 0 && fchmod(fd, 0600) == 0;
    if (!done)
        problem_set_errno(problem, errno, "open '%s'", path);
    if (fd >= 0)
        (void)close(fd);
    return done && folder_sync(folder, problem);
}

static int take_mode(void *data, int count, char **values, char **names)
{
    (void)names;
    *(bool *)data = count == 1 && text_equal(values[0], "wal");
    return 0;
}

static bool use_wal(sqlite3 *handle, struct problem *problem)
{
    bool wal = false;
    if (sqlite3_exec(handle, "PRAGMA journal_mode=WAL", take_mode, &wal, NULL) != SQLITE_OK)
        return sqlite_fail(problem, handle, "use WAL");
    return wal
           || problem_set(problem, PROBLEM_STORAGE,
               "This file system cannot hold the store: SQLite's WAL mode is refused.");
}

static bool configure(struct db_connection *connection, struct problem *problem)
{
    static const char common[] = "PRAGMA foreign_keys=ON;"
                                 "PRAGMA trusted_schema=OFF;"
                                 "PRAGMA temp_store=MEMORY;"
                                 "PRAGMA cell_size_check=ON;";
    static const char reader[] = "PRAGMA query_only=ON";
    /* A checkpoint every 8 MiB of WAL keeps reads short and its fsyncs rare; after a burst the file
     * shrinks to 32 MiB again. */
    static const char writer[] = "PRAGMA synchronous=FULL;"
                                 "PRAGMA secure_delete=ON;"
                                 "PRAGMA wal_autocheckpoint=2048;"
                                 "PRAGMA journal_size_limit=33554432";
    sqlite3 *handle = inner(connection)->handle;
    (void)sqlite3_extended_result_codes(handle, 1);
    (void)sqlite3_busy_timeout(handle, BUSY_TIMEOUT_MS);
    (void)sqlite3_db_config(handle, SQLITE_DBCONFIG_DEFENSIVE, 1, NULL);
    (void)sqlite3_db_config(handle, SQLITE_DBCONFIG_DQS_DML, 0, NULL);
    (void)sqlite3_db_config(handle, SQLITE_DBCONFIG_DQS_DDL, 0, NULL);
    if (sqlite3_exec(handle, common, NULL, NULL, NULL) != SQLITE_OK
        || sqlite3_exec(handle, connection->writes ? writer : reader, NULL, NULL, NULL)
               != SQLITE_OK)
        return sqlite_fail(problem, handle, "configure the store");
    return !connection->writes || use_wal(handle, problem);
}

static void sqlite_disconnect(struct db_connection *connection)
{
    struct sqlite_connection *sqlite = inner(connection);
    sqlite_forget_statements(sqlite);
    (void)sqlite3_close(sqlite->handle);
    free(sqlite);
}

static struct db_connection *sqlite_connect(
    const char *folder, bool writes, struct problem *problem)
{
    char path[PATH_MAX];
    if (snprintf(path, sizeof path, "%s/store.sqlite", folder) >= (int)sizeof path) {
        problem_set_errno(problem, ENAMETOOLONG, "open the store in '%s'", folder);
        return NULL;
    }
    if (writes && !make_file(path, folder, problem))
        return NULL;
    (void)pthread_once(&memory_once, stand_behind_memory);
    struct sqlite_connection *sqlite = memory_zeroed(1, sizeof *sqlite);
    sqlite->connection.backend = &db_sqlite;
    sqlite->connection.writes = writes;
    /* NOMUTEX: a connection is used by one thread at a time anyway. */
    int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX;
    bool open = sqlite3_open_v2(path, &sqlite->handle, flags, NULL) == SQLITE_OK
                || sqlite_fail(problem, sqlite->handle, path);
    if (open && configure(&sqlite->connection, problem))
        return &sqlite->connection;
    sqlite_disconnect(&sqlite->connection);
    return NULL;
}

const struct db_backend db_sqlite = {
    .connect = sqlite_connect,
    .disconnect = sqlite_disconnect,
    .run_script = sqlite_run_script,
    .check = sqlite_check,
    .copy = sqlite_copy,
    .scrub = sqlite_scrub,
    .holds = sqlite_holds,
    .begin = sqlite_begin,
    .commit = sqlite_commit,
    .rollback = sqlite_rollback,
    .in_transaction = sqlite_in_transaction,
    .savepoint = sqlite_savepoint,
    .savepoint_keep = sqlite_savepoint_keep,
    .savepoint_undo = sqlite_savepoint_undo,
    .query = sqlite_query,
    .next = sqlite_next,
    .changed = sqlite_changed,
    .end = sqlite_end,
    .column_int = sqlite_column_as_int,
    .column_text = sqlite_column_as_text,
    .column_bytes = sqlite_column_as_bytes,
    .column_is_null = sqlite_column_is_null,
};
