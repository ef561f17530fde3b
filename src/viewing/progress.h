/*
 * The figures of one person and lecture, as every report tells them; private to viewing/.  Over all
 * versions of the lecture that the person watched, on the clock of the one that is shown.
 *
 * Ownership  progress_release() ends the stretches; {0} is somebody who has not begun.
 */
#ifndef LECTERN_VIEWING_PROGRESS_H
#define LECTERN_VIEWING_PROGRESS_H

#include "store/db.h"
#include "viewing/coverage.h"
#include "viewing/timeline.h"

struct progress {
    struct spans claimed, delivered, credited;
    struct spans withheld[WITHHELD_COUNT];
    struct spans waiting, refused; /* seen in groups (group.h) that are not confirmed */
    int64_t position_ms;
    int64_t last_at_ms;      /* 0: never */
    int64_t completed_at_ms; /* where completed, by the rule */
    bool completed;
    json_t *decision; /* that stands: {"verdict","reason","decided_at_ms"}; NULL: none */
};
void progress_release(struct progress *progress);

/* Adds a viewing row, from seven columns in this order, beginning at first_column: version, claimed,
 * delivered, credited, position_ms, last_at_ms, withheld; all null where there is none. */
enum { PROGRESS_COLUMNS = 7 };
bool progress_add(struct progress *progress, struct db_rows *rows, int first_column,
    const struct timelines *timelines, const char *lecture_id, int64_t shown_version,
    struct problem *problem);
/* Adds what was seen in a group, from four columns: version, shown, credited, and the verdict that stands, null for none.  Of a
 * confirmed one the shown counts as claimed and delivered too. */
enum { PROGRESS_GROUP_COLUMNS = 4 };
bool progress_add_group(struct progress *progress, struct db_rows *rows, int first_column,
    const struct timelines *timelines, const char *lecture_id, int64_t shown_version,
    struct problem *problem);
/* Takes what was decided by hand. */
void progress_decide(
    struct progress *progress, const char *verdict, const char *reason, int64_t decided_at_ms);
/* By the rule or by hand: what everybody is told. */
bool progress_is_complete(const struct progress *progress);
/* {"id","claimed_ms","delivered_ms","credited_ms","coverage","missing","completed_at_ms",
 *  "last_at_ms","decision":object|null} */
json_t *progress_json(const struct progress *progress, const char *lecture_id, int64_t duration_ms);
/* Why each missing stretch is missing: [{"from_ms","to_ms","reason"}...] (explanation.h). */
json_t *progress_reasons_json(const struct progress *progress, int64_t duration_ms);

#endif
