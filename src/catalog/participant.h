/*
 * Participants of a cohort, and providers.  They never make an account: see access/invitation.h.
 * Functions run inside db_write (changes) or db_read (json_ functions); scope is checked before,
 * through permission_object().  Errors: PROBLEM_INVALID_FIELD names the field.
 */
#ifndef LECTERN_CATALOG_PARTICIPANT_H
#define LECTERN_CATALOG_PARTICIPANT_H

#include "access/caller.h"
#include "store/db.h"

#include <jansson.h>

/* "" counts as NULL where NULL is allowed: forms send it for what was left empty. */
struct participant_fields {
    const char *name;
    const char *email;    /* may be NULL */
    const char *country;  /* ISO 3166-1 alpha-2; may be NULL */
    const char *gender;   /* "female", "male", "other"; may be NULL */
    const char *group;    /* may be NULL */
    const char *language; /* BCP 47 */
};
bool participant_add(struct db_connection *connection, const char *cohort_id,
    const struct participant_fields *fields, char ret_id[UUID_TEXT_SIZE], struct problem *problem);
/* [{"id","name","email","country","gender","group","language",
 *   "invitation":{"state":"none|issued|opened|expired|revoked","issued_at_ms","expires_at_ms"}}...]
 * in the order they were added; of the newest invitation.  PROBLEM_NOT_FOUND: no such cohort. */
json_t *participants_json(
    struct db_connection *connection, const char *cohort_id, struct problem *problem);

/* country may be NULL.  PROBLEM_CONFLICT with a sentence when the name is taken. */
bool provider_add(struct db_connection *connection, const char *name, const char *country,
    char ret_id[UUID_TEXT_SIZE], struct problem *problem);
/* [{"id","name","country"}...] by name. */
json_t *providers_json(struct db_connection *connection, struct problem *problem);

#endif
