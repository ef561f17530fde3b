/*
 * Rows of deliveries, private to viewing/: how delivery_log.h writes them.  All inside db_write.
 */
#ifndef LECTERN_VIEWING_DELIVERY_ROWS_H
#define LECTERN_VIEWING_DELIVERY_ROWS_H

#include "viewing/delivery_log.h"

/* Records of one transaction, lent from the rings. */
struct delivery_item {
    const struct delivery *delivery;
    bool erased; /* the person, meanwhile: nothing of it is kept */
};
struct delivery_batch {
    struct delivery_item *items;
    size_t count, capacity;
};
void delivery_batch_add(struct delivery_batch *batch, const struct delivery *delivery);
void delivery_batch_release(struct delivery_batch *batch);
/* A row each, and the whole ones united into their viewing rows.  Reorders the batch. */
bool delivery_batch_write(
    struct db_connection *connection, struct delivery_batch *batch, struct problem *problem);

/* How far a loop's ring has been written in this run of the server, as this transaction sees it.  Each
 * log adds rows of its own, `cursor` and on, since in a takeover two servers write; and ends them. */
bool delivery_cursors_add(struct db_connection *connection, size_t loop_count, int64_t *ret_first,
    struct problem *problem);
bool delivery_cursors_remove(
    struct db_connection *connection, int64_t first, size_t loop_count, struct problem *problem);
bool delivery_cursor_read(struct db_connection *connection, int64_t cursor, uint64_t *ret_written,
    struct problem *problem);
bool delivery_cursor_write(
    struct db_connection *connection, int64_t cursor, uint64_t written, struct problem *problem);

#endif
