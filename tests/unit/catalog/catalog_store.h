/*
 * For the catalog's tests: a data folder with a real store, and each change of the catalog as one
 * call that fails the test with the problem's words.  Functions of a db_write run on the writer's
 * thread, where nothing may be asserted: each returns what it found.
 */
#ifndef LECTERN_TESTS_CATALOG_STORE_H
#define LECTERN_TESTS_CATALOG_STORE_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/files.h"
#include "base/memory.h"
#include "base/settings.h"
#include "catalog/lecture.h"
#include "catalog/participant.h"
#include "catalog/program.h"
#include "store/db.h"

struct catalog {
    char folder[64];
    struct settings settings;
    struct db *db;
    struct problem problem; /* of the last call that was expected to fail */
    FILE *trace; /* $SQL_TRACE: the layer's statements, for tests/unit/store/postgres_takes.py */
};

static inline void catalog_fail(const struct problem *problem)
{
    if (problem_is_set(problem))
        fail_msg("%s %s: %s", problem_faces[problem->kind].code, problem->field, problem->detail);
}

static inline void catalog_open(struct catalog *catalog)
{
    struct problem problem = { 0 };
    settings_init(&catalog->settings);
    (void)settings_set(&catalog->settings, "data", catalog->folder, &problem);
    (void)settings_set(&catalog->settings, "transcode-memory-bytes", "0", &problem);
    (void)settings_set(&catalog->settings, "probe-memory-bytes", "0", &problem);
    catalog->db = db_open(catalog->folder, &problem);
    catalog_fail(&problem);
    const char *trace = getenv("SQL_TRACE");
    catalog->trace = trace ? fopen(trace, "ae") : NULL;
    db_trace_statements(catalog->trace);
}

static inline void catalog_close(struct catalog *catalog)
{
    db_close(catalog->db);
    db_trace_statements(NULL);
    if (catalog->trace)
        (void)fclose(catalog->trace);
    catalog->trace = NULL;
    settings_release(&catalog->settings);
    catalog->db = NULL;
}

/* A folder, and no store yet: for tests that fork, which a process with threads must not. */
static inline int catalog_set_up_closed(void **state)
{
    struct catalog *catalog = memory_zeroed(1, sizeof *catalog);
    (void)snprintf(catalog->folder, sizeof catalog->folder, "/tmp/lectern-catalog-XXXXXX");
    assert_non_null(mkdtemp(catalog->folder));
    *state = catalog;
    return 0;
}

static inline int catalog_set_up(void **state)
{
    (void)catalog_set_up_closed(state);
    catalog_open(*state);
    return 0;
}

static inline int catalog_tear_down(void **state)
{
    struct catalog *catalog = *state;
    struct problem problem = { 0 };
    catalog_close(catalog);
    assert_true(folder_remove(catalog->folder, &problem));
    free(catalog);
    return 0;
}

/* --- statements without arguments, and single figures ----------------------------------------- */

static inline bool catalog_run_sql(
    struct db_connection *connection, void *data, struct problem *problem)
{
    return db_exec(connection, NULL, problem, (const char *)data, "");
}

static inline void catalog_sql(struct catalog *catalog, const char *format, ...)
{
    char sql[1000];
    struct problem problem = { 0 };
    va_list arguments;
    va_start(arguments, format);
    (void)vsnprintf(sql, sizeof sql, format, arguments);
    va_end(arguments);
    db_trace_statements(NULL); /* the test's own */
    (void)db_write(catalog->db, catalog_run_sql, sql, &problem);
    db_trace_statements(catalog->trace);
    catalog_fail(&problem);
}

struct catalog_figure {
    const char *sql;
    int64_t value;
};

static inline bool catalog_read_figure(
    struct db_connection *connection, void *data, struct problem *problem)
{
    struct catalog_figure *figure = data;
    struct db_rows *rows = db_query(connection, figure->sql, "");
    figure->value = db_next(rows) ? db_int(rows, 0) : -1;
    return db_end(rows, problem);
}

static inline int64_t catalog_figure(struct catalog *catalog, const char *format, ...)
{
    char sql[1000];
    struct problem problem = { 0 };
    struct catalog_figure figure = { .sql = sql };
    va_list arguments;
    va_start(arguments, format);
    (void)vsnprintf(sql, sizeof sql, format, arguments);
    va_end(arguments);
    db_trace_statements(NULL); /* the test's own */
    (void)db_read(catalog->db, catalog_read_figure, &figure, &problem);
    db_trace_statements(catalog->trace);
    catalog_fail(&problem);
    return figure.value;
}

/* --- changes: true, or false with catalog->problem -------------------------------------------- */

enum catalog_change_kind {
    ADD_PROGRAM,
    SET_PROGRAM_TEXT,
    SET_LECTURES,
    ADD_PROGRAM_LECTURE,
    ADD_COHORT,
    ADD_PARTICIPANT,
    ADD_PROVIDER,
    ADD_LECTURE,
    CHANGE_LECTURE_TEXT,
    PUBLISH,
    UNPUBLISH,
    REMOVE_LECTURE,
    SET_PROVIDER
};

struct catalog_change {
    enum catalog_change_kind kind;
    const char *object, *other;
    const char *language, *title, *description;
    const char *const *ids;
    size_t count;
    const struct cohort_fields *cohort;
    const struct participant_fields *participant;
    const struct lecture_fields *lecture;
    char id[UUID_TEXT_SIZE];
};

static inline bool catalog_make_change(
    struct db_connection *connection, void *data, struct problem *problem)
{
    struct catalog_change *c = data;
    switch (c->kind) {
    case ADD_PROGRAM:
        return program_add(connection, c->language, c->title, c->description, c->id, problem);
    case SET_PROGRAM_TEXT:
        return program_set_text(
            connection, c->object, c->language, c->title, c->description, problem);
    case SET_LECTURES:
        return program_set_lectures(connection, c->object, c->ids, c->count, problem);
    case ADD_PROGRAM_LECTURE:
        return program_add_lecture(connection, c->object, c->other, problem);
    case ADD_COHORT:
        return cohort_add(connection, c->object, c->cohort, c->id, problem);
    case ADD_PARTICIPANT:
        return participant_add(connection, c->object, c->participant, c->id, problem);
    case ADD_PROVIDER:
        return provider_add(connection, c->title, c->other, c->id, problem);
    case ADD_LECTURE:
        return lecture_add(connection, c->lecture, c->id, problem);
    case CHANGE_LECTURE_TEXT:
        return lecture_change_text(
            connection, c->object, c->language, c->title, c->description, problem);
    case PUBLISH:
    case UNPUBLISH:
        return lecture_publish(connection, c->object, c->kind == PUBLISH, problem);
    case REMOVE_LECTURE:
        return lecture_remove(connection, c->object, problem);
    case SET_PROVIDER:
        return lecture_set_provider(connection, c->object, c->other, problem);
    }
    return false;
}

static inline bool catalog_try(struct catalog *catalog, struct catalog_change *change)
{
    problem_clear(&catalog->problem);
    return db_write(catalog->db, catalog_make_change, change, &catalog->problem);
}

/* The id of what was made is in change->id. */
static inline void catalog_do(struct catalog *catalog, struct catalog_change *change)
{
    (void)catalog_try(catalog, change);
    catalog_fail(&catalog->problem);
}

/* --- things to have --------------------------------------------------------------------------- */

static inline void catalog_program(
    struct catalog *catalog, const char *title, char ret_id[UUID_TEXT_SIZE])
{
    struct catalog_change change
        = { .kind = ADD_PROGRAM, .language = "en", .title = title, .description = "" };
    catalog_do(catalog, &change);
    memcpy(ret_id, change.id, UUID_TEXT_SIZE);
}

static inline void catalog_cohort(struct catalog *catalog, const char *program_id,
    const char *first_day, const char *last_day, char ret_id[UUID_TEXT_SIZE])
{
    struct cohort_fields fields
        = { "A team", "Asia/Ulaanbaatar", first_day, last_day, 90, 30000, 200 };
    struct catalog_change change = { .kind = ADD_COHORT, .object = program_id, .cohort = &fields };
    catalog_do(catalog, &change);
    memcpy(ret_id, change.id, UUID_TEXT_SIZE);
}

static inline void catalog_participant(
    struct catalog *catalog, const char *cohort_id, const char *name, char ret_id[UUID_TEXT_SIZE])
{
    struct participant_fields fields = { .name = name, .language = "mn" };
    struct catalog_change change
        = { .kind = ADD_PARTICIPANT, .object = cohort_id, .participant = &fields };
    catalog_do(catalog, &change);
    memcpy(ret_id, change.id, UUID_TEXT_SIZE);
}

/* Preparing, as after an upload. */
static inline void catalog_lecture(
    struct catalog *catalog, const char *title, char ret_id[UUID_TEXT_SIZE])
{
    struct lecture_fields fields = { "en", title, "About it.", NULL, "law.mp4" };
    struct catalog_change change = { .kind = ADD_LECTURE, .lecture = &fields };
    catalog_do(catalog, &change);
    memcpy(ret_id, change.id, UUID_TEXT_SIZE);
}

/* As when its job is done; there are no files. */
static inline void catalog_make_ready(
    struct catalog *catalog, const char *lecture_id, int64_t duration_ms)
{
    catalog_sql(catalog,
        "INSERT INTO lecture_version (lecture_id, version, duration_ms, report, ready_at_ms)"
        " VALUES ('%s', 1, %lld, '{\"container\":\"mp4\"}', 7)",
        lecture_id, (long long)duration_ms);
    catalog_sql(catalog, "UPDATE lecture SET state = 'ready', current_version = 1 WHERE id = '%s'",
        lecture_id);
}

/* --- JSON ------------------------------------------------------------------------------------- */

struct catalog_json {
    json_t *(*make)(struct db_connection *connection, const void *data, struct problem *problem);
    const void *data;
    json_t *json;
};

static inline bool catalog_make_json(
    struct db_connection *connection, void *data, struct problem *problem)
{
    struct catalog_json *request = data;
    request->json = request->make(connection, request->data, problem);
    return request->json != NULL;
}

/* NULL with catalog->problem. */
static inline json_t *catalog_json(struct catalog *catalog,
    json_t *(*make)(struct db_connection *connection, const void *data, struct problem *problem),
    const void *data)
{
    struct catalog_json request = { .make = make, .data = data };
    problem_clear(&catalog->problem);
    return db_read(catalog->db, catalog_make_json, &request, &catalog->problem) ? request.json
                                                                                : NULL;
}

static inline void assert_json_equal(json_t *json, const char *expected)
{
    json_t *wanted = json_loads(expected, 0, NULL);
    assert_non_null(wanted);
    if (!json_equal(json, wanted)) {
        char *found = json_dumps(json, JSON_INDENT(1) | JSON_ENCODE_ANY);
        fail_msg("found %s\nexpected %s", found, expected);
    }
    json_decref(wanted);
}

#endif
