/*
 * The figures that an organizer answers for: per participant and lecture, as JSON and CSV from one read.
 * Scope is checked by the caller through permission_object().  Inside db_read.
 */
#ifndef LECTERN_VIEWING_REPORT_H
#define LECTERN_VIEWING_REPORT_H

#include "base/text.h"
#include "store/db.h"

#include <jansson.h>

/* {"cohort":{"id","name","program_id","first_day","last_day","time_zone","rule":{...}},
 *  "lectures":[{"id","title","duration_ms"}...],
 *  "participants":[{"id","name","country","gender","group","lectures":[{"id","claimed_ms","delivered_ms","credited_ms",
 *   "coverage","missing":[[a,b]...],"completed_at_ms":int|null,"last_at_ms":int|null}...]}],
 *  "totals":{"participants","women","completed_all","countries":{...}}}
 * language picks titles, falling back to the lecture's own language, then to any. */
json_t *report_cohort(struct db_connection *connection, const char *cohort_id, const char *language, struct problem *problem);
/* The same figures, a row a participant and lecture: UTF-8 with BOM, CRLF, formulas defused (a cell that begins with = + - @ TAB CR
 * or their full-width forms is prefixed with '). */
bool report_cohort_csv(const json_t *report, struct text *text);
/* What one participant sees of themselves: [{"id","claimed_ms",...,"position_ms"}...] for the lectures of their program. */
json_t *report_participant_lectures(struct db_connection *connection, const char *participant_id, struct problem *problem);
/* One participant's record of one lecture for the organizer: {"credited":[[..]],"delivered":[[..]],"missing":[[..]],
 * "intervals":[{"from_ms","to_ms","credited_at_ms","reason","play_session"}...] newest last, at most 1000,
 * "flags":{"too-fast":n,...}} */
json_t *report_participant_record(struct db_connection *connection, const char *participant_id, const char *lecture_id,
    struct problem *problem);

#endif
