#include "house.h"

#include "base/clock.h"
#include "base/files.h"

#include "../unit.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

_Atomic int64_t house_now_ms = INT64_C(1764000000000);

int64_t __wrap_clock_now_ms(void);
int64_t __wrap_clock_now_ms(void)
{
    return house_now_ms;
}

/* With SQL_TRACE=FILE in the environment, what the library asks the store is written there, and what the
 * tests ask is not (tests/unit/store/postgres_takes.py). */
static void trace_library(bool on)
{
    static FILE *trace;
    const char *path = getenv("SQL_TRACE");
    if (!trace && path)
        trace = fopen(path, "a");
    if (trace)
        (void)fflush(trace);
    db_trace_statements(on ? trace : NULL);
}

struct statement {
    const char *sql;
    int64_t number;
    char text[4096];
};

static bool run_statement(struct db_connection *connection, void *data, struct problem *problem)
{
    return db_exec(connection, NULL, problem, ((struct statement *)data)->sql, "");
}

void house_run(struct house *house, const char *sql)
{
    struct statement statement = { .sql = sql };
    struct problem problem = { 0 };
    trace_library(false);
    if (!db_write(house->db, run_statement, &statement, &problem))
        fail_msg("%s: %s", sql, problem.detail);
    trace_library(true);
}

static bool read_statement(struct db_connection *connection, void *data, struct problem *problem)
{
    struct statement *statement = data;
    struct db_rows *rows = db_query(connection, statement->sql, "");
    if (db_next(rows)) {
        const char *text = db_text(rows, 0);
        (void)snprintf(statement->text, sizeof statement->text, "%s", text ? text : "");
        statement->number = db_int(rows, 0);
    }
    return db_end(rows, problem);
}

static void read_one(struct house *house, struct statement *statement)
{
    struct problem problem = { 0 };
    trace_library(false);
    if (!db_read(house->db, read_statement, statement, &problem))
        fail_msg("%s: %s", statement->sql, problem.detail);
    trace_library(true);
}

int64_t house_number(struct house *house, const char *sql)
{
    struct statement statement = { .sql = sql };
    read_one(house, &statement);
    return statement.number;
}

const char *house_text(struct house *house, const char *sql)
{
    static struct statement statement;
    statement = (struct statement){ .sql = sql };
    read_one(house, &statement);
    return statement.text;
}

// clang-format off
static const char program_sql[] = "INSERT INTO program (id, created_at_ms) VALUES ('%s', 1)";
static const char cohort_sql[] =
    "INSERT INTO cohort (id, program_id, name, time_zone, first_day, last_day, opens_at_ms, closes_at_ms,"
    "  created_at_ms) VALUES ('%s', '%s', 'Vietnam team', 'Asia/Ho_Chi_Minh', '2026-11-02', '2026-11-06', 1, 2, 1)";
static const char rule_sql[] =
    "INSERT INTO completion_rule (cohort_id, version, threshold_percent, gap_ms_max, rate_cap_percent,"
    "  created_at_ms) VALUES ('%s', 1, 90, 30000, 200, 1)";
static const char lecture_sql[] =
    "INSERT INTO lecture (id, state, published, current_version, language, file_name, created_at_ms)"
    " VALUES ('%s', 'ready', 1, 1, 'en', 'a.mp4', 1)";
static const char text_sql[] =
    "INSERT INTO lecture_text (lecture_id, language, title, description) VALUES ('%s', 'en', 'Labour law %d', '')";
static const char version_sql[] =
    "INSERT INTO lecture_version (lecture_id, version, duration_ms, report, ready_at_ms)"
    " VALUES ('%s', 1, %d, '{}', 1)";
static const char order_sql[] =
    "INSERT INTO program_lecture (program_id, lecture_id, position, required) VALUES ('%s', '%s', %d, 1)";
static const char participant_sql[] =
    "INSERT INTO participant (id, cohort_id, name, country, gender, group_name, language, created_at_ms)"
    " VALUES ('%s', '%s', 'Person %d', '%s', '%s', 'Hanoi', 'vi', 1)";
static const char session_sql[] =
    "INSERT INTO session (id, token_digest, participant_id, created_at_ms, expires_at_ms)"
    " VALUES ('%s', CAST('%032d' AS BLOB), '%s', 1, 9000000000000)";
// clang-format on

static void run_format(struct house *house, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
static void run_format(struct house *house, const char *format, ...)
{
    char sql[1000];
    va_list arguments;
    va_start(arguments, format);
    (void)vsnprintf(sql, sizeof sql, format, arguments);
    va_end(arguments);
    house_run(house, sql);
}

static void add_session(struct house *house, struct caller *caller, const char *participant_id)
{
    static int number;
    caller->role = CALLER_PARTICIPANT;
    secure_make_uuid(caller->session_id);
    (void)snprintf(caller->participant_id, UUID_TEXT_SIZE, "%s", participant_id);
    (void)snprintf(caller->cohort_id, UUID_TEXT_SIZE, "%s", house->cohort_id);
    (void)snprintf(caller->program_id, UUID_TEXT_SIZE, "%s", house->program_id);
    run_format(house, session_sql, caller->session_id, ++number, participant_id);
}

static void add_lecture(struct house *house, char ret_id[UUID_TEXT_SIZE], int position)
{
    secure_make_uuid(ret_id);
    run_format(house, lecture_sql, ret_id);
    run_format(house, text_sql, ret_id, position);
    run_format(house, version_sql, ret_id, HOUSE_LECTURE_MS);
    run_format(house, order_sql, house->program_id, ret_id, position);
}

void house_open(struct house *house)
{
    struct problem problem = { 0 };
    house->db = db_open(house->folder, &problem);
    if (!house->db)
        fail_msg("%s", problem.detail);
    if (!server_run_begin(house->db, &problem))
        fail_msg("%s", problem.detail);
    house->log = delivery_log_start(house->db, &house->settings, 1, &problem);
    if (!house->log)
        fail_msg("%s", problem.detail);
}

void house_build(struct house *house)
{
    static const char *const countries[] = { "VN", "VN", "MN", "MN" };
    static const char *const genders[] = { "female", "male", "female", "male" };
    memset(house, 0, sizeof *house);
    (void)snprintf(house->folder, sizeof house->folder, "/tmp/lectern-viewing-XXXXXX");
    assert_non_null(mkdtemp(house->folder));
    settings_init(&house->settings);
    house_open(house);
    secure_make_uuid(house->program_id);
    secure_make_uuid(house->cohort_id);
    run_format(house, program_sql, house->program_id);
    run_format(house, cohort_sql, house->cohort_id, house->program_id);
    run_format(house, rule_sql, house->cohort_id);
    add_lecture(house, house->lecture_id, 1);
    add_lecture(house, house->other_lecture_id, 2);
    for (int i = 0; i < HOUSE_PEOPLE; i++) {
        char id[UUID_TEXT_SIZE];
        secure_make_uuid(id);
        run_format(house, participant_sql, id, house->cohort_id, i + 1, countries[i], genders[i]);
        add_session(house, &house->people[i], id);
    }
    add_session(house, &house->second_device, house->people[0].participant_id);
}

void house_close(struct house *house)
{
    struct problem problem = { 0 };
    delivery_log_stop(house->log);
    assert_true(server_run_end(house->db, &problem));
    db_close(house->db);
    house->log = NULL;
    house->db = NULL;
}

void house_remove(struct house *house)
{
    struct problem problem = { 0 };
    if (house->db)
        house_close(house);
    assert_true(folder_remove(house->folder, &problem));
    settings_release(&house->settings);
}

void house_deliver(struct house *house, const struct caller *caller, const char *lecture_id,
    int64_t from_ms, int64_t to_ms)
{
    for (int64_t at_ms = from_ms; at_ms < to_ms; at_ms += HOUSE_SEGMENT_MS) {
        struct delivery delivery = { .at_ms = house_now_ms,
            .version = 1,
            .rendition = "240p",
            .segment = at_ms / HOUSE_SEGMENT_MS,
            .start_ms = at_ms,
            .end_ms = at_ms + HOUSE_SEGMENT_MS,
            .status = 200,
            .body_bytes = 50000,
            .whole = true };
        memcpy(delivery.participant_id, caller->participant_id, UUID_TEXT_SIZE);
        memcpy(delivery.session_id, caller->session_id, UUID_TEXT_SIZE);
        memcpy(delivery.lecture_id, lecture_id, UUID_TEXT_SIZE);
        assert_true(delivery_log_reserve(house->log, 0, delivery.participant_id));
        delivery_log_record(house->log, 0, &delivery);
    }
}

struct play_session house_begin(
    struct house *house, const struct caller *caller, const char *lecture_id)
{
    struct play_session session;
    struct problem problem = { 0 };
    if (!play_begin(house->db, &house->settings, caller, NULL, lecture_id, 1, &session, &problem))
        fail_msg("%s", problem.detail);
    return session;
}

int64_t house_take(struct house *house, const struct caller *caller,
    const struct play_session *session, const struct beat *beats, size_t count,
    struct beats_answer *ret_answer)
{
    struct beats_answer answer;
    struct problem problem = { 0 };
    if (!play_take_beats(house->db, house->log, &house->settings, caller, session->id, beats, count,
            0, &answer, &problem))
        fail_msg("%s", problem.detail);
    int64_t total_ms = spans_total(&answer.credited);
    if (ret_answer)
        *ret_answer = answer;
    else
        beats_answer_release(&answer);
    return total_ms;
}

int64_t house_take_one(struct house *house, const struct caller *caller,
    const struct play_session *session, int64_t seq, int64_t from_ms, int64_t to_ms,
    unsigned *ret_flags)
{
    struct beat beat = { .seq = seq,
        .from_ms = from_ms,
        .to_ms = to_ms,
        .rate_percent = 100,
        .visible = 1,
        .muted = -1,
        .client_at_ms = -1 };
    struct beats_answer answer;
    int64_t total_ms = house_take(house, caller, session, &beat, 1, &answer);
    if (ret_flags)
        *ret_flags = answer.flagged_count > 0 ? answer.flagged[0].flags : 0;
    beats_answer_release(&answer);
    return total_ms;
}
