/*
 * For the tests of access: a store with two programs that know nothing of each other.
 *
 *   program   cohort   participant   lecture                              organizer
 *   law       vietnam  anh           law (published), draft (not)         olive
 *   safety    mongolia bold          safety (published)                   sam
 *
 * Ids are UUIDs that tell what they are.  With SQL_TRACE=FILE in the environment, the statements
 * that run are written there (see store/db.h).
 */
#ifndef LECTERN_TESTS_ACCESS_WORLD_H
#define LECTERN_TESTS_ACCESS_WORLD_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "access/session.h"
#include "base/clock.h"
#include "base/files.h"
#include "base/memory.h"
#include "base/settings.h"
#include "base/text.h"
#include "store/db.h"

#define DAY_MS INT64_C(86400000)
#define LAW "00000000-0000-7000-8000-0000000000a1"
#define SAFETY "00000000-0000-7000-8000-0000000000a2"
#define VIETNAM "00000000-0000-7000-8000-0000000000b1"
#define MONGOLIA "00000000-0000-7000-8000-0000000000b2"
#define ANH "00000000-0000-7000-8000-0000000000c1"
#define BOLD "00000000-0000-7000-8000-0000000000c2"
#define LECTURE_LAW "00000000-0000-7000-8000-0000000000d1"
#define LECTURE_SAFETY "00000000-0000-7000-8000-0000000000d2"
#define LECTURE_DRAFT "00000000-0000-7000-8000-0000000000d3"
#define OLIVE "00000000-0000-7000-8000-0000000000e1"
#define SAM "00000000-0000-7000-8000-0000000000e2"
#define ADA "00000000-0000-7000-8000-0000000000e3"
#define NOWHERE "00000000-0000-7000-8000-0000000000ff"

struct world {
    char *folder;
    struct db *db;
    struct settings settings;
    int64_t closes_at_ms; /* both cohorts */
    FILE *trace;
};

static inline bool world_run(struct db_connection *connection, void *data, struct problem *problem)
{
    return db_exec(connection, NULL, problem, (const char *)data, "");
}

/* One statement without arguments. */
static inline void world_exec(struct world *world, const char *sql)
{
    struct problem problem = { 0 };
    char *copy = memory_strdup(sql);
    if (!db_write(world->db, world_run, copy, &problem))
        fail_msg("%s", problem.detail);
    free(copy);
}

// clang-format off
static const char *const world_rows[] = {
    "INSERT INTO program (id, created_at_ms) VALUES ('" LAW "', 1), ('" SAFETY "', 1)",
    "INSERT INTO lecture (id, state, published, language, file_name, created_at_ms) VALUES"
        " ('" LECTURE_LAW "', 'ready', 1, 'en', 'law.mp4', 1), ('" LECTURE_SAFETY "', 'ready', 1, 'en', 's.mp4', 1),"
        " ('" LECTURE_DRAFT "', 'ready', 0, 'en', 'd.mp4', 1)",
    "INSERT INTO program_lecture (program_id, lecture_id, position, required) VALUES"
        " ('" LAW "', '" LECTURE_LAW "', 1, 1), ('" LAW "', '" LECTURE_DRAFT "', 2, 1), ('" SAFETY "', '" LECTURE_SAFETY "', 1, 1)",
    "INSERT INTO staff (id, email, name, role, password_hash, created_at_ms) VALUES"
        " ('" OLIVE "', 'olive@example.org', 'Olive', 'organizer', '', 1), ('" SAM "', 'sam@example.org', 'Sam', 'organizer', '', 1),"
        " ('" ADA "', 'ada@example.org', 'Ada', 'admin', '', 1)",
    "INSERT INTO staff_program (staff_id, program_id) VALUES ('" OLIVE "', '" LAW "'), ('" SAM "', '" SAFETY "')",
};
static const char world_cohorts[] =
    "INSERT INTO cohort (id, program_id, name, time_zone, first_day, last_day, opens_at_ms, closes_at_ms, created_at_ms)"
    " VALUES ('" VIETNAM "', '" LAW "', 'Vietnam', 'Asia/Ho_Chi_Minh', '2026-11-02', '2026-11-06', %lld, %lld, 1),"
    " ('" MONGOLIA "', '" SAFETY "', 'Mongolia', 'Asia/Ulaanbaatar', '2026-11-02', '2026-11-06', %lld, %lld, 1)";
static const char world_participants[] =
    "INSERT INTO participant (id, cohort_id, name, language, created_at_ms)"
    " VALUES ('" ANH "', '" VIETNAM "', 'Anh', 'vi', 1), ('" BOLD "', '" MONGOLIA "', 'Bold', 'mn', 1)";
// clang-format on

static inline void world_fill(struct world *world)
{
    char sql[1000];
    long long opens = clock_now_ms() - DAY_MS, closes = clock_now_ms() + 5 * DAY_MS;
    world->closes_at_ms = closes;
    for (size_t i = 0; i < sizeof world_rows / sizeof world_rows[0]; i++)
        world_exec(world, world_rows[i]);
    (void)snprintf(sql, sizeof sql, world_cohorts, opens, closes, opens, closes);
    world_exec(world, sql);
    world_exec(world, world_participants);
}

static inline int world_set_up(void **state)
{
    struct world *world = memory_zeroed(1, sizeof *world);
    struct problem problem = { 0 };
    world->folder = memory_strdup("/tmp/lectern-access-XXXXXX");
    assert_non_null(mkdtemp(world->folder));
    settings_init(&world->settings);
    world->db = db_open(world->folder, &problem);
    if (!world->db)
        fail_msg("%s", problem.detail);
    world_fill(world);
    const char *trace = getenv("SQL_TRACE"); /* after the rows above, which are the test's own */
    world->trace = trace ? fopen(trace, "ae") : NULL;
    db_trace_statements(world->trace);
    *state = world;
    return 0;
}

static inline int world_tear_down(void **state)
{
    struct world *world = *state;
    struct problem problem = { 0 };
    db_trace_statements(NULL);
    if (world->trace)
        (void)fclose(world->trace);
    db_close(world->db);
    settings_release(&world->settings);
    assert_true(folder_remove(world->folder, &problem));
    free(world->folder);
    free(world);
    return 0;
}

/* Server time goes on by so much. */
static inline void world_wait(int64_t ms)
{
    clock_not_before(clock_now_ms() + ms);
}

struct world_session {
    const char *participant_id, *staff_id;
    int64_t expires_at_ms;
    char secret[SECRET_TEXT_SIZE], id[UUID_TEXT_SIZE];
};

static inline bool world_create_session(
    struct db_connection *connection, void *data, struct problem *problem)
{
    struct world_session *session = data;
    return session_create(connection, session->participant_id, session->staff_id, NULL,
        session->expires_at_ms, session->secret, session->id, problem);
}

/* A session of a day. */
static inline struct world_session world_sign_in(
    struct world *world, const char *participant_id, const char *staff_id)
{
    struct problem problem = { 0 };
    struct world_session session = { .participant_id = participant_id,
        .staff_id = staff_id,
        .expires_at_ms = clock_now_ms() + DAY_MS };
    if (!db_write(world->db, world_create_session, &session, &problem))
        fail_msg("%s", problem.detail);
    return session;
}

struct world_look {
    const char *secret;
    struct caller caller;
};

static inline bool world_find_session(
    struct db_connection *connection, void *data, struct problem *problem)
{
    struct world_look *look = data;
    return session_find(connection, look->secret, &look->caller, problem);
}

/* PROBLEM_NONE: the session stands, and *ret_caller (may be NULL) is who it is. */
static inline enum problem_kind world_find(
    struct world *world, const char *secret, struct caller *ret_caller)
{
    struct problem problem = { 0 };
    struct world_look look = { .secret = secret };
    bool found = db_read(world->db, world_find_session, &look, &problem);
    assert_int_equal(found, problem.kind == PROBLEM_NONE);
    if (found && ret_caller)
        *ret_caller = look.caller;
    return problem.kind;
}

static inline bool world_revoke_session(
    struct db_connection *connection, void *data, struct problem *problem)
{
    return session_revoke(connection, data, problem);
}

#endif
