#include "catalog/audit.h"

#include "base/clock.h"

bool audit_add(struct db_connection *connection, const char *staff_id, const char *action,
    const char *object_id, const char *detail, struct problem *problem)
{
    return db_exec(connection, NULL, problem,
        "INSERT INTO audit (id, at_ms, staff_id, action, object_id, detail)"
        " VALUES ($1, $2, $3, $4, $5, $6)",
        "iitttt", db_next_key(connection, "audit"), clock_now_ms(), staff_id, action, object_id,
        detail);
}
