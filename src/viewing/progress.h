/*
 * The figures of one person and lecture, as every report tells them; private to viewing/.
 */
#ifndef LECTERN_VIEWING_PROGRESS_H
#define LECTERN_VIEWING_PROGRESS_H

#include "store/db.h"
#include "viewing/spans.h"

/* {0} is somebody who has not begun. */
struct progress {
    int64_t claimed_ms, delivered_ms;
    struct spans credited;
    int64_t position_ms;
    int64_t last_at_ms;      /* 0: never */
    int64_t completed_at_ms; /* where completed */
    bool completed;
};
void progress_release(struct progress *progress);
/* From five columns in this order, beginning at first_column: claimed, delivered, credited,
 * position_ms, last_at_ms; all null where there is no viewing row. */
bool progress_read(
    struct db_rows *rows, int first_column, struct progress *ret_progress, struct problem *problem);
/* {"id","claimed_ms","delivered_ms","credited_ms","coverage","missing","completed_at_ms",
 *  "last_at_ms"} */
json_t *progress_json(const struct progress *progress, const char *lecture_id, int64_t duration_ms);

#endif
