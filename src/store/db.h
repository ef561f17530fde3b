/*
 * The store: one database behind one small interface, so that SQLite (one server) and PostgreSQL
 * (several) run the same SQL texts.
 *
 * Writing    db_write() hands a function to the one writer thread.  It runs each waiting function
 *            in a savepoint of its own and commits them together (group commit: the commit that
 *            runs forms the next group), then wakes the callers: true means durable
 *            (synchronous=FULL).  A function that returns false is rolled back alone.
 *            Functions run in the order of submission; they must be short and must not call
 *            db_write or db_read.  A function may run again from the start when its group could not
 *            be committed, so it changes nothing but the database and what `data` points to, and
 *            assigns rather than adds there.  What it gives out through `data` holds only once
 *            db_write has returned true.
 * Reading    db_read() runs a function on the caller's thread over a reader connection of its own,
 *            in one snapshot, beside the writer.  It sees every write acknowledged before.
 *            It must not call db_read: with all connections taken, it would wait for itself.
 * SQL        $1, $2 ... in any order; BIGINT, TEXT, BYTEA, SMALLINT; INSERT ... ON CONFLICT; no
 *            SQLite-only functions.  A statement is prepared once a connection and found again by
 *            its text.  Types of arguments follow in a string, one letter a $n, none left over:
 *              i int64_t       I const int64_t * (NULL: null)     t const char * (NULL: null)
 *              b const void *, size_t (NULL: null)
 * Errors     PROBLEM_STORAGE_FULL  the disk is full
 *            PROBLEM_CONFLICT      a unique key is taken, or a key refers to what is not there
 *            PROBLEM_BUSY          the file is held by somebody else; passing
 *            PROBLEM_STORAGE       all else of the disk
 *            PROBLEM_INTERNAL      an SQL text or its types are wrong
 * Threads    a struct db is shared by all threads; a struct db_connection belongs to the function
 *            it was given to.  db_write, db_read and db_close block: never on a loop.
 */
#ifndef LECTERN_STORE_DB_H
#define LECTERN_STORE_DB_H

#include "base/problem.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

struct db;
struct db_connection;
struct db_rows;

enum {
    DB_PARAMETERS_MAX = 32, /* of one statement */
    DB_GROUP_MAX = 256,     /* functions that one commit takes together */
    DB_READERS_MAX = 16,    /* reader connections; further readers wait for one */
};

/* Opens (and for an empty folder makes) the store in `folder`, runs the migrations that are
 * missing, and refuses a store of a newer version (PROBLEM_SCHEMA_NEWER).  One process at a time:
 * holds folder/lock, and says who has it otherwise (PROBLEM_CONFLICT). */
struct db *db_open(const char *folder, struct problem *problem);
/*
 * Takeover: a second process goes on with the store while the first still writes its last records;
 * both see what the other committed.  db_lend_lock() gives the folder's lock to hand over (lent as
 * long as the db); db_open_beside() opens with it (lent), and holds it on.  The caller has made sure
 * that both have the same db_schema_version(): nothing may be migrated under the other's feet.
 */
int db_lend_lock(const struct db *db);
struct db *db_open_beside(const char *folder, int held_lock, struct problem *problem);
/* The newest schema that this program knows. */
int64_t db_schema_version(void);
/* Finishes what was submitted; nobody may be inside of another function meanwhile.  Accepts NULL.
 */
void db_close(struct db *db);

typedef bool (*db_function)(struct db_connection *connection, void *data, struct problem *problem);
bool db_write(struct db *db, db_function function, void *data, struct problem *problem);
bool db_read(struct db *db, db_function function, void *data, struct problem *problem);
/* Does not wait.  done (may be NULL) runs on the writer thread after the commit or the failure, and
 * must not block.  The queue has no bound of its own: whoever submits keeps few of its own waiting.
 */
void db_write_later(struct db *db, db_function function, void *data,
    void (*done)(void *data, bool durable, const struct problem *problem));
/* Reads everything that is stored, for its soundness: PROBLEM_STORAGE with what was found.  Slow
 * for a large store; others go on meanwhile. */
bool db_check(struct db *db, struct problem *problem);
/* The store of a folder, as it is at one moment, into a new file: beside whoever has it open and goes
 * on writing, and without taking the folder's lock.  The copy is read back and found sound.  On
 * failure the file is of no use, and may be there.  Syncing it is the caller's. */
bool db_copy(const char *folder, const char *path, struct problem *problem);
/*
 * After personal data was deleted: empties the WAL, then reads every byte of the store for the needles
 * (of 1 to DB_NEEDLE_BYTES_MAX bytes each) and, where one is still found, writes the store anew, so
 * that no freed place holds anything; needles NULL: writes it anew in any case.  Writes wait meanwhile,
 * for some ten seconds a gigabyte when it is written anew.  PROBLEM_BUSY: try again.
 */
enum { DB_NEEDLE_BYTES_MAX = 1024 };
bool db_scrub(struct db *db, const char *const *needles, size_t needle_count, bool *ret_anew,
    struct problem *problem);
/* Submitted and not finished. */
size_t db_writes_waiting(struct db *db);

/* One statement without rows.  ret_changed (rows inserted, updated or deleted) may be NULL. */
bool db_exec(struct db_connection *connection, int64_t *ret_changed, struct problem *problem,
    const char *sql, const char *types, ...);
/* Rows: for (rows = db_query(...); db_next(rows);) ...; if (!db_end(rows, problem)) fail.
 * db_query never returns NULL; what goes wrong is kept and told by db_end, which ends the rows.
 * Leaving the loop early is fine, leaving out db_end is not: the function then fails with
 * PROBLEM_INTERNAL.  Arguments are copied. */
struct db_rows *db_query(struct db_connection *connection, const char *sql, const char *types, ...);
bool db_next(struct db_rows *rows);
bool db_end(struct db_rows *rows, struct problem *problem);
/* Columns from 0.  Text and bytes are lent until the next db_next or db_end. */
int64_t db_int(struct db_rows *rows, int column);      /* null: 0 */
const char *db_text(struct db_rows *rows, int column); /* null: NULL */
/* Null: NULL, 0.  Empty: not NULL, 0. */
const void *db_bytes(struct db_rows *rows, int column, size_t *ret_count);
bool db_is_null(struct db_rows *rows, int column);
/* The next free key of a table with an increasing integer key `id`; inside db_write only.  A
 * failure gives 0 and makes the whole function fail, whatever it returns. */
int64_t db_next_key(struct db_connection *connection, const char *table);

/*
 * A check of portability: from now on every SQL text that runs is written to `out`, once, as
 * "PREPARE s1 (bigint, text) AS ...;", which psql takes as it is.  NULL ends it.  The file stays
 * the caller's.  Process-wide; safe from any thread.
 */
void db_trace_statements(FILE *out);

#endif
