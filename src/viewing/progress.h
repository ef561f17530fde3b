/*
 * The figures of one person and lecture, as every report tells them; private to viewing/.  Over all
 * versions of the lecture that the person watched, on the clock of the one that is shown.
 *
 * Ownership  progress_release() ends the stretches; {0} is somebody who has not begun.
 */
#ifndef LECTERN_VIEWING_PROGRESS_H
#define LECTERN_VIEWING_PROGRESS_H

#include "store/db.h"
#include "viewing/spans.h"
#include "viewing/timeline.h"

struct progress {
    struct spans claimed, delivered, credited;
    int64_t position_ms;
    int64_t last_at_ms;      /* 0: never */
    int64_t completed_at_ms; /* where completed */
    bool completed;
};
void progress_release(struct progress *progress);

/* Adds a viewing row, from six columns in this order, beginning at first_column: version, claimed,
 * delivered, credited, position_ms, last_at_ms; all null where there is none. */
enum { PROGRESS_COLUMNS = 6 };
bool progress_add(struct progress *progress, struct db_rows *rows, int first_column,
    const struct timelines *timelines, const char *lecture_id, int64_t shown_version,
    struct problem *problem);
/* {"id","claimed_ms","delivered_ms","credited_ms","coverage","missing","completed_at_ms",
 *  "last_at_ms"} */
json_t *progress_json(const struct progress *progress, const char *lecture_id, int64_t duration_ms);

#endif
