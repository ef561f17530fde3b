/*
 * Deliveries: what was really sent to whom, from the loops' rings to the store.
 *
 * A loop records without blocking or allocating into a ring of its own; a thread drains all rings every delivery_commit_ms
 * and when asked.  A full ring is never silent: the loop's `delivery_log_record` returns false and the caller counts it
 * and ends the connection rather than sending unlogged bytes.
 *
 * Order      delivery_log_flush_later() puts a drain into the writer's queue before whatever is written next, so that a heartbeat is
 *            credited, and durable, after the same person's pending deliveries.
 * Failure    a drain whose commit failed keeps its records and tries again.
 */
#ifndef LECTERN_VIEWING_DELIVERY_LOG_H
#define LECTERN_VIEWING_DELIVERY_LOG_H

#include "base/secure.h"
#include "base/settings.h"
#include "store/db.h"

struct delivery {
    int64_t at_ms; /* server time at the last byte */
    char participant_id[UUID_TEXT_SIZE];
    char session_id[UUID_TEXT_SIZE];
    char lecture_id[UUID_TEXT_SIZE];
    int64_t version;
    char rendition[24];
    int64_t segment;
    int64_t start_ms, end_ms; /* of lecture time */
    int64_t status;           /* 200, 206, 304 */
    int64_t body_bytes;       /* really handed to TLS */
    bool whole;               /* all of the segment was sent, or a 304 confirmed it: it counts as delivered */
    int64_t first_byte_ms, last_byte_ms; /* after the request, milliseconds */
};

struct delivery_log;
struct delivery_log *delivery_log_start(struct db *db, const struct settings *settings, size_t loop_count, struct problem *problem);
/* On loop `loop_index` only. */
bool delivery_log_record(struct delivery_log *log, size_t loop_index, const struct delivery *delivery);
/* On loop `loop_index` only: whether its ring has room for the responses that are open and one more; asked before a
 * segment is sent, so that no byte goes out unlogged. */
bool delivery_log_has_room(struct delivery_log *log, size_t loop_index);
/* Does not wait: what was recorded before this call is written before any db_write that begins after it. */
void delivery_log_flush_later(struct delivery_log *log);
size_t delivery_log_waiting(struct delivery_log *log);
uint64_t delivery_log_refused(struct delivery_log *log); /* records that found the ring full */
/* Drains, then ends. */
void delivery_log_stop(struct delivery_log *log);

#endif
