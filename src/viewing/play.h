/*
 * Play sessions, the playback lease, and heartbeats: from the player's claim to credited, durable
 * watch intervals.  What is credited and why: coverage.h and docs/watched.md.
 *
 * Life       play_begin() opens a play session of one version of a lecture.  It is open until
 *            play_session_idle_ms after its last contact (begin, renew, heartbeats); server time
 *            counts for the person's budget while one of theirs is open.  Heartbeats of one that
 *            has ended are taken all the same: a journal may come late.
 * Lease      the limit of playing at once: held by the newest devices_at_once_max devices (sessions)
 *            of a participant.  A new device takes it from the one that began first; reload and further
 *            tabs of one session share it silently.  A device without it is told.  What it played
 *            is recorded, and credited for the time until it was taken over, so that a late journal
 *            loses nothing.
 * Version    a play session stays on the version that it began with, and so does its credit: a row
 *            of sums per version.  What was watched of other versions is carried along the lecture's
 *            timeline where it counts: in the union, for completion, in reports (timeline.h).
 * Crash      after a server_gap, a play session that was open at the crash may have content
 *            credited whose deliveries are not on record: up to server_gap_credit_ms in all, within
 *            the budget, with the reason server-gap.  What was acknowledged is never lost.
 * Threads    all of it blocks, unless it says otherwise: never on a loop.
 */
#ifndef LECTERN_VIEWING_PLAY_H
#define LECTERN_VIEWING_PLAY_H

#include "access/caller.h"
#include "access/offline_grant.h"
#include "base/settings.h"
#include "store/db.h"
#include "viewing/coverage.h"
#include "viewing/delivery_log.h"

struct play_session {
    char id[UUID_TEXT_SIZE];
    char lecture_id[UUID_TEXT_SIZE];
    int64_t version;
    int64_t at_ms; /* when this was asked: play_begin(), for the grant */
};

/* From where, for the signs of a shared link (sharing.h): never an address. */
struct play_place {
    char network[46];   /* the /24 of IPv4, the /48 of IPv6 */
    const char *device; /* device_kind() */
};

/* Takes the lease for this device.  place NULL: not known.  The caller is a participant who may see the lecture: that was
 * checked before.  PROBLEM_FORBIDDEN for anybody else, PROBLEM_NOT_FOUND for a version that is not
 * there. */
bool play_begin(struct db *db, const struct settings *settings, const struct caller *caller,
    const struct play_place *place, const char *lecture_id, int64_t version,
    struct play_session *ret_session, struct problem *problem);
/* Goes on with a play session that this participant has, and takes the lease unless another device
 * plays now: then PROBLEM_LEASE_TAKEN.  PROBLEM_PLAY_SESSION_UNKNOWN. */
bool play_renew(struct db *db, const struct settings *settings, const struct caller *caller,
    const char *play_session_id, struct play_session *ret_session, struct problem *problem);

struct beats_answer {
    int64_t acknowledged_seq; /* highest n with all of 0..n durable; -1: none */
    struct spans credited;    /* the person's whole union for the lecture */
    int64_t duration_ms;      /* of the lecture */
    bool lease_held;
    bool completed;
    int64_t completed_at_ms; /* where completed */
    struct {
        size_t place; /* in the batch */
        int64_t seq;  /* -1: none */
        unsigned flags;
    } flagged[BEATS_MAX]; /* beats with a flag */
    size_t flagged_count;
};
void beats_answer_release(struct beats_answer *answer);

/* True: all beats are durable, after the person's pending deliveries.  Idempotent on (play_session,
 * seq); never rejects a batch for one bad beat: one without a seq, or that would tear more than SPANS_MAX
 * holes into them, is flagged and not kept.  No beats are a mere contact.  The lecture's position follows the
 * newest beat of the device that holds the lease, for resuming on any device.
 * granted_at_ms is when the play session's grant was signed, if it came along and was read here; else 0.
 * log may be NULL where there is no server (tests, repairs).  ret_answer holds nothing yet. */
bool play_take_beats(struct db *db, struct delivery_log *log, const struct settings *settings,
    const struct caller *caller, const char *play_session_id, const struct beat *beats,
    size_t beat_count, int64_t granted_at_ms, struct beats_answer *ret_answer,
    struct problem *problem);
/* The body of the contract's POST: strict JSON, at most BEATS_MAX beats, unknown keys ignored.  No
 * batch is refused for one bad line: what a beat claims is for crediting to judge, and one that cannot
 * be read is `malformed`.  With a seq it is kept and acknowledged all the same, because a player that
 * had to send it again for ever could never be rid of what comes after it.  ret_grant is the text that
 * came as "grant", "" for none, and not yet believed.  Pure. */
bool beats_read(const char *json_text, size_t length, struct beat ret_beats[BEATS_MAX],
    size_t *ret_count, char ret_grant[OFFLINE_GRANT_SIZE], struct problem *problem);

/* A run of the server.  begin: at start, before any participant is answered; finds and records the
 * gap that a crash left.  alive: every second, from any thread, does not wait; it also records when
 * the machine's clock was set by over 5 s.  end: after the last delivery was written. */
bool server_run_begin(struct db *db, struct problem *problem);
/* The same beside a run that goes on (a takeover): that is no crash.  If it is lost before it has
 * ended, _predecessor_lost() records the gap: it may have had deliveries that are in no store.  And
 * _successor_lost() where the old one goes on because the new one was lost. */
bool server_run_take_over(struct db *db, int64_t predecessor_id, struct problem *problem);
bool server_run_predecessor_lost(struct db *db, struct problem *problem);
bool server_run_successor_lost(struct db *db, struct problem *problem);
/* The row of this process's run; 0 before it began. */
int64_t server_run_id(void);
void server_run_alive(struct db *db);
bool server_run_end(struct db *db, struct problem *problem);

#endif
