/* Who may have a certificate, what is kept of it, and what a revocation and an erasure do. */
#include "certificate/certificate.h"

#include "../unit.h"
#include "certificate/badge.h"
#include "house.h"
#include "viewing/achievement.h"
#include "viewing/report.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static struct house house;

static int build(void **state)
{
    (void)state;
    house_build(&house);
    char sql[300];
    (void)snprintf(sql, sizeof sql,
        "INSERT INTO program_text (program_id, language, title, description)"
        " VALUES ('%s', 'en', 'Labour law', ''), ('%s', 'vi', 'Luật lao động', '')",
        house.program_id, house.program_id);
    house_run(&house, sql);
    struct problem problem = { 0 };
    assert_true(settings_set(&house.settings, "certificate-host", "A Foundation", &problem));
    assert_true(settings_set(&house.settings, "data", house.folder, &problem));
    return 0;
}

static int take_down(void **state)
{
    (void)state;
    house_remove(&house);
    return 0;
}

static void run(const char *format, ...) __attribute__((format(printf, 1, 2)));
static void run(const char *format, ...)
{
    char sql[600];
    va_list arguments;
    va_start(arguments, format);
    (void)vsnprintf(sql, sizeof sql, format, arguments);
    va_end(arguments);
    house_run(&house, sql);
}

static void complete(int person, const char *lecture_id, int64_t at_ms)
{
    run("INSERT INTO completion (participant_id, lecture_id, completed_at_ms, rule_version, "
        "credited_ms, duration_ms)"
        " VALUES ('%s', '%s', %lld, 1, 1200000, 1200000)",
        house.people[person].participant_id, lecture_id, (long long)at_ms);
}

static void decide(int person, const char *lecture_id, const char *verdict, int64_t at_ms)
{
    static int number;
    run("INSERT INTO completion_decision (id, participant_id, lecture_id, verdict, reason, "
        "decided_at_ms)"
        " VALUES (%d, '%s', '%s', '%s', 'so', %lld)",
        ++number, house.people[person].participant_id, lecture_id, verdict, (long long)at_ms);
}

/* One call inside of a transaction. */
struct call {
    const char *id;
    const char *reason;
    struct certificate_order order;
    char ret_id[CERTIFICATE_ID_SIZE];
    int64_t count;
    struct certificate certificate;
    struct achievements achievements;
    json_t *json;
};

static bool issue(struct db_connection *connection, void *data, struct problem *problem)
{
    struct call *call = data;
    return certificate_issue(
        connection, &house.settings, call->id, &call->order, call->ret_id, problem);
}

static bool issue_all(struct db_connection *connection, void *data, struct problem *problem)
{
    struct call *call = data;
    return certificate_issue_cohort(
        connection, &house.settings, house.cohort_id, NULL, &call->count, problem);
}

static bool revoke(struct db_connection *connection, void *data, struct problem *problem)
{
    struct call *call = data;
    return certificate_revoke(connection, call->id, call->reason, NULL, problem);
}

static bool look_up(struct db_connection *connection, void *data, struct problem *problem)
{
    struct call *call = data;
    return certificate_find(connection, call->id, &call->certificate, problem);
}

static bool measure(struct db_connection *connection, void *data, struct problem *problem)
{
    struct call *call = data;
    return achievements_read(connection, house.cohort_id, call->id, &call->achievements, problem);
}

static bool list_cohort(struct db_connection *connection, void *data, struct problem *problem)
{
    struct call *call = data;
    call->json = certificates_of_cohort_json(connection, house.cohort_id, problem);
    return call->json != NULL;
}

static bool list_own(struct db_connection *connection, void *data, struct problem *problem)
{
    struct call *call = data;
    call->json = certificate_of_participant_json(connection, call->id, problem);
    return call->json != NULL;
}

static bool list_revoked(struct db_connection *connection, void *data, struct problem *problem)
{
    struct call *call = data;
    call->json = badge_revocations_json(connection, &house.settings, problem);
    return call->json != NULL;
}

static bool report(struct db_connection *connection, void *data, struct problem *problem)
{
    struct call *call = data;
    call->json = report_cohort(connection, house.cohort_id, "en", problem);
    return call->json != NULL;
}

static void must(bool done, const struct problem *problem)
{
    if (!done)
        fail_msg("%s", problem->detail);
}

static struct certificate certificate_of(const char *id)
{
    struct call call = { .id = id };
    struct problem problem = { 0 };
    must(db_read(house.db, look_up, &call, &problem), &problem);
    return call.certificate;
}

static void issue_to(int person, char ret_id[CERTIFICATE_ID_SIZE])
{
    struct call call = { .id = house.people[person].participant_id };
    struct problem problem = { 0 };
    must(db_write(house.db, issue, &call, &problem), &problem);
    memcpy(ret_id, call.ret_id, sizeof call.ret_id);
}

static enum problem_kind refused(int person, bool again)
{
    struct call call = { .id = house.people[person].participant_id, .order = { .again = again } };
    struct problem problem = { 0 };
    assert_false(db_write(house.db, issue, &call, &problem));
    return problem.kind;
}

static enum problem_kind revoke_it(const char *id, const char *reason)
{
    struct call call = { .id = id, .reason = reason };
    struct problem problem = { 0 };
    (void)db_write(house.db, revoke, &call, &problem);
    return problem.kind;
}

/* --- what is earned ----------------------------------------------------------------------- */

static struct achievement achievement_of(int person)
{
    struct call call = { .id = house.people[person].participant_id };
    struct problem problem = { 0 };
    must(db_read(house.db, measure, &call, &problem), &problem);
    assert_int_equal(call.achievements.count, 1);
    struct achievement achievement = call.achievements.items[0];
    achievements_release(&call.achievements);
    return achievement;
}

/* Of everybody, as the cohort's list and the report have it: the same number. */
static int64_t complete_count(void)
{
    struct call call = { 0 };
    struct problem problem = { 0 };
    int64_t count = 0;
    must(db_read(house.db, measure, &call, &problem), &problem);
    assert_int_equal(call.achievements.count, HOUSE_PEOPLE);
    for (size_t i = 0; i < call.achievements.count; i++)
        count += achievement_is_complete(&call.achievements.items[i]);
    achievements_release(&call.achievements);
    must(db_read(house.db, report, &call, &problem), &problem);
    int64_t reported = json_integer_value(
        json_object_get(json_object_get(call.json, "totals"), "completed_all"));
    assert_int_equal(count, reported);
    json_decref(call.json);
    return count;
}

static void who_has_completed_all_is_who_the_report_counts(void **state)
{
    (void)state;
    assert_int_equal(complete_count(), 0);
    complete(0, house.lecture_id, 1000);
    complete(0, house.other_lecture_id, 3000);
    complete(1, house.lecture_id, 1000);
    decide(1, house.other_lecture_id, "accepted", 5000);
    complete(2, house.lecture_id, 1000);
    complete(2, house.other_lecture_id, 1000);
    decide(2, house.lecture_id, "refused", 2000);
    assert_int_equal(complete_count(), 2);
    struct achievement first = achievement_of(0), second = achievement_of(1);
    assert_int_equal(first.demanded, 2);
    assert_int_equal(first.content_ms, 2 * HOUSE_LECTURE_MS);
    assert_int_equal(first.completed_at_ms, 3000);
    assert_int_equal(second.completed_at_ms, 5000);
    assert_int_equal(achievement_of(2).completed, 1);
    assert_int_equal(achievement_of(3).completed, 0);
    run("UPDATE program_lecture SET required = 0");
    assert_int_equal(complete_count(), 2);
    run("UPDATE program_lecture SET required = 1 WHERE lecture_id = '%s'", house.lecture_id);
    assert_int_equal(complete_count(), 2);
    assert_int_equal(achievement_of(0).demanded, 1);
    run("UPDATE lecture SET published = 0");
    assert_int_equal(complete_count(), 0);
}

static void what_is_still_to_come_is_demanded_until_the_cohort_has_closed(void **state)
{
    (void)state;
    complete(0, house.lecture_id, 1000);
    run("UPDATE lecture SET published = 0 WHERE id = '%s'", house.other_lecture_id);
    run("UPDATE cohort SET closes_at_ms = %lld", (long long)house_now_ms + 1);
    struct achievement achievement = achievement_of(0);
    assert_int_equal(achievement.to_come, 1);
    assert_false(achievement_is_complete(&achievement));
    assert_int_equal(refused(0, true), PROBLEM_CONFLICT);
    run("UPDATE cohort SET closes_at_ms = %lld", (long long)house_now_ms);
    achievement = achievement_of(0);
    assert_true(achievement_is_complete(&achievement));
}

/* --- issuing ------------------------------------------------------------------------------ */

static void complete_all(int person)
{
    /* 23:30 in Hanoi, and still the day before in Greenwich */
    complete(person, house.lecture_id, INT64_C(1763915400000));
    complete(person, house.other_lecture_id, INT64_C(1763915400000));
}

static void a_certificate_says_for_good_what_was_so(void **state)
{
    (void)state;
    char id[CERTIFICATE_ID_SIZE];
    complete_all(0);
    issue_to(0, id);
    run("UPDATE program_text SET title = 'Renamed'");
    run("UPDATE cohort SET name = 'Renamed'");
    const struct certificate certificate = certificate_of(id);
    assert_string_equal(certificate.name, "Person 1");
    assert_string_equal(certificate.program, "Luật lao động");
    assert_string_equal(certificate.cohort, "Vietnam team");
    assert_string_equal(certificate.host, "A Foundation");
    assert_string_equal(certificate.language, "vi");
    assert_string_equal(certificate.completed_on, "2025-11-23");
    assert_int_equal(certificate.lecture_count, 2);
    assert_int_equal(certificate.content_ms, 2 * HOUSE_LECTURE_MS);
    assert_int_equal(certificate.revoked_at_ms, 0);
    struct text statement;
    text_init(&statement, CERTIFICATE_STATEMENT_BYTES_MAX);
    certificate_statement(&certificate, &statement);
    char expected[600];
    (void)snprintf(expected, sizeof expected,
        "{\"certificate\":\"%s\",\"cohort\":\"Vietnam team\",\"completed_on\":\"2025-11-23\","
        "\"content_ms\":2400000,\"host\":\"A Foundation\",\"issued_on\":\"%s\",\"lectures\":2,"
        "\"name\":\"Person 1\",\"program\":\"Luật lao động\"}",
        id, certificate.issued_on);
    assert_string_equal(statement.bytes, expected);
    text_release(&statement);
}

static void nobody_gets_one_unearned_and_nobody_two(void **state)
{
    (void)state;
    char first[CERTIFICATE_ID_SIZE], second[CERTIFICATE_ID_SIZE];
    complete(0, house.lecture_id, 1000);
    assert_int_equal(refused(0, true), PROBLEM_CONFLICT);
    complete(0, house.other_lecture_id, 1000);
    issue_to(0, first);
    issue_to(0, second);
    assert_string_equal(first, second);
    assert_int_equal(house_number(&house, "SELECT COUNT(*) FROM certificate"), 1);
    assert_int_equal(
        house_number(&house, "SELECT COUNT(*) FROM evidence WHERE kind = 'certificate'"), 1);
}

static void a_cohort_is_served_at_once(void **state)
{
    (void)state;
    struct call call = { 0 };
    struct problem problem = { 0 };
    char id[CERTIFICATE_ID_SIZE];
    complete_all(0);
    complete_all(1);
    complete_all(2);
    issue_to(2, id);
    assert_int_equal(revoke_it(id, "A slip in the name"), PROBLEM_NONE);
    must(db_write(house.db, issue_all, &call, &problem), &problem);
    assert_int_equal(call.count, 2);
    must(db_write(house.db, issue_all, &call, &problem), &problem);
    assert_int_equal(call.count, 0);
    must(db_read(house.db, list_cohort, &call, &problem), &problem);
    assert_int_equal(json_array_size(call.json), HOUSE_PEOPLE);
    static const struct {
        bool earned;
        const char *state;
    } expected[] = { { true, "valid" }, { true, "valid" }, { true, "revoked" }, { false, NULL } };
    for (size_t i = 0; i < HOUSE_PEOPLE; i++) {
        const json_t *person = json_array_get(call.json, i);
        const json_t *newest = json_array_get(json_object_get(person, "certificates"), 0);
        assert_int_equal(json_is_true(json_object_get(person, "earned")), expected[i].earned);
        const char *told = json_string_value(json_object_get(newest, "state"));
        assert_true(text_equal(told, expected[i].state));
    }
    json_decref(call.json);
}

/* --- afterwards --------------------------------------------------------------------------- */

static void a_revoked_one_stays_and_only_the_organizer_gives_another(void **state)
{
    (void)state;
    char first[CERTIFICATE_ID_SIZE];
    struct problem problem = { 0 };
    complete_all(0);
    issue_to(0, first);
    assert_int_equal(revoke_it(first, ""), PROBLEM_INVALID_FIELD);
    assert_int_equal(revoke_it(first, "two\nlines"), PROBLEM_INVALID_FIELD);
    assert_int_equal(revoke_it(first, "A slip in the name"), PROBLEM_NONE);
    assert_int_equal(revoke_it(first, "Again"), PROBLEM_CONFLICT);
    assert_int_equal(revoke_it("ZZZZZZZZZZZZZZZZZZZZZZZZZZ", "None"), PROBLEM_NOT_FOUND);
    assert_int_equal(
        house_number(&house, "SELECT COUNT(*) FROM evidence WHERE kind = 'revocation'"), 1);
    struct call own = { .id = house.people[0].participant_id };
    must(db_read(house.db, list_own, &own, &problem), &problem);
    assert_true(json_is_false(json_object_get(own.json, "may_take")));
    assert_string_equal(
        json_string_value(json_object_get(json_object_get(own.json, "certificate"), "reason")),
        "A slip in the name");
    json_decref(own.json);
    assert_int_equal(refused(0, false), PROBLEM_CONFLICT);
    struct call call = { .id = house.people[0].participant_id, .order = { .again = true } };
    must(db_write(house.db, issue, &call, &problem), &problem);
    assert_string_not_equal(call.ret_id, first);
    assert_int_equal(house_number(&house, "SELECT COUNT(*) FROM certificate"), 2);
    must(db_read(house.db, list_revoked, &call, &problem), &problem);
    const json_t *revoked = json_object_get(call.json, "revokedCredential");
    assert_int_equal(json_array_size(revoked), 1);
    const char *listed = json_string_value(json_object_get(json_array_get(revoked, 0), "id"));
    const struct certificate certificate = certificate_of(first);
    json_t *badge = badge_payload(&certificate, &house.settings);
    assert_string_equal(listed, json_string_value(json_object_get(badge, "id")));
    assert_null(strstr(listed, first));
    json_decref(badge);
    json_decref(call.json);
}

static void an_erased_one_says_only_that(void **state)
{
    (void)state;
    char id[CERTIFICATE_ID_SIZE];
    complete_all(0);
    issue_to(0, id);
    /* As privacy/erasure.c does. */
    run("UPDATE certificate SET name = NULL, digest = NULL, revocation_reason = NULL, language = "
        "'und'");
    const struct certificate certificate = certificate_of(id);
    struct problem problem = { 0 };
    assert_true(certificate.erased);
    assert_false(certificate_in_force(&certificate, &problem));
    json_t *told = certificate_json(&certificate);
    assert_string_equal(json_string_value(json_object_get(told, "state")), "erased");
    assert_int_equal(json_object_size(told), 3);
    json_decref(told);
}

/* --- numbers and keys --------------------------------------------------------------------- */

static void a_number_is_read_as_people_type_it(void **state)
{
    (void)state;
    static const struct {
        const char *typed, *expected;
    } cases[] = {
        { "0123456789ABCDEFGHJKMNPQRS", "0123456789ABCDEFGHJKMNPQRS" },
        { "oi23456789abcdefghjkmnpqrs", "0123456789ABCDEFGHJKMNPQRS" },
        { "OL23 4567-89AB CDEF GHJK MNPQ RS", "0123456789ABCDEFGHJKMNPQRS" },
        { "0123456789ABCDEFGHJKMNPQR", NULL },
        { "0123456789ABCDEFGHJKMNPQRST", NULL },
        { "0123456789ABCDEFGHJKMNPQRU", NULL },
        { "0123456789ABCDEFGHJKMNPQR'", NULL },
        { "", NULL },
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        char id[CERTIFICATE_ID_SIZE];
        bool read = certificate_id_read(cases[i].typed, id);
        if (read != (cases[i].expected != NULL) || (read && strcmp(id, cases[i].expected) != 0))
            fail_msg("'%s'", cases[i].typed);
    }
}

static bool list_keys(struct db_connection *connection, void *data, struct problem *problem)
{
    struct call *call = data;
    call->json = badge_key_set_json(connection, &house.settings, problem);
    return call->json != NULL;
}

/* As the first badge does. */
static bool can_sign(struct problem *problem)
{
    struct badge_signer *signer = badge_signer_open(house.db, &house.settings, problem);
    badge_signer_free(signer);
    return signer != NULL;
}

static void old_keys_stay_published(void **state)
{
    (void)state;
    struct problem problem = { 0 };
    char id[BADGE_KEY_ID_SIZE];
    struct call call = { 0 };
    must(can_sign(&problem), &problem);
    must(badge_key_rotate(house.db, &house.settings, id, &problem), &problem);
    must(can_sign(&problem), &problem);
    assert_string_equal(
        house_text(&house, "SELECT id FROM badge_key WHERE retired_at_ms IS NULL"), id);
    must(db_read(house.db, list_keys, &call, &problem), &problem);
    const json_t *keys = json_object_get(call.json, "keys");
    assert_int_equal(json_array_size(keys), 2);
    for (size_t i = 0; i < 2; i++)
        assert_null(json_object_get(json_array_get(keys, i), "d"));
    json_decref(call.json);
    assert_int_equal(
        house_number(&house, "SELECT COUNT(*) FROM evidence WHERE kind = 'badge-key'"), 2);
}

static void a_lost_key_is_said_and_another_made(void **state)
{
    (void)state;
    struct problem problem = { 0 };
    char id[BADGE_KEY_ID_SIZE], path[200];
    must(can_sign(&problem), &problem);
    (void)snprintf(path, sizeof path, "%s/badge-keys/%s.pem", house.folder,
        house_text(&house, "SELECT id FROM badge_key"));
    assert_int_equal(remove(path), 0);
    assert_false(can_sign(&problem));
    assert_int_equal(problem.kind, PROBLEM_STORAGE);
    problem_clear(&problem);
    must(badge_key_rotate(house.db, &house.settings, id, &problem), &problem);
    must(can_sign(&problem), &problem);
}

#define OVER_A_HOUSE(test) cmocka_unit_test_setup_teardown(test, build, take_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        OVER_A_HOUSE(who_has_completed_all_is_who_the_report_counts),
        OVER_A_HOUSE(what_is_still_to_come_is_demanded_until_the_cohort_has_closed),
        OVER_A_HOUSE(a_certificate_says_for_good_what_was_so),
        OVER_A_HOUSE(nobody_gets_one_unearned_and_nobody_two),
        OVER_A_HOUSE(a_cohort_is_served_at_once),
        OVER_A_HOUSE(a_revoked_one_stays_and_only_the_organizer_gives_another),
        OVER_A_HOUSE(an_erased_one_says_only_that),
        cmocka_unit_test(a_number_is_read_as_people_type_it),
        OVER_A_HOUSE(old_keys_stay_published),
        OVER_A_HOUSE(a_lost_key_is_said_and_another_made),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
