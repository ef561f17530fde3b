#include "store/db.h"

#include "base/files.h"
#include "base/memory.h"
#include "store/db_backend.h"
#include "store/db_writer.h"
#include "store/folder_lock.h"
#include "store/migrations.h"

#include <pthread.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

struct db {
    const struct db_backend *backend;
    char *folder;
    int lock_file;
    struct db_writer *writer;

    pthread_mutex_t lock; /* guards what follows */
    pthread_cond_t reader_free;
    struct db_connection *free_readers[DB_READERS_MAX]; /* a stack: the warmest cache first */
    size_t free_reader_count;
    size_t reader_count;
};

static bool open_writer(struct db *db, struct problem *problem)
{
    struct db_connection *connection = db->backend->connect(db->folder, true, problem);
    if (!connection)
        return false;
    if (migrations_run(connection, migrations, migration_count, problem))
        db->writer = db_writer_start(connection, problem);
    if (!db->writer)
        db->backend->disconnect(connection);
    return db->writer;
}

/* Takes the lock. */
static struct db *open_locked(const char *folder, int lock_file, struct problem *problem)
{
    if (lock_file < 0)
        return NULL;
    struct db *db = memory_zeroed(1, sizeof *db);
    db->backend = &db_sqlite;
    db->folder = memory_strdup(folder);
    db->lock_file = lock_file;
    (void)pthread_mutex_init(&db->lock, NULL);
    (void)pthread_cond_init(&db->reader_free, NULL);
    if (open_writer(db, problem))
        return db;
    db_close(db);
    return NULL;
}

struct db *db_open(const char *folder, struct problem *problem)
{
    if (!folder_make(folder, 0700, problem))
        return NULL;
    return open_locked(folder, folder_lock(folder, problem), problem);
}

struct db *db_open_beside(const char *folder, int held_lock, struct problem *problem)
{
    return open_locked(folder, folder_lock_share(folder, held_lock, problem), problem);
}

int db_lend_lock(const struct db *db)
{
    return db->lock_file;
}

int64_t db_schema_version(void)
{
    return migration_count > 0 ? migrations[migration_count - 1].version : 0;
}

void db_close(struct db *db)
{
    if (!db)
        return;
    for (size_t i = 0; i < db->free_reader_count; i++)
        db->backend->disconnect(db->free_readers[i]);
    /* Last of all: the last connection of a file tidies up after it. */
    db_writer_stop(db->writer);
    folder_unlock(db->lock_file);
    (void)pthread_cond_destroy(&db->reader_free);
    (void)pthread_mutex_destroy(&db->lock);
    free(db->folder);
    free(db);
}

/* A free connection, or permission to make one (NULL): reader_count then counts it already. */
static struct db_connection *take_reader(struct db *db)
{
    struct db_connection *connection = NULL;
    (void)pthread_mutex_lock(&db->lock);
    while (db->free_reader_count == 0 && db->reader_count == DB_READERS_MAX)
        (void)pthread_cond_wait(&db->reader_free, &db->lock);
    if (db->free_reader_count > 0)
        connection = db->free_readers[--db->free_reader_count];
    else
        db->reader_count++;
    (void)pthread_mutex_unlock(&db->lock);
    return connection;
}

/* NULL: the one that was permitted could not be made. */
static void give_back_reader(struct db *db, struct db_connection *connection)
{
    (void)pthread_mutex_lock(&db->lock);
    if (connection)
        db->free_readers[db->free_reader_count++] = connection;
    else
        db->reader_count--;
    (void)pthread_cond_signal(&db->reader_free);
    (void)pthread_mutex_unlock(&db->lock);
}

bool db_read(struct db *db, db_function function, void *data, struct problem *problem)
{
    struct db_connection *connection = take_reader(db);
    if (!connection)
        connection = db->backend->connect(db->folder, false, problem);
    bool done = false;
    if (connection && db->backend->begin(connection, problem)) {
        done = db_call(connection, function, data, problem);
        db->backend->rollback(connection); /* there is nothing to commit */
    }
    give_back_reader(db, connection);
    return done;
}

static bool check(struct db_connection *connection, void *data, struct problem *problem)
{
    (void)data;
    return connection->backend->check(connection, problem);
}

bool db_check(struct db *db, struct problem *problem)
{
    return db_read(db, check, NULL, problem);
}

bool db_copy(const char *folder, const char *path, struct problem *problem)
{
    return db_sqlite.copy(folder, path, problem);
}

static bool scrub(struct db_connection *connection, void *data, struct problem *problem)
{
    return connection->backend->scrub(connection, *(const bool *)data, problem);
}

bool db_scrub(struct db *db, const char *const *needles, size_t needle_count, bool *ret_anew,
    struct problem *problem)
{
    bool anew = needles == NULL;
    if (!db_writer_run_outside(db->writer, scrub, &anew, problem))
        return false;
    bool found = false;
    if (!anew && !db->backend->holds(db->folder, needles, needle_count, &found, problem))
        return false;
    *ret_anew = anew || found;
    if (!found)
        return true;
    anew = true;
    return db_writer_run_outside(db->writer, scrub, &anew, problem);
}

bool db_write(struct db *db, db_function function, void *data, struct problem *problem)
{
    return db_writer_run(db->writer, function, data, problem);
}

void db_write_later(struct db *db, db_function function, void *data,
    void (*done)(void *data, bool durable, const struct problem *problem))
{
    db_writer_submit(db->writer, function, data, done);
}

size_t db_writes_waiting(struct db *db)
{
    return db_writer_waiting(db->writer);
}

bool db_call(
    struct db_connection *connection, db_function function, void *data, struct problem *problem)
{
    problem_clear(&connection->problem);
    bool done = function(connection, data, problem);
    if (connection->open) {
        done = problem_set(problem, PROBLEM_INTERNAL, "a query was left without db_end");
        while (connection->open)
            (void)db_end(connection->open, problem);
    }
    if (problem_is_set(&connection->problem)) {
        done = false;
        if (!problem_is_set(problem))
            *problem = connection->problem;
    }
    if (!done && !problem_is_set(problem))
        problem_set(problem, PROBLEM_INTERNAL, "a function of the store failed without a word");
    return done;
}

static struct db_value integer_value(int64_t integer)
{
    return (struct db_value){ .kind = DB_VALUE_INTEGER, .integer = integer };
}

static struct db_value text_value(const char *text)
{
    if (!text)
        return (struct db_value){ .kind = DB_VALUE_NULL };
    return (struct db_value){ .kind = DB_VALUE_TEXT, .bytes = text, .count = strlen(text) };
}

static struct db_value bytes_value(const void *bytes, size_t count)
{
    return (struct db_value){
        .kind = bytes ? DB_VALUE_BYTES : DB_VALUE_NULL, .bytes = bytes, .count = count
    };
}

/* A letter that is not known, or too many, leaves value_count below the number of letters, which no
 * engine takes. */
static void read_statement(
    struct db_statement *statement, const char *sql, const char *types, va_list arguments)
{
    statement->sql = sql;
    statement->types = types;
    statement->value_count = 0;
    /* The analyser does not see that the callers started the list. */
    // NOLINTBEGIN(clang-analyzer-valist.Uninitialized)
    for (const char *type = types; *type && statement->value_count < DB_PARAMETERS_MAX; type++) {
        struct db_value value = { .kind = DB_VALUE_NULL };
        const int64_t *optional;
        const void *bytes;
        switch (*type) {
        case 'i':
            value = integer_value(va_arg(arguments, int64_t));
            break;
        case 'I':
            optional = va_arg(arguments, const int64_t *);
            if (optional)
                value = integer_value(*optional);
            break;
        case 't':
            value = text_value(va_arg(arguments, const char *));
            break;
        case 'b':
            bytes = va_arg(arguments, const void *);
            value = bytes_value(bytes, va_arg(arguments, size_t));
            break;
        default:
            return;
        }
        statement->values[statement->value_count++] = value;
    }
    // NOLINTEND(clang-analyzer-valist.Uninitialized)
}

static struct db_rows *query(
    struct db_connection *connection, const struct db_statement *statement, bool at_once)
{
    statement_trace_note(statement);
    struct db_rows *rows = connection->backend->query(connection, statement, at_once);
    rows->next_open = connection->open;
    connection->open = rows;
    return rows;
}

struct db_rows *db_query(struct db_connection *connection, const char *sql, const char *types, ...)
{
    struct db_statement statement;
    va_list arguments;
    va_start(arguments, types);
    read_statement(&statement, sql, types, arguments);
    va_end(arguments);
    return query(connection, &statement, false);
}

bool db_exec(struct db_connection *connection, int64_t *ret_changed, struct problem *problem,
    const char *sql, const char *types, ...)
{
    struct db_statement statement;
    va_list arguments;
    va_start(arguments, types);
    read_statement(&statement, sql, types, arguments);
    va_end(arguments);
    struct db_rows *rows = query(connection, &statement, true);
    while (db_next(rows))
        ;
    int64_t changed = connection->backend->changed(rows);
    if (!db_end(rows, problem))
        return false;
    if (ret_changed)
        *ret_changed = changed;
    return true;
}

bool db_next(struct db_rows *rows)
{
    return !problem_is_set(&rows->problem) && rows->connection->backend->next(rows);
}

bool db_end(struct db_rows *rows, struct problem *problem)
{
    struct db_rows **link = &rows->connection->open;
    while (*link != rows)
        link = &(*link)->next_open;
    *link = rows->next_open;
    bool done = !problem_is_set(&rows->problem);
    if (!done && !problem_is_set(problem))
        *problem = rows->problem;
    rows->connection->backend->end(rows);
    return done;
}

int64_t db_int(struct db_rows *rows, int column)
{
    return rows->connection->backend->column_int(rows, column);
}

const char *db_text(struct db_rows *rows, int column)
{
    return rows->connection->backend->column_text(rows, column);
}

const void *db_bytes(struct db_rows *rows, int column, size_t *ret_count)
{
    return rows->connection->backend->column_bytes(rows, column, ret_count);
}

bool db_is_null(struct db_rows *rows, int column)
{
    return rows->connection->backend->column_is_null(rows, column);
}

int64_t db_next_key(struct db_connection *connection, const char *table)
{
    char sql[128];
    static const char name_letters[] = "abcdefghijklmnopqrstuvwxyz_";
    if (strspn(table, name_letters) != strlen(table) || strlen(table) > 63 || !connection->writes) {
        problem_set(&connection->problem, PROBLEM_INTERNAL, "db_next_key of '%s'", table);
        return 0;
    }
    (void)snprintf(sql, sizeof sql, "SELECT COALESCE(MAX(id), 0) + 1 FROM %s", table);
    struct db_rows *rows = db_query(connection, sql, "");
    int64_t key = db_next(rows) ? db_int(rows, 0) : 0;
    return db_end(rows, &connection->problem) ? key : 0;
}
