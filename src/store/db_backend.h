/*
 * The seam between the interface (db.c, db_writer.c) and an engine (db_sqlite.c): what an engine
 * must be able to do, and nothing about queues, groups or pools.  Private to store/.
 *
 * An engine's connection and rows begin with the structs below and go on with its own members.
 * Errors   false means *problem (or rows->problem) is set; PROBLEM_BUSY: trying again helps.
 * Threads  a connection is used by one thread at a time, not always by the same one.
 */
#ifndef LECTERN_STORE_DB_BACKEND_H
#define LECTERN_STORE_DB_BACKEND_H

#include "store/db.h"

struct db_backend;

struct db_connection {
    const struct db_backend *backend;
    bool writes;          /* the writer's, not a reader's */
    struct db_rows *open; /* rows without their db_end yet, newest first */
    struct problem
        problem; /* of a call that cannot tell it otherwise; fails the running function */
};

struct db_rows {
    struct db_connection *connection;
    struct db_rows *next_open;
    struct problem problem; /* the first cause; told by db_end */
};

/* An argument of a statement. */
struct db_value {
    enum { DB_VALUE_NULL, DB_VALUE_INTEGER, DB_VALUE_TEXT, DB_VALUE_BYTES } kind;
    int64_t integer;
    const void *bytes; /* lent for the call */
    size_t count;
};
struct db_statement {
    const char *sql;
    const char *types; /* as in db.h */
    size_t value_count;
    struct db_value values[DB_PARAMETERS_MAX]; /* of $1, $2 ... */
};

struct db_backend {
    struct db_connection *(*connect)(const char *folder, bool writes, struct problem *problem);
    void (*disconnect)(struct db_connection *connection);

    /* Several statements without arguments, as a migration is. */
    bool (*run_script)(
        struct db_connection *connection, const char *script, struct problem *problem);

    /* The engine's own look at the soundness of what it stored. */
    bool (*check)(struct db_connection *connection, struct problem *problem);

    /* As db_copy(). */
    bool (*copy)(const char *folder, const char *path, struct problem *problem);
    /* The two halves of db_scrub(): on the writer's connection outside of a transaction; and a look
     * at the files. */
    bool (*scrub)(struct db_connection *connection, bool anew, struct problem *problem);
    bool (*holds)(const char *folder, const char *const *needles, size_t needle_count,
        bool *ret_found, struct problem *problem);

    bool (*begin)(struct db_connection *connection, struct problem *problem);
    bool (*commit)(struct db_connection *connection, struct problem *problem);
    /* Always leaves the connection outside of a transaction. */
    void (*rollback)(struct db_connection *connection);
    /* False once the engine has given up the transaction by itself, as on a full disk. */
    bool (*in_transaction)(struct db_connection *connection);
    bool (*savepoint)(struct db_connection *connection, struct problem *problem);
    bool (*savepoint_keep)(struct db_connection *connection, struct problem *problem);
    bool (*savepoint_undo)(struct db_connection *connection, struct problem *problem);

    /* Never NULL.  Copies the values unless `at_once`: then next() and end() follow while they
     * live. */
    struct db_rows *(*query)(
        struct db_connection *connection, const struct db_statement *statement, bool at_once);
    bool (*next)(struct db_rows *rows);
    int64_t (*changed)(const struct db_rows *rows); /* after next() said false */
    void (*end)(struct db_rows *rows);              /* frees or keeps for reuse */
    int64_t (*column_int)(struct db_rows *rows, int column);
    const char *(*column_text)(struct db_rows *rows, int column);
    const void *(*column_bytes)(struct db_rows *rows, int column, size_t *ret_count);
    bool (*column_is_null)(struct db_rows *rows, int column);
};

extern const struct db_backend db_sqlite;

/* Runs a function of the caller's and sees to what it left behind: rows without db_end, a problem
 * that no return value told.  The transaction around it is the caller's. */
bool db_call(
    struct db_connection *connection, db_function function, void *data, struct problem *problem);

/* For db_trace_statements(); costs nothing while nobody traces. */
void statement_trace_note(const struct db_statement *statement);

#endif
