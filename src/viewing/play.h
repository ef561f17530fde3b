/*
 * Play sessions, the playback lease, and heartbeats: from the player's claim to credited, durable watch intervals.
 */
#ifndef LECTERN_VIEWING_PLAY_H
#define LECTERN_VIEWING_PLAY_H

#include "access/caller.h"
#include "base/settings.h"
#include "store/db.h"
#include "viewing/coverage.h"
#include "viewing/delivery_log.h"

struct play_session {
    char id[UUID_TEXT_SIZE];
    char lecture_id[UUID_TEXT_SIZE];
    int64_t version;
};

/* Takes the lease for this device (a session); the newest device wins, reload and further tabs of one session take over
 * silently.  The caller has checked that the participant may see the lecture. */
bool play_begin(struct db *db, const struct settings *settings, const struct caller *caller, const char *lecture_id, int64_t version,
    struct play_session *ret_session, struct problem *problem);
/* Goes on with a play session that this participant has: PROBLEM_LEASE_TAKEN when another device plays now,
 * PROBLEM_PLAY_SESSION_UNKNOWN. */
bool play_renew(struct db *db, const struct settings *settings, const struct caller *caller, const char *play_session_id,
    struct play_session *ret_session, struct problem *problem);

struct beats_answer {
    int64_t acknowledged_seq;      /* highest n with all of 0..n durable; -1: none */
    struct spans credited;         /* the person's whole union for the lecture */
    int64_t duration_ms;           /* of the lecture */
    bool lease_held;
    bool completed;
    int64_t completed_at_ms;       /* where completed */
    struct { int64_t seq; unsigned flags; } flagged[BEATS_MAX]; /* beats with a flag */
    size_t flagged_count;
};
void beats_answer_release(struct beats_answer *answer);

/* Blocks until durable.  Idempotent on (play_session, seq); never rejects a batch for one bad beat.  position_ms of the lecture
 * follows the newest beat, for resuming on any device. */
bool play_take_beats(struct db *db, struct delivery_log *log, const struct settings *settings, const struct caller *caller,
    const char *play_session_id, const struct beat *beats, size_t beat_count, struct beats_answer *ret_answer,
    struct problem *problem);
/* The body of the contract's POST: strict JSON, at most BEATS_MAX beats, unknown keys ignored; a beat whose own
 * values are senseless is kept and flagged, one without seq, from_ms or to_ms is PROBLEM_INVALID_FIELD. */
bool beats_read(const char *json_text, size_t length, struct beat ret_beats[BEATS_MAX], size_t *ret_count, struct problem *problem);

/* server_run and server_gap: called at start (finds and records a crash's gap), every second, and at a clean end. */
bool server_run_begin(struct db *db, struct problem *problem);
void server_run_alive(struct db *db);
bool server_run_end(struct db *db, struct problem *problem);

#endif
