/*
 * What an organizer decided by hand: a lecture is accepted for a person, or refused, for a reason.
 * It stands beside what the rule says and takes nothing away from it: withdrawn, the rule's word
 * stands again.  One decision at most stands for a person and lecture; a new one ends the one
 * before.  All of them are kept, with who and when, and are on the evidence log.
 *
 * The participant was checked through permission_object().
 */
#ifndef LECTERN_VIEWING_DECISION_H
#define LECTERN_VIEWING_DECISION_H

#include "store/db.h"

#include <jansson.h>

enum { DECISION_REASON_BYTES_MAX = 500 };

enum verdict { VERDICT_NONE, VERDICT_ACCEPTED, VERDICT_REFUSED };
/* VERDICT_NONE for what is neither "accepted" nor "refused". */
enum verdict verdict_of(const char *word);

/* Inside db_write.  reason: a line that is not empty, else PROBLEM_INVALID_FIELD; the participant reads it.
 * staff_id NULL: the operator, from a shell.  PROBLEM_NOT_FOUND for a lecture that is not in the
 * participant's program. */
bool decision_make(struct db_connection *connection, const char *participant_id,
    const char *lecture_id, enum verdict verdict, const char *reason, const char *staff_id,
    struct problem *problem);
/* Inside db_write.  PROBLEM_NOT_FOUND where none stands. */
bool decision_withdraw(struct db_connection *connection, const char *participant_id,
    const char *lecture_id, const char *staff_id, struct problem *problem);

/* The one that stands: VERDICT_NONE where none does. */
bool decision_standing(struct db_connection *connection, const char *participant_id,
    const char *lecture_id, enum verdict *ret_verdict, int64_t *ret_decided_at_ms,
    struct problem *problem);
/* All of a person's, for one lecture, newest first: [{"verdict","reason","decided_at_ms","decided_by":name|null,
 * "ended_at_ms":int|null,"ended_by":name|null}...].  NULL: *problem is set. */
json_t *decisions_json(struct db_connection *connection, const char *participant_id,
    const char *lecture_id, struct problem *problem);
/* Those that stand in a cohort: [{"participant_id","participant","lecture_id","verdict","reason","decided_at_ms",
 * "decided_by"}...], newest first. */
json_t *decisions_of_cohort_json(
    struct db_connection *connection, const char *cohort_id, struct problem *problem);

#endif
