#include "store/migrations.h"

#include "base/clock.h"
#include "store/db_backend.h"

static const char make_table_sql[] = "CREATE TABLE IF NOT EXISTS schema_migration ("
                                     "version BIGINT PRIMARY KEY,"
                                     " name TEXT NOT NULL,"
                                     " applied_at_ms BIGINT NOT NULL)";

static bool read_version(
    struct db_connection *connection, int64_t *ret_version, struct problem *problem)
{
    int64_t version = 0;
    struct db_rows *rows = db_query(connection, "SELECT MAX(version) FROM schema_migration", "");
    if (db_next(rows))
        version = db_int(rows, 0);
    if (!db_end(rows, problem))
        return false;
    *ret_version = version;
    return true;
}

static bool apply(
    struct db_connection *connection, const struct migration *migration, struct problem *problem)
{
    return connection->backend->run_script(connection, migration->script, problem)
           && db_exec(connection, NULL, problem,
               "INSERT INTO schema_migration (version, name, applied_at_ms) VALUES ($1, $2, $3)",
               "iti", migration->version, migration->name, clock_now_ms());
}

static bool apply_in_transaction(
    struct db_connection *connection, const struct migration *migration, struct problem *problem)
{
    const struct db_backend *backend = connection->backend;
    if (!backend->begin(connection, problem))
        return false;
    if (apply(connection, migration, problem) && backend->commit(connection, problem))
        return true;
    backend->rollback(connection);
    return false;
}

bool migrations_run(struct db_connection *connection, const struct migration *list, size_t count,
    struct problem *problem)
{
    int64_t version;
    if (!connection->backend->run_script(connection, make_table_sql, problem)
        || !read_version(connection, &version, problem))
        return false;
    int64_t newest = count > 0 ? list[count - 1].version : 0;
    if (version > newest)
        return problem_set(problem, PROBLEM_SCHEMA_NEWER,
            "The store has schema version %lld, and this program knows %lld at most.",
            (long long)version, (long long)newest);
    for (size_t i = 0; i < count; i++)
        if (list[i].version > version && !apply_in_transaction(connection, &list[i], problem))
            return false;
    return true;
}
