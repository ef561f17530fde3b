/*
 * Staff: admins and organizers with a password (scrypt).  The slow hash is computed outside of any
 * transaction.
 *
 * Emails are kept and compared as email_normalise() gives them (email.h).  A password has
 * PASSWORD_LENGTH_MIN characters at least, PASSWORD_LENGTH_MAX bytes at most, and no control
 * characters.
 */
#ifndef LECTERN_ACCESS_STAFF_LOGIN_H
#define LECTERN_ACCESS_STAFF_LOGIN_H

#include "access/caller.h"
#include "base/settings.h"
#include "store/db.h"

enum { PASSWORD_LENGTH_MIN = 10, PASSWORD_LENGTH_MAX = 200 };

/* Each blocks and does its own db_write.  PROBLEM_INVALID_FIELD for what a person typed wrong,
 * PROBLEM_NOT_FOUND for an unknown account or program, PROBLEM_CONFLICT for an address that has an
 * account. */
bool staff_add(struct db *db, const char *email, const char *name, enum caller_role role,
    const char *password, char ret_id[UUID_TEXT_SIZE], struct problem *problem);
/* Ends their sessions, as whoever had the old one may be signed in; see staff_disable(). */
bool staff_set_password(
    struct db *db, const char *email, const char *password, struct problem *problem);
/* Ends their sessions too; the caller then calls media_token_deny_revoked(). */
bool staff_disable(struct db *db, const char *email, struct problem *problem);
bool staff_assign_program(struct db *db, const char *email, const char *program_id, bool assigned,
    struct problem *problem);
/* PROBLEM_WRONG_PASSWORD for an unknown address, a disabled account and a wrong password alike, and
 * in the same time. */
bool staff_login(struct db *db, const struct settings *settings, const char *email,
    const char *password, char ret_session_secret[SECRET_TEXT_SIZE], struct caller *ret_caller,
    struct problem *problem);

struct staff_row {
    char id[UUID_TEXT_SIZE];
    char email[256], name[201];
    enum caller_role role;
    bool disabled;
};
/* By address.  *ret_rows is the caller's, to be ended with free(). */
bool staff_list(
    struct db *db, struct staff_row **ret_rows, size_t *ret_count, struct problem *problem);

/*
 * Wrong passwords and unknown links of one address: at most sign_in_attempts_per_minute, then
 * PROBLEM_TOO_MANY_REQUESTS.  Successes cost nothing: an office behind one address signs in
 * together.
 *
 * Order    ask right before the work, on its thread, so that few are under way between the
 *          question and the answer.
 * Address  IPv6 counts by its /64, which is what one line has.
 * Memory   bounded; the addresses that failed least lately are forgotten first.
 * Threads  safe from any thread.
 */
struct attempt_limiter;
struct attempt_limiter *attempt_limiter_create(int64_t attempts_per_minute);
void attempt_limiter_set(struct attempt_limiter *limiter, int64_t attempts_per_minute);
bool attempt_allowed(struct attempt_limiter *limiter, const char *peer, struct problem *problem);
void attempt_failed(struct attempt_limiter *limiter, const char *peer);
void attempt_limiter_free(struct attempt_limiter *limiter); /* accepts NULL */

#endif
