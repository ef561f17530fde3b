/* When the server ran, and when it did not: for crediting over a crash, and for whoever checks the
 * log. */
#include "base/clock.h"
#include "viewing/play.h"

#include <stdatomic.h>

enum { CLOCK_JUMP_MS = 5000 };

// clang-format off
static const char newest_sql[] =
    "SELECT alive_at_ms, ended_at_ms FROM server_run ORDER BY id DESC LIMIT 1";
static const char begin_sql[] =
    "INSERT INTO server_run (id, started_at_ms, alive_at_ms, ended_at_ms) VALUES ($1, $2, $2, NULL)";
static const char gap_sql[] =
    "INSERT INTO server_gap (id, from_ms, to_ms) VALUES ($1, $2, $3)";
static const char alive_sql[] =
    "UPDATE server_run SET alive_at_ms = $1 WHERE id = (SELECT MAX(id) FROM server_run)";
static const char end_sql[] =
    "UPDATE server_run SET alive_at_ms = $1, ended_at_ms = $1 WHERE id = (SELECT MAX(id) FROM server_run)";
static const char jump_sql[] =
    "INSERT INTO clock_jump (id, at_ms, by_ms) VALUES ($1, $2, $3)";
// clang-format on

/*
 * Of this process.  How far the wall clock is before the steady one changes only when somebody sets
 * it (or the machine slept).  `measured` belongs to the writer thread while `waiting`.
 */
static struct {
    _Atomic bool waiting; /* a sign of life is on its way to the store */
    _Atomic int64_t
        recorded_ahead_ms; /* of the wall clock, as far as the store knows; 0: not begun */
    int64_t measured_ahead_ms;
} run;

static int64_t wall_ahead_ms(void)
{
    return clock_wall_ms() - clock_steady_ms();
}

/* The newest run's last sign of life, where it did not end cleanly. */
static bool find_crash(struct db_connection *connection, bool *ret_crashed, int64_t *ret_alive_ms,
    struct problem *problem)
{
    struct db_rows *rows = db_query(connection, newest_sql, "");
    *ret_crashed = db_next(rows) && db_is_null(rows, 1);
    *ret_alive_ms = *ret_crashed ? db_int(rows, 0) : 0;
    return db_end(rows, problem);
}

static bool begin(struct db_connection *connection, void *data, struct problem *problem)
{
    (void)data;
    bool crashed;
    int64_t alive_ms;
    if (!find_crash(connection, &crashed, &alive_ms, problem))
        return false;
    /* Not earlier than what is stored: the clock may have been set back while nothing ran. */
    clock_not_before(alive_ms);
    int64_t now_ms = clock_now_ms();
    if (crashed
        && !db_exec(connection, NULL, problem, gap_sql, "iii",
            db_next_key(connection, "server_gap"), alive_ms, now_ms))
        return false;
    return db_exec(
        connection, NULL, problem, begin_sql, "ii", db_next_key(connection, "server_run"), now_ms);
}

bool server_run_begin(struct db *db, struct problem *problem)
{
    atomic_store(&run.recorded_ahead_ms, wall_ahead_ms());
    return db_write(db, begin, NULL, problem);
}

/* Small steps add up: they are measured from the last jump that was recorded. */
static int64_t jumped_ms(void)
{
    int64_t by_ms = run.measured_ahead_ms - atomic_load(&run.recorded_ahead_ms);
    return by_ms < -CLOCK_JUMP_MS || by_ms > CLOCK_JUMP_MS ? by_ms : 0;
}

static bool record_jump(struct db_connection *connection, struct problem *problem)
{
    return jumped_ms() == 0
           || db_exec(connection, NULL, problem, jump_sql, "iii",
               db_next_key(connection, "clock_jump"), clock_now_ms(), jumped_ms());
}

static bool sign_of_life(struct db_connection *connection, void *data, struct problem *problem)
{
    (void)data;
    run.measured_ahead_ms = wall_ahead_ms();
    return db_exec(connection, NULL, problem, alive_sql, "i", clock_now_ms())
           && record_jump(connection, problem);
}

/* A failure is not told here: the next sign of life comes in a second, and a gap that is recorded
 * too long robs nobody. */
static void end_sign_of_life(void *data, bool durable, const struct problem *problem)
{
    (void)data;
    (void)problem;
    if (durable && jumped_ms() != 0)
        atomic_store(&run.recorded_ahead_ms, run.measured_ahead_ms);
    atomic_store(&run.waiting, false);
}

void server_run_alive(struct db *db)
{
    if (!atomic_exchange(&run.waiting, true))
        db_write_later(db, sign_of_life, NULL, end_sign_of_life);
}

static bool end(struct db_connection *connection, void *data, struct problem *problem)
{
    (void)data;
    return db_exec(connection, NULL, problem, end_sql, "i", clock_now_ms());
}

bool server_run_end(struct db *db, struct problem *problem)
{
    return db_write(db, end, NULL, problem);
}
