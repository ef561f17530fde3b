/* Pieces of JSON that lists of lectures, programs and jobs share. */
#ifndef LECTERN_CATALOG_LECTURE_JSON_H
#define LECTERN_CATALOG_LECTURE_JSON_H

#include "store/db.h"

#include <jansson.h>

/* Of a job j, as job_of_row() reads them from `column` on. */
#define JOB_COLUMNS                                                                                \
    "j.id, j.lecture_id, j.state, j.permille, j.reason, j.report, j.version, j.kind, j.pass,"      \
    " j.priority, j.speed_percent, j.left_ms, j.paused"
json_t *job_of_row(struct db_rows *rows, int column);

/* {lecture id: [languages]} from rows of (lecture id, language).  Ends the rows. */
json_t *captions_read(struct db_rows *rows, struct problem *problem);
/* The list of one lecture; empty when it has none. */
json_t *captions_json(const json_t *captions, const char *lecture_id);

#endif
