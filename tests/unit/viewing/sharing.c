/* Signs that a link may be shared: what they are counted from, and that they are forgotten. */
#include "viewing/sharing.h"

#include "../unit.h"
#include "house.h"

#include <stdio.h>
#include <string.h>

static struct house house;
enum { MINUTE_MS = 60000, STAYS = 5 };

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

static void run(const char *format, ...) __attribute__((format(printf, 1, 2)));
static void run(const char *format, ...)
{
    char sql[1000];
    va_list arguments;
    va_start(arguments, format);
    (void)vsnprintf(sql, sizeof sql, format, arguments);
    va_end(arguments);
    house_run(&house, sql);
}

struct asking {
    json_t *report;
};

static bool add(struct db_connection *connection, void *data, struct problem *problem)
{
    struct asking *asking = data;
    return sharing_add(connection, &house.settings, house.cohort_id, asking->report, problem);
}

/* Of the first person, as JSON text without spaces. */
static char *ask(void)
{
    struct asking asking = { json_pack("{s:[{s:s}, {s:s}]}", "participants", "id",
        house.people[0].participant_id, "id", house.people[1].participant_id) };
    struct problem problem = { 0 };
    assert_true(db_read(house.db, add, &asking, &problem));
    const json_t *people = json_object_get(asking.report, "participants");
    const json_t *others = json_object_get(json_array_get(people, 1), "sharing");
    assert_int_equal(json_array_size(json_object_get(others, "signs")), 0);
    char *text = json_dumps(json_object_get(json_array_get(people, 0), "sharing"), JSON_COMPACT);
    json_decref(asking.report);
    return text;
}

struct stay {
    int device; /* 0: no more of them */
    const char *network, *kind;
    int from_minute, to_minute;
};

// clang-format off
static const struct {
    const char *story;
    struct stay stays[STAYS];
    int takeovers_every_minutes, takeovers;
    const char *expected;
} stories[] = {
    { "nobody has played", { { 0 } }, 0, 0,
      "{\"networks\":0,\"devices\":0,\"networks_at_once\":0,\"device_kinds_at_once\":0,\"takeovers_an_hour\":0,\"signs\":[]}" },
    { "a phone on the way and a computer at home, one after the other",
      { { 1, "198.51.100.0", "phone", 0, 30 }, { 1, "203.0.113.0", "phone", 31, 50 }, { 2, "192.0.2.0", "computer", 60, 90 } }, 0, 0,
      "{\"networks\":3,\"devices\":2,\"networks_at_once\":1,\"device_kinds_at_once\":1,\"takeovers_an_hour\":0,\"signs\":[]}" },
    { "one takes over from the other: a minute of both is none",
      { { 1, "198.51.100.0", "phone", 0, 31 }, { 2, "203.0.113.0", "tablet", 30, 50 }, { 3, "192.0.2.0", "computer", 49, 90 } }, 30, 2,
      "{\"networks\":3,\"devices\":3,\"networks_at_once\":1,\"device_kinds_at_once\":1,\"takeovers_an_hour\":2,\"signs\":[]}" },
    { "three halls at once",
      { { 1, "198.51.100.0", "computer", 0, 60 }, { 2, "203.0.113.0", "computer", 10, 60 }, { 3, "2001:db8:7::", "computer", 20, 60 } }, 0, 0,
      "{\"networks\":3,\"devices\":3,\"networks_at_once\":3,\"device_kinds_at_once\":1,\"takeovers_an_hour\":0,\"signs\":[\"networks-at-once\"]}" },
    { "tabs of one device are one, whatever its line does",
      { { 1, "198.51.100.0", "phone", 0, 60 }, { 1, "203.0.113.0", "phone", 10, 60 }, { 1, "192.0.2.0", "phone", 20, 60 } }, 0, 0,
      "{\"networks\":3,\"devices\":1,\"networks_at_once\":1,\"device_kinds_at_once\":1,\"takeovers_an_hour\":0,\"signs\":[]}" },
    { "a family of devices in one house",
      { { 1, "192.0.2.0", "phone", 0, 60 }, { 2, "192.0.2.0", "tablet", 10, 60 }, { 3, "192.0.2.0", "computer", 20, 60 } }, 0, 0,
      "{\"networks\":1,\"devices\":3,\"networks_at_once\":1,\"device_kinds_at_once\":3,\"takeovers_an_hour\":0,\"signs\":[\"device-kinds-at-once\"]}" },
    { "taken back and forth all evening", { { 1, "192.0.2.0", "phone", 0, 60 } }, 5, 40,
      "{\"networks\":1,\"devices\":1,\"networks_at_once\":1,\"device_kinds_at_once\":1,\"takeovers_an_hour\":12,\"signs\":[\"takeovers\"]}" },
};
// clang-format on

static void add_stay(const struct stay *stay, int number)
{
    const char *id = house.people[0].participant_id;
    run("INSERT OR IGNORE INTO session (id, token_digest, participant_id, created_at_ms, "
        "expires_at_ms)"
        " VALUES ('device-%d', randomblob(32), '%s', 1, 2)",
        stay->device, id);
    run("INSERT INTO play_session (id, participant_id, lecture_id, version, session_id, "
        "started_at_ms,"
        " last_contact_at_ms, received_seqs, server_gap_allowed_ms, server_gap_credited_ms, "
        "network, device)"
        " VALUES ('play-%d', '%s', '%s', 1, 'device-%d', %lld, %lld, '[]', 0, 0, '%s', '%s')",
        number, id, house.lecture_id, stay->device,
        (long long)house_now_ms + (long long)stay->from_minute * MINUTE_MS,
        (long long)house_now_ms + (long long)stay->to_minute * MINUTE_MS, stay->network,
        stay->kind);
}

static void each_story_has_its_signs(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(stories); i++) {
        house_run(&house, "DELETE FROM play_session");
        house_run(&house, "DELETE FROM lease_takeover");
        for (int k = 0; k < STAYS && stories[i].stays[k].device != 0; k++)
            add_stay(&stories[i].stays[k], k);
        for (int k = 0; k < stories[i].takeovers; k++)
            run("INSERT INTO lease_takeover (id, participant_id, at_ms) VALUES (%d, '%s', %lld)",
                k + 1, house.people[0].participant_id,
                (long long)house_now_ms
                    + (long long)k * stories[i].takeovers_every_minutes * MINUTE_MS);
        char *told = ask();
        if (strcmp(told, stories[i].expected) != 0)
            fail_msg("%s: %s", stories[i].story, told);
        free(told);
    }
}

static void a_takeover_is_one_from_a_device_that_plays(void **state)
{
    (void)state;
    (void)house_begin(&house, &house.people[0], house.lecture_id);
    (void)house_begin(&house, &house.people[0], house.lecture_id); /* a reload */
    house_now_ms += MINUTE_MS;
    (void)house_begin(&house, &house.second_device, house.lecture_id);
    assert_int_equal(house_number(&house, "SELECT COUNT(*) FROM lease_takeover"), 1);
    house_now_ms += house.settings.play_session_idle_ms;
    (void)house_begin(&house, &house.people[0], house.lecture_id); /* the other is long gone */
    assert_int_equal(house_number(&house, "SELECT COUNT(*) FROM lease_takeover"), 1);
}

static bool forget(struct db_connection *connection, void *data, struct problem *problem)
{
    (void)data;
    return sharing_forget(connection, &house.settings, house_now_ms, problem);
}

static void networks_are_forgotten_after_their_days(void **state)
{
    (void)state;
    struct problem problem = { 0 };
    struct play_session session;
    const struct play_place place = { "192.0.2.0", "phone" };
    for (int i = 0; i < 2; i++) {
        assert_true(
            play_begin(house.db, &house.settings, i == 0 ? &house.people[0] : &house.second_device,
                &place, house.lecture_id, 1, &session, &problem));
        house_now_ms += MINUTE_MS;
    }
    house_now_ms += house.settings.network_days * 86400000 - INT64_C(2) * MINUTE_MS;
    assert_true(db_write(house.db, forget, NULL, &problem));
    assert_int_equal(
        house_number(&house, "SELECT COUNT(*) FROM play_session WHERE network IS NOT NULL"), 2);
    house_now_ms += 1;
    assert_true(db_write(house.db, forget, NULL, &problem));
    assert_int_equal(
        house_number(&house, "SELECT COUNT(*) FROM play_session WHERE device IS NOT NULL"), 1);
    assert_int_equal(house_number(&house, "SELECT COUNT(*) FROM lease_takeover"), 1);
    house_now_ms += MINUTE_MS;
    assert_true(db_write(house.db, forget, NULL, &problem));
    assert_int_equal(
        house_number(&house, "SELECT COUNT(*) FROM play_session WHERE network IS NOT NULL"), 0);
    assert_int_equal(house_number(&house, "SELECT COUNT(*) FROM lease_takeover"), 0);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, build, take_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(each_story_has_its_signs),
        TEST(a_takeover_is_one_from_a_device_that_plays),
        TEST(networks_are_forgotten_after_their_days),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
