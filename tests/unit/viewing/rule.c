/* A cohort's rule in versions, what it lets count, and what is decided by hand beside it. */
#include "viewing/rule.h"

#include "../unit.h"
#include "house.h"
#include "viewing/decision.h"
#include "viewing/report.h"

#include <stdio.h>
#include <string.h>

static struct house house;

static int build(void **state)
{
    (void)state;
    house_build(&house);
    return 0;
}

static int take_down(void **state)
{
    (void)state;
    house_remove(&house);
    return 0;
}

struct changing {
    const char *json;
    int64_t seen;
};

static bool change(struct db_connection *connection, void *data, struct problem *problem)
{
    const struct changing *changing = data;
    json_t *body = json_loads(changing->json, 0, NULL);
    struct completion_rule rule;
    bool good = rule_of_cohort(connection, &house.settings, house.cohort_id, &rule, problem)
                && rule_read_json(body, &rule, problem)
                && rule_change(connection, &house.settings, house.cohort_id, &rule, changing->seen,
                    NULL, problem);
    json_decref(body);
    return good;
}

/* The kind of the problem; PROBLEM_NONE where it went well. */
static enum problem_kind try_change(const char *json, int64_t seen)
{
    struct changing changing = { json, seen };
    struct problem problem = { 0 };
    return db_write(house.db, change, &changing, &problem) ? PROBLEM_NONE : problem.kind;
}

static void a_change_makes_a_version(void **state)
{
    (void)state;
    assert_int_equal(try_change("{\"threshold_percent\":80}", 1), PROBLEM_NONE);
    assert_int_equal(try_change("{\"seeking\":\"watched\",\"offline\":\"hold\"}", 2), PROBLEM_NONE);
    assert_string_equal(
        house_text(&house,
            "SELECT version || ' ' || threshold_percent || ' ' || seeking || ' ' ||"
            " offline || ' ' || real_time FROM completion_rule ORDER BY version DESC"),
        "3 80 watched hold 1");
    assert_int_equal(house_number(&house, "SELECT COUNT(*) FROM evidence WHERE kind = 'rule'"), 2);
    /* What says nothing new makes none. */
    assert_int_equal(try_change("{\"threshold_percent\":80}", 3), PROBLEM_NONE);
    assert_int_equal(house_number(&house, "SELECT MAX(version) FROM completion_rule"), 3);
    /* Somebody else was quicker. */
    assert_int_equal(try_change("{\"threshold_percent\":70}", 2), PROBLEM_CONFLICT);
}

static void a_rule_that_is_none_is_refused(void **state)
{
    (void)state;
    static const char *const wrong[] = { "{\"threshold_percent\":0}", "{\"threshold_percent\":101}",
        "{\"threshold_percent\":\"80\"}", "{\"gap_ms_max\":-1}", "{\"gap_ms_max\":86400001}",
        "{\"rate_cap_percent\":99}", "{\"seeking\":\"sometimes\"}", "{\"offline\":\"\"}",
        "{\"real_time\":1}" };
    for (size_t i = 0; i < COUNT_OF(wrong); i++)
        if (try_change(wrong[i], 0) != PROBLEM_INVALID_FIELD)
            fail_msg("%s was taken", wrong[i]);
    assert_int_equal(house_number(&house, "SELECT MAX(version) FROM completion_rule"), 1);
}

static void watch(const struct caller *person, int64_t to_ms)
{
    struct play_session session = house_begin(&house, person, house.lecture_id);
    house_deliver(&house, person, house.lecture_id, 0, HOUSE_LECTURE_MS);
    for (int64_t at_ms = 0; at_ms < to_ms; at_ms += 20000) {
        house_now_ms += 10000;
        (void)house_take_one(&house, person, &session, at_ms / 20000, at_ms, at_ms + 20000, NULL);
    }
}

static void a_laxer_rule_completes_and_a_stricter_one_takes_nothing_away(void **state)
{
    (void)state;
    watch(&house.people[0], HOUSE_LECTURE_MS);
    watch(&house.people[1], 1000000);
    assert_int_equal(house_number(&house, "SELECT COUNT(*) FROM completion"), 1);
    assert_int_equal(try_change("{\"threshold_percent\":80,\"gap_ms_max\":0}", 0), PROBLEM_NONE);
    assert_int_equal(house_number(&house, "SELECT COUNT(*) FROM completion"), 2);
    assert_string_equal(
        house_text(&house, "SELECT rule_version || ' ' || credited_ms FROM completion"
                           " ORDER BY rule_version DESC"),
        "2 1000000");
    assert_int_equal(try_change("{\"threshold_percent\":100}", 0), PROBLEM_NONE);
    assert_int_equal(house_number(&house, "SELECT COUNT(*) FROM completion"), 2);
    assert_int_equal(
        house_number(&house, "SELECT COUNT(*) FROM evidence WHERE kind = 'completion'"), 2);
}

static unsigned take(const struct play_session *session, int64_t seq, int64_t from_ms, int visible,
    int muted, int64_t *ret_total_ms)
{
    struct beat beat = { .seq = seq,
        .from_ms = from_ms,
        .to_ms = from_ms + 10000,
        .rate_percent = 100,
        .visible = visible,
        .muted = muted,
        .client_at_ms = -1 };
    struct beats_answer answer;
    house_now_ms += 10000;
    *ret_total_ms = house_take(&house, &house.people[0], session, &beat, 1, &answer);
    unsigned flags = answer.flagged_count > 0 ? answer.flagged[0].flags : 0;
    beats_answer_release(&answer);
    return flags;
}

static void what_the_rule_forbids_is_withheld_and_said(void **state)
{
    (void)state;
    int64_t total_ms;
    assert_int_equal(try_change("{\"hidden_counts\":false,\"muted_counts\":false,"
                                "\"seeking\":\"watched\"}",
                         0),
        PROBLEM_NONE);
    struct play_session session = house_begin(&house, &house.people[0], house.lecture_id);
    house_deliver(&house, &house.people[0], house.lecture_id, 0, HOUSE_LECTURE_MS);
    assert_int_equal(take(&session, 0, 0, 1, 0, &total_ms), 0);
    assert_int_equal(total_ms, 10000);
    assert_int_equal(take(&session, 1, 10000, 0, 0, &total_ms), FLAG_HIDDEN);
    assert_int_equal(take(&session, 2, 10000, 1, 1, &total_ms), FLAG_MUTED);
    assert_int_equal(take(&session, 3, 60000, 1, 0, &total_ms), FLAG_AHEAD);
    assert_int_equal(total_ms, 10000);
    assert_string_equal(house_text(&house, "SELECT withheld FROM viewing"),
        "{\"hidden\":[[10000,20000]],\"muted\":[[10000,20000]],\"ahead\":[[60000,70000]]}");
    /* Who is not told to be hidden or muted is neither, and goes on in order. */
    assert_int_equal(take(&session, 4, 10000, -1, -1, &total_ms), 0);
    assert_int_equal(take(&session, 5, 21000, -1, -1, &total_ms), 0);
    assert_int_equal(total_ms, 30000);
}

struct deciding {
    enum verdict verdict; /* VERDICT_NONE withdraws */
    const char *reason, *lecture_id;
};

static bool decide(struct db_connection *connection, void *data, struct problem *problem)
{
    const struct deciding *deciding = data;
    const char *participant_id = house.people[0].participant_id;
    if (deciding->verdict == VERDICT_NONE)
        return decision_withdraw(connection, participant_id, deciding->lecture_id, NULL, problem);
    return decision_make(connection, participant_id, deciding->lecture_id, deciding->verdict,
        deciding->reason, NULL, problem);
}

static enum problem_kind try_decide(
    enum verdict verdict, const char *reason, const char *lecture_id)
{
    struct deciding deciding = { verdict, reason, lecture_id };
    struct problem problem = { 0 };
    return db_write(house.db, decide, &deciding, &problem) ? PROBLEM_NONE : problem.kind;
}

static bool read_report(struct db_connection *connection, void *data, struct problem *problem)
{
    *(json_t **)data = report_cohort(connection, house.cohort_id, "en", problem);
    return *(json_t **)data != NULL;
}

/* Of the first person and lecture: "decision completed_at_ms", and how many are accepted by hand. */
static void assert_cell(const char *verdict, bool completed, int64_t by_hand)
{
    struct problem problem = { 0 };
    json_t *report = NULL;
    assert_true(db_read(house.db, read_report, &report, &problem));
    const json_t *cell = json_array_get(
        json_object_get(json_array_get(json_object_get(report, "participants"), 0), "lectures"), 0);
    const char *said
        = json_string_value(json_object_get(json_object_get(cell, "decision"), "verdict"));
    assert_string_equal(said ? said : "", verdict);
    assert_int_equal(json_is_integer(json_object_get(cell, "completed_at_ms")), completed);
    assert_int_equal(
        json_integer_value(json_object_get(json_object_get(report, "totals"), "accepted_by_hand")),
        by_hand);
    json_decref(report);
}

static void a_decision_stands_beside_the_rule(void **state)
{
    (void)state;
    const char *lecture_id = house.lecture_id;
    assert_cell("", false, 0);
    assert_int_equal(try_decide(VERDICT_ACCEPTED, "Power cut; watched in the hall", lecture_id), 0);
    assert_cell("accepted", true, 1);
    assert_int_equal(try_decide(VERDICT_REFUSED, "Was not there", lecture_id), 0);
    assert_cell("refused", false, 0);
    watch(&house.people[0], HOUSE_LECTURE_MS);
    assert_int_equal(house_number(&house, "SELECT COUNT(*) FROM completion"), 1);
    assert_cell("refused", false, 0);
    assert_int_equal(try_decide(VERDICT_NONE, NULL, lecture_id), 0);
    assert_cell("", true, 0);
    assert_int_equal(try_decide(VERDICT_NONE, NULL, lecture_id), PROBLEM_NOT_FOUND);
    assert_int_equal(house_number(&house, "SELECT COUNT(*) FROM completion_decision"), 2);
    assert_int_equal(
        house_number(&house, "SELECT COUNT(*) FROM evidence WHERE kind = 'decision'"), 3);
}

static void the_player_is_told_what_was_decided(void **state)
{
    (void)state;
    struct beats_answer answer;
    assert_int_equal(try_decide(VERDICT_ACCEPTED, "Was in the hall", house.lecture_id), 0);
    struct play_session session = house_begin(&house, &house.people[0], house.lecture_id);
    (void)house_take(&house, &house.people[0], &session, NULL, 0, &answer);
    assert_true(answer.completed);
    beats_answer_release(&answer);
    assert_int_equal(house_number(&house, "SELECT COUNT(*) FROM completion"), 0);
}

static void a_decision_needs_a_reason_and_a_lecture_of_the_program(void **state)
{
    (void)state;
    const char *nowhere = "00000000-0000-4000-8000-000000000000";
    assert_int_equal(try_decide(VERDICT_ACCEPTED, "", house.lecture_id), PROBLEM_INVALID_FIELD);
    assert_int_equal(
        try_decide(VERDICT_ACCEPTED, "two\nlines", house.lecture_id), PROBLEM_INVALID_FIELD);
    assert_int_equal(try_decide(VERDICT_ACCEPTED, "Why not", nowhere), PROBLEM_NOT_FOUND);
    assert_int_equal(house_number(&house, "SELECT COUNT(*) FROM completion_decision"), 0);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, build, take_down)
    const struct CMUnitTest tests[] = {
        TEST(a_change_makes_a_version),
        TEST(a_rule_that_is_none_is_refused),
        TEST(a_laxer_rule_completes_and_a_stricter_one_takes_nothing_away),
        TEST(what_the_rule_forbids_is_withheld_and_said),
        TEST(a_decision_stands_beside_the_rule),
        TEST(the_player_is_told_what_was_decided),
        TEST(a_decision_needs_a_reason_and_a_lecture_of_the_program),
    };
    return cmocka_run_group_tests_name("rule", tests, NULL, NULL);
}
