/*
 * For the store's tests: a folder of one's own, with a table "note" beside the schema.
 */
#ifndef LECTERN_TESTS_STORE_FOLDER_H
#define LECTERN_TESTS_STORE_FOLDER_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "base/files.h"
#include "base/memory.h"
#include "base/text.h"
#include "store/db.h"

static inline char *store_folder_make(void)
{
    char *folder = memory_strdup("/tmp/lectern-store-XXXXXX");
    assert_non_null(mkdtemp(folder));
    return folder;
}

static inline void store_folder_remove(char *folder)
{
    struct problem problem = { 0 };
    assert_true(folder_remove(folder, &problem));
    free(folder);
}

static inline struct db *store_open(const char *folder)
{
    struct problem problem = { 0 };
    struct db *db = db_open(folder, &problem);
    if (!db)
        fail_msg("%s", problem.detail);
    return db;
}

/* data: a statement without arguments. */
static inline bool store_run(struct db_connection *connection, void *data, struct problem *problem)
{
    return db_exec(connection, NULL, problem, (const char *)data, "");
}

static inline void store_make_notes(struct db *db)
{
    struct problem problem = { 0 };
    char sql[] = "CREATE TABLE IF NOT EXISTS note (id BIGINT PRIMARY KEY, author BIGINT NOT NULL,"
                 " body TEXT, seal BYTEA)";
    if (!db_write(db, store_run, sql, &problem))
        fail_msg("%s", problem.detail);
}

static inline bool store_count_notes(
    struct db_connection *connection, void *data, struct problem *problem)
{
    int64_t count = -1;
    struct db_rows *rows = db_query(connection, "SELECT COUNT(*) FROM note", "");
    if (db_next(rows))
        count = db_int(rows, 0);
    *(int64_t *)data = count;
    return db_end(rows, problem);
}

static inline int64_t store_notes(struct db *db)
{
    struct problem problem = { 0 };
    int64_t count = -1;
    if (!db_read(db, store_count_notes, &count, &problem))
        fail_msg("%s", problem.detail);
    return count;
}

#endif
