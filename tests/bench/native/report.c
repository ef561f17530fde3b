/* How long the report of a large cohort takes, from the store to the bytes of its JSON.
 *   report FOLDER
 * FOLDER is empty, for a store: 2,000 participants who watched 20 lectures, in one to six stretches
 * each; two thirds are complete, and one in a hundred was decided by hand.  Prints
 * {"cells": N, "bytes": N, "wall_ms": [N, ...]}. */
#include "viewing/report.h"
#include "base/clock.h"
#include "base/json.h"
#include "base/secure.h"
#include "viewing/spans.h"

#include <stdio.h>
#include <stdlib.h>

enum {
    PEOPLE = 2000,
    LECTURES = 20,
    ROUNDS = 11,
    LECTURE_MS = 3600000,
    REPORT_BYTES_MAX = 64 << 20
};

static char cohort_id[UUID_TEXT_SIZE], lectures[LECTURES][UUID_TEXT_SIZE];

// clang-format off
static const char program_sql[] = "INSERT INTO program (id, created_at_ms) VALUES ($1, 1)";
static const char cohort_sql[] =
    "INSERT INTO cohort (id, program_id, name, time_zone, first_day, last_day, opens_at_ms, closes_at_ms,"
    "  created_at_ms) VALUES ($1, $1, 'Bench', 'UTC', '2026-11-02', '2026-11-06', 1, 2, 1)";
static const char lecture_sql[] =
    "INSERT INTO lecture (id, state, published, current_version, language, file_name, created_at_ms)"
    " VALUES ($1, 'ready', 1, 1, 'en', 'a.mp4', 1)";
static const char text_sql[] =
    "INSERT INTO lecture_text (lecture_id, language, title, description) VALUES ($1, 'en', 'A lecture', '')";
static const char version_sql[] =
    "INSERT INTO lecture_version (lecture_id, version, duration_ms, report, ready_at_ms) VALUES ($1, 1, $2, '{}', 1)";
static const char order_sql[] =
    "INSERT INTO program_lecture (program_id, lecture_id, position, required) VALUES ($1, $2, $3, 1)";
static const char participant_sql[] =
    "INSERT INTO participant (id, cohort_id, name, country, gender, group_name, language, created_at_ms)"
    " VALUES ($1, $2, $3, 'VN', 'female', 'Hanoi', 'vi', 1)";
static const char viewing_sql[] =
    "INSERT INTO viewing (participant_id, lecture_id, version, claimed, delivered, credited, real_ms, position_ms,"
    "  first_at_ms, last_at_ms, flag_counts) VALUES ($1, $2, 1, $3, $3, $3, 3600000, 0, 1, 2, '{}')";
static const char completion_sql[] =
    "INSERT INTO completion (participant_id, lecture_id, completed_at_ms, rule_version, credited_ms, duration_ms)"
    " VALUES ($1, $2, 3, 1, 3600000, 3600000)";
static const char decision_sql[] =
    "INSERT INTO completion_decision (id, participant_id, lecture_id, verdict, reason, decided_at_ms)"
    " VALUES ($1, $2, $3, 'accepted', 'Power cut', 4)";
// clang-format on

static bool add_lectures(struct db_connection *connection, struct problem *problem)
{
    bool good = true;
    for (int64_t i = 0; good && i < LECTURES; i++) {
        secure_make_uuid(lectures[i]);
        good = db_exec(connection, NULL, problem, lecture_sql, "t", lectures[i])
               && db_exec(connection, NULL, problem, text_sql, "t", lectures[i])
               && db_exec(
                   connection, NULL, problem, version_sql, "ti", lectures[i], (int64_t)LECTURE_MS)
               && db_exec(connection, NULL, problem, order_sql, "tti", cohort_id, lectures[i], i);
    }
    return good;
}

/* One to six stretches of one length, with gaps of a minute. */
static void write_stretches(int64_t number, struct text *text)
{
    struct spans spans = { 0 };
    struct problem problem = { 0 };
    int64_t count = 1 + number % 6, each_ms = LECTURE_MS / count;
    for (int64_t i = 0; i < count; i++)
        (void)spans_add(&spans, i * each_ms + (i > 0 ? 60000 : 0), (i + 1) * each_ms, 0, &problem);
    spans_write(&spans, text);
    spans_release(&spans);
}

static bool watch(
    struct db_connection *connection, const char *id, int64_t number, struct problem *problem)
{
    bool good = true;
    for (int64_t i = 0; good && i < LECTURES; i++) {
        struct text stretches;
        int64_t cell = number * LECTURES + i;
        text_init(&stretches, SPANS_TEXT_MAX);
        write_stretches(cell, &stretches);
        good = db_exec(
                   connection, NULL, problem, viewing_sql, "ttt", id, lectures[i], stretches.bytes)
               && (cell % 3 == 0
                   || db_exec(connection, NULL, problem, completion_sql, "tt", id, lectures[i]))
               && (cell % 100 != 0
                   || db_exec(
                       connection, NULL, problem, decision_sql, "itt", cell + 1, id, lectures[i]));
        text_release(&stretches);
    }
    return good;
}

static bool fill(struct db_connection *connection, void *data, struct problem *problem)
{
    (void)data;
    secure_make_uuid(cohort_id);
    bool good = db_exec(connection, NULL, problem, program_sql, "t", cohort_id)
                && db_exec(connection, NULL, problem, cohort_sql, "t", cohort_id)
                && add_lectures(connection, problem);
    for (int64_t i = 0; good && i < PEOPLE; i++) {
        char id[UUID_TEXT_SIZE], name[40];
        secure_make_uuid(id);
        (void)snprintf(name, sizeof name, "Person %lld", (long long)i);
        good = db_exec(connection, NULL, problem, participant_sql, "ttt", id, cohort_id, name)
               && watch(connection, id, i, problem);
    }
    return good;
}

static bool read_report(struct db_connection *connection, void *data, struct problem *problem)
{
    *(json_t **)data = report_cohort(connection, cohort_id, "en", problem);
    return *(json_t **)data != NULL;
}

/* Milliseconds; the length of what was written goes to *ret_bytes. */
static double report_once(struct db *db, size_t *ret_bytes, struct problem *problem)
{
    json_t *report = NULL;
    struct text text;
    int64_t from_us = clock_steady_us();
    text_init(&text, REPORT_BYTES_MAX);
    if (!db_read(db, read_report, &report, problem)) {
        (void)fprintf(stderr, "%s\n", problem->detail);
        exit(1);
    }
    json_write(report, &text);
    double took_ms = (double)(clock_steady_us() - from_us) / 1000;
    *ret_bytes = text.length;
    json_decref(report);
    text_release(&text);
    return took_ms;
}

int main(int argc, char **argv)
{
    struct problem problem = { 0 };
    struct db *db = argc == 2 ? db_open(argv[1], &problem) : NULL;
    if (!db || !db_write(db, fill, NULL, &problem)) {
        (void)fprintf(stderr, "usage: report FOLDER\n%s\n", problem.detail);
        return 1;
    }
    size_t bytes = 0;
    (void)report_once(db, &bytes, &problem);
    (void)printf("{\"cells\": %d, \"bytes\": %zu, \"wall_ms\": [", PEOPLE * LECTURES, bytes);
    for (int i = 0; i < ROUNDS; i++)
        (void)printf("%s%.1f", i > 0 ? ", " : "", report_once(db, &bytes, &problem));
    (void)printf("]}\n");
    db_close(db);
    return 0;
}
