/* Statements over the real store: of runs, whatever the order of beats, the same from the log and from the rows, and each once. */
#include "house.h"

#include "../unit.h"
#include "base/memory.h"
#include "viewing/xapi.h"
#include "viewing/xapi_runs.h"

#include <jansson.h>
#include <string.h>

enum { TOLD_MAX = 4000 };

struct told {
    struct house house;
    char *bodies[TOLD_MAX];
    size_t count;
};

static bool take(void *data, const struct xapi_statement *statement, struct problem *problem)
{
    struct told *told = data;
    (void)problem;
    assert_true(told->count < TOLD_MAX);
    assert_int_equal(strlen(statement->body), statement->length);
    told->bodies[told->count++] = memory_strdup(statement->body);
    return true;
}

static void forget(struct told *told)
{
    for (size_t i = 0; i < told->count; i++)
        free(told->bodies[i]);
    told->count = 0;
}

static bool feed(struct db_connection *connection, void *data, struct problem *problem)
{
    struct told *told = data;
    const struct xapi_listener listener = { take, told };
    bool more = true;
    while (more)
        if (!xapi_feed(connection, &told->house.settings, &listener, &more, problem))
            return false;
    return true;
}

static bool export(struct db_connection *connection, void *data, struct problem *problem)
{
    struct told *told = data;
    const struct xapi_export export
        = { .public_url = told->house.settings.public_url, .cohort_id = told->house.cohort_id };
    const struct xapi_listener listener = { take, told };
    return xapi_export(connection, &export, &listener, problem);
}

static void run_feed(struct told *told)
{
    struct problem problem = { 0 };
    forget(told);
    assert_true(db_write(told->house.db, feed, told, &problem));
}

static void run_export(struct told *told)
{
    struct problem problem = { 0 };
    forget(told);
    assert_true(db_read(told->house.db, export, told, &problem));
}

static int begin(void **state)
{
    struct told *told = memory_zeroed(1, sizeof *told);
    house_build(&told->house);
    run_feed(told); /* from now on */
    *state = told;
    return 0;
}

static int end(void **state)
{
    struct told *told = *state;
    forget(told);
    house_remove(&told->house);
    free(told);
    return 0;
}

/* "initialized played paused ..." */
static const char *words(const struct told *told)
{
    static char said[TOLD_MAX];
    said[0] = '\0';
    for (size_t i = 0; i < told->count; i++) {
        json_t *statement = json_loads(told->bodies[i], 0, NULL);
        const char *verb
            = json_string_value(json_object_get(json_object_get(statement, "verb"), "id"));
        assert_non_null(verb);
        size_t length = strlen(said);
        (void)snprintf(
            said + length, sizeof said - length, "%s%s", i > 0 ? " " : "", strrchr(verb, '/') + 1);
        json_decref(statement);
    }
    return said;
}

static bool has(const struct told *told, const char *body)
{
    for (size_t i = 0; i < told->count; i++)
        if (strcmp(told->bodies[i], body) == 0)
            return true;
    return false;
}

/* Ten seconds each, one after the other; a seek from 30 s to 100 s. */
static struct play_session watch(struct told *told, bool backwards)
{
    struct house *house = &told->house;
    const struct caller *caller = &house->people[0];
    struct play_session session = house_begin(house, caller, house->lecture_id);
    house_deliver(house, caller, house->lecture_id, 0, HOUSE_LECTURE_MS);
    struct beat beats[5];
    for (int64_t i = 0; i < 5; i++) {
        int64_t from_ms = i < 3 ? i * 10000 : 100000 + (i - 3) * 10000;
        beats[backwards ? 4 - i : i] = (struct beat){ .seq = i,
            .from_ms = from_ms,
            .to_ms = from_ms + 10000,
            .rate_percent = 100,
            .visible = -1,
            .muted = -1,
            .client_at_ms = house_now_ms + (i + 1) * 10000 };
    }
    house_now_ms += 50000;
    if (backwards) /* each in a batch of its own, the last first */
        for (size_t i = 0; i < 5; i++)
            (void)house_take(house, caller, &session, &beats[i], 1, NULL);
    else
        (void)house_take(house, caller, &session, beats, 5, NULL);
    return session;
}

static void end_session(struct told *told)
{
    house_now_ms += told->house.settings.play_session_idle_ms + 1;
    run_feed(told);
}

#define ONE_SEEK "initialized played paused seeked played paused terminated"

static void a_session_is_told_once_when_it_has_ended(void **state)
{
    struct told *told = *state;
    (void)watch(told, false);
    run_feed(told);
    assert_string_equal(words(told), "");
    end_session(told);
    assert_string_equal(words(told), ONE_SEEK);
    end_session(told);
    assert_string_equal(words(told), "");
}

static void the_order_of_beats_changes_nothing(void **state)
{
    struct told *told = *state;
    (void)watch(told, true);
    end_session(told);
    assert_string_equal(words(told), ONE_SEEK);
}

static void the_file_says_the_same(void **state)
{
    struct told *told = *state;
    char *fed[TOLD_MAX];
    (void)watch(told, true);
    end_session(told);
    size_t count = told->count;
    memcpy(fed, told->bodies, count * sizeof *fed);
    told->count = 0;
    run_export(told);
    assert_int_equal(told->count, count);
    for (size_t i = 0; i < count; i++) {
        assert_true(has(told, fed[i]));
        free(fed[i]);
    }
}

static void what_comes_late_is_told_without_a_second_end(void **state)
{
    struct told *told = *state;
    struct play_session session = watch(told, false);
    end_session(told);
    (void)house_take_one(&told->house, &told->house.people[0], &session, 5, 120000, 125000, NULL);
    end_session(told);
    assert_string_equal(words(told), "played paused");
    assert_non_null(strstr(told->bodies[1], "0.000[.]30.000[,]100.000[.]125.000"));
}

static void a_forged_claim_is_told_to_nobody(void **state)
{
    struct told *told = *state;
    struct house *house = &told->house;
    struct play_session session = house_begin(house, &house->people[0], house->lecture_id);
    (void)house_take_one(house, &house->people[0], &session, 0, 0, 10000, NULL); /* never sent */
    end_session(told);
    assert_string_equal(words(told), "");
    run_export(told);
    assert_string_equal(words(told), "");
}

static void a_completion_has_what_was_credited_by_then(void **state)
{
    struct told *told = *state;
    struct house *house = &told->house;
    (void)watch(told, false);
    run_feed(told);
    house_run(house,
        "UPDATE completion_rule SET threshold_percent = 4, gap_ms_max = 2000000, real_time = 0");
    struct play_session session = house_begin(house, &house->people[0], house->lecture_id);
    (void)house_take_one(house, &house->people[0], &session, 0, 0, 1000, NULL);
    house_now_ms += 5000; /* what is credited later is not part of it */
    (void)house_take_one(house, &house->people[0], &session, 1, 200000, 203000, NULL);
    run_feed(told);
    assert_string_equal(words(told), "completed");
    assert_non_null(strstr(told->bodies[0], "\"completion\":true"));
    assert_non_null(strstr(told->bodies[0], "\"0.000[.]30.000[,]100.000[.]120.000\""));
    assert_non_null(strstr(told->bodies[0], "completion-threshold\":0.04"));
}

static void many_runs_are_told_before_the_end(void **state)
{
    struct told *told = *state;
    struct house *house = &told->house;
    const struct caller *caller = &house->people[0];
    struct play_session session = house_begin(house, caller, house->lecture_id);
    house_deliver(house, caller, house->lecture_id, 0, HOUSE_LECTURE_MS);
    static struct beat beats[BEATS_MAX];
    for (int64_t i = 0, seq = 0; i < 2; i++) {
        for (size_t k = 0; k < BEATS_MAX; k++, seq++)
            beats[k] = (struct beat){ .seq = seq,
                .from_ms = seq * 1000 % HOUSE_LECTURE_MS,
                .to_ms = seq * 1000 % HOUSE_LECTURE_MS + 300,
                .rate_percent = 100,
                .client_at_ms = -1 };
        house_now_ms += 300000;
        (void)house_take(house, caller, &session, beats, BEATS_MAX, NULL);
        run_feed(told);
        if (i == 1)
            assert_true(told->count > XAPI_RUNS_MAX);
    }
    assert_null(strstr(words(told), "terminated"));
    end_session(told);
    const char *said = words(told);
    assert_string_equal(said + strlen(said) - strlen("paused terminated"), "paused terminated");
    assert_non_null(strstr(said, "seeked played paused terminated"));
}

static void of_the_erased_nothing_is_told(void **state)
{
    struct told *told = *state;
    (void)watch(told, false);
    run_feed(told);
    char sql[300];
    (void)snprintf(sql, sizeof sql,
        "INSERT INTO erasure (participant_id, asked_at_ms, reason) VALUES ('%s', 1, 'asked')",
        told->house.people[0].participant_id);
    house_run(&told->house, sql);
    end_session(told);
    assert_string_equal(words(told), "");
    assert_int_equal(house_number(&told->house, "SELECT COUNT(*) FROM xapi_session"), 0);
    run_export(told);
    assert_string_equal(words(told), "");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_session_is_told_once_when_it_has_ended, begin, end),
        cmocka_unit_test_setup_teardown(the_order_of_beats_changes_nothing, begin, end),
        cmocka_unit_test_setup_teardown(the_file_says_the_same, begin, end),
        cmocka_unit_test_setup_teardown(what_comes_late_is_told_without_a_second_end, begin, end),
        cmocka_unit_test_setup_teardown(a_forged_claim_is_told_to_nobody, begin, end),
        cmocka_unit_test_setup_teardown(a_completion_has_what_was_credited_by_then, begin, end),
        cmocka_unit_test_setup_teardown(many_runs_are_told_before_the_end, begin, end),
        cmocka_unit_test_setup_teardown(of_the_erased_nothing_is_told, begin, end),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
