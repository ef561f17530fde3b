#include "access/staff_login.h"

#include "access/email.h"
#include "access/session.h"
#include "base/clock.h"
#include "base/text.h"

#include <stdio.h>
#include <string.h>

struct login {
    const char *email; /* NULL: what was typed is no address */
    const struct settings *settings;
    bool found; /* an account that is not disabled */
    char password_hash[PASSWORD_HASH_SIZE];
    struct caller caller;
    char secret[SECRET_TEXT_SIZE];
};

static bool find_account(struct db_connection *connection, void *data, struct problem *problem)
{
    static const char sql[] = "SELECT id, role, password_hash FROM staff"
                              " WHERE email = $1 AND disabled_at_ms IS NULL";
    struct login *login = data;
    struct db_rows *rows = db_query(connection, sql, "t", login->email ? login->email : "");
    login->found = db_next(rows);
    if (login->found) {
        bool admin = text_equal(db_text(rows, 1), "admin");
        login->caller = (struct caller){ .role = admin ? CALLER_ADMIN : CALLER_ORGANIZER };
        (void)snprintf(login->caller.staff_id, UUID_TEXT_SIZE, "%s", db_text(rows, 0));
        (void)snprintf(login->password_hash, PASSWORD_HASH_SIZE, "%s", db_text(rows, 2));
    }
    return db_end(rows, problem);
}

static bool wrong(struct problem *problem)
{
    return problem_set(problem, PROBLEM_WRONG_PASSWORD, "wrong address or password");
}

/* Between the check and this, the account may have been disabled or its password changed: then
 * nobody signs in. */
static bool sign_in(struct db_connection *connection, void *data, struct problem *problem)
{
    static const char sql[]
        = "SELECT 1 FROM staff WHERE id = $1 AND password_hash = $2 AND disabled_at_ms IS NULL";
    static const int64_t hour_ms = 3600000;
    struct login *login = data;
    struct caller *caller = &login->caller;
    struct db_rows *rows = db_query(connection, sql, "tt", caller->staff_id, login->password_hash);
    bool unchanged = db_next(rows);
    if (!db_end(rows, problem))
        return false;
    if (!unchanged)
        return wrong(problem);
    caller->session_expires_at_ms = clock_now_ms() + login->settings->staff_session_hours * hour_ms;
    return session_create(connection, NULL, caller->staff_id, NULL, caller->session_expires_at_ms,
        login->secret, caller->session_id, problem);
}

bool staff_login(struct db *db, const struct settings *settings, const char *email,
    const char *password, char ret_session_secret[SECRET_TEXT_SIZE], struct caller *ret_caller,
    struct problem *problem)
{
    char address[EMAIL_SIZE];
    struct login login
        = { .email = email_normalise(email, address) ? address : NULL, .settings = settings };
    if (!db_read(db, find_account, &login, problem))
        return false;
    /* Whatever is wrong, the same work: one look and one hash, so that time does not tell which. */
    bool right = secure_check_password(password, login.found ? login.password_hash : NULL);
    if (!right)
        return wrong(problem);
    if (!db_write(db, sign_in, &login, problem))
        return false;
    memcpy(ret_session_secret, login.secret, SECRET_TEXT_SIZE);
    *ret_caller = login.caller;
    return true;
}
