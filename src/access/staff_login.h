/*
 * Staff: admins and organizers with a password (scrypt).  The slow hash is computed outside of any transaction.
 */
#ifndef LECTERN_ACCESS_STAFF_LOGIN_H
#define LECTERN_ACCESS_STAFF_LOGIN_H

#include "access/caller.h"
#include "base/settings.h"
#include "store/db.h"

enum { PASSWORD_LENGTH_MIN = 10, PASSWORD_LENGTH_MAX = 200 };

/* Each blocks and does its own db_write.  email is compared without case. */
bool staff_add(struct db *db, const char *email, const char *name, enum caller_role role, const char *password,
    char ret_id[UUID_TEXT_SIZE], struct problem *problem);
bool staff_set_password(struct db *db, const char *email, const char *password, struct problem *problem);
/* Ends their sessions too; the caller then calls media_token_deny_revoked(). */
bool staff_disable(struct db *db, const char *email, struct problem *problem);
bool staff_assign_program(struct db *db, const char *email, const char *program_id, bool assigned,
    struct problem *problem);
/* PROBLEM_WRONG_PASSWORD takes as long for an unknown address. */
bool staff_login(struct db *db, const struct settings *settings, const char *email, const char *password,
    char ret_session_secret[SECRET_TEXT_SIZE], struct caller *ret_caller, struct problem *problem);

struct staff_row {
    char id[UUID_TEXT_SIZE];
    char email[256], name[201];
    enum caller_role role;
    bool disabled;
};
/* rows is the caller's, to be ended with free(). */
bool staff_list(struct db *db, struct staff_row **ret_rows, size_t *ret_count, struct problem *problem);

/* Wrong passwords and unknown links of one address: at most sign_in_attempts_per_minute, then PROBLEM_TOO_MANY_REQUESTS.
 * Memory only, bounded; safe from any thread. */
struct attempt_limiter;
struct attempt_limiter *attempt_limiter_create(int64_t attempts_per_minute);
bool attempt_allowed(struct attempt_limiter *limiter, const char *peer, struct problem *problem);
void attempt_failed(struct attempt_limiter *limiter, const char *peer);
void attempt_limiter_free(struct attempt_limiter *limiter);

#endif
