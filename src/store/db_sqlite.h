/*
 * What the parts of the SQLite engine share: db_sqlite.c (connections, transactions), db_sqlite_rows.c
 * (prepared statements, rows), db_sqlite_copy.c (a copy at one moment)
 * and db_sqlite_scrub.c (nothing left of what was deleted).  Private to store/.
 */
#ifndef LECTERN_STORE_DB_SQLITE_H
#define LECTERN_STORE_DB_SQLITE_H

#include "store/db_backend.h"

#include <sqlite3.h>

enum {
    SQLITE_STATEMENTS_MAX = 256, /* kept prepared, of one connection */
    SQLITE_BUCKETS = 256,
};

struct sqlite_connection {
    struct db_connection connection; /* first */
    sqlite3 *handle;
    struct sqlite_statement *buckets[SQLITE_BUCKETS]; /* by the hash of the text */
    size_t statement_count;
    uint64_t uses;
};

/* Sets the problem from what the handle failed at last.  False. */
bool sqlite_fail(struct problem *problem, sqlite3 *handle, const char *doing);

/* Reads everything; false with what was found. */
bool sqlite_is_sound(sqlite3 *handle, struct problem *problem);

/* See struct db_backend. */
bool sqlite_scrub(struct db_connection *connection, bool anew, struct problem *problem);
bool sqlite_holds(const char *folder, const char *const *needles, size_t needle_count,
    bool *ret_found, struct problem *problem);
bool sqlite_copy(const char *folder, const char *path, struct problem *problem);
struct db_rows *sqlite_query(
    struct db_connection *connection, const struct db_statement *wanted, bool at_once);
bool sqlite_next(struct db_rows *rows);
int64_t sqlite_changed(const struct db_rows *rows);
void sqlite_end(struct db_rows *rows);
int64_t sqlite_column_as_int(struct db_rows *rows, int column);
const char *sqlite_column_as_text(struct db_rows *rows, int column);
const void *sqlite_column_as_bytes(struct db_rows *rows, int column, size_t *ret_count);
bool sqlite_column_is_null(struct db_rows *rows, int column);
/* Ends every statement that is kept. */
void sqlite_forget_statements(struct sqlite_connection *connection);

#endif
