/* Staff accounts: made, changed and listed by an operator's command or an admin. */
#include "access/email.h"
#include "access/session.h"
#include "access/staff_login.h"
#include "base/clock.h"
#include "base/memory.h"
#include "base/text.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { NAME_BYTES_MAX = sizeof((struct staff_row *)0)->name - 1 };

/* What a change is about; each function below uses what it needs. */
struct change {
    const char *email, *name, *role, *program_id;
    const char *password_hash;
    bool assigned;
    char id[UUID_TEXT_SIZE];
};

static bool take_email(const char *typed, char ret_email[EMAIL_SIZE], struct problem *problem)
{
    return email_normalise(typed, ret_email)
           || problem_set_field(problem, "/email", "a mail address such as name@example.org");
}

static bool take_password(
    const char *password, char ret_hash[PASSWORD_HASH_SIZE], struct problem *problem)
{
    size_t characters = 0;
    for (const char *at = password; *at; at++)
        characters += ((unsigned char)*at & 0xc0) != 0x80; /* not inside of a UTF-8 sequence */
    if (!text_is_line(password, PASSWORD_LENGTH_MAX) || characters < PASSWORD_LENGTH_MIN)
        return problem_set_field(problem, "/password",
            "a password of %d characters or more, and %d bytes at most", PASSWORD_LENGTH_MIN,
            PASSWORD_LENGTH_MAX);
    return secure_hash_password(password, ret_hash)
           || problem_set(problem, PROBLEM_INTERNAL, "scrypt failed");
}

static bool find_id(
    struct db_connection *connection, struct change *change, struct problem *problem)
{
    struct db_rows *rows
        = db_query(connection, "SELECT id FROM staff WHERE email = $1", "t", change->email);
    bool found = db_next(rows);
    if (found)
        (void)snprintf(change->id, sizeof change->id, "%s", db_text(rows, 0));
    if (!db_end(rows, problem))
        return false;
    return found || problem_set(problem, PROBLEM_NOT_FOUND, "no staff account of that address");
}

static bool add(struct db_connection *connection, void *data, struct problem *problem)
{
    static const char sql[]
        = "INSERT INTO staff (id, email, name, role, password_hash, created_at_ms)"
          " VALUES ($1, $2, $3, $4, $5, $6)";
    struct change *change = data;
    struct problem taken = { 0 };
    secure_make_uuid(change->id);
    if (db_exec(connection, NULL, &taken, sql, "ttttti", change->id, change->email, change->name,
            change->role, change->password_hash, clock_now_ms()))
        return true;
    if (taken.kind == PROBLEM_CONFLICT)
        return problem_set(
            problem, PROBLEM_CONFLICT, "There is a staff account with this address already.");
    if (!problem_is_set(problem))
        *problem = taken;
    return false;
}

bool staff_add(struct db *db, const char *email, const char *name, enum caller_role role,
    const char *password, char ret_id[UUID_TEXT_SIZE], struct problem *problem)
{
    char address[EMAIL_SIZE], hash[PASSWORD_HASH_SIZE];
    struct change change = { .email = address,
        .name = name,
        .role = role == CALLER_ADMIN ? "admin" : "organizer",
        .password_hash = hash };
    if (!take_email(email, address, problem))
        return false;
    if (!text_is_line(name, NAME_BYTES_MAX))
        return problem_set_field(problem, "/name", "a line of at most %d bytes", NAME_BYTES_MAX);
    if (role != CALLER_ADMIN && role != CALLER_ORGANIZER)
        return problem_set_field(problem, "/role", "admin or organizer");
    if (!take_password(password, hash, problem) || !db_write(db, add, &change, problem))
        return false;
    memcpy(ret_id, change.id, UUID_TEXT_SIZE);
    return true;
}

static bool set_password(struct db_connection *connection, void *data, struct problem *problem)
{
    struct change *change = data;
    return find_id(connection, change, problem)
           && db_exec(connection, NULL, problem,
               "UPDATE staff SET password_hash = $2 WHERE id = $1", "tt", change->id,
               change->password_hash)
           && session_revoke_all(connection, NULL, change->id, problem);
}

bool staff_set_password(
    struct db *db, const char *email, const char *password, struct problem *problem)
{
    char address[EMAIL_SIZE], hash[PASSWORD_HASH_SIZE];
    struct change change = { .email = address, .password_hash = hash };
    return take_email(email, address, problem) && take_password(password, hash, problem)
           && db_write(db, set_password, &change, problem);
}

static bool disable(struct db_connection *connection, void *data, struct problem *problem)
{
    struct change *change = data;
    return find_id(connection, change, problem)
           && db_exec(connection, NULL, problem,
               "UPDATE staff SET disabled_at_ms = $2 WHERE id = $1 AND disabled_at_ms IS NULL",
               "ti", change->id, clock_now_ms())
           && session_revoke_all(connection, NULL, change->id, problem);
}

bool staff_disable(struct db *db, const char *email, struct problem *problem)
{
    char address[EMAIL_SIZE];
    struct change change = { .email = address };
    return take_email(email, address, problem) && db_write(db, disable, &change, problem);
}

static bool program_exists(
    struct db_connection *connection, const char *program_id, struct problem *problem)
{
    struct db_rows *rows
        = db_query(connection, "SELECT 1 FROM program WHERE id = $1", "t", program_id);
    bool found = db_next(rows);
    return db_end(rows, problem)
           && (found || problem_set(problem, PROBLEM_NOT_FOUND, "no program '%.40s'", program_id));
}

static bool assign_program(struct db_connection *connection, void *data, struct problem *problem)
{
    static const char assign_sql[]
        = "INSERT INTO staff_program (staff_id, program_id)"
          " VALUES ($1, $2) ON CONFLICT (staff_id, program_id) DO NOTHING";
    static const char take_away_sql[]
        = "DELETE FROM staff_program WHERE staff_id = $1 AND program_id = $2";
    struct change *change = data;
    return find_id(connection, change, problem)
           && program_exists(connection, change->program_id, problem)
           && db_exec(connection, NULL, problem, change->assigned ? assign_sql : take_away_sql,
               "tt", change->id, change->program_id);
}

bool staff_assign_program(struct db *db, const char *email, const char *program_id, bool assigned,
    struct problem *problem)
{
    char address[EMAIL_SIZE];
    struct change change = { .email = address, .program_id = program_id, .assigned = assigned };
    return take_email(email, address, problem) && db_write(db, assign_program, &change, problem);
}

struct listing {
    struct staff_row *rows;
    size_t count, capacity;
};

static void read_row(struct db_rows *rows, struct staff_row *ret_row)
{
    struct staff_row row = { .disabled = !db_is_null(rows, 4) };
    (void)snprintf(row.id, sizeof row.id, "%s", db_text(rows, 0));
    (void)snprintf(row.email, sizeof row.email, "%s", db_text(rows, 1));
    (void)snprintf(row.name, sizeof row.name, "%s", db_text(rows, 2));
    row.role = text_equal(db_text(rows, 3), "admin") ? CALLER_ADMIN : CALLER_ORGANIZER;
    *ret_row = row;
}

static bool list(struct db_connection *connection, void *data, struct problem *problem)
{
    struct listing *listing = data;
    struct db_rows *rows = db_query(
        connection, "SELECT id, email, name, role, disabled_at_ms FROM staff ORDER BY email", "");
    while (db_next(rows)) {
        if (listing->count == listing->capacity) {
            listing->capacity = listing->capacity ? 2 * listing->capacity : 16;
            listing->rows = memory_resized(listing->rows, listing->capacity, sizeof *listing->rows);
        }
        read_row(rows, &listing->rows[listing->count++]);
    }
    return db_end(rows, problem);
}

bool staff_list(
    struct db *db, struct staff_row **ret_rows, size_t *ret_count, struct problem *problem)
{
    struct listing listing = { 0 };
    if (!db_read(db, list, &listing, problem)) {
        free(listing.rows);
        return false;
    }
    *ret_rows = listing.rows;
    *ret_count = listing.count;
    return true;
}
