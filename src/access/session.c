#include "access/session.h"

#include "access/secret_digest.h"
#include "base/clock.h"
#include "base/text.h"

#include <stdio.h>
#include <string.h>

static const int64_t day_ms = 86400000;

int64_t session_latest_end_ms(const struct settings *settings, int64_t cohort_closes_at_ms)
{
    return cohort_closes_at_ms + settings->cohort_grace_days * day_ms;
}

bool session_create(struct db_connection *connection, const char *participant_id,
    const char *staff_id, const char *invitation_id, int64_t expires_at_ms,
    char ret_secret[SECRET_TEXT_SIZE], char ret_session_id[UUID_TEXT_SIZE], struct problem *problem)
{
    static const char sql[]
        = "INSERT INTO session (id, token_digest, participant_id, staff_id, invitation_id,"
          " created_at_ms, expires_at_ms)"
          " VALUES ($1, $2, $3, $4, $5, $6, $7)";
    uint8_t digest[SHA256_BYTES];
    char secret[SECRET_TEXT_SIZE], id[UUID_TEXT_SIZE];
    secret_make(secret, digest);
    secure_make_uuid(id);
    if (!db_exec(connection, NULL, problem, sql, "tbtttii", id, (const void *)digest, sizeof digest,
            participant_id, staff_id, invitation_id, clock_now_ms(), expires_at_ms))
        return false;
    memcpy(ret_secret, secret, sizeof secret);
    memcpy(ret_session_id, id, sizeof id);
    return true;
}

enum session_column {
    SESSION_ID,
    SESSION_EXPIRES,
    SESSION_REVOKED,
    SESSION_PARTICIPANT,
    SESSION_COHORT,
    SESSION_PROGRAM,
    SESSION_STAFF,
    SESSION_ROLE,
    SESSION_DISABLED,
};
static const char find_sql[] = "SELECT session.id, session.expires_at_ms, session.revoked_at_ms,"
                               " session.participant_id, participant.cohort_id, cohort.program_id,"
                               " session.staff_id, staff.role, staff.disabled_at_ms"
                               "  FROM session"
                               "  LEFT JOIN participant ON participant.id = session.participant_id"
                               "  LEFT JOIN cohort ON cohort.id = participant.cohort_id"
                               "  LEFT JOIN staff ON staff.id = session.staff_id"
                               " WHERE session.token_digest = $1";

static void copy_id(char ret_id[UUID_TEXT_SIZE], struct db_rows *rows, int column)
{
    const char *id = db_text(rows, column);
    (void)snprintf(ret_id, UUID_TEXT_SIZE, "%s", id ? id : "");
}

static enum caller_role role_of(struct db_rows *rows)
{
    if (!db_is_null(rows, SESSION_PARTICIPANT))
        return CALLER_PARTICIPANT;
    const char *role = db_text(rows, SESSION_ROLE);
    return text_equal(role, "admin")       ? CALLER_ADMIN
           : text_equal(role, "organizer") ? CALLER_ORGANIZER
                                           : CALLER_ANYONE;
}

/* The row of a session, as long as it stands. */
static bool read_caller(struct db_rows *rows, struct caller *ret_caller, struct problem *problem)
{
    if (!db_is_null(rows, SESSION_REVOKED) || !db_is_null(rows, SESSION_DISABLED))
        return problem_set(problem, PROBLEM_ACCESS_REVOKED, "session revoked");
    struct caller caller
        = { .role = role_of(rows), .session_expires_at_ms = db_int(rows, SESSION_EXPIRES) };
    if (caller.session_expires_at_ms <= clock_now_ms())
        return problem_set(problem, PROBLEM_SESSION_EXPIRED, "session expired");
    copy_id(caller.session_id, rows, SESSION_ID);
    copy_id(caller.participant_id, rows, SESSION_PARTICIPANT);
    copy_id(caller.cohort_id, rows, SESSION_COHORT);
    copy_id(caller.program_id, rows, SESSION_PROGRAM);
    copy_id(caller.staff_id, rows, SESSION_STAFF);
    *ret_caller = caller;
    return true;
}

bool session_find(struct db_connection *connection, const char *secret, struct caller *ret_caller,
    struct problem *problem)
{
    uint8_t digest[SHA256_BYTES];
    struct caller caller;
    if (!secret_digest(secret, digest))
        return problem_set(problem, PROBLEM_SIGN_IN_NEEDED, "a cookie that is no secret");
    /* The index is searched by digest: its timing tells about the digest, of which no secret
     * follows. */
    struct db_rows *rows = db_query(connection, find_sql, "b", (const void *)digest, sizeof digest);
    bool found = db_next(rows);
    bool stands = found && read_caller(rows, &caller, problem);
    if (!db_end(rows, problem))
        return false;
    if (!found)
        return problem_set(problem, PROBLEM_SIGN_IN_NEEDED, "unknown session");
    if (stands)
        *ret_caller = caller;
    return stands;
}

bool session_revoke(
    struct db_connection *connection, const char *session_id, struct problem *problem)
{
    return db_exec(connection, NULL, problem,
        "UPDATE session SET revoked_at_ms = $2 WHERE id = $1 AND revoked_at_ms IS NULL", "ti",
        session_id, clock_now_ms());
}

bool session_revoke_all(struct db_connection *connection, const char *participant_id,
    const char *staff_id, struct problem *problem)
{
    static const char of_participant[] = "UPDATE session SET revoked_at_ms = $2"
                                         " WHERE participant_id = $1 AND revoked_at_ms IS NULL";
    static const char of_staff[] = "UPDATE session SET revoked_at_ms = $2"
                                   " WHERE staff_id = $1 AND revoked_at_ms IS NULL";
    return db_exec(connection, NULL, problem, participant_id ? of_participant : of_staff, "ti",
        participant_id ? participant_id : staff_id, clock_now_ms());
}

void session_set_cookie(
    const char *secret, int64_t expires_at_ms, char ret_value[SESSION_SET_COOKIE_SIZE])
{
    int64_t left_ms = secret[0] ? expires_at_ms - clock_now_ms() : 0;
    (void)snprintf(ret_value, SESSION_SET_COOKIE_SIZE,
        SESSION_COOKIE "=%.43s; Secure; HttpOnly; SameSite=Lax; Path=/; Max-Age=%lld", secret,
        (long long)(left_ms > 0 ? left_ms / 1000 : 0));
}
