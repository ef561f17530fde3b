/*
 * A contact: any sign of life of a play session (begin, renew, heartbeats), private to viewing/.
 *
 * Each contact lets server time count: for the person's one budget, and for the lecture's real
 * time. Time counts while a play session is open: from the last contact until now, and at most
 * play_session_idle_ms of it.  A contact is also where a play session learns that the server had
 * crashed since it was last heard of.
 *
 * Limit      each participant may cause viewing_records_max records at once (as after days without
 *            a line), and RECORDS_PER_SECOND more as time goes by: nobody fills the disk by himself.
 *
 *   contact_open    reads the rows and lets the time count
 *   ...             credit
 *   contact_save    writes them
 *
 * All inside db_write.
 * Ownership  contact_release() ends the memory after contact_open(), whatever that returned.
 */
#ifndef LECTERN_VIEWING_CONTACT_H
#define LECTERN_VIEWING_CONTACT_H

#include "viewing/completion.h"
#include "viewing/offline.h"
#include "viewing/play.h"
#include "viewing/viewing_row.h"

enum { RECORDS_PER_SECOND = 2, PLAY_RECORDS = 20 };

struct contact {
    const struct settings *settings;
    const struct caller *caller;
    int64_t now_ms;
    struct play_session session;
    struct spans received_seqs;
    /* Undelivered content that may be credited after a crash, and what was, in all. */
    int64_t server_gap_allowed_ms, server_gap_credited_ms;
    bool lease_held;     /* by this device; false also when nobody holds it */
    bool lease_busy;     /* by others, as many as may; the newest one's play session is open */
    int64_t before_ms;   /* lease_busy: server time of this play session until it was taken over */
    int64_t taken_at_ms; /* and when that was */
    int64_t duration_ms; /* of the session's version of the lecture */
    int64_t needed_ms;   /* the same, without the silence at its end where the rule says so */
    struct completion_rule rule; /* the newest of the person's cohort */
    int64_t budget_ms;
    int64_t records_left;
    struct spans counted;   /* server time of this person that has counted for their own players */
    struct spans elsewhere; /* and in groups that were confirmed (group_credit.h) */
    struct offline_window offline; /* of the grant that came along; empty: none */
    int64_t offline_left_ms;       /* content that it can pay for */
    int64_t offline_credited_ms;   /* content that grants of this play session have paid for */
    struct viewing_row viewing;
    /* What was watched of other versions and in groups, on this one's clock, and its real time. */
    struct spans carried;
    int64_t carried_real_ms;
    bool by_group; /* some of it was in groups */
    struct {
        char id[UUID_TEXT_SIZE]; /* that this device is the screen of; "": of none */
        int64_t last_at_ms, budget_ms;
    } group;
};
/* PROBLEM_PLAY_SESSION_UNKNOWN where the caller has no such play session. */
bool contact_open(struct db_connection *connection, const struct settings *settings,
    const struct caller *caller, const char *play_session_id, struct contact *ret_contact,
    struct problem *problem);
/* After contact_open(): the batch came with the grant of its play session, which was signed then. */
void contact_grant(struct contact *contact, int64_t granted_at_ms);
/* What of the budget this play session may spend: all of it, or where it was taken over, what the time
 * until then is worth. */
int64_t contact_budget(const struct contact *contact);
/* Content was credited by it: its time counts, also as real time with the lecture. */
void contact_spend_offline(struct contact *contact, int64_t content_ms);
/* The person's whole union for the lecture: of this version, and what is carried from others. */
void contact_union(const struct contact *contact, struct spans *ret_union);
/* Takes so many of the records that this person may cause: PROBLEM_TOO_MANY_REQUESTS. */
bool contact_charge(struct contact *contact, int64_t records, struct problem *problem);
bool contact_save(
    struct db_connection *connection, const struct contact *contact, struct problem *problem);
void contact_release(struct contact *contact);

#endif
