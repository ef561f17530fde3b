#include "viewing/delivery_log.h"

#include "base/clock.h"
#include "base/log.h"
#include "base/memory.h"
#include "viewing/delivery_rows.h"

#include <pthread.h>
#include <stdalign.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { HURRIED_MS = 10, OPEN_COUNTS = 4096 };

/* Positions only grow; a record's place is its position modulo the capacity.  The two ends stand on
 * cache lines of their own, because two threads change them. */
struct ring {
    alignas(64) _Atomic uint64_t recorded; /* by the loop: records before it are whole */
    uint64_t reserved;                     /* by the loop: places for responses that are open */
    _Atomic uint64_t refused;
    alignas(64) _Atomic uint64_t released; /* records before it are durable, their places free */
    struct delivery *records;
    uint32_t open[OPEN_COUNTS]; /* by the loop: places reserved, by participant; see open_count() */
};

struct delivery_log {
    struct db *db;
    struct ring *rings;
    size_t ring_count;
    uint64_t capacity;
    int64_t first_cursor; /* the first ring's row */
    int64_t commit_ms, late_ms;
    _Atomic int64_t caught_up_ms; /* steady: all that was recorded before is durable */
    _Atomic bool hurried;
    _Atomic bool flush_queued; /* a flush is in the writer's queue and has not begun */
    pthread_t thread;
    pthread_mutex_t lock; /* guards what follows */
    pthread_cond_t changed;
    size_t flushes; /* submitted and not finished */
    bool stopping;
};

static uint64_t ring_waiting(struct ring *ring)
{
    /* In this order: the other end only comes nearer. */
    uint64_t released = atomic_load_explicit(&ring->released, memory_order_acquire);
    return atomic_load_explicit(&ring->recorded, memory_order_acquire) - released;
}

/* Ids are made here, and random at their end; two participants that meet share one share. */
static uint32_t *open_count(struct ring *ring, const char *participant_id)
{
    const uint64_t odd = UINT64_C(0x9e3779b97f4a7c15); /* spreads four bits a byte over all */
    uint64_t end;
    memcpy(&end, participant_id + UUID_TEXT_SIZE - 1 - sizeof end, sizeof end);
    return &ring->open[(end * odd >> 32) % OPEN_COUNTS];
}

bool delivery_log_reserve(struct delivery_log *log, size_t loop_index, const char *participant_id)
{
    struct ring *ring = &log->rings[loop_index];
    uint32_t *open = open_count(ring, participant_id);
    if (ring_waiting(ring) + ring->reserved >= log->capacity
        || *open >= log->capacity / DELIVERY_SHARES) {
        atomic_fetch_add_explicit(&ring->refused, 1, memory_order_relaxed);
        return false;
    }
    ring->reserved++;
    ++*open;
    return true;
}

void delivery_log_give_back(struct delivery_log *log, size_t loop_index, const char *participant_id)
{
    struct ring *ring = &log->rings[loop_index];
    ring->reserved--;
    --*open_count(ring, participant_id);
}

void delivery_log_record(
    struct delivery_log *log, size_t loop_index, const struct delivery *delivery)
{
    struct ring *ring = &log->rings[loop_index];
    uint64_t recorded = atomic_load_explicit(&ring->recorded, memory_order_relaxed);
    delivery_log_give_back(log, loop_index, delivery->participant_id);
    ring->records[recorded % log->capacity] = *delivery;
    atomic_store_explicit(&ring->recorded, recorded + 1, memory_order_release);
}

/* Appends the ring's records that this transaction does not hold yet, and says so in it. */
static bool take_ring(struct delivery_log *log, size_t loop_index, uint64_t recorded,
    struct db_connection *connection, struct delivery_batch *batch, struct problem *problem)
{
    const struct ring *ring = &log->rings[loop_index];
    uint64_t written = 0;
    int64_t cursor = log->first_cursor + (int64_t)loop_index;
    if (!delivery_cursor_read(connection, cursor, &written, problem))
        return false;
    if (written == recorded)
        return true;
    for (uint64_t position = written; position < recorded; position++)
        delivery_batch_add(batch, &ring->records[position % log->capacity]);
    return delivery_cursor_write(connection, cursor, recorded, problem);
}

bool delivery_log_write(struct delivery_log *log, struct db_connection *connection,
    struct delivery_mark *ret_mark, struct problem *problem)
{
    struct delivery_mark mark = { { 0 } };
    struct delivery_batch batch = { 0 };
    bool good = true;
    for (size_t i = 0; good && i < log->ring_count; i++) {
        struct ring *ring = &log->rings[i];
        uint64_t released = atomic_load_explicit(&ring->released, memory_order_acquire);
        mark.written[i] = atomic_load_explicit(&ring->recorded, memory_order_acquire);
        if (mark.written[i] != released)
            good = take_ring(log, i, mark.written[i], connection, &batch, problem);
    }
    good = good && delivery_batch_write(connection, &batch, problem);
    delivery_batch_release(&batch);
    if (good)
        *ret_mark = mark;
    return good;
}

void delivery_log_release(struct delivery_log *log, const struct delivery_mark *mark)
{
    /* Marks may come in any order from several threads: each ring's end only moves on. */
    for (size_t i = 0; i < log->ring_count; i++) {
        _Atomic uint64_t *released = &log->rings[i].released;
        uint64_t seen = atomic_load_explicit(released, memory_order_relaxed);
        while (seen < mark->written[i]
               && !atomic_compare_exchange_weak_explicit(
                   released, &seen, mark->written[i], memory_order_release, memory_order_relaxed))
            ;
    }
}

struct flush {
    struct delivery_log *log;
    struct delivery_mark mark;
};

static bool run_flush(struct db_connection *connection, void *data, struct problem *problem)
{
    struct flush *flush = data;
    /* From here on a new request needs a new flush, as this one reads the rings' ends now. */
    atomic_store(&flush->log->flush_queued, false);
    return delivery_log_write(flush->log, connection, &flush->mark, problem);
}

static void end_flush(void *data, bool durable, const struct problem *problem)
{
    struct flush *flush = data;
    struct delivery_log *log = flush->log;
    (void)problem; /* the thread tries again, and tells */
    if (durable)
        delivery_log_release(log, &flush->mark);
    free(flush);
    (void)pthread_mutex_lock(&log->lock);
    log->flushes--;
    (void)pthread_cond_signal(&log->changed);
    (void)pthread_mutex_unlock(&log->lock);
}

void delivery_log_flush_later(struct delivery_log *log)
{
    if (atomic_exchange(&log->flush_queued, true))
        return; /* one waits before whatever the caller writes next */
    struct flush *flush = memory_zeroed(1, sizeof *flush);
    flush->log = log;
    (void)pthread_mutex_lock(&log->lock);
    log->flushes++;
    (void)pthread_mutex_unlock(&log->lock);
    db_write_later(log->db, run_flush, flush, end_flush);
}

size_t delivery_log_limit(const struct delivery_log *log)
{
    return (size_t)log->capacity * log->ring_count;
}

size_t delivery_log_waiting(struct delivery_log *log)
{
    size_t waiting = 0;
    for (size_t i = 0; i < log->ring_count; i++)
        waiting += ring_waiting(&log->rings[i]);
    return waiting;
}

uint64_t delivery_log_refused(struct delivery_log *log)
{
    uint64_t refused = 0;
    for (size_t i = 0; i < log->ring_count; i++)
        refused += atomic_load_explicit(&log->rings[i].refused, memory_order_relaxed);
    return refused;
}

bool delivery_log_is_behind(struct delivery_log *log)
{
    if (delivery_log_waiting(log) == 0)
        return false;
    for (size_t i = 0; i < log->ring_count; i++)
        if (ring_waiting(&log->rings[i]) >= log->capacity / 2)
            return true;
    return clock_steady_ms() - atomic_load(&log->caught_up_ms) > log->late_ms;
}

/* Tells of the first failure of a row of them, as the disk may be full for hours; and of its end. */
static void write_waiting(struct delivery_log *log, bool *failing)
{
    struct flush flush = { .log = log };
    struct problem problem = { 0 };
    int64_t began_ms = clock_steady_ms();
    size_t waiting = delivery_log_waiting(log);
    if (waiting > 0 && !db_write(log->db, run_flush, &flush, &problem)) {
        if (!*failing)
            log_problem(LOG_ERROR, "deliveries-not-written", &problem);
        *failing = true;
        return;
    }
    if (waiting > 0)
        delivery_log_release(log, &flush.mark);
    atomic_store(&log->caught_up_ms, began_ms);
    if (*failing)
        log_event(LOG_INFO, "deliveries-written-again", "count=%zu", waiting);
    *failing = false;
}

/* One round each commit_ms, counted from the start of the round before. */
static void *write_rounds(void *data)
{
    struct delivery_log *log = data;
    bool failing = false;
    bool stopping = false;
    (void)pthread_setname_np(pthread_self(), "delivery-log");
    while (!stopping) {
        struct timespec next
            = clock_steady_after(atomic_load(&log->hurried) ? HURRIED_MS : log->commit_ms);
        write_waiting(log, &failing);
        (void)pthread_mutex_lock(&log->lock);
        while (!log->stopping && pthread_cond_timedwait(&log->changed, &log->lock, &next) == 0)
            ;
        stopping = log->stopping;
        (void)pthread_mutex_unlock(&log->lock);
    }
    write_waiting(log, &failing);
    size_t lost = delivery_log_waiting(log);
    if (lost > 0)
        log_event(LOG_ERROR, "deliveries-lost", "count=%zu", lost);
    return NULL;
}

static void free_log(struct delivery_log *log)
{
    for (size_t i = 0; i < log->ring_count; i++)
        free(log->rings[i].records);
    free(log->rings);
    (void)pthread_cond_destroy(&log->changed);
    (void)pthread_mutex_destroy(&log->lock);
    free(log);
}

static struct delivery_log *make_log(
    struct db *db, const struct settings *settings, size_t loop_count)
{
    struct delivery_log *log = memory_zeroed(1, sizeof *log);
    log->db = db;
    log->capacity = (uint64_t)settings->delivery_ring;
    log->commit_ms = settings->delivery_commit_ms;
    log->late_ms = settings->delivery_late_ms;
    atomic_init(&log->caught_up_ms, clock_steady_ms());
    log->ring_count = loop_count;
    log->rings = aligned_alloc(alignof(struct ring), loop_count * sizeof *log->rings);
    if (!log->rings)
        memory_exhausted(loop_count * sizeof *log->rings);
    memset(log->rings, 0, loop_count * sizeof *log->rings);
    for (size_t i = 0; i < loop_count; i++)
        log->rings[i].records = memory_zeroed(log->capacity, sizeof *log->rings[i].records);
    pthread_condattr_t steady;
    (void)pthread_condattr_init(&steady);
    (void)pthread_condattr_setclock(&steady, CLOCK_MONOTONIC);
    (void)pthread_cond_init(&log->changed, &steady);
    (void)pthread_condattr_destroy(&steady);
    (void)pthread_mutex_init(&log->lock, NULL);
    return log;
}

struct cursors {
    int64_t first;
    size_t count;
};

static bool add_cursors(struct db_connection *connection, void *data, struct problem *problem)
{
    struct cursors *cursors = data;
    return delivery_cursors_add(connection, cursors->count, &cursors->first, problem);
}

static bool remove_cursors(struct db_connection *connection, void *data, struct problem *problem)
{
    const struct cursors *cursors = data;
    return delivery_cursors_remove(connection, cursors->first, cursors->count, problem);
}

struct delivery_log *delivery_log_start(
    struct db *db, const struct settings *settings, size_t loop_count, struct problem *problem)
{
    if (loop_count < 1 || loop_count > DELIVERY_LOOPS_MAX) {
        problem_set(problem, PROBLEM_SETTING, "deliveries of %zu loops; 1 to %d are possible",
            loop_count, DELIVERY_LOOPS_MAX);
        return NULL;
    }
    struct cursors cursors = { .count = loop_count };
    if (!db_write(db, add_cursors, &cursors, problem))
        return NULL;
    struct delivery_log *log = make_log(db, settings, loop_count);
    log->first_cursor = cursors.first;
    int error_number = pthread_create(&log->thread, NULL, write_rounds, log);
    if (error_number != 0) {
        problem_set_errno(problem, error_number, "start the thread of the delivery log");
        free_log(log);
        return NULL;
    }
    return log;
}

void delivery_log_stop(struct delivery_log *log)
{
    if (!log)
        return;
    (void)pthread_mutex_lock(&log->lock);
    log->stopping = true;
    (void)pthread_cond_broadcast(&log->changed);
    (void)pthread_mutex_unlock(&log->lock);
    (void)pthread_join(log->thread, NULL);
    (void)pthread_mutex_lock(&log->lock);
    while (log->flushes > 0)
        (void)pthread_cond_wait(&log->changed, &log->lock);
    (void)pthread_mutex_unlock(&log->lock);
    struct cursors cursors = { log->first_cursor, log->ring_count };
    struct problem ignored = { 0 }; /* the next start removes what is left */
    (void)db_write(log->db, remove_cursors, &cursors, &ignored);
    free_log(log);
}

void delivery_log_hurry(struct delivery_log *log, bool hurry)
{
    atomic_store(&log->hurried, hurry);
}
