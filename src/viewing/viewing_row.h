/*
 * The sums of one person's viewing of one version of a lecture, private to viewing/: one row, read
 * and written whole inside db_write.  `delivered` is written by delivery_rows.c only.
 *
 * Ownership  viewing_row_release() ends the stretches; {0} holds none.
 */
#ifndef LECTERN_VIEWING_VIEWING_ROW_H
#define LECTERN_VIEWING_VIEWING_ROW_H

#include "store/db.h"
#include "viewing/coverage.h"
#include "viewing/spans.h"

enum { FLAG_COUNTS_MAX = 16, FLAG_COUNTS_TEXT_MAX = FLAG_COUNTS_MAX * 40 };

struct viewing_row {
    const char *participant_id, *lecture_id; /* lent */
    int64_t version;
    bool stored;
    struct spans claimed, delivered, credited;
    struct spans withheld[WITHHELD_COUNT];
    int64_t real_ms;                      /* server time in contact with this lecture */
    int64_t position_ms;                  /* to resume at */
    int64_t first_at_ms, last_at_ms;      /* contacts of play sessions; 0: none yet */
    int64_t last_interval_id;             /* newest of this row's watch_intervals; 0: none */
    int64_t flag_counts[FLAG_COUNTS_MAX]; /* in the order of credit_flag_names */
};
void viewing_row_release(struct viewing_row *row);
/* By the row's own participant, lecture and version; what is not stored is empty. */
bool viewing_row_read(
    struct db_connection *connection, struct viewing_row *row, struct problem *problem);
bool viewing_row_write(
    struct db_connection *connection, const struct viewing_row *row, struct problem *problem);
/* The column `withheld`: an object of the stretches that are not empty.  ret_withheld holds nothing
 * yet. */
bool withheld_read(
    const char *text, struct spans ret_withheld[WITHHELD_COUNT], struct problem *problem);
void viewing_row_count_flags(struct viewing_row *row, unsigned flags);

#endif
