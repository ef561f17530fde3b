/*
 * Deliveries: what was really sent to whom, from the loops' rings to the store.
 *
 * A loop records without blocking or allocating into a ring of its own, which one producer (the
 * loop) and one consumer (the store's writer thread) share without a lock.  A thread writes what
 * waits every delivery_commit_ms.  In the same transaction, whole segments are united into the
 * viewing row of the person, lecture and version.  While the store is slow, records wait in the rings;
 * when these are full, segments are not sent: nothing is lost, and nothing goes out unlogged.
 *
 * Order      A heartbeat is credited after the same person's pending deliveries, and both are
 *            durable in the same commit: play_take_beats() calls delivery_log_write() at the start
 *            of its own transaction.
 *            Why the record is always there: the loop records a delivery in the same turn that
 *            handed over its last byte (the `finished` handler of the exchange), before it looks at
 *            any other socket.  The beat which claims that segment can only be sent after the last
 *            byte crossed the network, was decoded and played, and comes back through another read
 *            of a loop and a hop to a pool thread; the writer reads the ring's end when the
 *            transaction runs, later still.  A loop's thread that is preempted between the two
 *            would have to sleep for longer than that whole way; what could be lost then is the
 *            part of one beat within one segment, and it is flagged.
 * Failure    Nothing leaves a ring before its commit.  How far a ring has been written is a row of
 *            the same transaction (delivery_cursor; each log has its own, as in a takeover there are two), so a function that runs again, is rolled back
 *            alone, or shares its commit with another drain neither loses nor doubles a record.
 * Limits     delivery_ring records of a loop.
 * Threads    as said below; start and stop by the owner, stop after the loops have ended.
 */
#ifndef LECTERN_VIEWING_DELIVERY_LOG_H
#define LECTERN_VIEWING_DELIVERY_LOG_H

#include "base/secure.h"
#include "base/settings.h"
#include "store/db.h"
#include "viewing/cmcd.h"

/* DELIVERY_SHARES: one participant's open responses take at most this part of a ring's places, so that
 * who asks for thousands of segments and reads none does not lock out the others. */
enum { DELIVERY_LOOPS_MAX = 64, DELIVERY_SHARES = 16 };

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
    bool whole; /* all of the segment was sent, or a 304 confirmed it: it counts as delivered */
    int64_t first_byte_ms, last_byte_ms; /* after the request, milliseconds */
    struct cmcd cmcd;                    /* what the player told beside its request */
};

struct delivery_log;
struct delivery_log *delivery_log_start(
    struct db *db, const struct settings *settings, size_t loop_count, struct problem *problem);
/* On loop `loop_index` only.  A place in its ring, taken before the first byte of a segment leaves, so
 * that none goes out unlogged, whatever is open at once.  false: there is none, or the participant has
 * their share, which is counted; the segment is not sent.  Then, once: the record of the same
 * participant, or the place is given back.  participant_id: UUID_TEXT_SIZE bytes. */
bool delivery_log_reserve(struct delivery_log *log, size_t loop_index, const char *participant_id);
void delivery_log_record(
    struct delivery_log *log, size_t loop_index, const struct delivery *delivery);
void delivery_log_give_back(
    struct delivery_log *log, size_t loop_index, const char *participant_id);

/* How far each ring was written by a transaction. */
struct delivery_mark {
    uint64_t written[DELIVERY_LOOPS_MAX];
};
/* Inside db_write, any number of times: writes all that was recorded before. */
bool delivery_log_write(struct delivery_log *log, struct db_connection *connection,
    struct delivery_mark *ret_mark, struct problem *problem);
/* From any thread, once that db_write is durable: the records may leave their rings. */
void delivery_log_release(struct delivery_log *log, const struct delivery_mark *mark);

/* From any thread; does not wait: what was recorded before this call is written before any db_write
 * that begins after it. */
void delivery_log_flush_later(struct delivery_log *log);
/* From any thread: records that are not durable yet, how many may wait, and segments that were not sent
 * because there was no place. */
size_t delivery_log_waiting(struct delivery_log *log);
size_t delivery_log_limit(const struct delivery_log *log);
uint64_t delivery_log_refused(struct delivery_log *log);
/* Beside another server on the same store, which credits heartbeats and cannot see our rings: rounds of
 * 10 ms from the next one on. */
void delivery_log_hurry(struct delivery_log *log, bool hurry);
/* From any thread: records have waited for delivery_late_ms, or half of a ring is full. */
bool delivery_log_is_behind(struct delivery_log *log);
/* Writes what waits, then ends.  Accepts NULL. */
void delivery_log_stop(struct delivery_log *log);

#endif
