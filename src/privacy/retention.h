/*
 * How long people are kept: so many days after their cohort closed, as the cohort says, or else the
 * setting retention-days; 0 is for ever.  Then each is erased (erasure.h), by the server itself.
 * Networks that people played from are forgotten after network-days, whatever the cohort says (sharing.h).
 */
#ifndef LECTERN_PRIVACY_RETENTION_H
#define LECTERN_PRIVACY_RETENTION_H

#include "base/settings.h"
#include "privacy/erasure.h"
#include "store/db.h"

#include <jansson.h>

enum { RETENTION_DAYS_MAX = 36500 };

/* Inside db_write.  days NULL: as the setting says.  PROBLEM_NOT_FOUND, PROBLEM_INVALID_FIELD. */
bool retention_set(struct db_connection *connection, const char *cohort_id, const int64_t *days,
    struct problem *problem);
/* Inside db_read.  Who would be erased at that instant:
 * [{"participant","cohort","cohort_name","closed_at_ms","days","due_at_ms"}...], without names. */
json_t *retention_due_json(struct db_connection *connection, const struct settings *settings,
    int64_t now_ms, struct problem *problem);
/* Erases them, and goes on with erasures that were not finished.  Blocks, for minutes when the store is
 * large.  The caller then calls media_token_deny_revoked(), in any case.  *ret_count: persons. */
bool retention_run(struct db *db, const struct settings *settings, struct erasure_pace pace,
    int64_t *ret_count, struct problem *problem);

#endif
