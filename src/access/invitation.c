#include "access/invitation.h"

#include "access/secret_digest.h"
#include "access/session.h"
#include "base/clock.h"

#include <stdio.h>
#include <string.h>

static const int64_t day_ms = 86400000;

static int64_t earlier(int64_t left, int64_t right)
{
    return left < right ? left : right;
}

static bool find_cohort_end(struct db_connection *connection, const struct settings *settings,
    const char *participant_id, int64_t *ret_end_ms, struct problem *problem)
{
    static const char sql[] = "SELECT cohort.closes_at_ms, erasure.participant_id"
                              "  FROM participant JOIN cohort ON cohort.id = participant.cohort_id"
                              "  LEFT JOIN erasure ON erasure.participant_id = participant.id"
                              " WHERE participant.id = $1";
    struct db_rows *rows = db_query(connection, sql, "t", participant_id);
    bool found = db_next(rows), erased = found && !db_is_null(rows, 1);
    int64_t closes_at_ms = found ? db_int(rows, 0) : 0;
    if (!db_end(rows, problem))
        return false;
    if (!found)
        return problem_set(problem, PROBLEM_NOT_FOUND, "no participant '%s'", participant_id);
    if (erased)
        return problem_set(problem, PROBLEM_CONFLICT,
            "This participant was erased. Add the person anew to let them in again.");
    *ret_end_ms = session_latest_end_ms(settings, closes_at_ms);
    return true;
}

bool invitation_issue(struct db_connection *connection, const struct settings *settings,
    const char *participant_id, char ret_secret[SECRET_TEXT_SIZE], int64_t *ret_expires_at_ms,
    struct problem *problem)
{
    static const char sql[]
        = "INSERT INTO invitation (id, participant_id, digest, created_at_ms, expires_at_ms)"
          " VALUES ($1, $2, $3, $4, $5)";
    int64_t now_ms = clock_now_ms(), end_ms = 0;
    uint8_t digest[SHA256_BYTES];
    char secret[SECRET_TEXT_SIZE], id[UUID_TEXT_SIZE];
    if (!find_cohort_end(connection, settings, participant_id, &end_ms, problem))
        return false;
    if (end_ms <= now_ms)
        return problem_set(problem, PROBLEM_CONFLICT,
            "The cohort is over, so a link would not open anything. Change its dates first.");
    int64_t expires_at_ms = earlier(now_ms + settings->invitation_days * day_ms, end_ms);
    secret_make(secret, digest);
    secure_make_uuid(id);
    if (!invitation_revoke(connection, participant_id, problem)
        || !db_exec(connection, NULL, problem, sql, "ttbii", id, participant_id,
            (const void *)digest, sizeof digest, now_ms, expires_at_ms))
        return false;
    memcpy(ret_secret, secret, sizeof secret);
    *ret_expires_at_ms = expires_at_ms;
    return true;
}

bool invitation_revoke(
    struct db_connection *connection, const char *participant_id, struct problem *problem)
{
    static const char sql[] = "UPDATE invitation SET revoked_at_ms = $2"
                              " WHERE participant_id = $1 AND revoked_at_ms IS NULL";
    return db_exec(connection, NULL, problem, sql, "ti", participant_id, clock_now_ms())
           && session_revoke_all(connection, participant_id, NULL, problem);
}

struct invitation {
    char id[UUID_TEXT_SIZE];
    int64_t expires_at_ms;
    bool revoked;
    int64_t closes_at_ms; /* the cohort */
    char participant_id[UUID_TEXT_SIZE], cohort_id[UUID_TEXT_SIZE], program_id[UUID_TEXT_SIZE];
};

static bool find_invitation(struct db_connection *connection, const char *secret,
    struct invitation *ret_invitation, struct problem *problem)
{
    static const char sql[]
        = "SELECT invitation.id, invitation.expires_at_ms, invitation.revoked_at_ms,"
          " cohort.closes_at_ms, participant.id, cohort.id, cohort.program_id"
          "  FROM invitation"
          "  JOIN participant ON participant.id = invitation.participant_id"
          "  JOIN cohort ON cohort.id = participant.cohort_id"
          " WHERE invitation.digest = $1";
    uint8_t digest[SHA256_BYTES];
    if (!secret_digest(secret, digest))
        return problem_set(problem, PROBLEM_INVITATION_UNKNOWN, "no secret at all");
    struct invitation invitation = { 0 };
    struct db_rows *rows = db_query(connection, sql, "b", (const void *)digest, sizeof digest);
    bool found = db_next(rows);
    if (found) {
        invitation.expires_at_ms = db_int(rows, 1);
        invitation.revoked = !db_is_null(rows, 2);
        invitation.closes_at_ms = db_int(rows, 3);
        (void)snprintf(invitation.id, UUID_TEXT_SIZE, "%s", db_text(rows, 0));
        (void)snprintf(invitation.participant_id, UUID_TEXT_SIZE, "%s", db_text(rows, 4));
        (void)snprintf(invitation.cohort_id, UUID_TEXT_SIZE, "%s", db_text(rows, 5));
        (void)snprintf(invitation.program_id, UUID_TEXT_SIZE, "%s", db_text(rows, 6));
    }
    if (!db_end(rows, problem))
        return false;
    if (!found)
        return problem_set(problem, PROBLEM_INVITATION_UNKNOWN, "unknown invitation");
    *ret_invitation = invitation;
    return true;
}

bool invitation_activate(struct db_connection *connection, const struct settings *settings,
    const char *secret, char ret_session_secret[SECRET_TEXT_SIZE], struct caller *ret_caller,
    struct problem *problem)
{
    struct invitation invitation = { 0 };
    int64_t now_ms = clock_now_ms();
    if (!find_invitation(connection, secret, &invitation, problem))
        return false;
    if (invitation.revoked)
        return problem_set(
            problem, PROBLEM_INVITATION_REVOKED, "invitation %s revoked", invitation.id);
    /* The cohort's dates as they are now: they may have been changed since the link was sent. */
    int64_t end_ms = session_latest_end_ms(settings, invitation.closes_at_ms);
    if (earlier(invitation.expires_at_ms, end_ms) <= now_ms)
        return problem_set(
            problem, PROBLEM_INVITATION_EXPIRED, "invitation %s expired", invitation.id);
    struct caller caller = { .role = CALLER_PARTICIPANT };
    caller.session_expires_at_ms
        = earlier(now_ms + settings->participant_session_days * day_ms, end_ms);
    memcpy(caller.participant_id, invitation.participant_id, UUID_TEXT_SIZE);
    memcpy(caller.cohort_id, invitation.cohort_id, UUID_TEXT_SIZE);
    memcpy(caller.program_id, invitation.program_id, UUID_TEXT_SIZE);
    if (!db_exec(connection, NULL, problem,
            "UPDATE invitation SET opened_at_ms = $2 WHERE id = $1 AND opened_at_ms IS NULL", "ti",
            invitation.id, now_ms)
        || !session_create(connection, invitation.participant_id, NULL, invitation.id,
            caller.session_expires_at_ms, ret_session_secret, caller.session_id, problem))
        return false;
    *ret_caller = caller;
    return true;
}
