/* When the server ran, and when it did not: for crediting over a crash, and for whoever checks the
 * log. */
#include "base/clock.h"
#include "viewing/evidence.h"
#include "viewing/play.h"

#include <stdatomic.h>

/* BESIDE_GAP_MS: some signs of life, and the way of a record to the store. */
enum { CLOCK_JUMP_MS = 5000, LOST_RUNS_MAX = 64, BESIDE_GAP_MS = 5000 };

// clang-format off
/* Runs that neither ended nor have their gap yet. */
static const char lost_sql[] =
    "SELECT id, alive_at_ms FROM server_run"
    " WHERE ended_at_ms IS NULL AND id >= $1 AND id <= $2"
    "   AND NOT EXISTS (SELECT 1 FROM server_gap WHERE from_ms = alive_at_ms)"
    " ORDER BY id";
static const char newest_sql[] =
    "SELECT id FROM server_run ORDER BY alive_at_ms DESC, id DESC LIMIT 1";
static const char begin_sql[] =
    "INSERT INTO server_run (id, started_at_ms, alive_at_ms, ended_at_ms) VALUES ($1, $2, $2, NULL)";
static const char gap_sql[] =
    "INSERT INTO server_gap (id, from_ms, to_ms) VALUES ($1, $2, $3)";
static const char alive_sql[] =
    "UPDATE server_run SET alive_at_ms = $1 WHERE id = $2";
static const char end_sql[] =
    "UPDATE server_run SET alive_at_ms = $1, ended_at_ms = $1 WHERE id = $2";
static const char forget_cursors_sql[] =
    "DELETE FROM delivery_cursor";
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
    _Atomic int64_t id, predecessor_id; /* rows of server_run; 0: none */
} run;

static int64_t wall_ahead_ms(void)
{
    return clock_wall_ms() - clock_steady_ms();
}

static bool find_newest(struct db_connection *connection, int64_t *ret_id, struct problem *problem)
{
    struct db_rows *rows = db_query(connection, newest_sql, "");
    int64_t id = db_next(rows) ? db_int(rows, 0) : 0;
    *ret_id = id;
    return db_end(rows, problem);
}

/* The server's own, in the evidence log. */
static bool record(
    struct db_connection *connection, const char *kind, json_t *record, struct problem *problem)
{
    bool good = evidence_append(connection, kind, "", record, problem);
    json_decref(record);
    return good;
}

static bool add_gap(
    struct db_connection *connection, int64_t from_ms, int64_t to_ms, struct problem *problem)
{
    return db_exec(connection, NULL, problem, gap_sql, "iii", db_next_key(connection, "server_gap"),
               from_ms, to_ms)
           && record(connection, "server-gap",
               json_pack("{s:I,s:I}", "from_ms", (json_int_t)from_ms, "to_ms", (json_int_t)to_ms),
               problem);
}

/*
 * Each run of these that was cut off leaves a gap.  That of the last to be alive lasts until now.  Beside
 * any other another one worked: what its last records told was lost, and nothing later.
 */
static bool add_gaps(struct db_connection *connection, int64_t first_id, int64_t last_id,
    int64_t newest_id, struct problem *problem)
{
    int64_t ids[LOST_RUNS_MAX], alive_ms[LOST_RUNS_MAX];
    size_t count = 0;
    struct db_rows *rows = db_query(connection, lost_sql, "ii", first_id, last_id);
    while (count < LOST_RUNS_MAX && db_next(rows)) {
        ids[count] = db_int(rows, 0);
        alive_ms[count++] = db_int(rows, 1);
    }
    if (!db_end(rows, problem))
        return false;
    for (size_t i = 0; i < count; i++) {
        /* Not earlier than what is stored: the clock may have been set back while nothing ran. */
        clock_not_before(alive_ms[i]);
        int64_t to_ms = clock_now_ms();
        if (ids[i] != newest_id && to_ms > alive_ms[i] + BESIDE_GAP_MS)
            to_ms = alive_ms[i] + BESIDE_GAP_MS;
        if (!add_gap(connection, alive_ms[i], to_ms, problem))
            return false;
    }
    return true;
}

static bool add_run(struct db_connection *connection, struct problem *problem)
{
    int64_t id = db_next_key(connection, "server_run");
    atomic_store(&run.id, id);
    return db_exec(connection, NULL, problem, begin_sql, "ii", id, clock_now_ms());
}

/* Nobody else has the store, so nobody else writes deliveries. */
static bool begin(struct db_connection *connection, void *data, struct problem *problem)
{
    (void)data;
    int64_t newest_id;
    return find_newest(connection, &newest_id, problem)
           && add_gaps(connection, 0, INT64_MAX, newest_id, problem)
           && db_exec(connection, NULL, problem, forget_cursors_sql, "")
           && add_run(connection, problem);
}

bool server_run_begin(struct db *db, struct problem *problem)
{
    atomic_store(&run.recorded_ahead_ms, wall_ahead_ms());
    return db_write(db, begin, NULL, problem);
}

static bool take_over(struct db_connection *connection, void *data, struct problem *problem)
{
    (void)data;
    return add_run(connection, problem);
}

bool server_run_take_over(struct db *db, int64_t predecessor_id, struct problem *problem)
{
    atomic_store(&run.recorded_ahead_ms, wall_ahead_ms());
    atomic_store(&run.predecessor_id, predecessor_id);
    return db_write(db, take_over, NULL, problem);
}

static bool lose_predecessor(struct db_connection *connection, void *data, struct problem *problem)
{
    (void)data;
    int64_t id = atomic_load(&run.predecessor_id);
    return add_gaps(connection, id, id, 0, problem);
}

bool server_run_predecessor_lost(struct db *db, struct problem *problem)
{
    return db_write(db, lose_predecessor, NULL, problem);
}

static bool lose_successors(struct db_connection *connection, void *data, struct problem *problem)
{
    (void)data;
    return add_gaps(connection, atomic_load(&run.id) + 1, INT64_MAX, 0, problem);
}

bool server_run_successor_lost(struct db *db, struct problem *problem)
{
    return db_write(db, lose_successors, NULL, problem);
}

int64_t server_run_id(void)
{
    return atomic_load(&run.id);
}

/* Small steps add up: they are measured from the last jump that was recorded. */
static int64_t jumped_ms(void)
{
    int64_t by_ms = run.measured_ahead_ms - atomic_load(&run.recorded_ahead_ms);
    return by_ms < -CLOCK_JUMP_MS || by_ms > CLOCK_JUMP_MS ? by_ms : 0;
}

static bool record_jump(struct db_connection *connection, struct problem *problem)
{
    if (jumped_ms() == 0)
        return true;
    return db_exec(connection, NULL, problem, jump_sql, "iii",
               db_next_key(connection, "clock_jump"), clock_now_ms(), jumped_ms())
           && record(connection, "clock-jump", json_pack("{s:I}", "by_ms", (json_int_t)jumped_ms()),
               problem);
}

static bool sign_of_life(struct db_connection *connection, void *data, struct problem *problem)
{
    (void)data;
    run.measured_ahead_ms = wall_ahead_ms();
    return db_exec(connection, NULL, problem, alive_sql, "ii", clock_now_ms(), atomic_load(&run.id))
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
    return db_exec(connection, NULL, problem, end_sql, "ii", clock_now_ms(), atomic_load(&run.id));
}

bool server_run_end(struct db *db, struct problem *problem)
{
    return db_write(db, end, NULL, problem);
}
