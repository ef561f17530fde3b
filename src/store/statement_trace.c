#include "store/db_backend.h"

#include "base/memory.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

/* A few hundred texts, and only in tests: a list is enough.  It stays when tracing ends and begins
 * again, so that each text is written once a process. */
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static atomic_bool tracing; /* set as `trace` is; read without the lock */
static FILE *trace;
static char **seen;
static size_t seen_count;

void db_trace_statements(FILE *out)
{
    (void)pthread_mutex_lock(&lock);
    trace = out;
    atomic_store(&tracing, out != NULL);
    (void)pthread_mutex_unlock(&lock);
}

static bool is_new(const char *sql)
{
    for (size_t i = 0; i < seen_count; i++)
        if (strcmp(seen[i], sql) == 0)
            return false;
    seen = memory_resized(seen, seen_count + 1, sizeof *seen);
    seen[seen_count++] = memory_strdup(sql);
    return true;
}

static const char *type_name(char letter)
{
    return letter == 't' ? "text" : letter == 'b' ? "bytea" : "bigint";
}

void statement_trace_note(const struct db_statement *statement)
{
    if (!atomic_load_explicit(&tracing, memory_order_relaxed))
        return;
    (void)pthread_mutex_lock(&lock);
    if (trace && is_new(statement->sql)) {
        (void)fprintf(trace, "PREPARE s%zu", seen_count);
        for (const char *letter = statement->types; *letter; letter++)
            (void)fprintf(
                trace, "%s%s", letter == statement->types ? " (" : ", ", type_name(*letter));
        (void)fprintf(trace, "%s AS %s;\n", statement->types[0] ? ")" : "", statement->sql);
        (void)fflush(trace);
    }
    (void)pthread_mutex_unlock(&lock);
}
