#include "store/db_sqlite.h"

#include "base/memory.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

struct sqlite_statement {
    struct db_rows rows; /* first: db_rows points here */
    struct sqlite_statement *next;
    uint64_t hash;
    uint64_t used; /* count of uses of the connection at the last one */
    char *sql;
    sqlite3_stmt *handle; /* NULL when the text was refused */
    bool kept;            /* in a bucket; else ended with its rows */
    bool open;
    bool stepped_out; /* no row is left; stepping on would begin again */
    int changed;
    int positions[DB_PARAMETERS_MAX]; /* of $1, $2 ...: SQLite numbers them by first appearance */
};

static struct sqlite_connection *inner(struct db_connection *connection)
{
    return (struct sqlite_connection *)connection;
}

/* The last system error of the WAL file: sqlite3_system_errno() does not know those of a COMMIT. */
static int wal_errno(sqlite3 *handle)
{
    sqlite3_file *wal = NULL;
    int error_number = 0;
    if (sqlite3_file_control(handle, "main", SQLITE_FCNTL_JOURNAL_POINTER, &wal) == SQLITE_OK && wal
        && wal->pMethods)
        (void)wal->pMethods->xFileControl(wal, SQLITE_FCNTL_LAST_ERRNO, &error_number);
    return error_number;
}

/* EFBIG: the process may not write a larger file, which is as full as it gets. */
static bool is_full(int error_number)
{
    return error_number == ENOSPC || error_number == EDQUOT || error_number == EFBIG;
}

static enum problem_kind kind_of(sqlite3 *handle, int code)
{
    switch (code & 0xff) {
    case SQLITE_FULL:
        return PROBLEM_STORAGE_FULL;
    case SQLITE_IOERR:
    case SQLITE_CANTOPEN:
        return is_full(sqlite3_system_errno(handle))
                       || (code == SQLITE_IOERR_WRITE && is_full(wal_errno(handle)))
                   ? PROBLEM_STORAGE_FULL
                   : PROBLEM_STORAGE;
    case SQLITE_CONSTRAINT:
        return code == SQLITE_CONSTRAINT_UNIQUE || code == SQLITE_CONSTRAINT_PRIMARYKEY
                       || code == SQLITE_CONSTRAINT_ROWID || code == SQLITE_CONSTRAINT_FOREIGNKEY
                   ? PROBLEM_CONFLICT
                   : PROBLEM_INTERNAL;
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
        return PROBLEM_BUSY;
    case SQLITE_READONLY: /* the file is; or else a function of db_read writes */
        return sqlite3_db_readonly(handle, "main") == 1 ? PROBLEM_STORAGE : PROBLEM_INTERNAL;
    case SQLITE_NOMEM:
        memory_exhausted(0);
    case SQLITE_ERROR:
    case SQLITE_MISUSE:
    case SQLITE_RANGE:
    case SQLITE_MISMATCH:
    case SQLITE_TOOBIG:
        return PROBLEM_INTERNAL;
    default:
        return PROBLEM_STORAGE;
    }
}

bool sqlite_fail(struct problem *problem, sqlite3 *handle, const char *doing)
{
    int code = sqlite3_extended_errcode(handle);
    return problem_set(
        problem, kind_of(handle, code), "%s: %s (%d)", doing, sqlite3_errmsg(handle), code);
}

static uint64_t hash_text(const char *text) /* FNV-1a */
{
    uint64_t hash = UINT64_C(14695981039346656037);
    for (; *text; text++)
        hash = (hash ^ (unsigned char)*text) * UINT64_C(1099511628211);
    return hash;
}

static void statement_free(struct sqlite_statement *statement)
{
    (void)sqlite3_finalize(statement->handle);
    free(statement->sql);
    free(statement);
}

/* The kept statement of this text that is not in use: one inside of its own loop is prepared again.
 */
static struct sqlite_statement *find_kept(
    const struct sqlite_connection *connection, const char *sql, uint64_t hash)
{
    struct sqlite_statement *statement = connection->buckets[hash % SQLITE_BUCKETS];
    while (statement
           && (statement->open || statement->hash != hash || strcmp(statement->sql, sql) != 0))
        statement = statement->next;
    return statement;
}

static void drop_least_used(struct sqlite_connection *connection)
{
    struct sqlite_statement **least = NULL;
    for (size_t i = 0; i < SQLITE_BUCKETS; i++)
        for (struct sqlite_statement **at = &connection->buckets[i]; *at; at = &(*at)->next)
            if (!(*at)->open && (!least || (*at)->used < (*least)->used))
                least = at;
    if (!least)
        return;
    struct sqlite_statement *dropped = *least;
    *least = dropped->next;
    statement_free(dropped);
    connection->statement_count--;
}

static void keep(struct sqlite_connection *connection, struct sqlite_statement *statement)
{
    if (connection->statement_count == SQLITE_STATEMENTS_MAX)
        drop_least_used(connection);
    if (connection->statement_count == SQLITE_STATEMENTS_MAX)
        return;
    statement->next = connection->buckets[statement->hash % SQLITE_BUCKETS];
    connection->buckets[statement->hash % SQLITE_BUCKETS] = statement;
    connection->statement_count++;
    statement->kept = true;
}

static bool is_one_statement(const char *tail)
{
    return tail[strspn(tail, " \t\r\n;")] == '\0';
}

static bool find_positions(struct sqlite_statement *statement, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        char name[24];
        (void)snprintf(name, sizeof name, "$%zu", i + 1);
        statement->positions[i] = sqlite3_bind_parameter_index(statement->handle, name);
        if (statement->positions[i] == 0)
            return false;
    }
    return (size_t)sqlite3_bind_parameter_count(statement->handle) == count;
}

/* What is wrong is left in rows.problem. */
static struct sqlite_statement *prepare(
    struct sqlite_connection *connection, const struct db_statement *wanted, uint64_t hash)
{
    struct sqlite_statement *statement = memory_zeroed(1, sizeof *statement);
    struct problem *problem = &statement->rows.problem;
    statement->rows.connection = &connection->connection;
    statement->hash = hash;
    statement->sql = memory_strdup(wanted->sql);
    const char *tail = "";
    if (sqlite3_prepare_v3(connection->handle, wanted->sql, -1, SQLITE_PREPARE_PERSISTENT,
            &statement->handle, &tail)
        != SQLITE_OK)
        sqlite_fail(problem, connection->handle, wanted->sql);
    else if (!statement->handle || !is_one_statement(tail))
        problem_set(problem, PROBLEM_INTERNAL, "not one statement: %s", wanted->sql);
    else if (!find_positions(statement, wanted->value_count))
        problem_set(
            problem, PROBLEM_INTERNAL, "types '%s' do not fit: %s", wanted->types, wanted->sql);
    else
        keep(connection, statement);
    return statement;
}

static struct sqlite_statement *find_or_prepare(
    struct sqlite_connection *connection, const struct db_statement *wanted)
{
    uint64_t hash = hash_text(wanted->sql);
    struct sqlite_statement *statement = find_kept(connection, wanted->sql, hash);
    if (!statement)
        return prepare(connection, wanted, hash);
    problem_clear(&statement->rows.problem);
    if ((size_t)sqlite3_bind_parameter_count(statement->handle) != wanted->value_count)
        problem_set(&statement->rows.problem, PROBLEM_INTERNAL, "types '%s' do not fit: %s",
            wanted->types, wanted->sql);
    return statement;
}

static int bind_value(
    sqlite3_stmt *handle, int position, const struct db_value *value, bool at_once)
{
    sqlite3_destructor_type lifetime = at_once ? SQLITE_STATIC : SQLITE_TRANSIENT;
    switch (value->kind) {
    case DB_VALUE_INTEGER:
        return sqlite3_bind_int64(handle, position, value->integer);
    case DB_VALUE_TEXT:
        return sqlite3_bind_text64(
            handle, position, value->bytes, value->count, lifetime, SQLITE_UTF8);
    case DB_VALUE_BYTES:
        return sqlite3_bind_blob64(handle, position, value->bytes, value->count, lifetime);
    default:
        return sqlite3_bind_null(handle, position);
    }
}

struct db_rows *sqlite_query(
    struct db_connection *connection, const struct db_statement *wanted, bool at_once)
{
    struct sqlite_connection *sqlite = inner(connection);
    struct sqlite_statement *statement = find_or_prepare(sqlite, wanted);
    struct problem *problem = &statement->rows.problem;
    statement->open = true;
    statement->used = ++sqlite->uses;
    statement->changed = 0;
    statement->stepped_out = false;
    if (strlen(wanted->types) != wanted->value_count)
        problem_set(
            problem, PROBLEM_INTERNAL, "types '%s' are not known: %s", wanted->types, wanted->sql);
    for (size_t i = 0; i < wanted->value_count && !problem_is_set(problem); i++)
        if (bind_value(statement->handle, statement->positions[i], &wanted->values[i], at_once)
            != SQLITE_OK)
            sqlite_fail(problem, sqlite->handle, wanted->sql);
    return &statement->rows;
}

static struct sqlite_statement *statement_of(struct db_rows *rows)
{
    return (struct sqlite_statement *)rows;
}

bool sqlite_next(struct db_rows *rows)
{
    struct sqlite_statement *statement = statement_of(rows);
    sqlite3 *handle = inner(rows->connection)->handle;
    if (statement->stepped_out)
        return false;
    int code = sqlite3_step(statement->handle);
    if (code == SQLITE_ROW)
        return true;
    statement->stepped_out = true;
    if (code != SQLITE_DONE)
        return sqlite_fail(&rows->problem, handle, statement->sql);
    /* Of the newest statement that changed something: a text that only reads leaves the count as it
     * was. */
    statement->changed = sqlite3_stmt_readonly(statement->handle) ? 0 : sqlite3_changes(handle);
    return false;
}

int64_t sqlite_changed(const struct db_rows *rows)
{
    return ((const struct sqlite_statement *)rows)->changed;
}

void sqlite_end(struct db_rows *rows)
{
    struct sqlite_statement *statement = statement_of(rows);
    if (!statement->kept) {
        statement_free(statement);
        return;
    }
    /* Values are let go too: they may be secrets, and at_once ones are no longer there. */
    (void)sqlite3_reset(statement->handle);
    (void)sqlite3_clear_bindings(statement->handle);
    statement->open = false;
}

int64_t sqlite_column_as_int(struct db_rows *rows, int column)
{
    return sqlite3_column_int64(statement_of(rows)->handle, column);
}

const char *sqlite_column_as_text(struct db_rows *rows, int column)
{
    return (const char *)sqlite3_column_text(statement_of(rows)->handle, column);
}

bool sqlite_column_is_null(struct db_rows *rows, int column)
{
    return sqlite3_column_type(statement_of(rows)->handle, column) == SQLITE_NULL;
}

const void *sqlite_column_as_bytes(struct db_rows *rows, int column, size_t *ret_count)
{
    const void *bytes = sqlite3_column_blob(statement_of(rows)->handle, column);
    *ret_count = (size_t)sqlite3_column_bytes(statement_of(rows)->handle, column);
    return bytes || sqlite_column_is_null(rows, column) ? bytes : "";
}

void sqlite_forget_statements(struct sqlite_connection *connection)
{
    for (size_t i = 0; i < SQLITE_BUCKETS; i++)
        for (struct sqlite_statement *next, *at = connection->buckets[i]; at; at = next) {
            next = at->next;
            statement_free(at);
        }
}
