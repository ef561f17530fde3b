/* A stored row of quality, as those read it who write it on or list it.  Private to viewing/. */
#ifndef LECTERN_VIEWING_QUALITY_ROW_H
#define LECTERN_VIEWING_QUALITY_ROW_H

#include "viewing/quality.h"

#define QUALITY_COLUMNS                                                                            \
    "quality.first_at_ms, quality.last_at_ms, quality.deliveries, quality.stalls,"                 \
    " quality.buffer_least_ms, quality.throughput_least_kbps, quality.throughput,"                 \
    " quality.renditions"

/* QUALITY_COLUMNS, beginning at `column`. */
bool quality_take_row(
    struct db_rows *rows, int column, struct quality *ret_quality, struct problem *problem);
/* Adds the sums of another play session. */
void quality_join(struct quality *quality, const struct quality *other);

#endif
