/*
 * The figures that an organizer answers for: per participant and lecture, as JSON, CSV and XLSX from
 * one read.  Set queries, not one a cell.  Scope is checked by the caller through permission_object().
 * Inside db_read (or db_write).
 *
 * Lectures   those of the cohort's program that are published, or that somebody of the cohort has
 *            watched; figures are on the clock of a lecture's current version: what was
 *            watched of earlier ones is carried along its timeline (timeline.h).  A completion of
 *            an earlier version stays one.
 * Ownership  the caller ends what is returned with json_decref().
 * Errors     NULL means *problem is set; PROBLEM_NOT_FOUND for an id that is not there.
 */
#ifndef LECTERN_VIEWING_REPORT_H
#define LECTERN_VIEWING_REPORT_H

#include "base/text.h"
#include "store/db.h"

#include <jansson.h>

/* {"cohort":{"id","name","program_id","first_day","last_day","time_zone",
 *            "rule":object|null} (rule.h),
 *  "lectures":[{"id","title","duration_ms","required","published"}...],
 *  "participants":[{"id","name","country","gender","group",
 *    "lectures":[{"id","claimed_ms","delivered_ms","credited_ms","coverage","missing":[[a,b]...],
 *                 "completed_at_ms":int|null,"last_at_ms":int|null,
 *                 "decision":{"verdict","reason","decided_at_ms"}|null}...]}],
 *  "totals":{"participants","women","completed_all","accepted_by_hand","countries":{"VN":6,...}}}
 * completed_at_ms is by the rule or, where an organizer decided, by hand.  accepted_by_hand counts
 * the lectures that are complete by hand and not by the rule.
 * Each participant has every lecture, in the order of "lectures".  completed_all counts who
 * completed all required and published ones (where none is both: all listed).  language picks
 * titles, falling back to the lecture's own language, then to any. */
json_t *report_cohort(struct db_connection *connection, const char *cohort_id, const char *language,
    struct problem *problem);
/*
 * The same figures as files that leave the house, a row a participant and lecture: instants as ISO 8601 in UTC, what is
 * missing as "12:40-15:05; ...", decisions apart from the rule's word.  Without `names` the participant's id stands for the person, and the column "name" is
 * empty.  Formulas are defused: a cell that begins, after spaces, with = + - @ TAB CR LF or a full-width form of them is
 * prefixed with '.
 *
 * CSV   UTF-8 with BOM, CRLF (RFC 4180).  False: the text's maximum was reached.
 * XLSX  a second sheet has the totals.  PROBLEM_NOT_ACCEPTABLE for more rows than a sheet holds.
 */
bool report_cohort_csv(const json_t *report, bool names, struct text *text);
bool report_cohort_xlsx(
    const json_t *report, bool names, struct text *text, struct problem *problem);
/* What one participant sees of themselves, for the published lectures of their program, in order:
 * [{"id","duration_ms","claimed_ms","delivered_ms","credited_ms","coverage","missing",
 *   "missing_reasons":[{"from_ms","to_ms","reason"}...],"completed_at_ms","last_at_ms",
 *   "decision","position_ms","groups":[...]}...]; reasons are in explanation.h, groups in group.h. */
json_t *report_participant_lectures(
    struct db_connection *connection, const char *participant_id, struct problem *problem);
/* One participant's record of one lecture for the organizer:
 * {"version","credited":[[..]],"delivered":[[..]],"missing":[[..]],"missing_reasons":[...],
 *  "intervals":[{"version","from_ms","to_ms","credited_at_ms","reason","play_session"}...],
 *  "flags":{"too-fast":n,...},"decisions":[...],"groups":[...]} (decision.h, group.h)
 * intervals: the newest REPORT_INTERVALS_MAX of each version, on that one's clock, newest last. */
enum { REPORT_INTERVALS_MAX = 1000 };
json_t *report_participant_record(struct db_connection *connection, const char *participant_id,
    const char *lecture_id, struct problem *problem);

#endif
