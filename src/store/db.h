/*
 * The store: one database behind one small interface, so that SQLite (one server) and PostgreSQL (several) run
 * the same SQL texts.
 *
 * Writing    db_write() hands a function to the one writer thread.  It runs each waiting function in a savepoint of its own
 *            and commits them together (group commit: the commit that runs forms the next group), then wakes the
 *            callers: true means durable (synchronous=FULL).  A function that returns false is rolled back alone.
 *            Functions run in the order of submission; they must be short and must not call db_write or db_read.
 *            It may run again from the start when a commit failed for a passing reason, so it changes nothing but
 *            the database and what `data` points to, and assigns rather than adds there.
 * Reading    db_read() runs a function on the caller's thread over a reader connection of its own, in one
 *            snapshot, beside the writer.
 * SQL        $1, $2 ... in any order; BIGINT, TEXT, BYTEA, SMALLINT; INSERT ... ON CONFLICT; no SQLite-only functions.
 *            Types of arguments follow in a string, one letter a $n:
 *              i int64_t       I const int64_t * (NULL: null)     t const char * (NULL: null)
 *              b const void *, size_t (NULL: null)
 * Errors     PROBLEM_STORAGE, PROBLEM_STORAGE_FULL, PROBLEM_CONFLICT (a unique key is taken).
 * Threads    a struct db is shared by all threads; a struct db_connection belongs to the function it was given to.
 *            Both calls block: never on a loop.
 */
#ifndef LECTERN_STORE_DB_H
#define LECTERN_STORE_DB_H

#include "base/problem.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct db;
struct db_connection;
struct db_rows;

/* Opens (and for an empty folder makes) the store in `folder`, runs the migrations that are missing, and
 * refuses a store of a newer version (PROBLEM_SCHEMA_NEWER).  One process at a time: holds folder/lock. */
struct db *db_open(const char *folder, struct problem *problem);
void db_close(struct db *db); /* finishes what was submitted; accepts NULL */

typedef bool (*db_function)(struct db_connection *connection, void *data, struct problem *problem);
bool db_write(struct db *db, db_function function, void *data, struct problem *problem);
bool db_read(struct db *db, db_function function, void *data, struct problem *problem);
/* Does not wait.  done (may be NULL) runs on the writer thread after the commit or the failure. */
void db_write_later(struct db *db, db_function function, void *data,
    void (*done)(void *data, bool durable, const struct problem *problem));
size_t db_writes_waiting(struct db *db);

/* One statement without rows.  ret_changed may be NULL. */
bool db_exec(struct db_connection *connection, int64_t *ret_changed, struct problem *problem, const char *sql,
    const char *types, ...);
/* Rows: for (rows = db_query(...); db_next(rows);) ...; if (!db_end(rows, problem)) fail.  db_query never returns NULL;
 * what goes wrong is kept and told by db_end, which frees. */
struct db_rows *db_query(struct db_connection *connection, const char *sql, const char *types, ...);
bool db_next(struct db_rows *rows);
bool db_end(struct db_rows *rows, struct problem *problem);
/* Columns from 0.  Text and bytes are lent until the next db_next or db_end. */
int64_t db_int(struct db_rows *rows, int column);            /* null: 0 */
const char *db_text(struct db_rows *rows, int column);       /* null: NULL */
const void *db_bytes(struct db_rows *rows, int column, size_t *ret_count);
bool db_is_null(struct db_rows *rows, int column);
/* The next free key of a table with an increasing integer key; inside db_write only. */
int64_t db_next_key(struct db_connection *connection, const char *table);

#endif
