/*
 * The schema's numbered steps, sql/NNN_name.sql, embedded in the binary when it is built.
 * Private to store/.
 *
 * A step that was released is never edited: a new one follows.  Each runs in one transaction with
 * its row in schema_migration, so a crash leaves a step done or not begun.
 */
#ifndef LECTERN_STORE_MIGRATIONS_H
#define LECTERN_STORE_MIGRATIONS_H

#include "store/db.h"

struct migration {
    int64_t version; /* from 1, without holes */
    const char *name;
    const char *script;
};

/* Generated from the files (embed_sql.cmake), ascending. */
extern const struct migration migrations[];
extern const size_t migration_count;

/* Runs what is missing.  PROBLEM_SCHEMA_NEWER when the store knows a step that the list does not.
 */
bool migrations_run(struct db_connection *connection, const struct migration *list, size_t count,
    struct problem *problem);

#endif
