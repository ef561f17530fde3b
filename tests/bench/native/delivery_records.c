/* What a delivery record costs: on the loop (a place in the ring), and behind it (the store).
 *   delivery_records FOLDER
 * FOLDER is empty, for a store.  Prints {"loop_ns": N, "behind_us": N, "records_per_second": N}:
 * nanoseconds of the loop a record; processor time of the threads behind it a record; and what is
 * durable in a second when the ring is always full. */
#include "base/clock.h"
#include "viewing/delivery_log.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

enum { PEOPLE = 500, RECORDS = 60000, BURST = 4000, PAUSE_US = 200, SEGMENT_MS = 4000 };

static char people[PEOPLE][UUID_TEXT_SIZE], lecture_id[UUID_TEXT_SIZE];

// clang-format off
static const char program_sql[] = "INSERT INTO program (id, created_at_ms) VALUES ($1, 1)";
static const char cohort_sql[] =
    "INSERT INTO cohort (id, program_id, name, time_zone, first_day, last_day, opens_at_ms, closes_at_ms,"
    "  created_at_ms) VALUES ($1, $1, 'Bench', 'UTC', '2026-11-02', '2026-11-06', 1, 2, 1)";
static const char lecture_sql[] =
    "INSERT INTO lecture (id, state, published, current_version, language, file_name, created_at_ms)"
    " VALUES ($1, 'ready', 1, 1, 'en', 'a.mp4', 1)";
static const char participant_sql[] =
    "INSERT INTO participant (id, cohort_id, name, language, created_at_ms) VALUES ($1, $2, 'Somebody', 'en', 1)";
// clang-format on

static bool fill(struct db_connection *connection, void *data, struct problem *problem)
{
    (void)data;
    char cohort_id[UUID_TEXT_SIZE];
    secure_make_uuid(cohort_id);
    secure_make_uuid(lecture_id);
    bool good = db_exec(connection, NULL, problem, program_sql, "t", cohort_id)
                && db_exec(connection, NULL, problem, cohort_sql, "t", cohort_id)
                && db_exec(connection, NULL, problem, lecture_sql, "t", lecture_id);
    for (size_t i = 0; good && i < PEOPLE; i++) {
        secure_make_uuid(people[i]);
        good = db_exec(connection, NULL, problem, participant_sql, "tt", people[i], cohort_id);
    }
    return good;
}

/* Everybody watches from the start: each record lengthens what its person was delivered. */
static struct delivery delivery_number(int64_t number)
{
    int64_t segment = number / PEOPLE;
    struct delivery delivery = { .at_ms = clock_now_ms(),
        .version = 1,
        .rendition = "240p",
        .segment = segment,
        .start_ms = segment * SEGMENT_MS,
        .end_ms = (segment + 1) * SEGMENT_MS,
        .status = 200,
        .body_bytes = 500000,
        .whole = true,
        .first_byte_ms = 1,
        .last_byte_ms = 7 };
    memcpy(delivery.participant_id, people[number % PEOPLE], UUID_TEXT_SIZE);
    memcpy(delivery.session_id, people[number % PEOPLE], UUID_TEXT_SIZE);
    memcpy(delivery.lecture_id, lecture_id, UUID_TEXT_SIZE);
    return delivery;
}

static void wait_until_durable(struct delivery_log *log)
{
    while (delivery_log_waiting(log) > 0)
        (void)usleep(PAUSE_US);
}

static int64_t spent_ns(clockid_t clock)
{
    struct timespec spent;
    (void)clock_gettime(clock, &spent);
    return (int64_t)spent.tv_sec * 1000000000 + spent.tv_nsec;
}

/* What a loop does for a segment: takes a place before, records behind. */
static double loop_ns(struct delivery_log *log, int64_t *number)
{
    int64_t from_ns = spent_ns(CLOCK_THREAD_CPUTIME_ID);
    for (int64_t end = *number + BURST; *number < end; ++*number) {
        struct delivery delivery = delivery_number(*number);
        if (!delivery_log_reserve(log, 0, delivery.participant_id)) {
            (void)fprintf(stderr, "the ring is full\n");
            exit(1);
        }
        delivery_log_record(log, 0, &delivery);
    }
    return (double)(spent_ns(CLOCK_THREAD_CPUTIME_ID) - from_ns) / BURST;
}

static void keep_full(struct delivery_log *log, int64_t *number)
{
    for (int64_t end = *number + RECORDS; *number < end;) {
        struct delivery delivery = delivery_number(*number);
        if (!delivery_log_reserve(log, 0, delivery.participant_id)) {
            (void)usleep(PAUSE_US);
            continue;
        }
        delivery_log_record(log, 0, &delivery);
        ++*number;
    }
}

static void measure(struct delivery_log *log)
{
    int64_t number = 0;
    double on_loop_ns = loop_ns(log, &number);
    wait_until_durable(log);
    int64_t from_us = clock_steady_us(), own_ns = spent_ns(CLOCK_THREAD_CPUTIME_ID),
            all_ns = spent_ns(CLOCK_PROCESS_CPUTIME_ID);
    keep_full(log, &number);
    wait_until_durable(log);
    double took_us = (double)(clock_steady_us() - from_us);
    int64_t behind_ns = spent_ns(CLOCK_PROCESS_CPUTIME_ID) - all_ns
                        - (spent_ns(CLOCK_THREAD_CPUTIME_ID) - own_ns);
    (void)printf("{\"loop_ns\": %.1f, \"behind_us\": %.2f, \"records_per_second\": %.0f}\n",
        on_loop_ns, (double)behind_ns / 1000 / RECORDS, RECORDS / took_us * 1e6);
}

int main(int argc, char **argv)
{
    struct problem problem = { 0 };
    struct settings settings;
    settings_init(&settings);
    settings.delivery_commit_ms = 10; /* the least: the store is to be the limit, not the ring */
    struct db *db = argc == 2 ? db_open(argv[1], &problem) : NULL;
    struct delivery_log *log = NULL;
    if (db && db_write(db, fill, NULL, &problem))
        log = delivery_log_start(db, &settings, 1, &problem);
    if (!log) {
        (void)fprintf(stderr, "usage: delivery_records FOLDER\n%s\n", problem.detail);
        return 1;
    }
    measure(log);
    delivery_log_stop(log);
    db_close(db);
    settings_release(&settings);
    return 0;
}
